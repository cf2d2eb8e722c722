/** Forecast tables: exact, the same bytes every time, readable by others. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { parseFrequency } from '../../../series/frequency.ts';
import { quotePath, readText, withDuckDB } from '../../../services/datasets/duckdb.ts';
import {
  formatCsv,
  writeForecastTables,
  type ForecastTable,
} from '../../../services/export/forecast-tables.ts';

const folder = mkdtempSync(join(tmpdir(), 'agentic-forecast-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function tableOf(
  ids: readonly string[],
  values: readonly number[],
  frequency = 'D',
): ForecastTable {
  const horizon = values.length / ids.length;
  const levels = [0.1, 0.9];
  return {
    ids,
    horizon,
    levels,
    times: Float64Array.from(values, (_, k) => Date.UTC(2024, 0, 31 + (k % horizon))),
    point: Float64Array.from(values),
    quantiles: Float64Array.from(values.flatMap((value) => [value - 1, value + 1])),
    models: ids.map(() => 'nlinear+naive'),
    frequency: parseFrequency(frequency),
  };
}

describe('forecasts.csv', () => {
  it('names its columns and gives dates without a clock for daily series', () => {
    expect(formatCsv(tableOf(['a'], [1.5, 2]))).toBe(
      'unique_id,ds,forecast,q0.1,q0.9,model\n' +
        'a,2024-01-31,1.5,0.5,2.5,nlinear+naive\n' +
        'a,2024-02-01,2,1,3,nlinear+naive\n',
    );
  });
  it('gives the clock for hourly series and the position for an index', () => {
    expect(formatCsv(tableOf(['a'], [1], 'h'))).toContain('a,2024-01-31 00:00:00,1,');
    const indexed = { ...tableOf(['a'], [1], 'index'), times: Float64Array.of(7) };
    expect(formatCsv(indexed)).toContain('a,7,1,');
  });
  it('quotes names that hold commas, quotes and line ends', () => {
    expect(formatCsv(tableOf(['a,"b"\nc'], [1]))).toContain('"a,""b""\nc",2024-01-31');
  });
  it('keeps every bit of a number', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        const cell = formatCsv(tableOf(['a'], [value]))
          .split('\n')[1]!
          .split(',')[2];
        expect(Number(cell)).toBe(value === 0 ? 0 : value);
      }),
    );
  });
});

describe('forecasts.parquet', () => {
  it('reads back equal to the CSV file, hostile names included, and is the same bytes every time', async () => {
    const table = tableOf(["o'neil", 'a,"b"', '*.csv'], [1.25, 1e12, -3e-9, 4, 5, 6]);
    await writeForecastTables(folder, table);
    const bytes = readFileSync(join(folder, 'forecasts.parquet'));
    await writeForecastTables(folder, table);
    expect(readFileSync(join(folder, 'forecasts.parquet')).equals(bytes)).toBe(true);
    const rows = await withDuckDB((connection) =>
      readText(
        connection,
        `SELECT unique_id, ds::VARCHAR, forecast, "q0.1", model FROM read_parquet(${quotePath(join(folder, 'forecasts.parquet'))})`,
      ),
    );
    expect(rows.map(([id]) => id)).toEqual([
      "o'neil",
      "o'neil",
      'a,"b"',
      'a,"b"',
      '*.csv',
      '*.csv',
    ]);
    expect(rows.map((row) => Number(row[2]))).toEqual([...table.point]);
    expect(rows[0]).toEqual(["o'neil", '2024-01-31 00:00:00', '1.25', '0.25', 'nlinear+naive']);
  });
});
