/**
 * How much of the machine training uses: steps and floating-point operations per second of whole training steps
 * (forward, backward, Adam) beside what the same threads reach on one large matrix product in the same minute.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism, cpus } from 'node:os';
import { constant, type Expression, input, parameter } from '../tensor/expression.ts';
import * as f from '../tensor/functions.ts';
import { gradients } from '../tensor/gradient.ts';
import { createEmitter, type GraphValue, graphValue } from '../tensor/graph.ts';
import { type Initialiser, initialState } from '../tensor/initialise.ts';
import { encodeModel } from '../tensor/onnx.ts';
import { createRandom } from '../tensor/random.ts';
import { createSession } from '../tensor/session.ts';
import { createTrainingLoop, type OptimiserState } from '../tensor/training-loop.ts';
import { inOrder } from '../tensor/traversal.ts';
import { type Feed, sizeOf } from '../tensor/values.ts';

const repetitions = 7;
const threads = availableParallelism();
const random = createRandom(1);

/** Something to measure: `run` does `steps` steps. */
interface Workload {
  readonly name: string;
  readonly steps: number;
  readonly flopsPerStep: number;
  run(): Promise<void>;
}

const normal = (shape: readonly number[]): Feed => ({
  shape,
  data: Float32Array.from({ length: sizeOf(shape) }, random.normal),
});

/** 2 m n k of every matrix product; sums written as products with a row of ones do not count. */
function matrixFlops(outputs: readonly Expression[]): number {
  const products = inOrder(outputs).filter(
    ({ op, shape }) => op === 'MatMul' && shape.at(-2) !== 1,
  );
  return products.reduce((sum, { shape, inputs }) => {
    return sum + 2 * sizeOf(shape as number[]) * Number(inputs[0]!.shape.at(-1));
  }, 0);
}

/** A network under training: what it forecasts from, what it is to forecast, and how it starts. */
interface Network {
  readonly data: readonly Expression[];
  readonly batch: Expression;
  readonly loss: Expression;
  readonly initialisers: Readonly<Record<string, Initialiser>>;
  readonly parameters: readonly Expression[];
}

async function trainingWorkload(
  name: string,
  steps: number,
  { data, batch, loss, initialisers, parameters }: Network,
  feeds: Record<string, Feed>,
  positions: number,
): Promise<Workload> {
  const adam = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };
  const loop = await createTrainingLoop({ data, batch: [batch], loss, parameters, adam, threads });
  let state: OptimiserState = initialState(parameters, initialisers, 1);
  const shape = [steps, ...(batch.shape as number[])];
  const indices = BigInt64Array.from({ length: sizeOf(shape) }, () =>
    BigInt(random.integer(positions)),
  );
  const rates = new Float32Array(steps).fill(1e-4);
  return {
    name,
    steps,
    flopsPerStep: matrixFlops([loss, ...gradients(loss, parameters)]),
    async run() {
      const result = await loop.run(
        state,
        feeds,
        { [batch.name!]: { data: indices, shape } },
        rates,
      );
      state = result.state;
    },
  };
}

/** NLinear (Zeng et al. 2023), windows gathered from one series. */
function nlinearWorkload(lookBack: number, horizon: number, batchSize: number): Promise<Workload> {
  const length = 10_000;
  const series = input('series', 'float32', [length]);
  const starts = input('starts', 'int64', [batchSize, 1]);
  const offsets = constant(
    Array.from({ length: lookBack + horizon }, (_, i) => i),
    undefined,
    'int64',
  );
  const window = f.gather(series, f.add(starts, offsets));
  const past = f.slice(window, 1, 0, lookBack);
  const last = f.slice(past, 1, -1);
  const parameters = [parameter('weight', [lookBack, horizon]), parameter('bias', [horizon])];
  const forecast = f.add(f.matMul(f.sub(past, last), parameters[0]!), parameters[1]!);
  const error = f.sub(f.add(forecast, last), f.slice(window, 1, lookBack));
  const initialiser = { kind: 'uniform', bound: 1 / Math.sqrt(lookBack) } as const;
  const network = {
    data: [series],
    batch: starts,
    loss: f.reduceMean(f.square(error)),
    initialisers: { weight: initialiser, bias: initialiser },
    parameters,
  };
  const name = `NLinear ${lookBack} -> ${horizon}, batch ${batchSize}`;
  const feeds = { series: normal([length]) };
  return trainingWorkload(name, 800, network, feeds, length - lookBack - horizon);
}

/** Three square layers with rectifiers between them. */
function perceptronWorkload(width: number, batchSize: number, steps: number): Promise<Workload> {
  const rows = 2048;
  const [x, y] = [input('x', 'float32', [rows, width]), input('y', 'float32', [rows, width])];
  const picked = input('picked', 'int64', [batchSize]);
  const parameters: Expression[] = [];
  const initialisers: Record<string, Initialiser> = {};
  let hidden = f.gather(x, picked);
  for (let layer = 0; layer < 3; layer++) {
    const [weight, bias] = [
      parameter(`w${layer}`, [width, width]),
      parameter(`b${layer}`, [width]),
    ];
    parameters.push(weight, bias);
    for (const name of [`w${layer}`, `b${layer}`]) {
      initialisers[name] = { kind: 'uniform', bound: 1 / Math.sqrt(width) };
    }
    hidden = f.add(f.matMul(hidden, weight), bias);
    if (layer < 2) hidden = f.relu(hidden);
  }
  const loss = f.reduceMean(f.square(f.sub(hidden, f.gather(y, picked))));
  const network = { data: [x, y], batch: picked, loss, initialisers, parameters };
  const feeds = { x: normal([rows, width]), y: normal([rows, width]) };
  return trainingWorkload(
    `MLP, 3 layers of ${width}, batch ${batchSize}`,
    steps,
    network,
    feeds,
    rows,
  );
}

/** The machine's own limit: one product of square matrices, in a loop as well. */
async function peakWorkload(size: number, steps: number): Promise<Workload> {
  const outer = createEmitter();
  const body = createEmitter('step/', outer);
  const [a, b] = [input('a', 'float32', [size, size]), input('b', 'float32', [size, size])];
  for (const matrix of [a, b]) body.bind(matrix, matrix.name!);
  const product = f.matMul(a, b);
  const row = f.gather(product, constant(0, [], 'int64'));
  const first = f.gather(row, constant(0, [], 'int64'));
  body.emitAs({ 'step/first': first });
  const scalar = (name: string, type: GraphValue['type']): GraphValue => ({
    name,
    type,
    shape: [],
  });
  body.add({ op: 'Identity', inputs: ['step/on'], outputs: ['step/still on'], attributes: {} });
  const loop = body.finish(
    'step',
    [scalar('step/i', 'int64'), scalar('step/on', 'bool')],
    [scalar('step/still on', 'bool'), scalar('step/first', 'float32')],
  );
  outer.add({ op: 'Loop', inputs: ['steps', ''], outputs: ['all'], attributes: { body: loop } });
  const model = outer.finish(
    'peak',
    [scalar('steps', 'int64'), graphValue(a), graphValue(b)],
    [{ name: 'all', type: 'float32', shape: ['n'] }],
  );
  const session = await createSession(encodeModel(model), { threads, kept: ['a', 'b'] });
  const feeds = {
    steps: { data: BigInt64Array.of(BigInt(steps)), shape: [] },
    a: normal([size, size]),
    b: normal([size, size]),
  };
  return {
    name: `matrix product ${size} x ${size} x ${size}`,
    steps,
    flopsPerStep: matrixFlops([product]),
    async run() {
      await session.run(feeds);
    },
  };
}

const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b);
  return (
    (sorted[Math.floor((sorted.length - 1) / 2)]! + sorted[Math.ceil((sorted.length - 1) / 2)]!) / 2
  );
};

/** Runs all workloads in turn, so that a slow minute of the machine meets each of them. */
async function measure(workloads: readonly Workload[]) {
  for (const { run } of workloads) await run();
  const seconds: number[][] = workloads.map(() => []);
  for (let repetition = 0; repetition < repetitions; repetition++) {
    for (const [i, { run }] of workloads.entries()) {
      const before = performance.now();
      await run();
      seconds[i]!.push((performance.now() - before) / 1000);
    }
  }
  const rates = workloads.map(({ steps, flopsPerStep }, i) =>
    seconds[i]!.map((s) => (steps * flopsPerStep) / s / 1e9),
  );
  return workloads.map(({ name, steps }, i) => ({
    workload: name,
    stepsPerSecond: Math.round(median(seconds[i]!.map((s) => steps / s))),
    gflops: Math.round(median(rates[i]!) * 10) / 10,
    slowestGflops: Math.round(Math.min(...rates[i]!) * 10) / 10,
    fastestGflops: Math.round(Math.max(...rates[i]!) * 10) / 10,
    percentOfPeak: Math.round(median(rates[i]!.map((rate, r) => (100 * rate) / rates[0]![r]!))),
  }));
}

/** Measures and prints; with `--save` also writes `bench/results/training-throughput.json`. */
export async function main(): Promise<void> {
  const results = await measure([
    await peakWorkload(1024, 20),
    await nlinearWorkload(336, 96, 224),
    await perceptronWorkload(128, 256, 500),
    await perceptronWorkload(512, 256, 40),
  ]);
  console.table(results);
  if (!process.argv.includes('--save')) return;
  const load = createRequire(import.meta.url);
  const runtime = load('onnxruntime-node/package.json') as { version: string };
  const machine = {
    processor: cpus()[0]!.model.trim(),
    threads,
    node: process.version,
    onnxRuntime: runtime.version,
  };
  mkdirSync('bench/results', { recursive: true });
  const report = { machine, repetitions, results };
  writeFileSync('bench/results/training-throughput.json', `${JSON.stringify(report, null, 2)}\n`);
}
