/** What the tests of the saver have in common: savers in memory, checkpoints, and ways to look at them. */
import type { RunnableConfig } from '@langchain/core/runnables';
import type {
  ChannelVersions,
  Checkpoint,
  CheckpointMetadata,
} from '@langchain/langgraph-checkpoint';
import { expect } from 'vitest';
import { createSqliteSaver, type SqliteSaver } from '../../../services/checkpoints/sqlite-saver.ts';
import { type Database, openDatabase } from '../../../services/database/database.ts';

/** Matches the catalogued error `code`. */
export const failure = (code: string): unknown => expect.objectContaining({ code });
/** A new saver over a new database in memory. */
export const inMemory = (): { database: Database; saver: SqliteSaver } => {
  const database = openDatabase(':memory:');
  return { database, saver: createSqliteSaver(database) };
};

/** Configuration that names a checkpoint, or the latest of a thread. */
export const at = (thread: string, id?: string, ns = ''): RunnableConfig => ({
  configurable: { thread_id: thread, checkpoint_ns: ns, ...(id && { checkpoint_id: id }) },
});
/** Metadata of step `step`, with `rest` beside it. */
export const metadata = (step: number, rest: object = {}): CheckpointMetadata => ({
  source: 'loop',
  step,
  parents: {},
  ...rest,
});
/** A checkpoint that holds `values`, all in version 1 unless told. */
export const checkpoint = (
  id: string,
  values: Record<string, unknown> = {},
  versions: ChannelVersions = Object.fromEntries(Object.keys(values).map((name) => [name, 1])),
): Checkpoint => ({
  v: 4,
  id,
  ts: '2026-11-21T00:00:00.000Z',
  channel_values: values,
  channel_versions: versions,
  versions_seen: {},
});
/** Stores a checkpoint whose channels are all new. */
export const put = async (
  saver: SqliteSaver,
  config: RunnableConfig,
  made: Checkpoint,
  step = 0,
): Promise<RunnableConfig> => await saver.put(config, made, metadata(step), made.channel_versions);
/** Channel values of the checkpoint that `config` names. */
export const valuesOf = async (saver: SqliteSaver, config: RunnableConfig): Promise<unknown> =>
  (await saver.getTuple(config))?.checkpoint.channel_values;
/** Number of rows of a table. */
export const countRows = (database: Database, table: string): number =>
  database.prepare<{ n: number }>(`SELECT count(*) AS n FROM ${table}`).get()!.n;
/** Ids that `list` finds, in its order. */
export const idsOf = async (saver: SqliteSaver, ...args: Parameters<SqliteSaver['list']>) => {
  const ids: string[] = [];
  for await (const tuple of saver.list(...args)) ids.push(tuple.checkpoint.id);
  return ids;
};
