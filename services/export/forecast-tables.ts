/** Forecast tables: forecasts.csv and forecasts.parquet, the same bytes for the same forecast. */
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { formatTime } from '../../series/format-time.ts';
import type { Frequency } from '../../series/frequency.ts';
import { writeFileAtomic } from '../artifacts/atomic-file.ts';
import { quotePath, withDuckDB } from '../datasets/duckdb.ts';

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
  const csv = join(folder, 'forecasts.csv');
  const files = [{ name: 'forecasts.csv', bytes: new TextEncoder().encode(formatCsv(table)) }];
  await writeFileAtomic(csv, files[0]!.bytes);
  const bytes = await toParquet(csv, table);
  await writeFileAtomic(join(folder, 'forecasts.parquet'), bytes);
  return [...files, { name: 'forecasts.parquet', bytes }];
}

/** The CSV file as Parquet, by one thread, so that its bytes follow from its contents. */
async function toParquet(csv: string, { levels, frequency }: ForecastTable): Promise<Uint8Array> {
  const time = frequency.unit === 'index' ? 'BIGINT' : 'TIMESTAMP';
  const types = forecastColumns(levels)
    .map((name) => {
      const type =
        name === 'ds' ? time : name === 'unique_id' || name === 'model' ? 'VARCHAR' : 'DOUBLE';
      return `'${name}': '${type}'`;
    })
    .join(', ');
  const target = `${csv}.parquet-${process.pid}`;
  try {
    await withDuckDB(
      (connection) =>
        connection.run(
          `COPY (SELECT * FROM read_csv(${quotePath(csv)}, header = true, delim = ',', quote = '"', escape = '"', nullstr = '', columns = {${types}}))
           TO ${quotePath(target)} (FORMAT parquet, COMPRESSION zstd)`,
        ),
      { threads: 1 },
    );
    return await readFile(target);
  } finally {
    await rm(target, { force: true });
  }
}
