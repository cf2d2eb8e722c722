/** Tests of times: every notation that is read, and what is refused. */
import { describe, expect, it } from 'vitest';
import { errorOf, frequencyOf, loadText, timesOf } from './load-text.ts';

const file = (times: readonly (string | number)[], header = 'when'): string =>
  `${header},value\n${times.map((time, k) => `"${time}",${k}\n`).join('')}`;

describe('notations of time', () => {
  const notations: [string, string[], string, string[]][] = [
    [
      'dates',
      ['2020-01-01', '2020-01-02', '2020-01-03'],
      'D',
      ['2020-01-01T00', '2020-01-02T00', '2020-01-03T00'],
    ],
    [
      'slashes without zeros',
      ['1990/1/1 0:00', '1990/1/1 1:00', '1990/1/1 2:00'],
      'h',
      ['1990-01-01T00', '1990-01-01T01', '1990-01-01T02'],
    ],
    [
      'blanks around',
      [' 2020-01-01 ', '2020-01-02', ' 2020-01-03'],
      'D',
      ['2020-01-01T00', '2020-01-02T00', '2020-01-03T00'],
    ],
    [
      'offsets',
      ['2020-01-01 00:00:00+02:00', '2020-01-01T01:00:00+02:00', '2020-01-01 03:00:00+03:00'],
      'h',
      ['2019-12-31T22', '2019-12-31T23', '2020-01-01T00'],
    ],
    [
      'offsets without seconds',
      ['2020-01-01T00:00Z', '2020-01-01T01:00+00:00', '2020-01-01T03:00+01'],
      'h',
      ['2020-01-01T00', '2020-01-01T01', '2020-01-01T02'],
    ],
    [
      'fractions of seconds',
      ['2020-01-01T00:00:00.000Z', '2020-01-01T00:30:00.000Z'],
      '30min',
      ['2020-01-01T00', '2020-01-01T00:30'],
    ],
    [
      'year and month',
      ['2020-01', '2020-02', '2020-03'],
      'MS',
      ['2020-01-01T00', '2020-02-01T00', '2020-03-01T00'],
    ],
    [
      'month names',
      ['Jan 1 2000', 'Feb 1 2000', 'Mar 1 2000'],
      'MS',
      ['2000-01-01T00', '2000-02-01T00', '2000-03-01T00'],
    ],
    [
      'month names with commas',
      ['January 31, 2000', 'February 29, 2000', 'March 31, 2000'],
      'ME',
      ['2000-01-31T00', '2000-02-29T00', '2000-03-31T00'],
    ],
    [
      'short months and years',
      ['31-Dec-19', '01-Jan-20', '02-Jan-20'],
      'D',
      ['2019-12-31T00', '2020-01-01T00', '2020-01-02T00'],
    ],
    [
      'quarters',
      ['2020Q1', '2020-Q2', '2020 q3'],
      'QS',
      ['2020-01-01T00', '2020-04-01T00', '2020-07-01T00'],
    ],
    [
      'dots',
      ['30.12.2019', '31.12.2019', '01.01.2020'],
      'D',
      ['2019-12-30T00', '2019-12-31T00', '2020-01-01T00'],
    ],
    [
      'month first',
      ['12/30/2019', '12/31/2019', '1/1/2020'],
      'D',
      ['2019-12-30T00', '2019-12-31T00', '2020-01-01T00'],
    ],
    [
      'day first',
      ['30/12/2019', '31/12/2019', '1/1/2020'],
      'D',
      ['2019-12-30T00', '2019-12-31T00', '2020-01-01T00'],
    ],
    [
      'month first, told by the first of every month',
      ['01/01/2020', '02/01/2020', '03/01/2020'],
      'MS',
      ['2020-01-01T00', '2020-02-01T00', '2020-03-01T00'],
    ],
    [
      'twelve hours',
      ['1/13/2020 11:00 AM', '1/13/2020 12:00 PM', '1/13/2020 1:00 PM'],
      'h',
      ['2020-01-13T11', '2020-01-13T12', '2020-01-13T13'],
    ],
  ];
  it.each(notations)('%s', async (_, texts, frequency, times) => {
    const loaded = await loadText(file(texts));
    expect(frequencyOf(loaded)).toBe(frequency);
    expect(timesOf(loaded)).toEqual(
      times.map((time) => (time.length === 13 ? `${time}:00` : time)),
    );
  });

  const numbers: [string, number[], string, (string | number)[]][] = [
    [
      'years',
      [2018, 2019, 2020],
      'YS',
      ['2018-01-01T00:00', '2019-01-01T00:00', '2020-01-01T00:00'],
    ],
    [
      'every ten years',
      [1790, 1800, 1810],
      '10YS',
      ['1790-01-01T00:00', '1800-01-01T00:00', '1810-01-01T00:00'],
    ],
    [
      'decimal years by month',
      [1949, 1949.083_333_333_33, 1949.166_666_666_67],
      'MS',
      ['1949-01-01T00:00', '1949-02-01T00:00', '1949-03-01T00:00'],
    ],
    [
      'decimal years by quarter',
      [1949.75, 1950, 1950.25],
      'QS',
      ['1949-10-01T00:00', '1950-01-01T00:00', '1950-04-01T00:00'],
    ],
    [
      'dates as one number',
      [20_191_231, 20_200_101, 20_200_102],
      'D',
      ['2019-12-31T00:00', '2020-01-01T00:00', '2020-01-02T00:00'],
    ],
    [
      'months as one number',
      [201_912, 202_001, 202_002],
      'MS',
      ['2019-12-01T00:00', '2020-01-01T00:00', '2020-02-01T00:00'],
    ],
    [
      'epoch seconds',
      [1_577_836_800, 1_577_840_400],
      'h',
      ['2020-01-01T00:00', '2020-01-01T01:00'],
    ],
    [
      'epoch milliseconds',
      [1_577_836_800_000, 1_577_840_400_000],
      'h',
      ['2020-01-01T00:00', '2020-01-01T01:00'],
    ],
    [
      'epoch microseconds',
      [1_577_836_800_000_000, 1_577_840_400_000_000],
      'h',
      ['2020-01-01T00:00', '2020-01-01T01:00'],
    ],
    ['positions', [0, 1, 2, 3], 'index', [0, 1, 2, 3]],
    ['positions five apart', [100, 105, 110], '5index', [100, 105, 110]],
    ['positions a thousand apart', [1000, 2000, 3000], '1000index', [1000, 2000, 3000]],
    ['negative positions', [-2, -1, 0], 'index', [-2, -1, 0]],
  ];
  it.each(numbers)('%s', async (_, values, frequency, times) => {
    const loaded = await loadText(file(values, 'time'));
    expect(frequencyOf(loaded)).toBe(frequency);
    expect(timesOf(loaded)).toEqual(times);
  });

  it.each([
    ['quarters with the year behind', ['Q3 2019', 'Q4 2019', 'Q1 2020'], 'QS', '2019-07-01T00:00'],
    ['quarters with the number in front', ['3Q2019', '4Q2019', '1Q2020'], 'QS', '2019-07-01T00:00'],
    ['ISO weeks', ['2020-W52', '2020-W53', '2021-W01'], 'W', '2020-12-21T00:00'],
    ['days of ISO weeks', ['2020-W53-6', '2020-W53-7', '2021-W01-1'], 'D', '2021-01-02T00:00'],
    [
      'weeks as periods',
      ['2020-01-06/2020-01-12', '2020-01-13/2020-01-19'],
      'W',
      '2020-01-06T00:00',
    ],
    [
      'financial years',
      ['2008/09', '2009/10', '2010/11', '2011/12', '2012/13'],
      'YS',
      '2008-01-01T00:00',
    ],
    ['weekdays in front', ['Tue Dec 31 2019', 'Wed Jan 01 2020'], 'D', '2019-12-31T00:00'],
    [
      'whole words',
      ['Tuesday, December 31, 2019', 'Wednesday, January 1, 2020'],
      'D',
      '2019-12-31T00:00',
    ],
    [
      'a comma before the clock, of days that could be months',
      ['1/2/2024, 11:00:00 PM', '1/3/2024, 12:00:00 AM', '1/3/2024, 1:00:00 AM'],
      'h',
      '2024-01-02T23:00',
    ],
  ])('%s are read', async (_, texts, frequency, first) => {
    const loaded = await loadText(file(texts));
    expect(frequencyOf(loaded)).toMatch(new RegExp(`^${frequency}`));
    expect(timesOf(loaded)[0]).toBe(first);
    expect(loaded.panel.y).toHaveLength(texts.length);
  });

  it('is refused where nothing tells day from month', async () => {
    const { code, message } = await errorOf(loadText(file(['3/4/2020', '4/5/2020', '5/6/2020'])));
    expect(code).toBe('TIME_UNREADABLE');
    expect(message).toContain('day or month first');
  });

  it('does not take a two-digit year for antiquity', async () => {
    const loaded = await loadText(file(['1/13/20', '1/14/20', '1/15/20']));
    expect(timesOf(loaded)[0]).toBe('2020-01-13T00:00');
  });

  it('reads months of two-digit years, which could be years, months and days', async () => {
    const texts = Array.from(
      { length: 36 },
      (_, k) => `${(k % 12) + 1}/1/${15 + Math.floor(k / 12)}`,
    );
    const loaded = await loadText(file(texts));
    expect([frequencyOf(loaded), timesOf(loaded)[12]]).toEqual(['MS', '2016-01-01T00:00']);
  });
});

describe('positions and calendars', () => {
  it('a named frequency puts positions on a calendar that ends in January 2000, and says so', async () => {
    const rows = '"V1","V2","V3","V4"\n"A","1","2","3"\n"B","4","5",\n';
    const loaded = await loadText(rows, { frequency: 'MS' });
    expect(timesOf(loaded, 0)).toEqual([
      '1999-11-01T00:00',
      '1999-12-01T00:00',
      '2000-01-01T00:00',
    ]);
    expect(timesOf(loaded, 1)).toEqual(['1999-11-01T00:00', '1999-12-01T00:00']);
    expect(loaded.repairs[0]).toMatchObject({ kind: 'synthetic-time', series: 2, observations: 5 });
  });

  it('business days end on a business day', async () => {
    const loaded = await loadText(file([1, 2, 3], 'step'), { frequency: 'B' });
    expect(timesOf(loaded)).toEqual(['1999-12-30T00:00', '1999-12-31T00:00', '2000-01-03T00:00']);
  });

  it('the frequency "index" keeps only the order of irregular times', async () => {
    const times = ['2020-01-01', '2020-01-02', '2020-02-20', '2021-01-01'];
    const loaded = await loadText(file(times), { frequency: 'index' });
    expect(timesOf(loaded)).toEqual([0, 1, 2, 3]);
    expect(loaded.repairs[0]?.kind).toBe('order-as-time');
  });
});
