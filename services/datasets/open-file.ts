/** A file that is being read: its columns, the connection to read them with, and the log of what was repaired. */
import type { DuckDBConnection } from '@duckdb/node-api';
import type { RepairLog } from './repair-log.ts';
import type { Source } from './source.ts';

/** A file under way: everything that its readers share. */
export interface OpenFile {
  readonly path: string;
  readonly connection: DuckDBConnection;
  readonly source: Source;
  readonly log: RepairLog;
}
