/** LangGraph's checkpoints in SQLite: plain JSON, each value once in its thread, writes fenced by the run's lease. */
import type { RunnableConfig } from '@langchain/core/runnables';
import {
  BaseCheckpointSaver,
  type ChannelVersions,
  type Checkpoint,
  type CheckpointListOptions,
  type CheckpointMetadata,
  type CheckpointTuple,
  getCheckpointId,
  type PendingWrite,
  type SerializerProtocol,
} from '@langchain/langgraph-checkpoint';
import { assert } from '../../state/errors.ts';
import type { Database } from '../database/database.ts';
import { createLeaseCheck, type LeaseClaim } from '../runs/leases.ts';
import {
  type CheckpointRecords,
  configOf,
  createCheckpointRecords,
  type ValidateChannel,
} from './checkpoint-records.ts';
import { type CheckpointTables, createCheckpointTables } from './checkpoint-tables.ts';
import { decodeState, encodeState } from './codec.ts';
import { createMetadataFilter } from './metadata-filter.ts';
import { copyThread } from './thread-copy.ts';

/** What a saver checks beside what it must. */
export interface SqliteSaverOptions {
  readonly validateChannel?: ValidateChannel;
}

/** Makes the saver that keeps its checkpoints in `database`. */
export function createSqliteSaver(
  database: Database,
  options: SqliteSaverOptions = {},
): SqliteSaver {
  return new SqliteSaver(database, options);
}

/**
 * A LangGraph checkpoint saver; made by `createSqliteSaver`. Any method may fail with the STORE errors of the database,
 * with STATE_NOT_PLAIN, and with what `validateChannel` throws. Under `configurable.lease` = { run, token }, `put` and
 * `putWrites` fail with RUN_LEASE_LOST unless that is the run's current lease, checked in the transaction that writes.
 */
export class SqliteSaver extends BaseCheckpointSaver {
  readonly #database: Database;
  readonly #tables: CheckpointTables;
  readonly #records: CheckpointRecords;
  readonly #checkLease: (claim: LeaseClaim) => void;

  constructor(database: Database, { validateChannel = () => undefined }: SqliteSaverOptions) {
    super(createSerializer(database.path));
    this.#database = database;
    this.#tables = createCheckpointTables(database);
    this.#records = createCheckpointRecords(this.#tables, database.path, validateChannel);
    this.#checkLease = createLeaseCheck(database);
  }

  /** The checkpoint that `config` names, or the one with the highest id in its thread and namespace. */
  override async getTuple(config: RunnableConfig): Promise<CheckpointTuple | undefined> {
    const { thread_id: thread, checkpoint_ns: ns = '' } = config.configurable ?? {};
    if (thread === undefined) return undefined;
    const id = getCheckpointId(config);
    const row = id ? this.#tables.find({ thread, ns, id }) : this.#tables.findLatest(thread, ns);
    return row && this.#records.load(row);
  }

  /**
   * Checkpoints with the highest id first, each read when it is asked for. `filter` is always applied, to the metadata.
   * Error: CHECKPOINT_FILTER_INVALID.
   */
  override async *list(
    config: RunnableConfig,
    { limit, before, filter }: CheckpointListOptions = {},
  ): AsyncGenerator<CheckpointTuple> {
    const matches = createMetadataFilter(filter);
    const { thread_id: thread, checkpoint_ns: ns } = config.configurable ?? {};
    const id = getCheckpointId(config) || undefined;
    const query = { thread, ns, id, before: (before && getCheckpointId(before)) || undefined };
    let left = limit ?? Number.POSITIVE_INFINITY;
    for (const number of this.#tables.search(query, filter === undefined ? limit : undefined)) {
      if (left <= 0) return;
      const row = this.#tables.atRow(number);
      if (row === undefined || !matches(this.#records.loadMetadata(row))) continue;
      left -= 1;
      yield this.#records.load(row);
    }
  }

  /** Stores a checkpoint; a channel that is not in `newVersions` keeps its parent's value. */
  override async put(
    config: RunnableConfig,
    checkpoint: Checkpoint,
    metadata: CheckpointMetadata,
    newVersions: ChannelVersions,
  ): Promise<RunnableConfig> {
    const { checkpoint_ns: ns = '', checkpoint_id: parent = null } = config.configurable ?? {};
    const thread = threadOf(config);
    this.#write(config, () =>
      this.#records.save({ thread, ns, parent, checkpoint, metadata, newVersions }),
    );
    return configOf({ thread, ns, id: checkpoint.id });
  }

  /** Stores what a task wrote, all or nothing. What it wrote before stays, except errors, interrupts and their answers. */
  override async putWrites(
    config: RunnableConfig,
    writes: PendingWrite[],
    taskId: string,
  ): Promise<void> {
    const { checkpoint_ns: ns = '', checkpoint_id: id } = config.configurable ?? {};
    const thread = threadOf(config);
    assert(typeof id === 'string' && id !== '', 'configurable.checkpoint_id names a checkpoint');
    this.#write(config, () => this.#records.saveWrites({ thread, ns, id }, writes, taskId));
  }

  /** Deletes the checkpoints, writes and values of a thread. */
  override async deleteThread(threadId: string): Promise<void> {
    this.#database.transaction(() => this.#tables.deleteThread(threadId));
  }

  /**
   * Copies checkpoint `checkpointId` of the outermost graph and its ancestors into `toThread` under the same ids, without
   * the checkpoint's pending writes, so that `toThread` goes on from there. Copying again changes nothing.
   */
  copyThread(fromThread: string, checkpointId: string, toThread: string): void {
    this.#database.transaction(() => copyThread(this.#tables, fromThread, checkpointId, toThread));
  }

  #write(config: RunnableConfig, work: () => void): void {
    const lease = config.configurable?.['lease'] as LeaseClaim | undefined;
    this.#database.transaction(() => {
      if (lease !== undefined) this.#checkLease(lease);
      work();
    });
  }
}

function threadOf(config: RunnableConfig): string {
  const thread: unknown = config.configurable?.['thread_id'];
  assert(typeof thread === 'string' && thread !== '', 'configurable.thread_id names a thread');
  return thread;
}

/** For whoever asks the saver for its serialiser; LangGraph's own revives objects from markers in the data. */
function createSerializer(store: string): SerializerProtocol {
  return {
    dumpsTyped: async (value: unknown) => [
      'json',
      new TextEncoder().encode(encodeState(value, 'value')),
    ],
    loadsTyped: async (_type, data) =>
      decodeState(typeof data === 'string' ? data : new TextDecoder().decode(data), store),
  };
}
