/** Two small networks under training, on windows of a noisy wave: a perceptron, and NLinear after Zeng et al. 2023. */
import { constant, type Expression, input, parameter } from '../../../tensor/expression.ts';
import * as f from '../../../tensor/functions.ts';
import { initialState } from '../../../tensor/initialise.ts';
import { createRandom } from '../../../tensor/random.ts';
import type {
  OptimiserState,
  TrainingLoop,
  TrainingLoopSpec,
} from '../../../tensor/training-loop.ts';
import type { Feed } from '../../../tensor/values.ts';

const [batch, lookBack, horizon, width] = [8, 12, 4, 16];
const length = 120;
const adam = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, clipNorm: 1 };

/** What is trained, from where. */
export interface SmallNetwork {
  readonly spec: TrainingLoopSpec;
  readonly start: OptimiserState;
}

const series = input('series', 'float32', ['time']);
const starts = input('starts', 'int64', [batch]);

/** The windows of a batch, [batch, lookBack] and [batch, horizon]. */
function windows(): [Expression, Expression] {
  const offsets = constant(
    Array.from({ length: lookBack + horizon }, (_, i) => i),
    undefined,
    'int64',
  );
  const window = f.gather(series, f.add(f.unsqueeze(starts, 1), offsets));
  return [f.slice(window, 1, 0, lookBack), f.slice(window, 1, lookBack)];
}

function network(
  parameters: readonly Expression[],
  forecast: (past: Expression) => Expression,
  loss: (error: Expression) => Expression,
): SmallNetwork {
  const [past, future] = windows();
  const error = loss(f.sub(forecast(past), future));
  const initialisers = Object.fromEntries(
    parameters.map(({ name }) => [name!, { kind: 'uniform', bound: 0.3 } as const]),
  );
  return {
    spec: { data: [series], batch: [starts], loss: error, parameters, adam, threads: 1 },
    start: initialState(parameters, initialisers, 1),
  };
}

const meanSquare = (error: Expression): Expression => f.reduceMean(f.square(error));

/** One linear layer on windows without their last value. */
export function smallNLinear(): SmallNetwork {
  const [w, b] = [parameter('w', [lookBack, horizon]), parameter('b', [horizon])];
  const forecast = (past: Expression): Expression => {
    const last = f.slice(past, 1, -1);
    return f.add(f.add(f.matMul(f.sub(past, last), w), b), last);
  };
  return network([w, b], forecast, meanSquare);
}

/** Two hidden layers, trained on the mean absolute error. */
export function smallPerceptron(): SmallNetwork {
  const sizes = [lookBack, width, width, horizon];
  const parameters: Expression[] = [];
  const layers = sizes.slice(1).map((size, i) => {
    const layer = {
      weight: parameter(`w${i}`, [sizes[i]!, size]),
      bias: parameter(`b${i}`, [size]),
    };
    parameters.push(layer.weight, layer.bias);
    return layer;
  });
  const forecast = (past: Expression): Expression =>
    layers.reduce((x, { weight, bias }, i) => {
      const y = f.add(f.matMul(x, weight), bias);
      return i < layers.length - 1 ? f.relu(y) : y;
    }, past);
  return network(parameters, forecast, (error) => f.reduceMean(f.abs(error)));
}

const random = createRandom(7);
const wave = Float32Array.from({ length }, (_, t) => Math.sin(t / 5) + 0.1 * random.normal());
const positions = Array.from({ length: 100 * batch }, () =>
  BigInt(random.integer(length - lookBack - horizon)),
);

/** Takes the steps [from, to) of always the same training. */
export function trainSmall(loop: TrainingLoop, state: OptimiserState, from: number, to: number) {
  const data = BigInt64Array.from(positions.slice(from * batch, to * batch));
  const batches: Record<string, Feed> = { starts: { data, shape: [to - from, batch] } };
  const feeds = { series: { data: wave, shape: [length] } };
  return loop.run(state, feeds, batches, new Float32Array(to - from).fill(0.01));
}
