/** Tests of exogenous columns: what is read, where it lands, and what is refused by name. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { quotePath, withDuckDB } from '../../../services/datasets/duckdb.ts';
import { createDatasets, type LoadRequest } from '../../../services/datasets/datasets.ts';
import type { Exogenous } from '../../../series/exogenous.ts';
import { errorOf, loadText, timesOf, valuesOf } from './load-text.ts';

const folder = mkdtempSync(join(tmpdir(), 'agentic-forecast-exogenous-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const file = (name: string, content: string): string => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};

const day = (k: number): string => new Date(Date.UTC(2020, 0, 1 + k)).toISOString().slice(0, 10);
const days = (count: number): number[] => Array.from({ length: count }, (_, k) => k);

/** Two shops: the price is 100 + day (+ 500 in the second), the rain -day, the sales ten times the day. */
const header = 'shop,date,sales,price,rain,holiday,weather,kind,size\n';
const weathers = ['dry', 'wet', ''];
function rowOf(shop: string, k: number, sales: string | number = 10 * k): string {
  const price = 100 + k + (shop === 'b' ? 500 : 0);
  const kind = shop === 'a' ? 'large' : 'small';
  const holiday = k % 7 === 0 ? 'yes' : 'no';
  return `${shop},${day(k)},${sales},${price},${-k},${holiday},${weathers[k % 3]},${kind},${shop === 'a' ? 7 : 3}\n`;
}
const rowsOf = (shop: string, count: number): string[] => days(count).map((k) => rowOf(shop, k));
const past = [...rowsOf('a', 20), ...rowsOf('b', 20)];
const ahead = ['a', 'b'].flatMap((shop) => [20, 21, 22].map((k) => rowOf(shop, k, '')));
const request = {
  future: ['price', 'holiday'],
  historical: ['rain', 'weather'],
  static: ['kind', 'size'],
  horizon: 3,
};
const withFuture = header + [...past, ...ahead].join('');

/** Columns as plain lists, by name. */
function listsOf(exogenous: Exogenous | undefined) {
  const { stepsAhead, future, historical, static: fixed, categories } = exogenous!;
  return {
    stepsAhead,
    future: Object.fromEntries(future.map(({ name, values }) => [name, [...values]])),
    ahead: Object.fromEntries(future.map(({ name, ahead }) => [name, [...ahead]])),
    historical: Object.fromEntries(historical.map(({ name, values }) => [name, [...values]])),
    static: Object.fromEntries(fixed.map(({ name, values }) => [name, [...values]])),
    categories: categories.map(({ name, labels, codes }) => ({ name, labels, codes: [...codes] })),
  };
}

const expected = {
  stepsAhead: 3,
  future: {
    price: [...days(20).map((k) => 100 + k), ...days(20).map((k) => 600 + k)],
    holiday: [...days(20), ...days(20)].map((k) => Number(k % 7 === 0)),
  },
  ahead: { price: [120, 121, 122, 620, 621, 622], holiday: [0, 1, 0, 0, 1, 0] },
  historical: {
    rain: [...days(20), ...days(20)].map((k) => 0 - k),
    'weather=dry': [...days(20), ...days(20)].map((k) => Number(k % 3 === 0)),
    'weather=wet': [...days(20), ...days(20)].map((k) => Number(k % 3 === 1)),
  },
  static: { size: [7, 3] },
  categories: [{ name: 'kind', labels: ['large', 'small'], codes: [1, 2] }],
};

describe('exogenous columns', () => {
  it('are numbers, truth values, indicators of texts, static figures and categories', async () => {
    const loaded = await loadText(withFuture, request);
    expect(listsOf(loaded.panel.exogenous)).toEqual(expected);
    expect(valuesOf(loaded)).toEqual({
      a: days(20).map((k) => 10 * k),
      b: days(20).map((k) => 10 * k),
    });
    expect(loaded.repairs.map(({ kind, detail }) => [kind, detail])).toEqual([
      [
        'future-rows',
        '6 rows behind the last value of the target were taken as the future of 2 series: a, b',
      ],
    ]);
  });

  it('are the same from a separate file of future rows, in any order and beside other columns', async () => {
    const rows = ahead.toReversed().map((row) => row.replace(/,[^,]*\n$/, ',anything\n'));
    const futureData = file('ahead.csv', header + rows.join(''));
    const loaded = await loadText(header + past.join(''), { ...request, futureData });
    expect(listsOf(loaded.panel.exogenous)).toEqual(expected);
  });

  it('are the same from Parquet, where numbers and truth values have types', async () => {
    const csv = file('typed.csv', withFuture);
    const data = join(folder, 'typed.parquet');
    await withDuckDB((connection) =>
      connection.run(
        `COPY (FROM read_csv(${quotePath(csv)})) TO ${quotePath(data)} (FORMAT parquet)`,
      ),
    );
    const loaded = await createDatasets().load({ ...request, data });
    expect(listsOf(loaded.panel.exogenous)).toEqual(expected);
    const futureData = file('ahead-of-parquet.csv', header + ahead.join(''));
    const again = await createDatasets().load({ ...request, data, futureData });
    expect(listsOf(again.panel.exogenous)).toEqual(expected);
  });

  it('are no part of a panel that names none, and leave its bytes as they are', async () => {
    const { panel } = await loadText(header + past.join(''), { target: ['sales'], id: ['shop'] });
    expect('exogenous' in panel).toBe(false);
  });

  it('belong to a single series without an id as well', async () => {
    const rows = days(12).map((k) => `${day(k)},${k < 10 ? k : ''},${k * k}\n`);
    const { panel } = await loadText(`ds,y,square\n${rows.join('')}`, {
      future: ['square'],
      horizon: 2,
    });
    expect(listsOf(panel.exogenous)).toMatchObject({ ahead: { square: [100, 121] } });
  });

  it('need no future rows if they are historical or static only', async () => {
    const { panel } = await loadText(header + past.join(''), {
      ...request,
      future: undefined,
      target: ['sales'],
    });
    expect(panel.exogenous).toMatchObject({ stepsAhead: 0, future: [] });
  });
});

describe('a value of an exogenous column', () => {
  it('stays at its time when rows are sorted, doubled, moved to the grid, absent or trimmed', async () => {
    const kept = days(23).filter((k) => k !== 5 && k !== 6);
    const rows = kept.map((k) => rowOf('a', k, k < 2 || k > 19 ? '' : 10 * k)).toReversed();
    rows.push(
      rowOf('a', 9)
        .replace(',109,', ',,')
        .replace(day(9), `${day(9)} 00:00:03`),
    );
    const loaded = await loadText(header + rows.join(''), request);
    expect(timesOf(loaded)[0]).toBe(`${day(2)}T00:00`);
    const { future, historical, ahead: behind } = listsOf(loaded.panel.exogenous);
    const span = days(18).map((k) => k + 2);
    expect(valuesOf(loaded)['a']).toEqual(span.map((k) => 10 * k));
    expect(future['price']).toEqual(span.map((k) => 100 + k));
    expect(historical['rain']).toEqual(span.map((k) => 0 - k));
    expect(behind['price']).toEqual([120, 121, 122]);
    // Day 7 is a holiday and days 5 and 6 are absent: an indicator takes the day before.
    expect(future['holiday']).toEqual(span.map((k) => Number(k % 7 === 0)));
    const filled = loaded.repairs.find(({ kind }) => kind === 'exogenous-filled');
    expect(filled?.observations).toBe(2 * 4);
  });

  it('is interpolated where it is missing, and held constant at the ends', async () => {
    const rain = ['', 1, '', '', 4, 'NA', 8, ''];
    const rows = rain.map((value, k) => `${day(k)},${k},${value}\n`);
    const loaded = await loadText(`ds,y,rain\n${rows.join('')}`, { historical: ['rain'] });
    expect(listsOf(loaded.panel.exogenous).historical['rain']).toEqual([1, 1, 2, 3, 4, 6, 8, 8]);
    expect(loaded.repairs.map(({ detail }) => detail)).toContain(
      '5 missing values of exogenous columns were filled in, numbers linearly and indicators by the one before, in 1 series: y',
    );
  });

  it('is known on month ends and business days, whose steps have no fixed length', async () => {
    const months = [31, 29, 31, 30, 31, 30, 31, 31].map(
      (last, m) => `2020-${String(m + 1).padStart(2, '0')}-${last}`,
    );
    const rows = months.map((date, k) => `${date},${k < 6 ? k * k : ''},${k}\n`);
    const loaded = await loadText(`ds,y,x\n${rows.join('')}`, { future: ['x'], horizon: 2 });
    expect(listsOf(loaded.panel.exogenous)).toMatchObject({
      future: { x: days(6) },
      ahead: { x: [6, 7] },
    });
  });
});

describe('exogenous columns are refused', () => {
  const plain = header + past.join('');
  const cases: readonly [string, string, Partial<LoadRequest>, string, string][] = [
    [
      'that are not there',
      withFuture,
      { future: ['cost'] },
      'COLUMN_MISSING',
      '"cost" for the future columns; found: shop, date, sales, price',
    ],
    [
      'that are the target',
      withFuture,
      { future: ['sales'], target: ['sales'] },
      'OPTION_INVALID',
      'future: "sales" is the target and cannot be a future column too.',
    ],
    [
      'that are the time',
      withFuture,
      { historical: ['date'], time: 'date' },
      'OPTION_INVALID',
      '"date" is the time',
    ],
    [
      'that tell the series',
      withFuture,
      { historical: ['shop'], id: ['shop'], target: ['sales'] },
      'OPTION_INVALID',
      '"shop" is a series id',
    ],
    [
      'that are named twice',
      withFuture,
      { future: ['price'], static: ['price'] },
      'OPTION_INVALID',
      'static: names "price", which is also named future.',
    ],
    [
      'without a row behind the end',
      plain,
      request,
      'FUTURE_MISSING',
      '"price" has no value for series "a" at 2020-01-21, within the horizon of 3',
    ],
    [
      'that change and are called static',
      withFuture,
      { ...request, static: ['rain'], historical: undefined },
      'STATIC_CHANGES',
      '"rain" changes within series "a" (0, -1)',
    ],
    [
      'that change their text and are called static',
      withFuture,
      { ...request, static: ['weather'], historical: undefined },
      'STATIC_CHANGES',
      '(dry, wet)',
    ],
    [
      'of dates',
      withFuture.replaceAll(/,(large|small),/g, ',2020-03-01,'),
      { ...request },
      'EXOGENOUS_UNREADABLE',
      '"kind" cannot be used beside the target: it holds dates',
    ],
    [
      'of numbers with a word among them',
      withFuture.replace(',105,', ',cheap,'),
      request,
      'EXOGENOUS_UNREADABLE',
      'it holds "cheap" among numbers',
    ],
    [
      'of too many texts',
      withFuture.replaceAll(/,-?(\d+),(yes|no)/g, ',word $1,$2'),
      request,
      'EXOGENOUS_UNREADABLE',
      '23 different texts',
    ],
    [
      'of nothing',
      withFuture.replaceAll(/,-\d+,/g, ',,').replaceAll(',0,yes', ',,yes'),
      request,
      'EXOGENOUS_UNREADABLE',
      '"rain" cannot be used beside the target: it has no value at all',
    ],
    [
      'without a value in one series',
      header +
        [...past, ...ahead]
          .map((row) => (row.startsWith('b') ? row.replace(/,-\d+,|,0,/, ',,') : row))
          .join(''),
      request,
      'EXOGENOUS_EMPTY',
      'Column "rain" has no value at all in series "b"',
    ],
    [
      'of future rows that nothing is named for',
      plain,
      { futureData: 'ahead.csv' },
      'OPTION_INVALID',
      'futureData: gives future columns, and none is named',
    ],
    [
      'from a future file that is not there',
      plain,
      { ...request, futureData: join(folder, 'none.csv') },
      'INPUT_NOT_FOUND',
      'none.csv',
    ],
  ];

  it.each(cases)('%s', async (_, content, asked, code, message) => {
    const error = await errorOf(loadText(content, { horizon: 3, ...asked }));
    expect(error.code).toBe(code);
    expect(error.message).toContain(message);
  });

  it('where a future file lacks one of them, or a step of one series', async () => {
    const lacking = file('lacking.csv', `shop,date,price\na,${day(20)},1\n`);
    const missing = await errorOf(loadText(plain, { ...request, futureData: lacking }));
    expect(missing.code).toBe('COLUMN_MISSING');
    expect(missing.message).toContain('"holiday"');
    const short = file('short.csv', header + ahead.slice(0, -1).join(''));
    const cut = await errorOf(loadText(plain, { ...request, futureData: short }));
    expect(cut).toMatchObject({ code: 'FUTURE_MISSING' });
    expect(cut.message).toContain('series "b" at 2020-01-23');
  });

  it('in wide files, saying so', async () => {
    const rows = days(20).map((k) => `${day(k)},${k},${k},${k}\n`);
    const error = await errorOf(
      loadText(`ds,north,south,price\n${rows.join('')}`, { future: ['price'], horizon: 3 }),
    );
    expect(error).toMatchObject({ code: 'OPTION_INVALID' });
    expect(error.message).toContain('one series a column has no columns beside the target');
  });
});
