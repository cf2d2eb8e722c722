/** Leases: who works on a run, under a token that grows with every owner, so that a late writer is told apart. */
import { assert, fail, isForecastError } from '../../state/errors.ts';
import type { Database, Schema } from '../database/database.ts';
import { isProcessAlive, processStart } from './processes.ts';

/** The right to write to a run; passed to the checkpoint saver as `configurable.lease`. */
export interface LeaseClaim {
  readonly run: string;
  readonly token: number;
}

/** A held lease; its heartbeat does not keep the process alive. */
export interface Lease extends LeaseClaim {
  /** `host:pid`. */
  readonly owner: string;
  /** Gives the run back; may be called twice. */
  release(): void;
  /** Whether a heartbeat found that another owner has the run. */
  lost(): boolean;
}

/** What a lease needs to know about the world. */
export interface LeaseOptions {
  /** Epoch milliseconds. */
  readonly clock: () => number;
  readonly host: string;
  readonly pid: number;
  /** Silence after which an owner counts as dead. */
  readonly leaseMs?: number;
  readonly heartbeatMs?: number;
}

/** The leases of one database. */
export interface Leases {
  /** Takes the run, inside a transaction of the caller, and gives the new token. Error: RUN_OWNED while its owner lives. */
  take(run: string): number;
  /** Keeps a taken run by a heartbeat until it is released. */
  hold(run: string, token: number): Lease;
  /** Whether a living process holds the run. */
  isHeld(run: string): boolean;
}

interface LeaseRow {
  readonly token: number;
  readonly host: string | null;
  readonly pid: number;
  readonly started: string | null;
  readonly beatAt: number;
}

const schema: Schema = {
  name: 'leases',
  scripts: [
    `CREATE TABLE leases (
       run TEXT PRIMARY KEY,
       token INTEGER NOT NULL,
       host TEXT,
       pid INTEGER NOT NULL,
       started TEXT,
       beat_at INTEGER NOT NULL
     ) WITHOUT ROWID`,
  ],
};

const selectLease = 'SELECT token, host, pid, started, beat_at AS beatAt FROM leases WHERE run = ?';

const ownerOf = (row: LeaseRow | undefined): string =>
  row === undefined || row.host === null ? 'another process' : `${row.host}:${row.pid}`;

/** Makes the check that a writer calls inside its transaction. Error: RUN_LEASE_LOST unless the claim is the current one. */
export function createLeaseCheck(database: Database): (claim: LeaseClaim) => void {
  database.install(schema);
  const select = database.prepare<LeaseRow>(selectLease);
  return ({ run, token }) => {
    const current = select.get(run);
    if (current?.token !== token) fail('RUN_LEASE_LOST', { run, owner: ownerOf(current) });
  };
}

/** Opens the leases kept in `database`. */
export function createLeases(database: Database, options: LeaseOptions): Leases {
  const { clock, host, pid, leaseMs = 10_000, heartbeatMs = 2000 } = options;
  assert(heartbeatMs < leaseMs, 'a lease outlives its heartbeat');
  database.install(schema);
  const select = database.prepare<LeaseRow>(selectLease);
  const take = database.prepare(
    `INSERT INTO leases (run, token, host, pid, started, beat_at) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT (run) DO UPDATE SET token = excluded.token, host = excluded.host,
       pid = excluded.pid, started = excluded.started, beat_at = excluded.beat_at`,
  );
  const beat = database.prepare('UPDATE leases SET beat_at = ? WHERE run = ? AND token = ?');
  const free = database.prepare('UPDATE leases SET host = NULL WHERE run = ? AND token = ?');

  const isLive = (row: LeaseRow | undefined): boolean => {
    if (row === undefined || row.host === null) return false;
    if (row.host === host && !isProcessAlive(row.pid, row.started)) return false;
    return clock() - row.beatAt <= leaseMs;
  };

  const hold = (run: string, token: number): Lease => {
    let isLost = false;
    const timer = setInterval(() => {
      if (!tryBeat(() => beat.run(clock(), run, token) > 0)) {
        isLost = true;
        clearInterval(timer);
      }
    }, heartbeatMs);
    timer.unref();
    return {
      run,
      owner: `${host}:${pid}`,
      token,
      release: () => {
        clearInterval(timer);
        free.run(run, token);
      },
      lost: () => isLost,
    };
  };

  return {
    take: (run) => {
      const current = select.get(run);
      if (isLive(current)) fail('RUN_OWNED', { run, owner: ownerOf(current) });
      const token = (current?.token ?? 0) + 1;
      take.run(run, token, host, pid, processStart(pid), clock());
      return token;
    },
    hold,
    isHeld: (run) => isLive(select.get(run)),
  };
}

/** A beat that the store refuses is not a lost lease: the next one tries again, and every write checks the token. */
function tryBeat(beat: () => boolean): boolean {
  try {
    return beat();
  } catch (error) {
    if (isForecastError(error)) return true;
    throw error;
  }
}
