/** Run records and leases: one owner at a time, a dead one replaced, a late one refused. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import BetterSqlite3 from 'better-sqlite3';
import { describe, expect, it, vi } from 'vitest';
import { type Database, openDatabase } from '../../../services/database/database.ts';
import type { LeaseOptions } from '../../../services/runs/leases.ts';
import { isProcessAlive, processStart } from '../../../services/runs/processes.ts';
import { createRuns, type Runs } from '../../../services/runs/runs.ts';
import { childProgram, finish } from '../child-program.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { runDraft } from './run-draft.ts';

const folder = temporaryFolder('runs');
const failure = (code: string): unknown => expect.objectContaining({ code });
const startMs = Date.parse('2026-11-21T00:00:00.000Z');

/** Runs over one database as processes see them that differ in host or number. */
function world(): {
  database: Database;
  clock: { ms: number };
  runsOf: (o?: Partial<LeaseOptions>) => Runs;
} {
  const database = openDatabase(':memory:');
  const clock = { ms: startMs };
  const runsOf = (options: Partial<LeaseOptions> = {}): Runs =>
    createRuns(database, { clock: () => clock.ms, host: 'here', pid: process.pid, ...options });
  return { database, clock, runsOf };
}

describe('run records', () => {
  it('are recorded before anything runs, and read back as they were', () => {
    const runs = world().runsOf();
    const created = runs.create(runDraft('20261121-a3f9'));
    expect(created).toEqual({
      ...runDraft('20261121-a3f9'),
      status: 'recorded',
      createdAt: '2026-11-21T00:00:00.000Z',
      updatedAt: '2026-11-21T00:00:00.000Z',
      attempts: 0,
      elapsedMs: 0,
      error: null,
    });
    expect(runs.get('20261121-a3f9')).toEqual(created);
  });

  it('refuse a second run of one id, and an id that is none', () => {
    const runs = world().runsOf();
    runs.create(runDraft('a'));
    expect(() => runs.create(runDraft('a'))).toThrow(failure('RUN_EXISTS'));
    expect(() => runs.create(runDraft('../a'))).toThrow('run id');
  });

  it('name the latest runs when one is unknown', () => {
    const runs = world().runsOf();
    for (const id of ['a', 'b']) runs.create(runDraft(id));
    const unknown = { code: 'RUN_UNKNOWN', details: { run: 'x', known: ['b', 'a'] } };
    expect(() => runs.get('x')).toThrow(expect.objectContaining(unknown));
    expect(() => runs.acquire('x')).toThrow(expect.objectContaining(unknown));
  });

  it('are listed newest first', () => {
    const runs = world().runsOf();
    for (const id of ['b', 'c', 'a']) runs.create(runDraft(id));
    expect(runs.list().map(({ id }) => id)).toEqual(['a', 'c', 'b']);
    expect(runs.list(2).map(({ id }) => id)).toEqual(['a', 'c']);
  });

  it('change under the current token only', () => {
    const { clock, runsOf } = world();
    const runs = runsOf();
    runs.create(runDraft('a'));
    const lease = runs.acquire('a');
    clock.ms += 1500;
    const changed = runs.update('a', lease.token, { status: 'running', elapsedMs: 10 });
    expect(changed).toMatchObject({ status: 'running', elapsedMs: 10, attempts: 1 });
    expect(changed.updatedAt).toBe('2026-11-21T00:00:01.500Z');
    lease.release();
    const next = runs.acquire('a');
    expect(() => runs.update('a', lease.token, { status: 'failed' })).toThrow(
      failure('RUN_LEASE_LOST'),
    );
    expect(runs.get('a')).toMatchObject({ status: 'running', attempts: 2 });
    next.release();
  });
});

describe('a lease', () => {
  it('has one owner, and its token grows with every new one', () => {
    const { runsOf } = world();
    const runs = runsOf();
    runs.create(runDraft('a'));
    const first = runs.acquire('a');
    expect(first).toMatchObject({ run: 'a', owner: `here:${process.pid}`, token: 1 });
    expect(() => runs.acquire('a')).toThrow(
      expect.objectContaining({ details: { run: 'a', owner: `here:${process.pid}` } }),
    );
    expect(() => runsOf({ host: 'elsewhere', pid: 1 }).acquire('a')).toThrow(failure('RUN_OWNED'));
    first.release();
    first.release();
    const second = runs.acquire('a');
    expect(second.token).toBe(2);
    second.release();
  });

  it('of a process that is gone falls to the next at once', async () => {
    const child = spawn(process.execPath, ['-e', '']);
    await finish(child);
    const { runsOf } = world();
    runsOf().create(runDraft('a'));
    const dead = runsOf({ pid: child.pid! }).acquire('a');
    runsOf({ pid: child.pid! }).update('a', dead.token, { status: 'running' });
    expect(runsOf().get('a').status).toBe('stopped');
    const heir = runsOf().acquire('a');
    expect(heir.token).toBe(2);
    expect(runsOf().get('a').status).toBe('running');
    heir.release();
    dead.release();
  });

  it.skipIf(processStart(process.pid) === null)(
    'is not kept by a later process that was given the same number',
    () => {
      const { database, runsOf } = world();
      const runs = runsOf();
      runs.create(runDraft('a'));
      const lease = runs.acquire('a');
      database.prepare("UPDATE leases SET started = '1'").run();
      expect(runs.acquire('a').token).toBe(lease.token + 1);
    },
  );

  it('of another host is trusted until its heartbeat has been silent too long', () => {
    const { clock, runsOf } = world();
    runsOf().create(runDraft('a'));
    const far = runsOf({ host: 'elsewhere', pid: 7 });
    far.update('a', far.acquire('a').token, { status: 'running' });
    clock.ms += 10_000;
    expect(() => runsOf().acquire('a')).toThrow(failure('RUN_OWNED'));
    expect(runsOf().list()[0]!.status).toBe('running');
    clock.ms += 1;
    expect(runsOf().list()[0]!.status).toBe('stopped');
    expect(runsOf().acquire('a').token).toBe(2);
  });

  it('that is released leaves a running run told as stopped', () => {
    const runs = world().runsOf();
    runs.create(runDraft('a'));
    const lease = runs.acquire('a');
    runs.update('a', lease.token, { status: 'running' });
    lease.release();
    expect(runs.get('a').status).toBe('stopped');
  });

  it('beats while it is held, and learns that it was lost', () => {
    vi.useFakeTimers();
    const { clock, runsOf } = world();
    const pass = (ms: number): void => {
      clock.ms += ms;
      vi.advanceTimersByTime(ms);
    };
    runsOf().create(runDraft('a'));
    const far = runsOf({ host: 'elsewhere', pid: 7 });
    const lease = far.acquire('a');
    for (let beat = 0; beat < 10; beat++) pass(2000);
    expect(() => runsOf().acquire('a')).toThrow(failure('RUN_OWNED'));
    clock.ms += 10_001;
    const heir = runsOf().acquire('a');
    expect(lease.lost()).toBe(false);
    pass(2000);
    expect(lease.lost()).toBe(true);
    expect(heir.lost()).toBe(false);
    heir.release();
    vi.useRealTimers();
  });

  it('survives a beat that the locked store refuses', () => {
    vi.useFakeTimers();
    const path = join(folder, 'locked.sqlite');
    const database = openDatabase(path, { busyTimeoutMs: 5 });
    const runs = createRuns(database, { clock: () => startMs, host: 'here', pid: process.pid });
    runs.create(runDraft('a'));
    const lease = runs.acquire('a');
    const other = new BetterSqlite3(path);
    other.exec('BEGIN EXCLUSIVE');
    vi.advanceTimersByTime(2000);
    other.exec('ROLLBACK');
    expect(lease.lost()).toBe(false);
    vi.advanceTimersByTime(2000);
    expect(lease.lost()).toBe(false);
    lease.release();
    other.close();
    database.close();
    vi.useRealTimers();
  });

  it('goes to exactly one of the processes that race for it, and after its death to one again', async () => {
    const program = await childProgram('test/services/runs/race-for-run.ts');
    const path = join(folder, 'race.sqlite');
    const database = openDatabase(path);
    const runs = createRuns(database, { clock: Date.now, host: 'here', pid: process.pid });
    runs.create(runDraft('run'));
    for (const round of [1, 2]) {
      const start = String(Date.now() + 400);
      const children = Array.from({ length: 4 }, () => program.start(path, start));
      const ends = children.map(finish);
      const outputs = await Promise.all(
        children.map(
          async (child) =>
            await new Promise<string>((settle) => {
              child.stdout!.once('data', (text: Buffer) => settle(text.toString().trim()));
            }),
        ),
      );
      expect(outputs.toSorted()).toEqual(['RUN_OWNED', 'RUN_OWNED', 'RUN_OWNED', `won ${round}`]);
      for (const child of children) child.kill('SIGKILL');
      await Promise.all(ends);
    }
    database.close();
  });
});

describe('isProcessAlive', () => {
  it('knows this process, and not one of another start or a number beyond all', () => {
    const started = processStart(process.pid);
    expect(isProcessAlive(process.pid, started)).toBe(true);
    expect(isProcessAlive(process.pid, null)).toBe(true);
    expect(isProcessAlive(2 ** 30, null)).toBe(false);
  });

  it.skipIf(processStart(process.pid) === null)(
    'takes a dead process for dead though its parent never asked for it',
    async () => {
      const script = 'sleep 0.05 & echo $!; exec sleep 20';
      const parent = spawn('sh', ['-c', script], { stdio: ['ignore', 'pipe', 'inherit'] });
      const pid = await new Promise<number>((settle) => {
        parent.stdout.once('data', (text: Buffer) => settle(Number(text)));
      });
      await vi.waitFor(() => expect(isProcessAlive(pid, null)).toBe(false));
      expect(process.kill(pid, 0)).toBe(true);
      parent.kill();
    },
  );
});
