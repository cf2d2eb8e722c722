/** Tests of file formats: every one holds the same panel, in the same order of rows. */
import { createHash } from 'node:crypto';
import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { createDatasets } from '../../../services/datasets/datasets.ts';
import { quoteText, withDuckDB } from '../../../services/datasets/duckdb.ts';
import { encodePanel } from '../../../services/datasets/panel-codec.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { errorOf } from './load-text.ts';

const folder = temporaryFolder('formats');
const { load, digest } = createDatasets();

/**
 * Series of 10,000 rows, some values missing. Many rows are several blocks of every format, which several threads read;
 * then the order of the rows is the reader's merit.
 */
const table = (rows: number): string => `SELECT 's' || (r // 10000) AS unique_id,
    TIMESTAMP '2020-01-01' + INTERVAL 1 HOUR * (r % 10000) AS ds,
    CASE WHEN r % 977 = 5 THEN NULL ELSE (r * 7919) % 100003 / 8 END AS y
  FROM range(${rows}) AS rows(r)`;

function expectedValue(row: number): number {
  const value = (at: number): number => ((at * 7919) % 100_003) / 8;
  return row % 977 === 5 ? (value(row - 1) + value(row + 1)) / 2 : value(row);
}

const many = 400_000;
const few = 40_000;
const files: [string, string, number][] = [
  ['table.csv', 'FORMAT csv', many],
  ['words.csv', "FORMAT csv, NULLSTR 'N/A'", many],
  ['table.parquet', 'FORMAT parquet', many],
  ['table.tsv', "FORMAT csv, DELIMITER '\t'", few],
  ['table.txt', "FORMAT csv, DELIMITER ';'", few],
  ['table.csv.gz', 'FORMAT csv, COMPRESSION gzip', few],
  ['table.csv.zst', 'FORMAT csv, COMPRESSION zstd', few],
  ['table.json', 'FORMAT json, ARRAY true', few],
  ['table.jsonl', 'FORMAT json', few],
  ['table.ndjson.gz', 'FORMAT json, COMPRESSION gzip', few],
];

async function writeTable(name: string, options: string, rows: number): Promise<string> {
  const path = join(folder, name);
  await withDuckDB((connection) =>
    connection.run(`COPY (${table(rows)}) TO ${quoteText(path)} (${options})`),
  );
  return path;
}

describe('every format holds the same panel', () => {
  it.each(files)('%s', async (name, options, rows) => {
    const { panel, repairs } = await load({ data: await writeTable(name, options, rows) });
    expect(panel.ids).toHaveLength(rows / 10_000);
    expect(panel.y).toHaveLength(rows);
    const start = Date.UTC(2020, 0, 1);
    const isWrong = (value: number, row: number): boolean =>
      value !== expectedValue(row) || panel.time[row] !== start + (row % 10_000) * 3_600_000;
    expect(panel.y.findIndex(isWrong), 'row where value or time is another').toBe(-1);
    expect(repairs.map(({ kind }) => kind)).toEqual(['missing-interpolated']);
  });
});

describe('compressed files', () => {
  it('that break off are refused and not taken for shorter ones', async () => {
    const rows = Array.from({ length: 20_000 }, (_, t) => `${t},${(t * 7919) % 1009}\n`).join('');
    const gzip = join(folder, 'cut.csv.gz');
    const packed = gzipSync(`t,y\n${rows}`);
    writeFileSync(gzip, packed.subarray(0, packed.length - 8));
    expect(await errorOf(load({ data: gzip }))).toMatchObject({ code: 'INPUT_UNREADABLE' });

    const zstd = await writeTable('cut.csv.zst', 'FORMAT csv, COMPRESSION zstd', few);
    const { length } = readFileSync(zstd);
    for (const bytes of [length - 1, Math.floor(length / 2), 20]) {
      truncateSync(zstd, bytes);
      const { code, message } = await errorOf(load({ data: zstd }));
      expect(code).toBe('INPUT_UNREADABLE');
      expect(message).toContain('cut off');
    }
  });
});

describe('reading', () => {
  it('gives the digest of the file as it lies there', async () => {
    const path = join(folder, 'digest.csv');
    writeFileSync(path, 'ds,y\n2020-01-01,1\n2020-01-02,2\n');
    const expected = `sha256:${createHash('sha256').update(readFileSync(path)).digest('hex')}`;
    expect(await digest(path)).toBe(expected);
    expect((await load({ data: path })).digest).toBe(expected);
  });

  it('gives the same panel, bit for bit, every time', async () => {
    const path = await writeTable('again.csv', 'FORMAT csv', few);
    const [first, second] = [await load({ data: path }), await load({ data: path })];
    expect(Buffer.from(encodePanel(first.panel)).equals(encodePanel(second.panel))).toBe(true);
  });
});
