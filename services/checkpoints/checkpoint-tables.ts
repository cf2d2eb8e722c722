/** The tables of the checkpoint saver: checkpoints, pending writes, and each value once in its thread. Knows no LangGraph. */
import { createHash } from 'node:crypto';
import { fail } from '../../state/errors.ts';
import type { Database, Schema, SqlValue, Statement } from '../database/database.ts';

/** Where a value lies: a string is its JSON text itself, a number a row of the blob table. */
export type ValueReference = string | number;

/** Texts up to this length stay in the row that refers to them: a blob row and its index entry take about 120 bytes. */
const inlineLength = 64;

/** Names one checkpoint. */
export interface CheckpointKey {
  readonly thread: string;
  /** Namespace: empty for the outermost graph. */
  readonly ns: string;
  readonly id: string;
}

/** One checkpoint as stored. */
export interface CheckpointRow extends CheckpointKey {
  readonly parent: string | null;
  readonly metadata: string;
  /** JSON of a `CheckpointBody`. */
  readonly body: string;
}

/** A checkpoint without the values of its channels. */
export interface CheckpointBody {
  readonly v: number;
  readonly ts: string;
  /** Channel to version (null if it has none) and, if it holds a value, where that lies. */
  readonly channels: Readonly<
    Record<string, readonly [version: number | string | null, value?: ValueReference]>
  >;
  /** Node to the versions of its triggers that it has run on. */
  readonly seen: Record<string, Record<string, number | string>>;
}

/** One pending write as stored; `value` is null where it is undefined. */
export interface WriteRow {
  readonly task: string;
  readonly idx: number;
  readonly channel: string;
  readonly value: ValueReference | null;
}

/** Which checkpoints to find; what is undefined does not matter. */
export interface CheckpointQuery {
  readonly thread: string | undefined;
  readonly ns: string | undefined;
  readonly id: string | undefined;
  /** Only ids below this one. */
  readonly before: string | undefined;
}

/** Row-level access; methods that write are called inside a transaction. */
export interface CheckpointTables {
  find(key: CheckpointKey): CheckpointRow | undefined;
  findLatest(thread: string, ns: string): CheckpointRow | undefined;
  /** Row numbers of matching checkpoints, highest id first; the first `limit` of them, all if left out. */
  search(query: CheckpointQuery, limit?: number): number[];
  atRow(row: number): CheckpointRow | undefined;
  save(row: CheckpointRow): void;
  /** Pending writes of a checkpoint by task and index. */
  writesOf(key: CheckpointKey): WriteRow[];
  /** Adds a write; one with the same task and index stays as it is unless `replace`. */
  saveWrite(key: CheckpointKey, write: WriteRow, replace: boolean): void;
  /** Keeps a JSON text once in its thread. */
  saveValue(thread: string, json: string): ValueReference;
  /** The JSON text behind a reference. Error: STORE_CORRUPT where it is gone. */
  loadValue(reference: ValueReference): string;
  deleteThread(thread: string): void;
}

const schema: Schema = {
  name: 'checkpoints',
  scripts: [
    `CREATE TABLE checkpoints (
       row INTEGER PRIMARY KEY,
       thread TEXT NOT NULL,
       ns TEXT NOT NULL,
       id TEXT NOT NULL,
       parent TEXT,
       metadata TEXT NOT NULL,
       body TEXT NOT NULL,
       UNIQUE (thread, ns, id)
     );
     CREATE TABLE checkpoint_writes (
       thread TEXT NOT NULL,
       ns TEXT NOT NULL,
       checkpoint TEXT NOT NULL,
       task TEXT NOT NULL,
       idx INTEGER NOT NULL,
       channel TEXT NOT NULL,
       value,
       PRIMARY KEY (thread, ns, checkpoint, task, idx)
     ) WITHOUT ROWID;
     CREATE TABLE checkpoint_blobs (
       id INTEGER PRIMARY KEY,
       thread TEXT NOT NULL,
       hash BLOB NOT NULL,
       json TEXT NOT NULL,
       UNIQUE (thread, hash)
     );`,
  ],
};

/** Opens the tables kept in `database`. */
export function createCheckpointTables(database: Database): CheckpointTables {
  database.install(schema);
  const columns = 'SELECT thread, ns, id, parent, metadata, body FROM checkpoints';
  const find = database.prepare<CheckpointRow>(`${columns} WHERE thread = ? AND ns = ? AND id = ?`);
  const findLatest = database.prepare<CheckpointRow>(
    `${columns} WHERE thread = ? AND ns = ? ORDER BY id DESC LIMIT 1`,
  );
  const atRow = database.prepare<CheckpointRow>(`${columns} WHERE row = ?`);
  const save = database.prepare(
    `INSERT INTO checkpoints (thread, ns, id, parent, metadata, body) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT (thread, ns, id) DO UPDATE SET parent = excluded.parent,
       metadata = excluded.metadata, body = excluded.body`,
  );
  const writesOf = database.prepare<WriteRow>(
    `SELECT task, idx, channel, value FROM checkpoint_writes
     WHERE thread = ? AND ns = ? AND checkpoint = ? ORDER BY task, idx`,
  );
  const addWrite = database.prepare(
    'INSERT OR IGNORE INTO checkpoint_writes VALUES (?, ?, ?, ?, ?, ?, ?)',
  );
  const replaceWrite = database.prepare(
    'INSERT OR REPLACE INTO checkpoint_writes VALUES (?, ?, ?, ?, ?, ?, ?)',
  );
  const removals = ['checkpoints', 'checkpoint_writes', 'checkpoint_blobs'].map((table) =>
    database.prepare(`DELETE FROM ${table} WHERE thread = ?`),
  );

  return {
    find: ({ thread, ns, id }) => find.get(thread, ns, id),
    findLatest: (thread, ns) => findLatest.get(thread, ns),
    search: createSearch(database),
    atRow: (row) => atRow.get(row),
    save: ({ thread, ns, id, parent, metadata, body }) => {
      save.run(thread, ns, id, parent, metadata, body);
    },
    writesOf: ({ thread, ns, id }) => writesOf.all(thread, ns, id),
    saveWrite: ({ thread, ns, id }, { task, idx, channel, value }, replace) => {
      (replace ? replaceWrite : addWrite).run(thread, ns, id, task, idx, channel, value);
    },
    ...createValues(database),
    deleteThread: (thread) => {
      for (const removal of removals) removal.run(thread);
    },
  };
}

/** Values belong to one thread, so that a deleted thread takes all of its own and no other's with it. */
function createValues(database: Database): Pick<CheckpointTables, 'saveValue' | 'loadValue'> {
  const find = database.prepare<{ id: number }>(
    'SELECT id FROM checkpoint_blobs WHERE thread = ? AND hash = ?',
  );
  const add = database.prepare<{ id: number }>(
    'INSERT INTO checkpoint_blobs (thread, hash, json) VALUES (?, ?, ?) RETURNING id',
  );
  const load = database.prepare<{ json: string }>('SELECT json FROM checkpoint_blobs WHERE id = ?');
  return {
    saveValue: (thread, json) => {
      if (json.length <= inlineLength) return json;
      const hash = createHash('sha256').update(json).digest();
      return (find.get(thread, hash) ?? add.get(thread, hash, json))!.id;
    },
    loadValue: (reference) => {
      if (typeof reference === 'string') return reference;
      const problem = `checkpoint value ${reference} is gone`;
      return load.get(reference)?.json ?? fail('STORE_CORRUPT', { path: database.path, problem });
    },
  };
}

/** One statement per combination of conditions; names in SQL are from this file, values are always bound. */
function createSearch(database: Database): CheckpointTables['search'] {
  const conditions = {
    thread: 'thread = ?',
    ns: 'ns = ?',
    id: 'id = ?',
    before: 'id < ?',
  } as const;
  const names = ['thread', 'ns', 'id', 'before'] as const;
  const prepared = new Map<string, Statement<{ row: number }>>();
  return (query, limit) => {
    const used = names.filter((name) => query[name] !== undefined);
    const where = used.map((name) => conditions[name]).join(' AND ') || 'TRUE';
    const statement =
      prepared.get(where) ??
      database.prepare<{ row: number }>(
        `SELECT row FROM checkpoints WHERE ${where} ORDER BY id DESC, row DESC LIMIT ?`,
      );
    prepared.set(where, statement);
    const values: SqlValue[] = used.map((name) => query[name]!);
    return statement.all(...values, limit ?? -1).map(({ row }) => row);
  };
}
