/** Tests of tables with a column for each month, quarter, hour or clock time. */
import { describe, expect, it } from 'vitest';
import { frequencyOf, loadText, timesOf, valuesOf } from './load-text.ts';

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const range = (length: number): number[] => Array.from({ length }, (_, k) => k);
const sheet = (header: readonly unknown[], rows: readonly (readonly unknown[])[]): string =>
  [header, ...rows].map((cells) => cells.join(',')).join('\n');
const years = (periods: number): unknown[][] =>
  range(5).map((y) => [2015 + y, ...range(periods).map((p) => y * periods + p)]);
const days = (periods: number): unknown[][] =>
  range(6).map((d) => [`2024-03-0${d + 1}`, ...range(periods).map((p) => d * periods + p)]);

describe('a column for each period', () => {
  it.each([
    ['months by name', sheet(['Year', ...months], years(12)), 'MS', 60],
    [
      'months by whole or shortened name',
      sheet(
        [
          'year',
          'January',
          'Feb.',
          'MARCH',
          'apr',
          'May',
          'June',
          'July',
          'August',
          'Sept',
          ...months.slice(9),
        ],
        years(12),
      ),
      'MS',
      60,
    ],
    ['months by number', sheet(['Year', ...range(12).map((m) => m + 1)], years(12)), 'MS', 60],
    ['quarters', sheet(['Year', 'Q1', 'Q2', 'Q3', 'Q4'], years(4)), 'QS', 20],
    ['hours from 1', sheet(['Date', ...range(24).map((h) => `H${h + 1}`)], days(24)), 'h', 144],
    ['hours from 0', sheet(['day', ...range(24).map((h) => `h${h}`)], days(24)), 'h', 144],
    [
      'clock times',
      sheet(
        ['date', ...range(48).map((h) => `${Math.floor(h / 2)}:${h % 2 ? '30' : '00'}`)],
        days(48),
      ),
      '30min',
      288,
    ],
  ])('is one series: %s', async (_, content, frequency, length) => {
    const loaded = await loadText(content);
    expect(valuesOf(loaded)).toEqual({ value: range(length) });
    expect(frequencyOf(loaded)).toBe(frequency);
    expect(loaded.repairs.map(({ kind }) => kind)).toEqual(['periods-gathered']);
    const midnight = content.startsWith('Year') || content.startsWith('year');
    expect(timesOf(loaded)[0]).toBe(midnight ? '2015-01-01T00:00' : '2024-03-01T00:00');
  });

  it('may belong to several series, beside sums, and end early', async () => {
    const rows = ['south', 'north'].flatMap((station, s) =>
      range(4).map((y) => [
        station,
        2020 + y,
        ...range(12).map((m) => (y === 3 && m > 6 ? '' : 100 * s + 12 * y + m)),
        999,
      ]),
    );
    const loaded = await loadText(sheet(['Station', 'Year', ...months, 'Annual'], rows));
    expect(valuesOf(loaded)).toEqual({
      south: range(43),
      north: range(43).map((k) => 100 + k),
    });
    expect(loaded.columns).toEqual({ id: ['Station'], time: 'Year,month', target: ['value'] });
    expect(timesOf(loaded).at(-1)).toBe('2023-07-01T00:00');
  });

  it('may hold decimal commas', async () => {
    const rows = range(4).map((y) => [2020 + y, ...range(12).map((m) => `${12 * y + m},5`)]);
    const content = [['Year', ...months], ...rows].map((cells) => cells.join(';')).join('\n');
    const loaded = await loadText(content);
    expect(valuesOf(loaded)).toEqual({ value: range(48).map((k) => k + 0.5) });
    expect(loaded.repairs.map(({ kind }) => kind)).toEqual(['periods-gathered', 'decimal-commas']);
  });

  it('is a series of its own where one is named, or some are absent', async () => {
    const content = sheet(['Year', ...months], years(12));
    const named = await loadText(content, { target: ['jan', 'Jul'] });
    expect(valuesOf(named)).toEqual({ Jan: [0, 12, 24, 36, 48], Jul: [6, 18, 30, 42, 54] });
    const market = await loadText(sheet(['Year', ...months.with(2, 'Market')], years(12)));
    expect(market.panel.ids).toHaveLength(12);
    const half = await loadText(sheet(['Year', ...months.slice(0, 11)], years(11)));
    expect(half.panel.ids).toEqual(months.slice(0, 11));
    const shops = await loadText(sheet(['date', ...range(24).map((h) => h + 1)], days(24)));
    expect(shops.panel.ids).toHaveLength(24);
  });
});
