/** Tests of times that several columns tell, and of files that tell none. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { seriesTimes } from '../../../series/panel.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { errorOf, frequencyOf, loadText, valuesOf } from './load-text.ts';

const folder = temporaryFolder('joined-time');

/** A table of `count` rows with the cells of `row`. */
const table = (header: string, count: number, row: (k: number) => readonly unknown[]): string =>
  [header, ...Array.from({ length: count }, (_, k) => row(k).join(','))].join('\n');

const day = (k: number): string => new Date(Date.UTC(2023, 0, 1 + k)).toISOString().slice(0, 10);
const firstTimes = ({ panel }: Awaited<ReturnType<typeof loadText>>, count: number): string[] =>
  [...seriesTimes(panel, 0).subarray(0, count)].map((at) => new Date(at).toISOString());

describe('times of several columns', () => {
  it.each([
    ['hours from 0', 0],
    ['hours that end at 24', 1],
  ])('are a date and an hour: %s', async (_, first) => {
    const content = table('Date,Hour,Load', 96, (k) => [
      day(Math.floor(k / 24)),
      (k % 24) + first,
      k,
    ]);
    const loaded = await loadText(content);
    expect(frequencyOf(loaded)).toBe('h');
    expect(loaded.columns).toEqual({ id: [], time: 'Date,Hour', target: ['Load'] });
    expect(firstTimes(loaded, 25).filter((_at, k) => k % 24 === 0)).toEqual([
      '2023-01-01T00:00:00.000Z',
      '2023-01-02T00:00:00.000Z',
    ]);
    expect(loaded.panel.y[95]).toBe(95);
  });

  it.each([
    [
      'a date and a clock',
      table('date,time,y', 96, (k) => [
        day(Math.floor(k / 48)),
        `${Math.floor((k % 48) / 2)}:${k % 2 ? '30' : '00'}`,
        k,
      ]),
      '30min',
    ],
    [
      'a year and a month',
      table('year,month,y', 48, (k) => [2010 + Math.floor(k / 12), (k % 12) + 1, k]),
      'MS',
    ],
    [
      'a year and a quarter',
      table('Year,Quarter,y', 24, (k) => [2010 + Math.floor(k / 4), (k % 4) + 1, k]),
      'QS',
    ],
    [
      'a year, a month and a day',
      table('y,day,month,year', 60, (k) => [k, ...day(k).split('-').map(Number).toReversed()]),
      'D',
    ],
    [
      'a year and the name of a month',
      table('year,month,passengers', 48, (k) => [
        2010 + Math.floor(k / 12),
        ['January', 'Feb', 'MAR', 'apr.', 'May', 'June', 'July', 'Aug'][k % 12] ??
          ['Sept', 'Oct', 'November', 'dec'][(k % 12) - 8],
        k,
      ]),
      'MS',
    ],
    [
      'a year and a period that names a month',
      table('series,year,period,value', 48, (k) => [
        'CPI',
        2010 + Math.floor(k / 12),
        `M${String((k % 12) + 1).padStart(2, '0')}`,
        k,
      ]),
      'MS',
    ],
    [
      'a year and the name of a quarter',
      table('Year,Quarter,y', 24, (k) => [2010 + Math.floor(k / 4), `Q${(k % 4) + 1}`, k]),
      'QS',
    ],
    [
      'a year and the name of a week',
      table('year,week,y', 120, (k) => [2022 + Math.floor(k / 52), `W${(k % 52) + 1}`, k]),
      'W',
    ],
    [
      'a year and a week',
      table('year,week,sales', 120, (k) => [2022 + Math.floor(k / 52), (k % 52) + 1, k]),
      'W',
    ],
  ])('are %s', async (_, content, frequency) => {
    const loaded = await loadText(content);
    expect(frequencyOf(loaded)).toMatch(new RegExp(`^${frequency}`));
    expect(Object.values(valuesOf(loaded))[0]!.slice(0, 5)).toEqual([0, 1, 2, 3, 4]);
    expect(loaded.repairs.map(({ kind }) => kind)).toEqual([]);
  });

  it('are four columns of which the first rows share a month, beside the number of a row', async () => {
    const content = table('No,year,month,day,hour,pm2.5', 600, (k) => [
      k + 1,
      2010,
      1,
      Math.floor(k / 24) + 1,
      k % 24,
      Math.sin(k),
    ]);
    const loaded = await loadText(content);
    expect(loaded.columns).toEqual({ id: [], time: 'year,month,day,hour', target: ['pm2.5'] });
  });

  it('are refused where a part is missing beside a value', async () => {
    const content = table('date,hour,y', 72, (k) => [
      day(Math.floor(k / 24)),
      k === 30 ? '' : k % 24,
      k,
    ]);
    expect((await errorOf(loadText(content))).code).toBe('TIME_UNREADABLE');
  });

  it('belong to each of several series', async () => {
    const content = table('year,month,region,y', 96, (k) => [
      2010 + Math.floor(k / 24),
      (Math.floor(k / 2) % 12) + 1,
      k % 2 ? 'north' : 'south',
      k,
    ]);
    const loaded = await loadText(content);
    expect(loaded.panel.ids).toEqual(['south', 'north']);
    expect(frequencyOf(loaded)).toBe('MS');
  });

  it('are a date with the clock of midnight and an hour', async () => {
    const content = table('date,hour,y', 72, (k) => [
      `${day(Math.floor(k / 24))} 00:00:00`,
      k % 24,
      k,
    ]);
    const loaded = await loadText(content);
    expect(frequencyOf(loaded)).toBe('h');
    expect(firstTimes(loaded, 72).at(-1)).toBe('2023-01-03T23:00:00.000Z');
  });

  it('can be named, and must be a time', async () => {
    const content = table('d,Hour,Load,x', 96, (k) => [day(Math.floor(k / 24)), k % 24, k, 1]);
    const named = await loadText(content, { time: 'd, Hour', target: ['Load'] });
    expect(frequencyOf(named)).toBe('h');
    const wrong = await errorOf(loadText(content, { time: 'd,x', target: ['Load'] }));
    expect(wrong.code).toBe('OPTION_INVALID');
    expect(wrong.message).toContain('d, x are not date and hour');
    const missing = await errorOf(loadText(content, { time: 'd,z', target: ['Load'] }));
    expect(missing.code).toBe('COLUMN_MISSING');
  });

  it('are not made where the date alone tells the rows apart', async () => {
    const constant = table('date,hour,y', 30, (k) => [day(k), 0, k]);
    expect((await loadText(constant, { target: ['y'] })).columns.time).toBe('date');
    const peaks = table('date,store,hour,y', 60, (k) => [
      day(Math.floor(k / 2)),
      k % 2 ? 'a' : 'b',
      10 + (k % 7),
      k,
    ]);
    const loaded = await loadText(peaks, { target: ['y'] });
    expect(loaded.columns).toMatchObject({ time: 'date', id: ['store'] });
    const named = table('date,shop,hour,y', 60, (k) => [
      day(Math.floor(k / 2)),
      k % 2,
      10 + (k % 7),
      k,
    ]);
    expect((await loadText(named, { id: ['shop'], target: ['y'] })).columns.time).toBe('date');
    const stamped = table('stamp,hour,y', 48, (k) => [
      `${day(Math.floor(k / 24))} ${k % 24}:00`,
      k % 24,
      k,
    ]);
    expect((await loadText(stamped, { target: ['y'] })).columns.time).toBe('stamp');
  });

  it('go on in a file of the future, with its hours counted as in the data', async () => {
    const content = table('Date,Hour,Load,Price', 96, (k) => [
      day(Math.floor(k / 24)),
      (k % 24) + 1,
      k,
      k / 2,
    ]);
    const futureData = join(folder, 'future.csv');
    writeFileSync(
      futureData,
      table('Date,Hour,Price', 6, (k) => [day(4), k + 1, 100 + k]),
    );
    const loaded = await loadText(content, { future: ['Price'], futureData, horizon: 6 });
    const [price] = loaded.panel.exogenous!.future;
    expect([...price!.ahead]).toEqual([100, 101, 102, 103, 104, 105]);
  });
});

describe('files without times', () => {
  it('are read in the order of their rows, and say so', async () => {
    const loaded = await loadText(table('value', 30, (k) => [Math.sin(k)]));
    expect([...loaded.panel.y]).toEqual(Array.from({ length: 30 }, (_, k) => Math.sin(k)));
    expect(loaded.columns).toEqual({ id: [], time: null, target: ['value'] });
    expect(loaded.repairs[0]?.detail).toContain('no column holds times');
    const wide = await loadText(table('a,b', 30, (k) => [Math.sin(k), k * k]));
    expect(wide.panel.ids).toEqual(['a', 'b']);
    expect(wide.repairs[0]?.detail).toContain('in 2 series: a, b');
    const placed = await loadText(
      table('a', 30, (k) => [k * k]),
      { frequency: 'D' },
    );
    expect(frequencyOf(placed)).toBe('D');
  });

  it('take the one column of evenly rising numbers for the time, and none of two', async () => {
    const content = table('x,y', 20, (k) => [1990 + k, Math.sin(k)]);
    expect((await loadText(content)).columns).toMatchObject({ time: 'x', target: ['y'] });
    const twice = await errorOf(loadText(table('x,z,y', 20, (k) => [k, 2 * k, Math.sin(k)])));
    expect(twice.code).toBe('COLUMNS_UNDETECTED');
  });

  it('keep the order of a long file', async () => {
    const loaded = await loadText(table('value', 300_000, (k) => [k * k]));
    expect(loaded.panel.y.findIndex((value, k) => value !== k * k)).toBe(-1);
  });
});
