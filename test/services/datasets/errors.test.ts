/** Tests of unusable input: each kind ends in its own error, on one line. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { createDatasets, type LoadRequest } from '../../../services/datasets/datasets.ts';
import { dailyRows, errorOf, loadText } from './load-text.ts';

interface Case {
  readonly name: string;
  readonly content: string | Uint8Array;
  readonly file?: string;
  readonly request?: Partial<LoadRequest>;
  readonly code: string;
  readonly says: RegExp;
}

const good = `ds,y\n${dailyRows([1, 2, 3])}`;
const zip = gzipSync(`ds,y\n${dailyRows(Array.from({ length: 500 }, (_, k) => k * 1.37))}`);
const utf16 = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(good, 'utf16le')]);

const cases: Case[] = [
  { name: 'an empty file', content: '', code: 'INPUT_EMPTY', says: /no data/ },
  {
    name: 'an empty gzip file',
    content: gzipSync(''),
    file: 'a.csv.gz',
    code: 'INPUT_EMPTY',
    says: /no header/,
  },
  { name: 'a header only', content: 'ds,y\n', code: 'INPUT_EMPTY', says: /no rows/ },
  { name: 'one row', content: 'ds,y\n2020-01-01,1\n', code: 'INPUT_EMPTY', says: /one row/ },
  {
    name: 'one value',
    content: 'ds,y\n2020-01-01,1\n2020-01-02,\n',
    code: 'INPUT_EMPTY',
    says: /one observation/,
  },
  {
    name: 'an unknown ending',
    content: good,
    file: 'a.docx',
    code: 'INPUT_FORMAT_UNKNOWN',
    says: /\.parquet/,
  },
  {
    name: 'a spreadsheet',
    content: good,
    file: 'a.xlsx',
    code: 'INPUT_FORMAT_UNKNOWN',
    says: /is a spreadsheet; save the sheet with the series as \.csv/,
  },
  { name: 'no ending', content: good, file: 'a', code: 'INPUT_FORMAT_UNKNOWN', says: /\.csv/ },
  {
    name: 'Latin-1',
    content: Buffer.from(`ds,y,mé\n${dailyRows([1, 2])}`, 'latin1'),
    code: 'INPUT_ENCODING',
    says: /iconv/,
  },
  {
    name: 'Latin-1 in ids',
    content: Buffer.from(`id,ds,y\n${dailyRows([1, 2], 'é')}`, 'latin1'),
    code: 'INPUT_ENCODING',
    says: /UTF-8/,
  },
  { name: 'UTF-16', content: utf16, code: 'INPUT_ENCODING', says: /UTF-8/ },
  {
    name: 'UTF-16 without its mark',
    content: Buffer.from(good, 'utf16le'),
    code: 'INPUT_ENCODING',
    says: /UTF-8/,
  },
  {
    name: 'a row that is too long',
    content: `${good}2020-01-04,1,2\n`,
    code: 'INPUT_UNREADABLE',
    says: /line 5 has 3 columns/,
  },
  {
    name: 'an open quote',
    content: `${good}"2020-01-04,1\n`,
    code: 'INPUT_UNREADABLE',
    says: /quote/,
  },
  {
    name: 'an open quote in the header',
    content: '"ds,y\n1,2\n',
    code: 'INPUT_UNREADABLE',
    says: /header/,
  },
  { name: 'no gzip', content: good, file: 'a.csv.gz', code: 'INPUT_UNREADABLE', says: /gzip/ },
  {
    name: 'half a gzip file',
    content: zip.subarray(0, zip.length / 2),
    file: 'a.csv.gz',
    code: 'INPUT_UNREADABLE',
    says: /cut off/,
  },
  { name: 'no zstd', content: good, file: 'a.csv.zst', code: 'INPUT_UNREADABLE', says: /zstd/ },
  {
    name: 'no Parquet',
    content: good,
    file: 'a.parquet',
    code: 'INPUT_UNREADABLE',
    says: /Parquet/,
  },
  {
    name: 'broken JSON',
    content: '[{"ds":"2020-01-01","y":1},{"ds":',
    file: 'a.json',
    code: 'INPUT_UNREADABLE',
    says: /JSON/,
  },
  {
    name: 'JSON without records',
    content: '[1,2,3]',
    file: 'a.json',
    code: 'INPUT_UNREADABLE',
    says: /list of records/,
  },
  {
    name: 'broken JSON lines',
    content: '{"ds":"2020-01-01","y":1}\n{"ds"\n',
    file: 'a.jsonl',
    code: 'INPUT_UNREADABLE',
    says: /line/,
  },
  {
    name: 'an unknown id',
    content: good,
    request: { id: ['shop'] },
    code: 'COLUMN_MISSING',
    says: /"shop".*found: ds, y/,
  },
  {
    name: 'an unknown time',
    content: good,
    request: { time: 'when' },
    code: 'COLUMN_MISSING',
    says: /"when" for the time/,
  },
  {
    name: 'an unknown target',
    content: good,
    request: { target: ['z'] },
    code: 'COLUMN_MISSING',
    says: /"z" for the target/,
  },
  {
    name: 'no time',
    content: 'a,b\nx,1\ny,2\n',
    code: 'COLUMNS_UNDETECTED',
    says: /time among a, b.*--time/,
  },
  {
    name: 'no number',
    content: 'date,a,b\n2020-01-01,x,y\n2020-01-02,z,u\n',
    code: 'COLUMNS_UNDETECTED',
    says: /--(target|id)/,
  },
  {
    name: 'a word among times',
    content: `${good}soon,4\n`,
    code: 'TIME_UNREADABLE',
    says: /"ds" holds "soon"/,
  },
  {
    name: 'a value without a time',
    content: `${good},4\n`,
    code: 'TIME_UNREADABLE',
    says: /"ds" holds ""/,
  },
  {
    name: 'words for times',
    content: 'date,y\nsoon,1\nlater,2\n',
    code: 'TIME_UNREADABLE',
    says: /"soon"/,
  },
  {
    name: 'a date that does not exist',
    content: `${good}2020-02-30,4\n`,
    code: 'TIME_UNREADABLE',
    says: /2020-02-30/,
  },
  {
    name: 'a word among numbers',
    content: `ds,y\n${dailyRows([1, 'two', 3])}`,
    code: 'TARGET_NOT_NUMERIC',
    says: /"y" holds "two" in data row 2/,
  },
  {
    name: 'a word among the numbers of a wide file',
    content: 'ds,a,b\n2020-01-01,1,1\n2020-01-02,2,2\n2020-01-03,3,x\n',
    code: 'TARGET_NOT_NUMERIC',
    says: /"b" holds "x" in data row 3/,
  },
  {
    name: 'a word in a row of numbers',
    content: 'id,2020-01-01,2020-01-02\na,1,2\nb,3,oops\n',
    code: 'TARGET_NOT_NUMERIC',
    says: /"2020-01-02" holds "oops" in data row 2/,
  },
  {
    name: 'thousands separators',
    content: 'ds,y\n2020-01-01,"1,234"\n2020-01-02,"2,345"\n',
    code: 'TARGET_NOT_NUMERIC',
    says: /"1,234" in data row 1/,
  },
  {
    name: 'commas that may part decimals or thousands',
    content: 'ds;y\n2020-01-01;1,500\n2020-01-02;2,500\n',
    code: 'TARGET_NOT_NUMERIC',
    says: /"1,500"/,
  },
  {
    name: 'a word in JSON',
    content: '[{"ds":"2020-01-01","y":1},{"ds":"2020-01-02","y":2},{"ds":"2020-01-03","y":"x"}]',
    file: 'a.json',
    code: 'TARGET_NOT_NUMERIC',
    says: /"x" in data row 3/,
  },
  {
    name: 'missing values only',
    content: `ds,y\n${dailyRows(['NA', 'null', '?'])}`,
    code: 'NO_USABLE_SERIES',
    says: /no value at all/,
  },
  {
    name: 'blank ids only',
    content: `id,ds,y\n${dailyRows([1, 2], '')}`,
    request: { id: ['id'] },
    code: 'NO_USABLE_SERIES',
    says: /blank/,
  },
  {
    name: 'two rows of one name',
    content: 'id,2020-01-01,2020-01-02\na,1,2\na,3,4\n',
    request: { id: ['id'] },
    code: 'INPUT_UNREADABLE',
    says: /two rows are called "a"/,
  },
  {
    name: 'irregular times',
    content: 'ds,y\n2020-01-01,1\n2020-01-02,2\n2020-02-20,3\n2021-01-05,4\n2021-03-01,5\n',
    code: 'FREQUENCY_UNDETECTED',
    says: /vary from 1 day to 320 days.*--frequency/,
  },
  {
    name: 'one time a series',
    content: 'id,ds,y\na,2020-01-01,1\nb,2020-01-01,2\n',
    code: 'FREQUENCY_UNDETECTED',
    says: /no series has two different times/,
  },
  {
    name: 'an unknown frequency',
    content: good,
    request: { frequency: 'fortnight' },
    code: 'FREQUENCY_UNKNOWN',
    says: /fortnight/,
  },
];

describe('unusable input ends in one line that names it', () => {
  it.each(cases)('$name', async ({ content, file, request, code, says }) => {
    const error = await errorOf(loadText(content, request, file));
    expect(error).toMatchObject({ code });
    expect(error.message).toMatch(says);
    expect(error.message).not.toMatch(/\n|SELECT|TRY_CAST|read_csv|null_padding/);
  });

  it('a folder, and a file that is not there', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'agentic-forecast-errors-'));
    const { load, digest } = createDatasets();
    const absent = join(folder, 'absent.csv');
    expect((await errorOf(load({ data: folder }))).code).toBe('INPUT_IS_FOLDER');
    expect((await errorOf(load({ data: absent }))).code).toBe('INPUT_NOT_FOUND');
    expect((await errorOf(digest(absent))).code).toBe('INPUT_NOT_FOUND');
    expect((await errorOf(load({ data: 'a\0b.csv' }))).code).toBe('INPUT_NOT_FOUND');
    rmSync(folder, { recursive: true });
  });
});

describe('a message stays on one line', () => {
  it('whatever the names of columns hold', async () => {
    const header = '"a\nb","c\nd"';
    const undetected = await errorOf(loadText(`${header}\n0.5,x\n0.7,y\n`));
    const unreadable = await errorOf(
      loadText(`${header}\n2020-01-01,1\n2020-01-02,2\nsoon,3\n`, {
        time: 'a\nb',
        target: ['c\nd'],
      }),
    );
    const wrong = await errorOf(
      loadText(`${header}\n2020-01-01,1\n2020-01-02,2\n2020-01-03,"x\ny"\n`, { time: 'a\nb' }),
    );
    expect([undetected.code, unreadable.code, wrong.code]).toEqual([
      'COLUMNS_UNDETECTED',
      'TIME_UNREADABLE',
      'TARGET_NOT_NUMERIC',
    ]);
    for (const { message } of [undetected, unreadable, wrong]) expect(message).not.toContain('\n');
  });
});
