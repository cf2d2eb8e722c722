/** Tests of where a delimited table begins: without a header, below titles and comments, under a header of several lines. */
import { describe, expect, it } from 'vitest';
import { errorOf, frequencyOf, loadText, valuesOf } from './load-text.ts';

const day = (k: number): string => new Date(Date.UTC(2024, 0, 1 + k)).toISOString().slice(0, 10);
const rows = (count: number, cells: (k: number) => readonly unknown[], delimiter = ','): string =>
  Array.from({ length: count }, (_, k) => cells(k).join(delimiter)).join('\n');
const squares = Array.from({ length: 20 }, (_, k) => k * k);
const noted = ({ repairs }: Awaited<ReturnType<typeof loadText>>): string[] =>
  repairs.map(({ detail }) => detail);

describe('files without a header', () => {
  const row = (d: number): string => `${String(d + 1).padStart(2, '0')}.01.2024`;
  const lines = (cells: (d: number) => readonly string[]): string =>
    Array.from({ length: 20 }, (_, d) => [row(d), ...cells(d)].join(';')).join('\n');

  it('keep their first row', async () => {
    const loaded = await loadText(lines((d) => [`${d},5`]));
    expect(valuesOf(loaded)).toEqual({
      'column B': Array.from({ length: 20 }, (_, d) => d + 0.5),
    });
    expect(loaded.repairs[0]).toMatchObject({ kind: 'no-header' });
  });

  it('may have numbers with signs', async () => {
    const loaded = await loadText(lines((d) => [`$${d}.5`]));
    expect(valuesOf(loaded)['column B']![0]).toBe(0.5);
  });

  it('can have ids, and columns that are named by letters', async () => {
    const content = lines((d) => [d % 2 ? 'a' : 'b', String(d), String(-d)]);
    const loaded = await loadText(content, { target: ['column C'], id: ['column B'] });
    expect(Object.keys(valuesOf(loaded))).toEqual(['b', 'a']);
  });

  it('are not taken for those with dates or numbers as names', async () => {
    const header = 'day;2022;2023';
    const loaded = await loadText(`${header}\n${lines((d) => [String(d), String(2 * d)])}`);
    expect(loaded.panel.ids).toEqual(['2022', '2023']);
    const dated = await loadText('id;2024-01-01;2024-01-02;2024-01-03\na;1;2;3\nb;4;5;6\n');
    expect(dated.layout).toBe('rows');
  });
});

describe('a table below other lines', () => {
  const table = (delimiter = ','): string =>
    `day${delimiter}sales\n${rows(20, (k) => [day(k), k * k], delimiter)}`;

  it.each([
    ['a title', `Sales of the year\n${table()}`, 1],
    ['a title and empty lines', `\nCategory: all\n\n${table()}`, 1],
    ['comments', `# first, of many, words\n# second\n#\n${table()}`, 3],
    ['a title with commas above semicolons', `Sales, by day, in euro\n${table(';')}`, 1],
    ['a byte order mark and the separator', `\uFEFFsep=;\n${table(';')}`, 0],
    ['a last comment that is the header', `# words\n# day,sales\n${table().slice(10)}`, 1],
    ['a comment that is the header', `#day,sales\n${table().slice(10)}`, 0],
    ['carriage returns', `A title\r\n\r\n${table().replaceAll('\n', '\r\n')}`, 1],
  ])('is found: %s', async (_, content, passedOver) => {
    const loaded = await loadText(content);
    expect(valuesOf(loaded)).toEqual({ sales: squares });
    expect(loaded.repairs.map(({ observations }) => observations)).toEqual(
      passedOver > 0 ? [passedOver] : [],
    );
  });

  it('may be padded to the width of the table, or have no header', async () => {
    const wide = rows(20, (k) => [day(k), k, -k, k * k]);
    const padded = await loadText(`My sheet,,,\nday,a,b,c\n${wide}`);
    expect(Object.keys(valuesOf(padded))).toEqual(['a', 'b', 'c']);
    expect(noted(padded)[0]).toBe('1 line of words was passed over: "My sheet"');
    const headless = await loadText(`# made by hand\n${wide}`);
    expect(Object.keys(valuesOf(headless))).toEqual(['column B', 'column C', 'column D']);
    const numbers = await loadText(`# made by hand\n${rows(20, (k) => [1990 + k, k * k])}`);
    expect(numbers.panel.y).toHaveLength(20);
  });

  it('may have its times across, and lines that end in a separator', async () => {
    const years = Array.from({ length: 12 }, (_, k) => `"${1990 + k}"`).join(',');
    const line = (name: string, code: string, base: number): string =>
      `"${name}","${code}",${rows(1, () => Array.from({ length: 12 }, (_, k) => base + k))},`;
    const loaded = await loadText(
      `"Data Source","Indicators",\n\n"Last Updated","2024-01-01",\n\n"Country","Code",${years},\n` +
        [line('France', 'FRA', 0), line('Spain', 'ESP', 50), line('Italy', 'ITA', 70)].join('\n'),
    );
    expect(loaded.panel.ids).toEqual(['France', 'Spain', 'Italy']);
    expect(frequencyOf(loaded)).toBe('YS');
  });

  it('is not guessed where a line is only too short', async () => {
    for (const content of ['y\n1,2\n2,3\n3,4\n', 'a,b\n1,2,3,4,5\n2,3,4,5,6\n']) {
      expect((await errorOf(loadText(content))).code).toBe('INPUT_UNREADABLE');
    }
    const unnamed = await errorOf(loadText(`date,,,\n${rows(9, (k) => [day(k), 1, 2, 3])}`));
    expect(unnamed.code).toBe('none');
  });
});

describe('a table above other lines', () => {
  const table = `day,sales\n${rows(20, (k) => [day(k), k * k])}\n`;

  it.each([
    ['a line', 'Sales of the year in euro\n'],
    ['empty lines as well', '\nFrom a survey\n"Weighted, twice"\n\n'],
    ['a word', '\nend'],
  ])('is read without them: %s', async (_, footer) => {
    const loaded = await loadText(table + footer);
    expect(valuesOf(loaded)).toEqual({ sales: squares });
    expect(noted(loaded)[0]).toMatch(/of words (was|were) passed over: "(Sales of|From a|end)/);
  });

  it('is read as it is where the last line is a row cut off, or there is one column', async () => {
    expect((await errorOf(loadText(`${table}2024-01-21`))).message).toContain('line 22 has 1 col');
    const ids = `id,${table.replaceAll('\n2', '\nnorth,2')}`;
    expect((await errorOf(loadText(`${ids}nor`))).message).toContain('line 22 has 1 columns');
    const words = await errorOf(loadText('sales\n1\n2\n3\nclosed\n'));
    expect(words.code).toBe('TARGET_NOT_NUMERIC');
  });
});

describe('a header of several lines', () => {
  const prices = rows(20, (k) => [day(k), k, k + 1, k + 2, k + 3]);

  it('keeps names that tell all columns apart', async () => {
    const loaded = await loadText(
      `Price,Close,High,Low,Open\nTicker,AAPL,AAPL,AAPL,AAPL\nDate,,,,\n${prices}`,
    );
    expect(loaded.columns).toMatchObject({
      time: 'Date',
      target: ['Close', 'High', 'Low', 'Open'],
    });
    const units = await loadText(`date,a,b,c,d\n,°C,°C,MW,%\n${prices}`);
    expect(units.panel.ids).toEqual(['a', 'b', 'c', 'd']);
    expect(noted(units)[0]).toContain('1 line of words was passed over: "°C °C MW %"');
  });

  it('may name the first column in a line of its own', async () => {
    const loaded = await loadText(`Ticker,AAPL,MSFT,IBM,T\nDate,,,,\n${prices}`);
    expect(loaded.columns).toMatchObject({ time: 'Date', target: ['AAPL', 'MSFT', 'IBM', 'T'] });
    expect(loaded.panel.y[0]).toBe(0);
  });

  it('joins names that do not', async () => {
    const tickers = await loadText(
      `Price,Close,Close,Open,Open\nTicker,AAPL,MSFT,AAPL,MSFT\nDate,,,,\n${prices}`,
    );
    expect(tickers.panel.ids).toEqual(['Close AAPL', 'Close MSFT', 'Open AAPL', 'Open MSFT']);
    const merged = await loadText(`,Sales,,Units,\nDate,North,South,North,South\n${prices}`);
    expect(merged.columns).toMatchObject({
      time: 'Date',
      target: ['Sales North', 'Sales South', 'Units North', 'Units South'],
    });
    expect(merged.repairs.map(({ kind }) => kind)).not.toContain('lines-passed-over');
  });

  it('is not made of rows without a value', async () => {
    const content = `day,shop,sales\n${day(0)},a,NA\n${rows(19, (k) => [day(k + 1), 'a', k])}`;
    expect((await loadText(content)).panel.y[0]).toBe(0);
    const closed = await errorOf(loadText('id,V1,V2,V3\na,closed,closed,closed\nb,1,2,3\n'));
    expect(closed.code).toBe('TARGET_NOT_NUMERIC');
  });
});

describe('rows of sums', () => {
  const table = `day,a,b\n${rows(20, (k) => [day(k), k, 2 * k])}`;

  it('at the edges are left out, and said', async () => {
    const loaded = await loadText(`${table}\nTotal,190,380\nAverage,9.5,19\n`);
    expect(valuesOf(loaded)['a']).toHaveLength(20);
    expect(noted(loaded)).toEqual([
      '2 rows at the edge of the data were left out, with "Total" in place of a time',
    ]);
    const codes = await loadText(table.replace('\n', '\nTransform:,5,5\n'), { target: ['a'] });
    expect(valuesOf(codes)['a']).toHaveLength(20);
  });

  it('may be lines of a table with a column for each month', async () => {
    const months = Array.from({ length: 12 }, (_, m) => m + 1);
    const years = rows(4, (y) => [2020 + y, ...months.map((m) => 12 * y + m)]);
    const sheet = `Year,${months.join(',')}\n${years}\nAverage,${months.join(',')}\n`;
    const loaded = await loadText(sheet);
    expect(loaded.panel.y).toHaveLength(48);
    expect(noted(loaded).at(-1)).toContain('12 rows at the edge of the data were left out');
    const inside = await errorOf(
      loadText(sheet.replace('\n2022', '\nAverage,1,2,3,4,5,6,7,8,9,10,11,12\n2022')),
    );
    expect(inside.message).toContain('"Year,month" holds "Average"');
  });

  it('elsewhere are no times', async () => {
    const inside = table.replace(`\n${day(9)}`, `\nTotal,1,2\n${day(9)}`);
    expect((await errorOf(loadText(inside))).code).toBe('TIME_UNREADABLE');
  });
});
