/** The checkpoint saver by itself: what it stores, what it refuses, and what it says in trouble. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { RunnableConfig } from '@langchain/core/runnables';
import { type Checkpoint, uuid6 } from '@langchain/langgraph-checkpoint';
import BetterSqlite3 from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { createSqliteSaver } from '../../../services/checkpoints/sqlite-saver.ts';
import { openDatabase } from '../../../services/database/database.ts';
import { createRuns } from '../../../services/runs/runs.ts';
import { fail } from '../../../state/errors.ts';
import { runDraft } from '../runs/run-draft.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import {
  at,
  checkpoint,
  countRows,
  failure,
  idsOf,
  inMemory,
  metadata,
  put,
  valuesOf,
} from './saver-fixture.ts';

const folder = temporaryFolder('saver');

describe('put and getTuple', () => {
  it('keep NaN, infinities, negative zero, and names that mean something to JavaScript', async () => {
    const { saver } = inMemory();
    const values = JSON.parse('{"__proto__": {"a": 1}, "constructor": "~x", "lc": 1}');
    values.numbers = [NaN, Infinity, -Infinity, -0, 5e-324];
    const config = await put(saver, at('t'), checkpoint('1', values));
    await saver.putWrites(config, [['numbers', values.numbers]], 'task');
    const tuple = await saver.getTuple(config);
    expect(isDeepStrictEqual(tuple?.checkpoint.channel_values, values)).toBe(true);
    expect(isDeepStrictEqual(tuple?.pendingWrites, [['task', 'numbers', values.numbers]])).toBe(
      true,
    );
  });

  it('store a value once, however many writes and checkpoints hold it', async () => {
    const { saver, database } = inMemory();
    const payload = { text: 'x'.repeat(1000) };
    let config = await put(saver, at('t'), checkpoint('1', { other: 1 }));
    await saver.putWrites(config, [['payload', payload]], 'task');
    config = await put(saver, config, checkpoint('2', { other: 1, payload }));
    await put(saver, config, checkpoint('3', { other: 2, payload }));
    expect(countRows(database, 'checkpoint_blobs')).toBe(1);
    expect(await valuesOf(saver, at('t'))).toEqual({ other: 2, payload });
  });

  it('take a channel that is not new from the parent, even on a branch with equal versions', async () => {
    const { saver } = inMemory();
    const root = await put(saver, at('t'), checkpoint('1', { a: 'root', b: 0 }));
    const left = await put(saver, root, checkpoint('2', { a: 'left', b: 0 }, { a: 2, b: 1 }));
    const right = await put(saver, root, checkpoint('3', { a: 'right', b: 0 }, { a: 2, b: 1 }));
    const next = (id: string, a: string): Checkpoint => checkpoint(id, { a, b: 1 }, { a: 2, b: 2 });
    await saver.put(left, next('4', 'left'), metadata(2), { b: 2 });
    await saver.put(right, next('5', 'right'), metadata(2), { b: 2 });
    expect(await valuesOf(saver, at('t', '4'))).toEqual({ a: 'left', b: 1 });
    expect(await valuesOf(saver, at('t', '5'))).toEqual({ a: 'right', b: 1 });
  });

  it('keep the values of a copied checkpoint, which are not new and not its parent either', async () => {
    const { saver } = inMemory();
    const root = await put(saver, at('t'), checkpoint('1', { a: 'old' }));
    const copy = checkpoint('3', { a: 'new' }, { a: 2 });
    await saver.put(root, copy, metadata(1, { source: 'fork' }), {});
    await saver.put(at('t'), { ...copy, id: '4' }, metadata(1, { source: 'fork' }), {});
    expect(await valuesOf(saver, at('t', '3'))).toEqual({ a: 'new' });
    expect(await valuesOf(saver, at('t', '4'))).toEqual({ a: 'new' });
  });

  it('leave a channel out that the checkpoint does not hold', async () => {
    const { saver } = inMemory();
    const root = await put(saver, at('t'), checkpoint('1', { a: 1, b: 1 }));
    await saver.put(root, checkpoint('2', { b: 1 }, { a: 1, b: 1 }), metadata(1), {});
    expect(await valuesOf(saver, at('t', '2'))).toEqual({ b: 1 });
  });

  it('let a repeated put replace the checkpoint', async () => {
    const { saver } = inMemory();
    await put(saver, at('t'), checkpoint('1', { a: 1 }));
    await put(saver, at('t'), checkpoint('1', { a: 2 }));
    expect(await valuesOf(saver, at('t'))).toEqual({ a: 2 });
    expect(await idsOf(saver, at('t'))).toEqual(['1']);
  });

  it('refuse what is not plain, naming the place, and store nothing of it', async () => {
    const { saver } = inMemory();
    const dated = checkpoint('1', { fine: 1, panel: { rows: [new Date(0)] } });
    await expect(put(saver, at('t'), dated)).rejects.toThrow(
      expect.objectContaining({
        code: 'STATE_NOT_PLAIN',
        details: { path: 'panel.rows[0]', found: 'an instance of Date' },
      }),
    );
    expect(await saver.getTuple(at('t'))).toBeUndefined();
    const config = await put(saver, at('t'), checkpoint('1'));
    await expect(
      saver.putWrites(
        config,
        [
          ['fine', 1],
          ['panel', new Float64Array(1)],
        ],
        'task',
      ),
    ).rejects.toThrow(failure('STATE_NOT_PLAIN'));
    expect((await saver.getTuple(config))?.pendingWrites).toEqual([]);
  });

  it('show every channel to the validator, on the way in and on the way out', async () => {
    const database = openDatabase(':memory:');
    const seen: unknown[] = [];
    const validateChannel = (channel: string, value: unknown): void => {
      seen.push([channel, value]);
      if (value === 'bad') fail('STATE_INVALID', { channel, problem: 'it is bad' });
    };
    const saver = createSqliteSaver(database, { validateChannel });
    const unchecked = createSqliteSaver(database);
    const config = await put(saver, at('t'), checkpoint('1', { a: 1, b: 2 }));
    await saver.getTuple(config);
    expect(seen).toEqual([
      ['a', 1],
      ['b', 2],
      ['a', 1],
      ['b', 2],
    ]);
    const bad = checkpoint('2', { a: 'bad' });
    await expect(put(saver, config, bad)).rejects.toThrow(failure('STATE_INVALID'));
    await put(unchecked, config, bad);
    await expect(saver.getTuple(at('t'))).rejects.toThrow(failure('STATE_INVALID'));
    await expect(idsOf(saver, at('t'))).rejects.toThrow(failure('STATE_INVALID'));
  });

  it('say that a stored value is gone or damaged', async () => {
    const { saver, database } = inMemory();
    await put(saver, at('t'), checkpoint('1', { a: 'x'.repeat(100) }));
    database.prepare("UPDATE checkpoint_blobs SET json = '{'").run();
    await expect(saver.getTuple(at('t'))).rejects.toThrow(failure('STORE_CORRUPT'));
    database.prepare('DELETE FROM checkpoint_blobs').run();
    await expect(saver.getTuple(at('t'))).rejects.toThrow(failure('STORE_CORRUPT'));
  });

  it('grow by less than 10 KB a step under a 100 KB channel that nobody touches', async () => {
    const database = openDatabase(join(folder, 'growth.sqlite'));
    const saver = createSqliteSaver(database);
    const payload = Array.from({ length: 2500 }, (_, i) => ({ id: `series-${i}`, y: Math.sin(i) }));
    let config = at('t');
    for (let step = 0; step < 200; step++) {
      const versions = { n: step + 1, payload: 1 };
      const made = checkpoint(uuid6(step), { n: step, payload }, versions);
      config = await saver.put(
        config,
        made,
        metadata(step),
        step === 0 ? versions : { n: step + 1 },
      );
      await saver.putWrites(config, [['n', step + 1]], 'task');
    }
    database.close();
    expect(statSync(join(folder, 'growth.sqlite')).size).toBeLessThan(2e6);
  });
});

describe('putWrites', () => {
  it('keeps the first ordinary write of a task and the last special one', async () => {
    const { saver } = inMemory();
    const config = await put(saver, at('t'), checkpoint('1'));
    for (const attempt of ['first', 'second']) {
      await saver.putWrites(
        config,
        [
          ['a', attempt],
          ['__error__', attempt],
        ],
        'task',
      );
    }
    expect((await saver.getTuple(config))?.pendingWrites).toEqual([
      ['task', '__error__', 'second'],
      ['task', 'a', 'first'],
    ]);
  });

  it('keeps an undefined value undefined', async () => {
    const { saver } = inMemory();
    const config = await put(saver, at('t'), checkpoint('1'));
    await saver.putWrites(
      config,
      [
        ['a', undefined],
        ['b', null],
      ],
      'task',
    );
    expect((await saver.getTuple(config))?.pendingWrites).toEqual([
      ['task', 'a', undefined],
      ['task', 'b', null],
    ]);
  });
});

describe('a lease', () => {
  it('lets its current holder write, and refuses the one before', async () => {
    const { saver, database } = inMemory();
    const runs = createRuns(database, { clock: Date.now, host: 'here', pid: process.pid });
    runs.create(runDraft('run'));
    const stale = runs.acquire('run');
    const under = (token: number): RunnableConfig => ({
      configurable: { thread_id: 't', checkpoint_ns: '', lease: { run: 'run', token } },
    });
    const config = await put(saver, under(stale.token), checkpoint('1', { a: 1 }));
    stale.release();
    const current = runs.acquire('run');
    await expect(put(saver, under(stale.token), checkpoint('2'))).rejects.toThrow(
      expect.objectContaining({
        code: 'RUN_LEASE_LOST',
        details: { run: 'run', owner: `here:${process.pid}` },
      }),
    );
    const late = { configurable: { ...config.configurable, ...under(stale.token).configurable } };
    await expect(saver.putWrites(late, [['a', 2]], 'task')).rejects.toThrow(
      failure('RUN_LEASE_LOST'),
    );
    await put(saver, under(current.token), checkpoint('3', { a: 3 }));
    expect(await idsOf(saver, at('t'))).toEqual(['3', '1']);
    expect((await saver.getTuple(config))?.pendingWrites).toEqual([]);
    current.release();
  });

  it('that was never given is refused', async () => {
    const { saver } = inMemory();
    const config = { configurable: { thread_id: 't', lease: { run: 'none', token: 1 } } };
    await expect(put(saver, config, checkpoint('1'))).rejects.toThrow(failure('RUN_LEASE_LOST'));
  });
});

describe('a store in trouble', () => {
  it('says that it is locked, and writes after the lock is gone', async () => {
    const path = join(folder, 'locked.sqlite');
    const database = openDatabase(path, { busyTimeoutMs: 20 });
    const saver = createSqliteSaver(database);
    const other = new BetterSqlite3(path);
    other.exec('BEGIN EXCLUSIVE');
    await expect(put(saver, at('t'), checkpoint('1'))).rejects.toThrow(failure('STORE_LOCKED'));
    other.exec('ROLLBACK');
    await put(saver, at('t'), checkpoint('1'));
    other.close();
    database.close();
  });

  it('says that it is full, and keeps what it had', async () => {
    const path = join(folder, 'full.sqlite');
    const database = openDatabase(path, { maximumBytes: 200_000 });
    const saver = createSqliteSaver(database);
    await put(saver, at('t'), checkpoint('1', { a: 1 }));
    const big = checkpoint('2', { a: 'x'.repeat(300_000) });
    await expect(put(saver, at('t', '1'), big)).rejects.toThrow(failure('STORE_FULL'));
    expect(await valuesOf(saver, at('t'))).toEqual({ a: 1 });
    database.close();
  });
});
