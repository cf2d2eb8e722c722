/** Tests of forecast tables: exact, the same bytes every time, whole or absent. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { futureTimes, parseFrequency } from '../../../series/frequency.ts';
import { quotePath, readText, withDuckDB } from '../../../services/datasets/duckdb.ts';
import {
  forecastColumns,
  formatCsv,
  writeForecastTables,
  type ForecastTable,
} from '../../../services/export/forecast-tables.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const folder = temporaryFolder('tables');
const levels = [0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975];

function tableOf(
  ids: readonly string[],
  values: readonly number[],
  horizon: number,
  name = 'D',
): ForecastTable {
  const frequency = parseFrequency(name);
  const start = frequency.unit === 'index' ? 9 : Date.UTC(2024, 0, 31);
  const rows = ids.length * horizon;
  const at = (k: number): number => values[k % values.length]!;
  return {
    ids,
    horizon,
    levels,
    frequency,
    times: Float64Array.from(ids.flatMap(() => [...futureTimes(start, frequency, horizon)])),
    point: Float64Array.from({ length: rows }, (_, k) => at(k)),
    quantiles: Float64Array.from({ length: rows * levels.length }, (_, k) => at(k + 1)),
    models: ids.map((_, i) => (i % 2 === 0 ? 'n-hits+theta' : 'naive, "seasonal"')),
  };
}

/** Reads CSV as RFC 4180 says, independently of what wrote it. */
function parseCsv(text: string): string[][] {
  const rows: string[][] = [[]];
  const cell = /("(?:[^"]|"")*"|[^,\n]*)(,|\n)/g;
  for (const [, raw = '', end] of text.matchAll(cell)) {
    const value = raw.startsWith('"') ? raw.slice(1, -1).replaceAll('""', '"') : raw;
    rows.at(-1)!.push(value);
    if (end === '\n') rows.push([]);
  }
  return rows.slice(0, -1);
}

const number = fc.double({ noDefaultInfinity: true, noNaN: true });
const anyTable = fc
  .tuple(
    fc.array(
      fc.string({ unit: 'grapheme' }).filter((id) => !/[\0\r]/.test(id)),
      { minLength: 1, maxLength: 5 },
    ),
    fc.array(number, { minLength: 1, maxLength: 30 }),
    fc.integer({ min: 1, max: 4 }),
    fc.constantFrom('15min', 'h', 'D', 'W', 'MS', 'YE', 'index'),
  )
  .map(([ids, values, horizon, name]) => tableOf(ids, values, horizon, name));

describe('forecasts.csv', () => {
  it('has the columns id, time, forecast, quantiles and models, in this order', () => {
    const [header, first] = formatCsv(tableOf(['a'], [1.5], 1)).split('\n');
    expect(header).toBe('unique_id,ds,forecast,q0.025,q0.1,q0.25,q0.5,q0.75,q0.9,q0.975,model');
    expect(first).toBe('a,2024-02-01,1.5,1.5,1.5,1.5,1.5,1.5,1.5,1.5,n-hits+theta');
  });

  it('gives the day for daily and coarser series, the second for finer ones, the position for an index', () => {
    const timeOf = (name: string): string | undefined =>
      formatCsv(tableOf(['a'], [1], 1, name))
        .split('\n')[1]
        ?.split(',')[1];
    expect(timeOf('ME')).toBe('2024-02-29');
    expect(timeOf('15min')).toBe('2024-01-31 00:15:00');
    expect(timeOf('index')).toBe('10');
  });

  it('gives ids and numbers back exactly, whatever they hold', () => {
    fc.assert(
      fc.property(anyTable, (table) => {
        const [header, ...rows] = parseCsv(formatCsv(table));
        expect(header).toEqual(forecastColumns(levels));
        expect(rows).toHaveLength(table.point.length);
        for (const [row, cells] of rows.entries()) {
          const i = Math.floor(row / table.horizon);
          expect([cells[0], cells.at(-1)]).toEqual([table.ids[i], table.models[i]]);
          expect(Number(cells[2]) === table.point[row]).toBe(true);
          const quantiles = cells.slice(3, -1).map(Number);
          expect(
            quantiles.every((value, q) => value === table.quantiles[row * levels.length + q]),
          ).toBe(true);
        }
      }),
      { numRuns: 50 },
    );
  });
});

describe('forecasts.parquet', () => {
  const readBack = (path: string): Promise<(string | null)[][]> =>
    withDuckDB((connection) =>
      readText(
        connection,
        `SELECT unique_id, epoch_ms(ds), format('{}', forecast), format('{}', "q0.975"), model FROM read_parquet(${quotePath(path)})`,
      ),
    );

  it('reads back equal to what was written', async () => {
    await fc.assert(
      fc.asyncProperty(anyTable, async (table) => {
        fc.pre(table.frequency.unit !== 'index');
        await writeForecastTables(folder, table);
        const rows = await readBack(join(folder, 'forecasts.parquet'));
        expect(rows).toHaveLength(table.point.length);
        for (const [row, [id, ms, forecast, highest, model]] of rows.entries()) {
          const i = Math.floor(row / table.horizon);
          expect([id, model, Number(ms)]).toEqual([
            table.ids[i],
            table.models[i],
            table.times[row],
          ]);
          expect(Number(forecast) === table.point[row]).toBe(true);
          expect(Number(highest) === table.quantiles[row * levels.length + 6]).toBe(true);
        }
      }),
      { numRuns: 15 },
    );
  });

  it('keeps positions as whole numbers', async () => {
    await writeForecastTables(folder, tableOf(['a'], [1], 2, 'index'));
    const path = join(folder, 'forecasts.parquet');
    const rows = await withDuckDB((connection) =>
      readText(connection, `SELECT ds, typeof(ds) FROM read_parquet(${quotePath(path)})`),
    );
    expect(rows).toEqual([
      ['10', 'BIGINT'],
      ['11', 'BIGINT'],
    ]);
  });
});

describe('both files', () => {
  it('have the same bytes for the same forecast, and nothing else is left in the folder', async () => {
    const ids = Array.from({ length: 3000 }, (_, i) => `series ${i}`);
    const values = Array.from({ length: 977 }, (_, k) => Math.sin(k) * 1e3);
    const [first, second] = [join(folder, 'first'), join(folder, 'new', 'second')];
    const files = await writeForecastTables(first, tableOf(ids, values, 3));
    await writeForecastTables(second, tableOf(ids, values, 3));
    expect(readdirSync(first).sort()).toEqual(['forecasts.csv', 'forecasts.parquet']);
    for (const { name, bytes } of files) {
      expect(readFileSync(join(first, name)).equals(bytes)).toBe(true);
      expect(readFileSync(join(second, name)).equals(bytes)).toBe(true);
    }
  });

  it('of a table whose parts do not fit are not written at all', async () => {
    const broken = { ...tableOf(['a', 'b'], [1], 2), models: ['only one'] };
    await expect(writeForecastTables(join(folder, 'broken'), broken)).rejects.toThrow('its models');
    expect(existsSync(join(folder, 'broken'))).toBe(false);
  });
});
