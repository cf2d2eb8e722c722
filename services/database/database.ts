/** The embedded SQLite database that services share: opening it, their schemas, and driver errors in the catalogue's words. */
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import BetterSqlite3 from 'better-sqlite3';
import { fail } from '../../state/errors.ts';
import { guardFile } from '../artifacts/file-errors.ts';
import { mapDriverError } from './driver-errors.ts';

/** What a statement takes and a column holds. */
export type SqlValue = string | number | bigint | Uint8Array | null;

/** A prepared statement; every call may fail with STORE_LOCKED, STORE_FULL, STORE_CORRUPT or STORE_UNWRITABLE. */
export interface Statement<Row> {
  /** The first row, if any. */
  get(...values: SqlValue[]): Row | undefined;
  /** All rows. */
  all(...values: SqlValue[]): Row[];
  /** Executes and gives the number of rows changed. */
  run(...values: SqlValue[]): number;
}

/** The tables of one service. Version n of them is what the first n scripts make; a published script never changes. */
export interface Schema {
  readonly name: string;
  readonly scripts: readonly string[];
}

/** One connection; a process opens one and gives it to its services. */
export interface Database {
  readonly path: string;
  /** Brings the tables of a service to its latest version. Error: STORE_TOO_NEW where a newer release made them. */
  install(schema: Schema): void;
  /** Prepares `sql` once, for many calls. */
  prepare<Row>(sql: string): Statement<Row>;
  /** Runs `work` as one transaction that holds the write lock from its start; inside another, as a part of that one. */
  transaction<T>(work: () => T): T;
  /** The same, and what it has written, with all that was written before, outlives a power cut once it returns. */
  durableTransaction<T>(work: () => T): T;
  close(): void;
}

/** How a connection behaves. */
export interface DatabaseOptions {
  /** How long a statement waits for another process's lock before STORE_LOCKED. */
  readonly busyTimeoutMs?: number;
  /** Bound on the size of the file; STORE_FULL beyond. SQLite's own bound if left out. */
  readonly maximumBytes?: number;
}

/**
 * Opens the database at `path`, making it and its folder if needed; `:memory:` opens one that is never stored. Write-ahead
 * log with `synchronous` NORMAL: a commit outlives the process, and a power cut takes the last ones at most, after which
 * the database is still whole. FULL for all would cost a superstep of a workflow two waits for the disk, 0.2 ms each
 * on a quiet disk and 1 ms on a busy one, which is more than all else that it does; `durableTransaction` waits once, for
 * those who promise more.
 */
export function openDatabase(path: string, options: DatabaseOptions = {}): Database {
  guardFile(path, () => mkdirSync(dirname(path), { recursive: true, mode: 0o700 }));
  const guard = <T>(work: () => T): T => {
    try {
      return work();
    } catch (error) {
      return mapDriverError(path, error);
    }
  };
  const connection = guard(() => connect(path, options));
  const runTransaction = connection.transaction((work: () => unknown) => work());

  const database: Database = {
    path,
    install: (schema) => install(database, schema, (script) => connection.exec(script)),
    prepare: <Row>(sql: string) => {
      const statement = guard(() => connection.prepare<SqlValue[], Row>(sql));
      return {
        get: (...values) => guard(() => statement.get(...values)),
        all: (...values) => guard(() => statement.all(...values)),
        run: (...values) => guard(() => statement.run(...values).changes),
      };
    },
    transaction: <T>(work: () => T) => guard(() => runTransaction.immediate(work) as T),
    durableTransaction: <T>(work: () => T) =>
      guard(() => {
        connection.pragma('synchronous = FULL');
        try {
          return runTransaction.immediate(work) as T;
        } finally {
          connection.pragma('synchronous = NORMAL');
        }
      }),
    close: () => {
      guard(() => connection.close());
    },
  };
  return database;
}

function connect(path: string, options: DatabaseOptions): BetterSqlite3.Database {
  const connection = new BetterSqlite3(path, { timeout: options.busyTimeoutMs ?? 5000 });
  try {
    connection.pragma('journal_mode = WAL');
    connection.pragma('synchronous = NORMAL');
    connection.pragma('foreign_keys = ON');
    if (options.maximumBytes !== undefined) {
      const pageBytes = Number(connection.pragma('page_size', { simple: true }));
      connection.pragma(
        `max_page_count = ${Math.max(1, Math.floor(options.maximumBytes / pageBytes))}`,
      );
    }
    connection.exec(
      'CREATE TABLE IF NOT EXISTS schema_versions (name TEXT PRIMARY KEY, version INTEGER NOT NULL)',
    );
  } catch (error) {
    connection.close();
    throw error;
  }
  return connection;
}

function install(database: Database, schema: Schema, execute: (script: string) => void): void {
  const { name, scripts } = schema;
  const recorded = database.prepare<{ version: number }>(
    'SELECT version FROM schema_versions WHERE name = ?',
  );
  const known = scripts.length;
  if (recorded.get(name)?.version === known) return;
  database.transaction(() => {
    const found = recorded.get(name)?.version ?? 0;
    if (found > known) {
      fail('STORE_TOO_NEW', { path: database.path, schema: name, found, known });
    }
    for (const script of scripts.slice(found)) execute(script);
    database
      .prepare(
        'INSERT INTO schema_versions VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET version = excluded.version',
      )
      .run(name, known);
  });
}
