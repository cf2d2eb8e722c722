/** Forecast tables: forecasts.csv and forecasts.parquet, the same bytes for the same forecast. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatTime } from '../../series/format-time.ts';
import type { Frequency } from '../../series/frequency.ts';
import { writeFileAtomic } from '../artifacts/atomic-file.ts';
import { assert } from '../../state/errors.ts';
import {
  appendNumbers,
  appendTexts,
  quoteName,
  quotePath,
  withDuckDB,
} from '../datasets/duckdb.ts';

/** Point forecasts and quantiles, flat: [series * horizon] and [series * horizon * levels]. */
export interface ForecastTable {
  readonly ids: readonly string[];
  /** Epoch milliseconds, or positions; [series * horizon]. */
  readonly times: Float64Array;
  readonly horizon: number;
  readonly point: Float64Array;
  readonly levels: readonly number[];
  readonly quantiles: Float64Array;
  /** Which models made the forecast of each series. */
  readonly models: readonly string[];
  readonly frequency: Frequency;
}

/** Column names, in order. */
export function forecastColumns(levels: readonly number[]): string[] {
  return ['unique_id', 'ds', 'forecast', ...levels.map((level) => `q${level}`), 'model'];
}

const needsQuotes = /[",\r\n]/;
const quoted = (text: string): string =>
  needsQuotes.test(text) ? `"${text.replaceAll('"', '""')}"` : text;

/** The table as CSV text; numbers read back exactly. */
export function formatCsv(table: ForecastTable): string {
  const { horizon, levels } = table;
  const lines = [forecastColumns(levels).join(',')];
  for (let row = 0; row < table.point.length; row++) {
    const i = Math.floor(row / horizon);
    const cells = [
      quoted(table.ids[i]!),
      formatTime(table.times[row]!, table.frequency),
      String(table.point[row]),
    ];
    for (let q = 0; q < levels.length; q++) {
      cells.push(String(table.quantiles[row * levels.length + q]));
    }
    cells.push(quoted(table.models[i]!));
    lines.push(cells.join(','));
  }
  return `${lines.join('\n')}\n`;
}

/**
 * Writes both files into `folder`, each whole or not at all, and returns their names and bytes.
 * Errors: STORE_FULL, STORE_UNWRITABLE.
 */
export async function writeForecastTables(
  folder: string,
  table: ForecastTable,
): Promise<{ name: string; bytes: Uint8Array }[]> {
  checkShape(table);
  const files = [
    { name: 'forecasts.csv', bytes: new TextEncoder().encode(formatCsv(table)) },
    { name: 'forecasts.parquet', bytes: await toParquet(table) },
  ];
  for (const { name, bytes } of files) await writeFileAtomic(join(folder, name), bytes);
  return files;
}

function checkShape({
  ids,
  models,
  times,
  horizon,
  point,
  levels,
  quantiles,
}: ForecastTable): void {
  const rows = ids.length * horizon;
  assert(models.length === ids.length, 'every series has its models');
  assert(point.length === rows && times.length === rows, 'every series has its whole horizon');
  assert(quantiles.length === rows * levels.length, 'every forecast has all quantiles');
}

/** The same table as Parquet, by one thread and in a fixed order, so that its bytes follow from its contents. */
async function toParquet(table: ForecastTable): Promise<Uint8Array> {
  const { ids, models, times, horizon, point, levels, quantiles, frequency } = table;
  const rows = point.length;
  const places = Float64Array.from({ length: rows }, (_, row) => Math.floor(row / horizon));
  const byLevel = levels.map((_, q) =>
    Float64Array.from({ length: rows }, (_, row) => quantiles[row * levels.length + q]!),
  );
  const ds =
    frequency.unit === 'index' ? 'CAST(c1 AS BIGINT)' : 'make_timestamp(CAST(c1 * 1000 AS BIGINT))';
  const values = [`ids.text`, ds, ...[point, ...byLevel].map((_, c) => `c${c + 2}`), 'models.text'];
  const selected = forecastColumns(levels).map((name, c) => `${values[c]} AS ${quoteName(name)}`);
  const folder = await mkdtemp(join(tmpdir(), 'agentic-forecast-tables-'));
  const path = join(folder, 'forecasts.parquet');
  try {
    await withDuckDB(
      async (connection) => {
        await appendTexts(connection, 'ids', ids);
        await appendTexts(connection, 'models', models);
        await appendNumbers(connection, 'forecasts', [places, times, point, ...byLevel], rows);
        await connection.run(
          `COPY (SELECT ${selected.join(', ')} FROM forecasts JOIN ids ON ids.rowid = c0
             JOIN models ON models.rowid = c0 ORDER BY forecasts.rowid)
           TO ${quotePath(path)} (FORMAT parquet, COMPRESSION zstd)`,
        );
      },
      { threads: 1 },
    );
    return await readFile(path);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
