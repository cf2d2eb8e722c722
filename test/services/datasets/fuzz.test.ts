/** Tests of arbitrary files: whatever they hold, a panel comes out or an error of the catalogue, never anything else. */
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isForecastError } from '../../../state/errors.ts';
import { loadText } from './load-text.ts';

const runs = Number(process.env['FUZZ_RUNS'] ?? 40);
const cell = fc.oneof(
  fc.constantFrom(
    '',
    'NA',
    '-',
    '1,234',
    '"',
    'x',
    '1e999',
    'inf',
    '2020-01-01',
    '2020-13-45',
    '1/2/03',
    '2020Q5',
    'Jan 2020',
    'infinity',
    'epoch',
    '-5000-01-01',
    '99999-01-01',
  ),
  fc.integer().map(String),
  fc.double().map(String),
  fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
  fc.string({ maxLength: 6 }),
);
const header = fc.constantFrom(
  'ds',
  'y',
  'unique_id',
  'date',
  'value',
  'month',
  'year',
  'time',
  'id',
  'V1',
  'V2',
  'V3',
  '1990',
  '2020-01-01',
  '',
  'a',
);
const csv = fc
  .tuple(
    fc.array(header, { minLength: 1, maxLength: 5 }),
    fc.array(fc.array(cell, { minLength: 1, maxLength: 5 }), { maxLength: 12 }),
  )
  .map(([names, rows]) => {
    const line = (cells: string[]): string =>
      names.map((_, c) => `"${(cells[c % cells.length] ?? '').replaceAll('"', '""')}"`).join(',');
    return [names.join(','), ...rows.map(line)].join('\n');
  });
const json = fc
  .array(
    fc.dictionary(
      header,
      fc.oneof(cell, fc.double(), fc.constant(null), fc.boolean(), fc.array(fc.nat())),
    ),
    { maxLength: 8 },
  )
  .map((rows) => JSON.stringify(rows));

/** Undefined if all is well: a panel that is one, or an error with a name and one line. */
async function faultOf(content: string | Uint8Array, name: string): Promise<string | undefined> {
  try {
    const { panel } = await loadText(content, {}, name);
    const isWhole = panel.y.every(Number.isFinite) && panel.time.every(Number.isFinite);
    return isWhole && panel.y.length > 1 ? undefined : 'a panel with holes';
  } catch (error) {
    if (!isForecastError(error)) return String(error);
    return /[\n\r]/.test(error.message) ? error.message : undefined;
  }
}

const options = { numRuns: runs };

describe('arbitrary', () => {
  it('cells in a CSV file', async () => {
    const property = fc.asyncProperty(csv, async (text) => {
      expect(await faultOf(text, 'a.csv')).toBeUndefined();
    });
    await fc.assert(property, options);
  });

  it('records in a JSON file', async () => {
    const property = fc.asyncProperty(json, async (text) => {
      expect(await faultOf(text, 'a.json')).toBeUndefined();
    });
    await fc.assert(property, options);
  });

  it('bytes under any name', async () => {
    const names = fc.constantFrom(
      'a.csv',
      'a.tsv',
      'a.json',
      'a.jsonl',
      'a.parquet',
      'a.csv.gz',
      'a.csv.zst',
      'a.json.gz',
    );
    const bytes = fc.uint8Array({ maxLength: 200 });
    const property = fc.asyncProperty(
      bytes,
      names,
      fc.boolean(),
      async (content, name, isPacked) => {
        expect(await faultOf(isPacked ? gzipSync(content) : content, name)).toBeUndefined();
      },
    );
    await fc.assert(property, options);
  });
});
