/** What a superstep costs with each checkpoint saver, in time and on the disk: MemorySaver, LangGraph's SqliteSaver, ours. */
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  Annotation,
  type BaseCheckpointSaver,
  MemorySaver,
  StateGraph,
} from '@langchain/langgraph';
import { SqliteSaver as StockSqliteSaver } from '@langchain/langgraph-checkpoint-sqlite';
import { createSqliteSaver } from '../services/checkpoints/sqlite-saver.ts';
import { openDatabase } from '../services/database/database.ts';
import { describeMachine } from './machine.ts';

interface OpenedSaver {
  readonly saver: BaseCheckpointSaver;
  close(): void;
}

const savers: Record<string, (path: string) => OpenedSaver> = {
  MemorySaver: () => ({ saver: new MemorySaver(), close: () => undefined }),
  'langgraph-checkpoint-sqlite': (path) => {
    const saver = StockSqliteSaver.fromConnString(path);
    return { saver, close: () => saver.db.close() };
  },
  'agentic-forecast': (path) => {
    const database = openDatabase(path);
    return { saver: createSqliteSaver(database), close: () => database.close() };
  },
};

interface Load {
  readonly payload: string;
  readonly bytes: number;
  readonly isRewritten: boolean;
  readonly steps: number;
}

const sizes = [
  { payload: '1 KB', bytes: 1e3, steps: 200 },
  { payload: '100 KB', bytes: 1e5, steps: 60 },
  { payload: '1 MB', bytes: 1e6, steps: 20 },
];
const loads: Load[] = [false, true].flatMap((isRewritten) =>
  sizes.map((size) => ({ ...size, isRewritten })),
);

interface Measurement {
  readonly stepsPerSecond: number;
  /** Null where nothing is on a disk. */
  readonly bytesPerStep: number | null;
}

interface Result {
  readonly saver: string;
  readonly payload: string;
  readonly change: 'untouched' | 'rewritten';
  readonly steps: number;
  readonly stepsPerSecond: number;
  readonly bytesPerStep: number | null;
}

/** Rows of about 40 bytes of JSON, different for every `salt`. */
function createPayload(bytes: number, salt: number): { id: string; y: number }[] {
  const rows = Math.round(bytes / 40);
  return Array.from({ length: rows }, (_, i) => ({ id: `series-${i}`, y: Math.sin(i + salt) }));
}

function createGraph({ bytes, isRewritten, steps }: Load, saver: BaseCheckpointSaver) {
  const state = Annotation.Root({ n: Annotation<number>, payload: Annotation<object[]> });
  return new StateGraph(state)
    .addNode('step', ({ n }) => ({
      n: n + 1,
      ...(isRewritten ? { payload: createPayload(bytes, n) } : {}),
    }))
    .addEdge('__start__', 'step')
    .addConditionalEdges('step', ({ n }) => (n < steps ? 'step' : '__end__'))
    .compile({ checkpointer: saver });
}

async function measure(name: string, load: Load, folder: string): Promise<Measurement> {
  const path = join(folder, `${name}.sqlite`);
  const { saver, close } = savers[name]!(path);
  const graph = createGraph(load, saver);
  const input = { n: 0, payload: createPayload(load.bytes, -1) };
  const config = {
    configurable: { thread_id: 'bench' },
    durability: 'sync' as const,
    recursionLimit: load.steps + 5,
  };
  const began = performance.now();
  await graph.invoke(input, config);
  const seconds = (performance.now() - began) / 1000;
  close();
  const size = statSync(path, { throwIfNoEntry: false })?.size;
  for (const suffix of ['', '-wal', '-shm']) rmSync(path + suffix, { force: true });
  return {
    stepsPerSecond: load.steps / seconds,
    bytesPerStep: size === undefined ? null : Math.round(size / load.steps),
  };
}

const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
};

/** Every repetition measures all savers under all loads, so that a slow minute of the machine meets each of them. */
async function measureAll(repetitions: number, folder: string): Promise<Result[]> {
  const cells = loads.flatMap((load) => Object.keys(savers).map((saver) => ({ load, saver })));
  const measured = cells.map((): Measurement[] => []);
  for (const { load, saver } of cells) await measure(saver, { ...load, steps: 5 }, folder);
  for (let repetition = 0; repetition < repetitions; repetition++) {
    for (const [i, { load, saver }] of cells.entries()) {
      measured[i]!.push(await measure(saver, load, folder));
    }
  }
  return cells.map(({ load, saver }, i) => ({
    saver,
    payload: load.payload,
    change: load.isRewritten ? 'rewritten' : 'untouched',
    steps: load.steps,
    stepsPerSecond: Math.round(median(measured[i]!.map((m) => m.stepsPerSecond))),
    bytesPerStep: measured[i]![0]!.bytesPerStep,
  }));
}

/** Measures and prints; `--repetitions n` (default 5), `--save` writes bench/results/checkpoint-saver.json. */
export async function main(args: readonly string[]): Promise<void> {
  const at = args.indexOf('--repetitions');
  const repetitions = at < 0 ? 5 : Number(args[at + 1]);
  const folder = mkdtempSync(join(tmpdir(), 'checkpoint-saver-'));
  const results = await measureAll(repetitions, folder);
  rmSync(folder, { recursive: true });
  console.table(results);
  if (!args.includes('--save')) return;
  const report = {
    benchmark: 'checkpoint-saver',
    what: 'Supersteps of a one-node loop, durability sync; medians of interleaved repetitions',
    machine: describeMachine(),
    repetitions,
    results,
  };
  mkdirSync('bench/results', { recursive: true });
  writeFileSync('bench/results/checkpoint-saver.json', `${JSON.stringify(report, null, 2)}\n`);
}
