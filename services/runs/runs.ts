/** The index of runs: one record each, made before the first node, and changed only by whoever holds the run's lease. */
import { assert, type ErrorCode, fail } from '../../state/errors.ts';
import type { RunRequest } from '../../state/request.ts';
import type { PanelSummary } from '../../state/run-state.ts';
import type { Database, Schema } from '../database/database.ts';
import { createLeaseCheck, createLeases, type Lease, type LeaseOptions } from './leases.ts';

export type { Lease, LeaseClaim } from './leases.ts';

/** `recorded` before its first node; `stopped` where its owner gave up or died. */
export type RunStatus = 'recorded' | 'running' | 'completed' | 'failed' | 'stopped';

/** One run as it is recorded; instants are ISO 8601 in UTC. */
export interface RunRecord {
  readonly id: string;
  readonly status: RunStatus;
  readonly request: RunRequest;
  /** The input as it was read and stored, so that nothing later depends on the file. */
  readonly panel: PanelSummary;
  /** Version of the workflow graph that the run is bound to. */
  readonly graphVersion: string;
  readonly forkOf: {
    readonly run: string;
    readonly decision: string;
    readonly choice: string;
  } | null;
  readonly createdAt: string;
  readonly updatedAt: string;
  /** How many processes have worked on it so far. */
  readonly attempts: number;
  readonly elapsedMs: number;
  readonly error: { readonly code: ErrorCode | (string & {}); readonly message: string } | null;
  /** Output folder. */
  readonly out: string;
}

/** What a new run is recorded with. */
export type RunDraft = Pick<
  RunRecord,
  'id' | 'request' | 'panel' | 'graphVersion' | 'forkOf' | 'out'
>;

/** What the holder of a run's lease may change. */
export type RunPatch = Partial<Pick<RunRecord, 'status' | 'elapsedMs' | 'error'>>;

/** The runs of one data directory. */
export interface Runs {
  /** Records a new run as `recorded`. Error: RUN_EXISTS. */
  create(draft: RunDraft): RunRecord;
  /** One run; a `running` one whose owner is dead is told as `stopped`. Error: RUN_UNKNOWN. */
  get(id: string): RunRecord;
  /** The newest `limit` runs, newest first; all if left out. */
  list(limit?: number): RunRecord[];
  /** Changes a record under the token of its lease. Errors: RUN_UNKNOWN, RUN_LEASE_LOST. */
  update(id: string, token: number, patch: RunPatch): RunRecord;
  /** Takes the run's lease and counts an attempt. Errors: RUN_UNKNOWN, RUN_OWNED while its owner lives. */
  acquire(id: string): Lease;
}

const schema: Schema = {
  name: 'runs',
  scripts: [
    'CREATE TABLE runs (seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, record TEXT NOT NULL)',
  ],
};

const idPattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;
const namedWhenUnknown = 5;

/** Opens the index of runs kept in `database`; `leaseMs` defaults to 10 s, `heartbeatMs` to 2 s. */
export function createRuns(database: Database, options: LeaseOptions): Runs {
  const leases = createLeases(database, options);
  const checkLease = createLeaseCheck(database);
  database.install(schema);
  const select = database.prepare<{ record: string }>('SELECT record FROM runs WHERE id = ?');
  const selectNewest = database.prepare<{ record: string }>(
    'SELECT record FROM runs ORDER BY seq DESC LIMIT ?',
  );
  const insert = database.prepare('INSERT INTO runs (id, record) VALUES (?, ?)');
  const replace = database.prepare('UPDATE runs SET record = ? WHERE id = ?');
  const now = (): string => new Date(options.clock()).toISOString();

  const newest = (limit: number): RunRecord[] =>
    selectNewest.all(limit).map(({ record }) => JSON.parse(record) as RunRecord);

  const read = (id: string): RunRecord => {
    const row = select.get(id);
    if (row !== undefined) return JSON.parse(row.record) as RunRecord;
    return fail('RUN_UNKNOWN', { run: id, known: newest(namedWhenUnknown).map((run) => run.id) });
  };

  const write = (record: RunRecord): RunRecord => {
    const changed = { ...record, updatedAt: now() };
    replace.run(JSON.stringify(changed), record.id);
    return changed;
  };

  const asFound = (record: RunRecord): RunRecord =>
    record.status === 'running' && !leases.isHeld(record.id)
      ? { ...record, status: 'stopped' }
      : record;

  return {
    create: (draft) => {
      assert(idPattern.test(draft.id), `"${draft.id}" is a run id`);
      const { id } = draft;
      const at = now();
      const beginning = { createdAt: at, updatedAt: at, attempts: 0, elapsedMs: 0, error: null };
      const record: RunRecord = { ...draft, status: 'recorded', ...beginning };
      return database.durableTransaction(() => {
        if (select.get(id) !== undefined) fail('RUN_EXISTS', { run: id });
        insert.run(id, JSON.stringify(record));
        return record;
      });
    },
    get: (id) => asFound(read(id)),
    list: (limit) => newest(limit ?? -1).map(asFound),
    update: (id, token, patch) =>
      database.durableTransaction(() => {
        const record = read(id);
        checkLease({ run: id, token });
        return write({ ...record, ...patch });
      }),
    acquire: (id) => {
      const token = database.transaction(() => {
        const record = read(id);
        const taken = leases.take(id);
        write({ ...record, attempts: record.attempts + 1 });
        return taken;
      });
      return leases.hold(id, token);
    },
  };
}
