/** What the benchmarks of training measure: networks under training, and the machine's own limit to hold them against. */
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

const random = createRandom(1);

/** Something to measure: `run` does `steps` steps on `threads` threads. */
export interface Workload {
  readonly name: string;
  readonly steps: number;
  readonly flopsPerStep: number;
  run(): Promise<void>;
  release(): Promise<void>;
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
export interface Network {
  readonly data: readonly Expression[];
  readonly batch: Expression;
  readonly loss: Expression;
  readonly initialisers: Readonly<Record<string, Initialiser>>;
  readonly parameters: readonly Expression[];
  readonly feeds: Readonly<Record<string, Feed>>;
  /** The batch's entries lie below this. */
  readonly positions: number;
  readonly name: string;
}

/** Whole training steps of `network`: forward, backward, Adam. */
export async function trainingWorkload(
  { name, data, batch, loss, initialisers, parameters, feeds, positions }: Network,
  steps: number,
  threads: number,
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
    release: () => loop.release(),
  };
}

/** Windows of `length` steps of `series`, from `starts` [batch, 1] on: [batch, length]. */
function windows(series: Expression, starts: Expression, length: number): Expression {
  const offsets = Array.from({ length }, (_, i) => i);
  return f.gather(series, f.add(starts, constant(offsets, undefined, 'int64')));
}

/** Declares linear layers, uniform on +-1 / sqrt(from). */
function createLayers() {
  const parameters: Expression[] = [];
  const initialisers: Record<string, Initialiser> = {};
  const linear = (x: Expression, to: number): Expression => {
    const from = Number(x.shape.at(-1));
    const layer = parameters.length / 2;
    const shapes = { [`w${layer}`]: [from, to], [`b${layer}`]: [to] };
    const [weight, bias] = Object.entries(shapes).map(([name, shape]) => {
      initialisers[name] = { kind: 'uniform', bound: 1 / Math.sqrt(from) };
      return parameter(name, shape);
    });
    parameters.push(weight!, bias!);
    return f.add(f.matMul(x, weight!), bias!);
  };
  return { parameters, initialisers, linear };
}

const seriesLength = 10_000;

/** NLinear (Zeng et al. 2023), windows gathered from one series. */
export function nlinear(lookBack: number, horizon: number, batchSize: number): Network {
  const series = input('series', 'float32', [seriesLength]);
  const starts = input('starts', 'int64', [batchSize, 1]);
  const window = windows(series, starts, lookBack + horizon);
  const past = f.slice(window, 1, 0, lookBack);
  const last = f.slice(past, 1, -1);
  const { parameters, initialisers, linear } = createLayers();
  const forecast = f.add(linear(f.sub(past, last), horizon), last);
  return {
    name: `NLinear ${lookBack} -> ${horizon}, batch ${batchSize}`,
    data: [series],
    batch: starts,
    loss: f.reduceMean(f.square(f.sub(forecast, f.slice(window, 1, lookBack)))),
    initialisers,
    parameters,
    feeds: { series: normal([seriesLength]) },
    positions: seriesLength - lookBack - horizon,
  };
}

/** `layers` square layers with rectifiers between them. */
export function perceptron(width: number, batchSize: number, layers = 3): Network {
  const rows = 2048;
  const [x, y] = [input('x', 'float32', [rows, width]), input('y', 'float32', [rows, width])];
  const picked = input('picked', 'int64', [batchSize]);
  const { parameters, initialisers, linear } = createLayers();
  let hidden = linear(f.gather(x, picked), width);
  for (let layer = 1; layer < layers; layer++) hidden = linear(f.relu(hidden), width);
  return {
    name: `MLP, ${layers} layers of ${width}, batch ${batchSize}`,
    data: [x, y],
    batch: picked,
    loss: f.reduceMean(f.square(f.sub(hidden, f.gather(y, picked)))),
    initialisers,
    parameters,
    feeds: { x: normal([rows, width]), y: normal([rows, width]) },
    positions: rows,
  };
}

/** Blocks as in N-HiTS (Challu et al. 2023): four layers with rectifiers, backcast and forecast from a fifth. */
export function residualBlocks(
  { blocks, lookBack, horizon, width }: Record<'blocks' | 'lookBack' | 'horizon' | 'width', number>,
  batchSize: number,
): Network {
  const series = input('series', 'float32', [seriesLength]);
  const starts = input('starts', 'int64', [batchSize, 1]);
  const window = windows(series, starts, lookBack + horizon);
  const { parameters, initialisers, linear } = createLayers();
  const forecasts: Expression[] = [];
  let residual = f.slice(window, 1, 0, lookBack);
  for (let block = 0; block < blocks; block++) {
    let hidden = residual;
    for (let layer = 0; layer < 4; layer++) hidden = f.relu(linear(hidden, width));
    const [backcast, ahead] = f.split(linear(hidden, lookBack + horizon), [lookBack, horizon], 1);
    residual = f.sub(residual, backcast!);
    forecasts.push(ahead!);
  }
  const error = f.sub(forecasts.reduce(f.add), f.slice(window, 1, lookBack));
  return {
    name: `N-HiTS, ${blocks} blocks of ${width}, ${lookBack} -> ${horizon}, batch ${batchSize}`,
    data: [series],
    batch: starts,
    loss: f.reduceMean(f.abs(error)),
    initialisers,
    parameters,
    feeds: { series: normal([seriesLength]) },
    positions: seriesLength - lookBack - horizon,
  };
}

/** The machine's own limit: one product of square matrices, in a loop as well. */
export async function peakWorkload(
  size: number,
  steps: number,
  threads: number,
): Promise<Workload> {
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
    release: () => session.release(),
  };
}
