/** Tests of tables parted by blanks, and of tables of nothing but numbers, which have no names to go by. */
import { describe, expect, it } from 'vitest';
import { errorOf, frequencyOf, loadText, timesOf, valuesOf } from './load-text.ts';

const day = (k: number): string => new Date(Date.UTC(2024, 0, 1 + k)).toISOString().slice(0, 10);
const lines = (count: number, line: (k: number) => string): string =>
  Array.from({ length: count }, (_, k) => line(k)).join('\n');
const squares = Array.from({ length: 30 }, (_, k) => k * k);
const months = (count: number, cells: (k: number) => string, blank = '  '): string =>
  lines(count, (k) => [1953 + Math.floor(k / 12), (k % 12) + 1, cells(k)].join(blank));

describe('a table parted by blanks', () => {
  const table = (blank = '   '): string => lines(30, (k) => `${day(k)}${blank}${k * k}`);

  it.each([
    ['spaces', `day  sales\n${table()}`],
    ['spaces in front and at the end', `  day sales \n${table().replaceAll('\n', '  \n   ')}  `],
    ['tabs and spaces', `day\tsales\n${table(' \t ')}`],
    ['carriage returns', `day sales\r\n${table().replaceAll('\n', '\r\n')}\r\n`],
    ['a commented header', `# words, and more\n#\n# day sales\n${table()}`],
    ['comments and empty lines among its rows', `day sales\n\n${table()}\n# the end\n\n`],
    ['units below its header', `day sales\n       EUR\n${table()}`],
  ])('is read: %s', async (_, content) => {
    expect(valuesOf(await loadText(content, {}, 'table.txt'))).toEqual({ sales: squares });
  });

  it('may have quotes, and row numbers without a name as R writes them', async () => {
    const content = `"a day" "b"\n${lines(30, (k) => `"${k + 1}" "${day(k)}" ${k * k}`)}`;
    const loaded = await loadText(content);
    expect(loaded.columns).toMatchObject({ time: 'a day', target: ['b'] });
    expect(valuesOf(loaded)).toEqual({ b: squares });
  });

  it('may be one of months or quarters as R prints it', async () => {
    const years = [1, 2, 3].map((y) =>
      [1948 + y, 4 * y, 4 * y + 1, 4 * y + 2, 4 * y + 3].join(' '),
    );
    const loaded = await loadText(`     Qtr1 Qtr2 Qtr3 Qtr4\n${years.join('\n')}\n`);
    expect(valuesOf(loaded)).toEqual({ value: Array.from({ length: 12 }, (_, k) => k + 4) });
    expect(timesOf(loaded)[1]).toBe('1949-04-01T00:00');
  });

  it('may have a clock behind each date', async () => {
    const loaded = await loadText(
      `time load\n${lines(30, (k) => `2024-01-0${1 + Math.floor(k / 24)} ${k % 24}:00 ${k * k}`)}`,
    );
    expect(valuesOf(loaded)).toEqual({ load: squares });
    expect(frequencyOf(loaded)).toBe('h');
  });

  it('may be one of a weather station, below words about it', async () => {
    const loaded = await loadText(
      `Armagh\nLocation 287800E 352300N, 62 metres\nMissing data is marked by ---.\n` +
        `   yyyy  mm   tmax    rain\n              degC      mm\n${months(30, (k) => `---  ${k * k}.5`)}`,
    );
    expect(valuesOf(loaded)).toEqual({ rain: squares.map((value) => value + 0.5) });
    expect(timesOf(loaded)[1]).toBe('1953-02-01T00:00');
    expect(loaded.repairs[0]!.observations).toBe(4);
  });

  it('has months and minutes of the same name but for the case', async () => {
    const row = (k: number): string =>
      `2024 01 0${1 + Math.floor(k / 144)} ${Math.floor(k / 6) % 24} ${10 * (k % 6)} ${k * k}`;
    const loaded = await loadText(
      `#YY  MM DD hh mm WSPD\n#yr  mo dy hr mn m/s\n${lines(200, row)}`,
      {},
      'buoy.txt',
    );
    expect(loaded.columns.target).toEqual(['WSPD']);
    expect(frequencyOf(loaded)).toBe('10min');
  });

  it('is refused where a line has more or fewer cells', async () => {
    for (const at of [20, 90]) {
      const rows = lines(100, (k) => `${day(k)} ${k}${k === at ? ' 7' : ''}`);
      const error = await errorOf(loadText(`day sales\n${rows}`));
      expect(error.code).toBe('INPUT_UNREADABLE');
      expect(error.message).toContain(
        `a line has 3 columns where the table has 2: "${day(at)} ${at} 7"`,
      );
    }
  });

  it('is none where another separator parts the lines, or one column has words', async () => {
    const commas = await loadText(`a day,b c\n${lines(30, (k) => `${day(k)} 00:00,${k * k}`)}`);
    expect(valuesOf(commas)).toEqual({ 'b c': squares });
    const values = await loadText(`Sales of beer\n${squares.join('\n')}`);
    expect(valuesOf(values)).toEqual({ 'Sales of beer': squares });
  });
});

describe('rows of numbers without a header', () => {
  it('that begin with a year and a month say when they are', async () => {
    const loaded = await loadText(
      lines(30, (k) => {
        const [year, month] = [1749 + Math.floor(k / 12), (k % 12) + 1];
        const decimal = (year + (month - 0.5) / 12).toFixed(3);
        return `${year};${String(month).padStart(2, '0')};${decimal};  ${k * k}.5; -1`;
      }),
    );
    expect(loaded.columns).toMatchObject({
      time: 'year,month',
      target: ['column D', 'column E'],
    });
    expect(loaded.repairs[0]!.detail).toMatch(
      /called year, month, decimal year, column D, column E$/,
    );
    expect(valuesOf(loaded)['column D']![0]).toBe(0.5);
    expect(timesOf(loaded)[0]).toBe('1749-01-01T00:00');
    expect(frequencyOf(loaded)).toBe('MS');
  });

  it('may have days and hours as well, and lie below comments', async () => {
    const daily = lines(60, (k) => `${day(k).replaceAll('-', ' ')} ${k * k}.5`);
    const loaded = await loadText(`# made by hand\n# of nothing\n${daily}`, {}, 'days.txt');
    expect(loaded.columns.time).toBe('year,month,day');
    expect(valuesOf(loaded)['column D']).toHaveLength(60);
    const hourly = lines(60, (k) => `2024,12,${1 + Math.floor(k / 24)},${k % 24},${k % 7}.5`);
    expect(frequencyOf(await loadText(hourly))).toBe('h');
  });

  it('keep the first, be they one column or several', async () => {
    const beyond = squares.map((value) => value + 3);
    expect(valuesOf(await loadText(beyond.join('\n')))).toEqual({ 'column A': beyond });
    const two = await loadText(lines(30, (k) => `${k % 4}.5,${k % 3}`));
    expect(valuesOf(two)['column A']).toHaveLength(30);
  });

  it('are not all rows where the first has ids, times or the name of a column without one', async () => {
    const rows = lines(30, (k) => `${100 + (k % 7)},${100 + (k % 5)},${100 + (k % 3)}`);
    expect((await loadText(`101,102,105\n${rows}`)).panel.ids).toEqual(['101', '102', '105']);
    expect(valuesOf(await loadText(`0\n${squares.join('\n')}`))).toEqual({ '0': squares });
  });

  it('leave columns that are no time as they are', async () => {
    const loaded = await loadText(lines(30, (k) => `${1800 + k},${1 + ((k * 5) % 12)},${k * k}.5`));
    expect(loaded.columns.target).toContain('column B');
  });
});

describe('a date as one number beside another', () => {
  it('is no series', async () => {
    const dated = await loadText(
      `date,decimal date,level\n${lines(30, (k) => `${day(k)},${2024 + k / 366},${k * k}`)}`,
    );
    expect(valuesOf(dated)).toEqual({ level: squares });
  });
});
