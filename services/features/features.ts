/** Features: the derived inputs of a panel, leak-proof, as Parquet in the artifact store. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DOUBLE, DuckDBDataChunk, INTEGER, VARCHAR, type DuckDBConnection } from '@duckdb/node-api';
import {
  calendarColumns,
  lagColumn,
  rollingColumns,
  type DerivedColumn,
} from '../../series/derived.ts';
import type { Panel } from '../../series/panel.ts';
import type { Artifacts } from '../artifacts/artifacts.ts';
import { quoteName, quotePath, withDuckDB } from '../datasets/duckdb.ts';

/** A stored table of derived inputs. */
export interface StoredFeatures {
  readonly uri: string;
  /** Names of the derived columns; `unique_id`, `ds` and `y` stand before them. */
  readonly columns: string[];
  readonly rows: number;
}

export interface Features {
  /** Derives, stores and names the inputs; the same panel and season give the same artifact. */
  build(panel: Panel, plan: { readonly season: number }): Promise<StoredFeatures>;
}

/** Features kept in `artifacts`. */
export function createFeatures({ artifacts }: { artifacts: Artifacts }): Features {
  return {
    async build(panel, { season }) {
      const derived = deriveColumns(panel, season);
      const uri = await artifacts.put(await toParquet(panel, derived));
      return { uri, columns: derived.map(({ name }) => name), rows: panel.y.length };
    },
  };
}

/** Calendar positions, the last value, the last season's value, and rolling figures over one season. */
function deriveColumns(panel: Panel, season: number): DerivedColumn[] {
  const width = Math.max(season, 2);
  return [
    ...calendarColumns(panel),
    lagColumn(panel, 1),
    ...(season > 1 ? [lagColumn(panel, season)] : []),
    ...rollingColumns(panel, width),
  ];
}

/** One thread and the order of the rows make the bytes a function of the contents. */
async function toParquet(panel: Panel, derived: readonly DerivedColumn[]): Promise<Uint8Array> {
  const folder = await mkdtemp(join(tmpdir(), 'agentic-forecast-'));
  const file = join(folder, 'features.parquet');
  try {
    await withDuckDB(
      async (connection) => {
        await fill(connection, panel, derived);
        const names = derived.map(({ name }) => `f.${quoteName(name)}`).join(', ');
        const ds =
          panel.frequency.unit === 'index'
            ? 'f.time::BIGINT'
            : 'make_timestamp((f.time * 1000)::BIGINT)';
        await connection.run(
          `COPY (SELECT s.id AS unique_id, ${ds} AS ds, f.y, ${names}
                 FROM features f JOIN series s ON s.number = f.number ORDER BY f.position)
           TO ${quotePath(file)} (FORMAT parquet, COMPRESSION zstd)`,
        );
      },
      { threads: 1 },
    );
    return await readFile(file);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function fill(
  connection: DuckDBConnection,
  panel: Panel,
  derived: readonly DerivedColumn[],
): Promise<void> {
  const columns = derived.map(({ name }) => `${quoteName(name)} DOUBLE`).join(', ');
  await connection.run('CREATE TABLE series (number INTEGER, id VARCHAR)');
  await connection.run(
    `CREATE TABLE features (number INTEGER, position DOUBLE, time DOUBLE, y DOUBLE, ${columns})`,
  );
  const series = await connection.createAppender('series');
  appendInChunks(panel.ids.length, (from, to) => {
    const chunk = DuckDBDataChunk.create([INTEGER, VARCHAR], to - from);
    chunk.setColumnValues(0, range(from, to));
    chunk.setColumnValues(1, panel.ids.slice(from, to));
    series.appendDataChunk(chunk);
  });
  series.closeSync();
  const numbers = new Float64Array(panel.y.length);
  for (let i = 0; i < panel.ids.length; i++)
    numbers.fill(i, panel.offsets[i], panel.offsets[i + 1]);
  const values = [panel.time, panel.y, ...derived.map((column) => column.values)];
  const rows = await connection.createAppender('features');
  appendInChunks(panel.y.length, (from, to) => {
    const chunk = DuckDBDataChunk.create([INTEGER, DOUBLE, ...values.map(() => DOUBLE)], to - from);
    chunk.setColumnValues(0, [...numbers.subarray(from, to)]);
    chunk.setColumnValues(1, range(from, to));
    for (const [c, column] of values.entries()) {
      chunk.setColumnValues(
        c + 2,
        Array.from(column.subarray(from, to), (value) => (Number.isNaN(value) ? null : value)),
      );
    }
    rows.appendDataChunk(chunk);
  });
  rows.closeSync();
}

const chunkRows = 2048;

function appendInChunks(rows: number, append: (from: number, to: number) => void): void {
  for (let from = 0; from < rows; from += chunkRows) append(from, Math.min(rows, from + chunkRows));
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, k) => from + k);
}
