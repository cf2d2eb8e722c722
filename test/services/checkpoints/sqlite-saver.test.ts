/** The checkpoint saver by itself: what it stores, what it refuses, what it lists, copies and deletes. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { RunnableConfig } from '@langchain/core/runnables';
import {
  type ChannelVersions,
  type Checkpoint,
  type CheckpointMetadata,
  uuid6,
} from '@langchain/langgraph-checkpoint';
import BetterSqlite3 from 'better-sqlite3';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSqliteSaver, type SqliteSaver } from '../../../services/checkpoints/sqlite-saver.ts';
import { type Database, openDatabase } from '../../../services/database/database.ts';
import { createRuns } from '../../../services/runs/runs.ts';
import { fail } from '../../../state/errors.ts';
import { runDraft } from '../runs/run-draft.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const folder = temporaryFolder('saver');
const failure = (code: string): unknown => expect.objectContaining({ code });
const inMemory = (): { database: Database; saver: SqliteSaver } => {
  const database = openDatabase(':memory:');
  return { database, saver: createSqliteSaver(database) };
};

const at = (thread: string, id?: string, ns = ''): RunnableConfig => ({
  configurable: { thread_id: thread, checkpoint_ns: ns, ...(id && { checkpoint_id: id }) },
});
const metadata = (step: number, rest: object = {}): CheckpointMetadata => ({
  source: 'loop',
  step,
  parents: {},
  ...rest,
});
const checkpoint = (
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
const put = async (
  saver: SqliteSaver,
  config: RunnableConfig,
  made: Checkpoint,
  step = 0,
): Promise<RunnableConfig> => await saver.put(config, made, metadata(step), made.channel_versions);
const valuesOf = async (saver: SqliteSaver, config: RunnableConfig): Promise<unknown> =>
  (await saver.getTuple(config))?.checkpoint.channel_values;
const countRows = (database: Database, table: string): number =>
  database.prepare<{ n: number }>(`SELECT count(*) AS n FROM ${table}`).get()!.n;
const idsOf = async (saver: SqliteSaver, ...args: Parameters<SqliteSaver['list']>) => {
  const ids: string[] = [];
  for await (const tuple of saver.list(...args)) ids.push(tuple.checkpoint.id);
  return ids;
};

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

describe('list', () => {
  it.each([
    "step') OR 1=1 --",
    'step"',
    'a b',
    '',
    '.',
    'a.',
    '$.step',
    'a-b',
    'a[0]',
    'ключ',
    '\0',
  ])('refuses the filter key %j', async (key) => {
    const { saver } = inMemory();
    await expect(idsOf(saver, at('t'), { filter: { [key]: 1 } })).rejects.toThrow(
      expect.objectContaining({ code: 'CHECKPOINT_FILTER_INVALID', details: { key } }),
    );
  });

  it('refuses a filter for nothing, which would let everything pass', async () => {
    const { saver } = inMemory();
    await expect(idsOf(saver, at('t'), { filter: { step: undefined } })).rejects.toThrow(
      failure('CHECKPOINT_FILTER_INVALID'),
    );
  });

  it('matches no inherited property', async () => {
    const { saver } = inMemory();
    await put(saver, at('t'), checkpoint('1'));
    const filter = { constructor: Object };
    expect(await idsOf(saver, at('t'), { filter })).toEqual([]);
  });

  it('finds what a filter in memory finds, newest first, for any data and question', async () => {
    const thread = fc.constantFrom('a', 'b');
    const ns = fc.constantFrom('', 'child');
    const value = fc.constantFrom<unknown>(0, 1, '1', "' OR 1=1", null, true, [1], { x: 1 });
    const key = fc.constantFrom('step', 'tag', 'tag.x', 'absent', 'toString');
    const stored = fc.uniqueArray(
      fc.record({
        thread,
        ns,
        id: fc.integer({ min: 100, max: 120 }).map(String),
        tag: value,
        step: fc.nat(2),
      }),
      { selector: (row) => `${row.thread}/${row.ns}/${row.id}`, maxLength: 12 },
    );
    const question = fc.record({
      thread: fc.option(thread, { nil: undefined }),
      ns: fc.option(ns, { nil: undefined }),
      before: fc.option(fc.integer({ min: 100, max: 121 }).map(String), { nil: undefined }),
      limit: fc.option(fc.nat(4), { nil: undefined }),
      filter: fc.option(fc.dictionary(key, value, { maxKeys: 2, noNullPrototype: true }), {
        nil: undefined,
      }),
    });
    const reach = (from: unknown, path: string): unknown =>
      path.split('.').reduce((found, name) => {
        const isIn = typeof found === 'object' && found !== null && Object.hasOwn(found, name);
        return isIn ? (found as Record<string, unknown>)[name] : undefined;
      }, from);
    const property = fc.asyncProperty(stored, question, async (rows, asked) => {
      const { saver, database } = inMemory();
      for (const row of rows) {
        const made = checkpoint(row.id);
        await saver.put(
          at(row.thread, undefined, row.ns),
          made,
          metadata(row.step, { tag: row.tag }),
          {},
        );
      }
      const expected = rows
        .filter(
          (row) =>
            (asked.thread === undefined || row.thread === asked.thread) &&
            (asked.ns === undefined || row.ns === asked.ns) &&
            (asked.before === undefined || row.id < asked.before) &&
            Object.entries(asked.filter ?? {}).every(([name, wanted]) =>
              isDeepStrictEqual(reach(metadata(row.step, { tag: row.tag }), name), wanted),
            ),
        )
        .map(({ id }) => id)
        .toSorted()
        .toReversed()
        .slice(0, asked.limit);
      const config = { configurable: { thread_id: asked.thread, checkpoint_ns: asked.ns } };
      const before = asked.before === undefined ? {} : { before: at('t', asked.before) };
      const { limit, filter } = asked;
      const options = {
        ...before,
        ...(limit !== undefined && { limit }),
        ...(filter && { filter }),
      };
      expect(await idsOf(saver, config, options)).toEqual(expected);
      database.close();
    });
    await fc.assert(property, { numRuns: 150 });
  });

  it('may be read while the thread is written and deleted', async () => {
    const { saver } = inMemory();
    for (const id of ['1', '2', '3']) await put(saver, at('t'), checkpoint(id));
    const found: string[] = [];
    for await (const tuple of saver.list(at('t'))) {
      found.push(tuple.checkpoint.id);
      await put(saver, at('t'), checkpoint('9'));
      if (tuple.checkpoint.id === '2') await saver.deleteThread('t');
    }
    expect(found).toEqual(['3', '2']);
  });
});

describe('deleteThread', () => {
  it('works on a database that never held anything', async () => {
    await expect(inMemory().saver.deleteThread('t')).resolves.toBeUndefined();
  });

  it('takes all of a thread and nothing of another, though they hold equal values', async () => {
    const { saver, database } = inMemory();
    const payload = 'x'.repeat(100);
    for (const thread of ['a', 'b']) {
      const config = await put(saver, at(thread), checkpoint('1', { payload }));
      await saver.putWrites(config, [['payload', payload]], 'task');
    }
    await saver.deleteThread('a');
    for (const table of ['checkpoints', 'checkpoint_writes', 'checkpoint_blobs']) {
      expect(countRows(database, table)).toBe(1);
    }
    expect(await valuesOf(saver, at('b'))).toEqual({ payload });
    await saver.deleteThread('b');
    expect(countRows(database, 'checkpoint_blobs')).toBe(0);
  });
});

describe('copyThread', () => {
  const story = async (saver: SqliteSaver): Promise<void> => {
    let config = at('from');
    for (const id of ['1', '2', '3', '4']) {
      const values = { n: Number(id), payload: id.repeat(100) };
      config = await put(saver, config, checkpoint(id, values), Number(id));
      await saver.putWrites(config, [['n', Number(id) + 1]], `task-${id}`);
    }
    await put(saver, at('from', '2'), checkpoint('5', { n: 50 }), 5);
  };

  it('copies a checkpoint and its ancestors, but no later one, no other branch, no pending write', async () => {
    const { saver, database } = inMemory();
    await story(saver);
    saver.copyThread('from', '3', 'to');
    expect(await idsOf(saver, at('to'))).toEqual(['3', '2', '1']);
    for (const id of ['1', '2', '3']) {
      const [copy, original] = [
        await saver.getTuple(at('to', id)),
        await saver.getTuple(at('from', id)),
      ];
      expect(copy?.checkpoint).toEqual(original?.checkpoint);
      expect(copy?.metadata).toEqual(original?.metadata);
      expect(copy?.parentConfig?.configurable?.['checkpoint_id']).toBe(
        original?.parentConfig?.configurable?.['checkpoint_id'],
      );
      expect(copy?.pendingWrites).toEqual(id === '3' ? [] : original?.pendingWrites);
    }
    const blobs = "SELECT count(*) AS n FROM checkpoint_blobs WHERE thread = 'to'";
    expect(database.prepare(blobs).get()).toEqual({ n: 3 });
  });

  it('leaves two threads that live and die apart', async () => {
    const { saver } = inMemory();
    await story(saver);
    saver.copyThread('from', '2', 'to');
    await put(saver, at('to', '2'), checkpoint('9', { n: 9 }));
    expect((await saver.getTuple(at('from')))?.checkpoint.id).toBe('5');
    await saver.deleteThread('from');
    expect(await valuesOf(saver, at('to', '2'))).toEqual({ n: 2, payload: '2'.repeat(100) });
  });

  it('changes nothing when it is repeated', async () => {
    const { saver } = inMemory();
    await story(saver);
    saver.copyThread('from', '2', 'to');
    const before = await saver.getTuple(at('to'));
    saver.copyThread('from', '2', 'to');
    expect(await saver.getTuple(at('to'))).toEqual(before);
    expect(await idsOf(saver, at('to'))).toEqual(['2', '1']);
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
