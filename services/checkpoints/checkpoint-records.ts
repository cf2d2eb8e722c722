/** Turns LangGraph's checkpoints into rows and back: values apart from the rest, each validated on its way in and out. */
import type { RunnableConfig } from '@langchain/core/runnables';
import {
  type ChannelVersions,
  type Checkpoint,
  type CheckpointMetadata,
  type CheckpointPendingWrite,
  type CheckpointTuple,
  maxChannelVersion,
  type PendingWrite,
  TASKS,
  WRITES_IDX_MAP,
} from '@langchain/langgraph-checkpoint';
import type {
  CheckpointBody,
  CheckpointKey,
  CheckpointRow,
  CheckpointTables,
  ValueReference,
} from './checkpoint-tables.ts';
import { decodeState, encodeState } from './codec.ts';

/** Called with every channel value that is stored or loaded; throws where it does not match its schema. */
export type ValidateChannel = (channel: string, value: unknown) => void;

/** Whole checkpoints and lists of writes; methods that save are called inside a transaction. */
export interface CheckpointRecords {
  save(draft: CheckpointDraft): void;
  saveWrites(key: CheckpointKey, writes: readonly PendingWrite[], task: string): void;
  load(row: CheckpointRow): CheckpointTuple;
  loadMetadata(row: CheckpointRow): CheckpointMetadata;
}

/** A checkpoint as LangGraph hands it over. */
export interface CheckpointDraft {
  readonly thread: string;
  readonly ns: string;
  readonly parent: string | null;
  readonly checkpoint: Checkpoint;
  readonly metadata: CheckpointMetadata;
  /** Versions of the channels that changed since the parent. */
  readonly newVersions: ChannelVersions;
}

type Channels = CheckpointBody['channels'];
type Channel = Channels[string];

/** LangGraph's name for a checkpoint. */
export function configOf({ thread, ns, id }: CheckpointKey): RunnableConfig {
  return { configurable: { thread_id: thread, checkpoint_ns: ns, checkpoint_id: id } };
}

/** Opens the records in `tables`; `store` is the path that messages name. */
export function createCheckpointRecords(
  tables: CheckpointTables,
  store: string,
  validateChannel: ValidateChannel,
): CheckpointRecords {
  return {
    ...createWriting(tables, store, validateChannel),
    ...createReading(tables, store, validateChannel),
  };
}

function createWriting(
  tables: CheckpointTables,
  store: string,
  validateChannel: ValidateChannel,
): Pick<CheckpointRecords, 'save' | 'saveWrites'> {
  const parentChannels = ({ thread, ns, parent }: CheckpointDraft): Channels => {
    const row = parent === null ? undefined : tables.find({ thread, ns, id: parent });
    return row === undefined ? {} : bodyOf(row, store).channels;
  };

  /** An unchanged channel refers to its parent's value, so that it costs neither time nor space. */
  const saveChannel = (name: string, draft: CheckpointDraft, inherited: Channels): Channel => {
    const { channel_values: values, channel_versions: versions } = draft.checkpoint;
    const version = own(versions, name) ?? null;
    const value = own(values, name);
    if (value === undefined) return [version];
    if (!Object.hasOwn(draft.newVersions, name)) {
      const kept = own(inherited, name);
      if (kept?.[1] !== undefined && kept[0] === version) return kept;
      if (!isCopy(draft)) return [version];
    }
    validateChannel(name, value);
    return [version, tables.saveValue(draft.thread, encodeState(value, name))];
  };

  return {
    save: (draft) => {
      const { thread, ns, parent, checkpoint } = draft;
      const { id, v, ts, versions_seen: seen } = checkpoint;
      const inherited = parentChannels(draft);
      const names = Object.keys({ ...checkpoint.channel_versions, ...checkpoint.channel_values });
      const channels = names.map((name) => [name, saveChannel(name, draft, inherited)] as const);
      const body: CheckpointBody = { v, ts, channels: Object.fromEntries(channels), seen };
      const metadata = encodeState(draft.metadata, 'metadata');
      tables.save({ thread, ns, id, parent, metadata, body: encodeState(body, 'checkpoint') });
    },
    saveWrites: (key, writes, task) => {
      for (const [position, [channel, value]] of writes.entries()) {
        const special = WRITES_IDX_MAP[channel];
        const stored =
          value === undefined ? null : tables.saveValue(key.thread, encodeState(value, channel));
        const write = { task, idx: special ?? position, channel, value: stored };
        tables.saveWrite(key, write, special !== undefined);
      }
    },
  };
}

function createReading(
  tables: CheckpointTables,
  store: string,
  validateChannel: ValidateChannel,
): Pick<CheckpointRecords, 'load' | 'loadMetadata'> {
  const loadValue = (reference: ValueReference): unknown =>
    decodeState(tables.loadValue(reference), store);

  const loadWrites = (key: CheckpointKey): CheckpointPendingWrite[] =>
    tables
      .writesOf(key)
      .map(({ task, channel, value }) => [
        task,
        channel,
        value === null ? undefined : loadValue(value),
      ]);

  const loadCheckpoint = (row: CheckpointRow): Checkpoint => {
    const { v, ts, channels, seen } = bodyOf(row, store);
    const values: [string, unknown][] = [];
    const versions: [string, number | string][] = [];
    for (const [name, [version, reference]] of Object.entries(channels)) {
      if (version !== null) versions.push([name, version]);
      if (reference === undefined) continue;
      const value = loadValue(reference);
      validateChannel(name, value);
      values.push([name, value]);
    }
    const channel_values = Object.fromEntries(values);
    const channel_versions = Object.fromEntries(versions);
    return { v, id: row.id, ts, channel_values, channel_versions, versions_seen: seen };
  };

  const loadMetadata = (row: CheckpointRow): CheckpointMetadata =>
    decodeState(row.metadata, store) as CheckpointMetadata;

  return {
    load: (row) => {
      const parent = row.parent === null ? undefined : { ...row, id: row.parent };
      const checkpoint = loadCheckpoint(row);
      const isOld = checkpoint.v < 4 && parent !== undefined;
      return {
        config: configOf(row),
        checkpoint: isOld ? withSends(checkpoint, loadWrites(parent)) : checkpoint,
        metadata: loadMetadata(row),
        pendingWrites: loadWrites(row),
        ...(parent && { parentConfig: configOf(parent) }),
      };
    },
    loadMetadata,
  };
}

/** Formats before 4 kept the packets of a fan-out only among the parent's writes. */
function withSends(checkpoint: Checkpoint, writes: CheckpointPendingWrite[]): Checkpoint {
  const sends = writes.filter(([, channel]) => channel === TASKS).map(([, , value]) => value);
  const versions = Object.values(checkpoint.channel_versions);
  const version = versions.length > 0 ? maxChannelVersion(...versions) : 1;
  return {
    ...checkpoint,
    channel_values: { ...checkpoint.channel_values, [TASKS]: sends },
    channel_versions: { ...checkpoint.channel_versions, [TASKS]: version },
  };
}

function bodyOf(row: CheckpointRow, store: string): CheckpointBody {
  return decodeState(row.body, store) as CheckpointBody;
}

/** Whether values may come from elsewhere than the parent: then they are stored even if none is called new. */
function isCopy({ parent, metadata }: CheckpointDraft): boolean {
  return parent !== null || metadata.source === 'fork';
}

function own<T>(record: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}
