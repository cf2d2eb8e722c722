/** The checkpoint saver under real LangGraph graphs, beside LangGraph's own MemorySaver wherever that keeps the data whole. */
import {
  Annotation,
  type BaseCheckpointSaver,
  Command,
  DeltaValue,
  END,
  interrupt,
  MemorySaver,
  Overwrite,
  Send,
  START,
  StateGraph,
  StateSchema,
} from '@langchain/langgraph';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createSqliteSaver } from '../../../services/checkpoints/sqlite-saver.ts';
import { type Database, openDatabase } from '../../../services/database/database.ts';
import { createRuns } from '../../../services/runs/runs.ts';
import { runDraft } from '../runs/run-draft.ts';

const config = {
  configurable: { thread_id: 't' },
  durability: 'sync' as const,
  maxConcurrency: 16,
};
const concat = Annotation<string[]>({ reducer: (a, b) => a.concat(b), default: () => [] });

/** What a scenario may differ in from saver to saver: nothing but ids and instants. */
interface Told {
  values: unknown;
  next: unknown;
  metadata: unknown;
  tasks: unknown;
}
async function tellHistory(graph: {
  getStateHistory: (c: typeof config) => AsyncIterable<{
    values: unknown;
    next: unknown;
    metadata?: unknown;
    tasks: { name: string; interrupts: { value?: unknown }[]; error?: unknown }[];
  }>;
}): Promise<Told[]> {
  const told: Told[] = [];
  for await (const { values, next, metadata, tasks } of graph.getStateHistory(config)) {
    const shown = tasks.map(({ name, interrupts, error }) => {
      return { name, interrupts: interrupts.map(({ value }) => value), error };
    });
    told.push({ values, next, metadata, tasks: shown });
  }
  return told;
}

/** Plays the scenario with MemorySaver and with ours, ours over a new instance at every call, as after a restart. */
async function compare(
  play: (saver: () => BaseCheckpointSaver) => Promise<unknown>,
): Promise<unknown> {
  const memory = new MemorySaver();
  const database = openDatabase(':memory:');
  const expected = await play(() => memory);
  expect(await play(() => createSqliteSaver(database))).toEqual(expected);
  return expected;
}

describe('a graph goes as it goes with MemorySaver', () => {
  it('through a fan-out, an interrupt in every branch and the answers', async () => {
    const build = () => {
      const state = Annotation.Root({ log: concat });
      return new StateGraph(state)
        .addNode('plan', () => ({ log: ['plan'] }))
        .addNode('branch', ({ item }: { item: number }) => {
          const answer = interrupt({ question: item }) as string;
          return { log: [`${item}:${answer}`] };
        })
        .addNode('join', () => ({ log: ['join'] }))
        .addEdge(START, 'plan')
        .addConditionalEdges('plan', () => [1, 2, 3].map((item) => new Send('branch', { item })))
        .addEdge('branch', 'join')
        .addEdge('join', END);
    };
    const expected = await compare(async (saver) => {
      const graph = () => build().compile({ checkpointer: saver() });
      await graph().invoke({ log: [] }, config);
      const asked = await graph().getState(config);
      const questions = asked.tasks.flatMap((task) => task.interrupts);
      const resume = Object.fromEntries(
        questions.map(({ id, value }) => [
          id,
          `answer ${(value as { question: number }).question}`,
        ]),
      );
      const result = await graph().invoke(new Command({ resume }), config);
      return [questions.map(({ value }) => value), result, await tellHistory(graph())];
    });
    expect((expected as unknown[])[1]).toEqual({
      log: ['plan', '1:answer 1', '2:answer 2', '3:answer 3', 'join'],
    });
  });

  it('through parallel branches of which one fails at first: the others are not run again', async () => {
    await compare(async (saver) => {
      const calls: string[] = [];
      let isBroken = true;
      const node = (name: string) => () => {
        calls.push(name);
        return { log: [name] };
      };
      const build = () =>
        new StateGraph(Annotation.Root({ log: concat }))
          .addNode('a', node('a'))
          .addNode('b', async () => {
            await new Promise((settle) => setTimeout(settle, 15));
            calls.push('b');
            if (isBroken) throw new Error('on purpose');
            return { log: ['b'] };
          })
          .addNode('c', node('c'))
          .addNode('join', node('join'))
          .addEdge(START, 'a')
          .addEdge(START, 'b')
          .addEdge(START, 'c')
          .addEdge(['a', 'b', 'c'], 'join')
          .compile({ checkpointer: saver() });
      await expect(build().invoke({ log: ['start'] }, config)).rejects.toThrow('on purpose');
      isBroken = false;
      const result = await build().invoke(null, config);
      expect(calls.filter((name) => name !== 'b').toSorted()).toEqual(['a', 'c', 'join']);
      expect(calls.filter((name) => name === 'b')).toHaveLength(2);
      return [result, await tellHistory(build())];
    });
  });

  it('through a subgraph, an update of the state, and a turn back in time', async () => {
    const expected = await compare(async (saver) => {
      const state = Annotation.Root({ n: Annotation<number>, log: concat });
      const inner = new StateGraph(state)
        .addNode('double', ({ n }) => ({ n: n * 2, log: ['double'] }))
        .addNode('add', ({ n }) => ({ n: n + 1, log: ['add'] }))
        .addEdge(START, 'double')
        .addEdge('double', 'add');
      const build = () =>
        new StateGraph(state)
          .addNode('inner', inner.compile(), { input: Annotation.Root({ n: Annotation<number> }) })
          .addNode('after', ({ n }) => ({ n: n * 10 }))
          .addEdge(START, 'inner')
          .addEdge('inner', 'after')
          .compile({ checkpointer: saver() });
      const first = await build().invoke({ n: 3, log: [] }, config);
      await build().updateState(config, { n: 5, log: new Overwrite(['fresh']) }, 'inner');
      const second = await build().invoke(null, config);
      const told = await tellHistory(build());
      const past = [];
      for await (const snapshot of build().getStateHistory(config)) past.push(snapshot);
      const turn = past.find(({ next }) => next[0] === 'inner')!;
      const third = await build().invoke(null, { ...config, ...turn.config });
      return [first, second, told, third, await tellHistory(build())];
    });
    const [first, second, , third] = expected as unknown[];
    expect(first).toEqual({ n: 70, log: ['double', 'add'] });
    expect(second).toEqual({ n: 50, log: ['fresh'] });
    expect(third).toEqual(first);
  });

  it('through a channel that stores differences only', async () => {
    const expected = await compare(async (saver) => {
      const state = new StateSchema({
        n: z.number(),
        log: new DeltaValue(z.array(z.string()).default([]), {
          reducer: (a: string[], b: string[][]) => a.concat(...b),
          inputSchema: z.array(z.string()),
          snapshotFrequency: 3,
        } as never),
      });
      const build = () =>
        new StateGraph(state)
          .addNode('step', ({ n }) => ({ n: n + 1, log: [`step ${n}`] }))
          .addEdge(START, 'step')
          .addConditionalEdges('step', ({ n }) => (n % 8 === 0 ? END : 'step'))
          .compile({ checkpointer: saver() });
      const first = await build().invoke({ n: 0 }, config);
      const second = await build().invoke({ n: 8 }, config);
      return [first, second, (await build().getState(config)).values];
    });
    const log = Array.from({ length: 16 }, (_, n) => `step ${n}`);
    expect(expected).toEqual([
      { n: 8, log: log.slice(0, 8) },
      { n: 16, log },
      { n: 16, log },
    ]);
  });
});

const numbers = Annotation.Root({ n: Annotation<number>, values: Annotation<number[]> });

describe('beyond MemorySaver', () => {
  it('NaN, infinities and negative zero reach the node after a restart', async () => {
    const database = openDatabase(':memory:');
    let seen: number[] = [];
    const build = () =>
      new StateGraph(numbers)
        .addNode('measure', () => ({ values: [NaN, Infinity, -Infinity, -0] }))
        .addNode('read', ({ values }) => {
          seen = values;
          return {};
        })
        .addEdge(START, 'measure')
        .addEdge('measure', 'read')
        .compile({ checkpointer: createSqliteSaver(database), interruptBefore: ['read'] });
    await build().invoke({ n: 0 }, config);
    await build().invoke(null, config);
    expect(Object.is(seen[0], NaN) && Object.is(seen[3], -0)).toBe(true);
    expect(seen.slice(1, 3)).toEqual([Infinity, -Infinity]);
  });

  it('a node that returns what is not plain fails by name, and its run can be resumed', async () => {
    const database = openDatabase(':memory:');
    const build = (values: () => number[]) =>
      new StateGraph(numbers)
        .addNode('measure', () => ({ values: values() }))
        .addEdge(START, 'measure')
        .compile({ checkpointer: createSqliteSaver(database) });
    const typed = build(() => new Float64Array(3) as unknown as number[]);
    await expect(typed.invoke({ n: 0 }, config)).rejects.toThrow(
      expect.objectContaining({ code: 'STATE_NOT_PLAIN' }),
    );
    const result = await build(() => [1]).invoke(null, config);
    expect(result).toEqual({ n: 0, values: [1] });
  });

  it('a fan-out of a thousand is kept, sixteen at a time', async () => {
    const database = openDatabase(':memory:');
    let running = 0;
    let most = 0;
    const graph = new StateGraph(Annotation.Root({ log: concat }))
      .addNode('branch', async ({ item }: { item: number }) => {
        running += 1;
        most = Math.max(most, running);
        await new Promise((settle) => setImmediate(settle));
        running -= 1;
        return { log: [String(item)] };
      })
      .addConditionalEdges(START, () =>
        Array.from({ length: 1000 }, (_, item) => new Send('branch', { item })),
      )
      .compile({ checkpointer: createSqliteSaver(database) });
    await graph.invoke({ log: [] }, config);
    const { values } = await graph.getState(config);
    expect((values as { log: string[] }).log).toHaveLength(1000);
    expect(most).toBe(16);
  });
});

describe('a graph under a lease', () => {
  const inner = new StateGraph(numbers)
    .addNode('double', ({ n }) => ({ n: n * 2 }))
    .addEdge(START, 'double');
  const build = (database: Database, take: () => void) =>
    new StateGraph(numbers)
      .addNode('take', () => {
        take();
        return { n: 1 };
      })
      .addNode('inner', inner.compile())
      .addEdge(START, 'take')
      .addEdge('take', 'inner')
      .compile({ checkpointer: createSqliteSaver(database) });

  it('stops writing at the moment that another process takes the run over', async () => {
    const database = openDatabase(':memory:');
    const runs = createRuns(database, { clock: Date.now, host: 'here', pid: process.pid });
    runs.create(runDraft('run'));
    const stale = runs.acquire('run');
    const under = (token: number) => ({
      ...config,
      configurable: { ...config.configurable, lease: { run: 'run', token } },
    });
    const graph = build(database, () => {
      stale.release();
      runs.acquire('run');
    });
    await expect(graph.invoke({ n: 0 }, under(stale.token))).rejects.toThrow(
      expect.objectContaining({ code: 'RUN_LEASE_LOST' }),
    );
    const { values, next } = await graph.getState(config);
    expect([values, next]).toEqual([{ n: 0 }, ['take']]);
    const again = build(database, () => undefined);
    expect(await again.invoke(null, under(stale.token + 1))).toEqual({ n: 2 });
  });
});
