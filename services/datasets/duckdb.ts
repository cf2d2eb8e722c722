/** DuckDB for one task at a time: an in-memory instance, safe quoting, and columns out as typed arrays. */
import { tmpdir } from 'node:os';
import {
  DOUBLE,
  DuckDBDataChunk,
  DuckDBInstance,
  VARCHAR,
  type DuckDBConnection,
} from '@duckdb/node-api';

export interface DuckDBOptions {
  /** Threads; 1 makes the bytes of written files a function of their contents. All processors if left out. */
  readonly threads?: number;
}

/** Runs `work` on a fresh in-memory instance in UTC and closes the instance, whatever happens. */
export async function withDuckDB<T>(
  work: (connection: DuckDBConnection) => Promise<T>,
  options: DuckDBOptions = {},
): Promise<T> {
  const instance = await DuckDBInstance.create(':memory:', {
    ...(options.threads === undefined ? {} : { threads: String(options.threads) }),
    temp_directory: tmpdir(),
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
  });
  const connection = await instance.connect();
  try {
    await connection.run("SET TimeZone = 'UTC'");
    return await work(connection);
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

/** `name` as an SQL identifier, whatever it holds. */
export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** `text` as an SQL string literal, whatever it holds. */
export function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** `path` as a string literal that names this one file, although the table functions read patterns. */
export function quotePath(path: string): string {
  return quoteText(path.replace(/[*?[]/g, '[$&]'));
}

/** Rows of text (or null) of a query for texts, numbers and truth values; for small results only. */
export async function readText(
  connection: DuckDBConnection,
  sql: string,
): Promise<(string | null)[][]> {
  const reader = await connection.runAndReadAll(sql);
  return reader
    .getRowsJson()
    .map((row) =>
      row.map((cell) => (cell === null ? null : String(cell as string | number | boolean))),
    );
}

/** Takes the next rows of a query: one array per column, valid during the call only. */
export type TakeChunk = (columns: readonly Float64Array[]) => void;

/**
 * Runs a query of `width` columns of type DOUBLE without NULLs and hands its rows on, some thousand at a time. They come in
 * the order of the table or file as long as the query only scans and projects; joins, which long IN lists also become, break it.
 * Gives the number of rows; an error in the middle of a stream may look like its end, so callers compare it.
 */
export async function streamDoubles(
  connection: DuckDBConnection,
  sql: string,
  width: number,
  take: TakeChunk,
): Promise<number> {
  let total = 0;
  const result = await connection.stream(sql);
  for (let chunk = await result.fetchChunk(); chunk?.rowCount; chunk = await result.fetchChunk()) {
    const rows = chunk.rowCount;
    const columns = Array.from({ length: width }, (_, c) => {
      // The public accessors copy cell by cell; the typed array below them is ten times faster.
      const vector = chunk.getColumnVector(c) as unknown as { readonly items: Float64Array };
      return vector.items.subarray(0, rows);
    });
    take(columns);
    total += rows;
  }
  return total;
}

const chunkRows = 2048;

/** Makes `table` of the DOUBLE columns c0, c1, ... and fills it with `rows` rows in order; NaN stays NaN. */
export async function appendNumbers(
  connection: DuckDBConnection,
  table: string,
  columns: readonly Float64Array[],
  rows: number,
): Promise<void> {
  const definition = columns.map((_, c) => `c${c} DOUBLE`).join(', ');
  await connection.run(`CREATE TABLE ${quoteName(table)} (${definition})`);
  const appender = await connection.createAppender(table);
  const chunk = DuckDBDataChunk.create(
    columns.map(() => DOUBLE),
    chunkRows,
  );
  for (let at = 0; at < rows; at += chunkRows) {
    chunk.rowCount = Math.min(chunkRows, rows - at);
    for (const [c, values] of columns.entries()) {
      const vector = chunk.getColumnVector(c);
      (vector as unknown as { readonly items: Float64Array }).items.set(
        values.subarray(at, at + chunk.rowCount),
      );
      vector.flush();
    }
    appender.appendDataChunk(chunk);
  }
  appender.closeSync();
}

/** Makes `table` of one VARCHAR column `text` and fills it in order. */
export async function appendTexts(
  connection: DuckDBConnection,
  table: string,
  texts: readonly string[],
): Promise<void> {
  await connection.run(`CREATE TABLE ${quoteName(table)} (text VARCHAR)`);
  const appender = await connection.createAppender(table);
  for (let at = 0; at < texts.length; at += chunkRows) {
    const part = texts.slice(at, at + chunkRows);
    const chunk = DuckDBDataChunk.create([VARCHAR], part.length);
    chunk.setColumnValues(0, part);
    appender.appendDataChunk(chunk);
  }
  appender.closeSync();
}
