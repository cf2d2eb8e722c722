/**
 * What N-BEATS and N-HiTS share: blocks of fully connected layers in stacks, where each block explains what those before
 * it left over of the window and adds its share to the forecast.
 */
import type { Expression } from '../../tensor/expression.ts';
import { constant } from '../../tensor/expression.ts';
import {
  add,
  cast,
  equal,
  expand,
  matMul,
  mul,
  reduceMax,
  reduceSum,
  relu,
  reshape,
  slice,
  squeeze,
  sub,
  transpose,
} from '../../tensor/functions.ts';
import type { NetworkContext, NetworkInputs, NetworkShape } from '../model.ts';
import { addLevel, linear, perStep } from './linear.ts';

/** Two views of one residual: what a block explains of it, and what that means for the future. */
export interface BlockOutput {
  /** [batch, lookBack]. */
  readonly backcast: Expression;
  /** [batch, horizon, outputs]. */
  readonly forecast: Expression;
}

/** Blocks in a row, whose forecasts are one part of the forecast. */
export interface Stack {
  readonly name: string;
  /** Each maps what is left of the window, [batch, lookBack]. */
  readonly blocks: readonly ((residual: Expression) => BlockOutput)[];
}

/** Sizes of the layers of a block. */
export interface PerceptronSizes {
  /** Hidden layers, and units of each. */
  readonly layers: number;
  readonly width: number;
  /** Share of the units dropped in training. */
  readonly dropout: number;
}

/**
 * h_1 = ReLU(x W_1 + b_1), ..., h_n = ReLU(h_{n-1} W_n + b_n), theta = h_n W + b: [batch, from] -> [batch, to]. The layers
 * are `<name>.layer-1` and so on, the last one `<name>.theta`.
 */
export function perceptron(
  { declare, dropout }: Pick<NetworkContext, 'declare' | 'dropout'>,
  name: string,
  x: Expression,
  to: number,
  { layers, width, dropout: rate }: PerceptronSizes,
): Expression {
  let h = x;
  for (let layer = 1; layer <= layers; layer++) {
    const from = h.shape.at(-1) as number;
    h = dropout(relu(linear(declare, `${name}.layer-${layer}`, h, from, width)), rate);
  }
  return linear(declare, `${name}.theta`, h, width, to);
}

/** A basis: vectors of `steps` values each. */
export interface Basis {
  readonly size: number;
  /** [size, steps]; left out where the coefficients are the values themselves. */
  readonly matrix?: Float32Array;
}

/** theta V: [..., size] -> [..., steps]. */
function combine(theta: Expression, { size, matrix }: Basis): Expression {
  return matrix ? matMul(theta, constant(matrix, [size, matrix.length / size])) : theta;
}

/**
 * What coefficients `theta` [batch, backcast.size + outputs * forecast.size] say: the backcast takes the first, every output of
 * a step has its own coefficients of the same basis.
 */
export function project(
  theta: Expression,
  backcast: Basis,
  forecast: Basis,
  shape: NetworkShape,
): BlockOutput {
  const { outputs } = shape;
  const batch = theta.shape[0]!;
  const ofForecast = slice(theta, 1, backcast.size); // [batch, outputs * size]
  const perOutput = reshape(ofForecast, [batch, outputs, forecast.size]);
  return {
    backcast: combine(slice(theta, 1, 0, backcast.size), backcast),
    forecast:
      outputs === 1
        ? perStep(combine(ofForecast, forecast), shape)
        : transpose(combine(perOutput, forecast), [0, 2, 1]),
  };
}

/**
 * Doubly residual stacking (Oreshkin et al. 2020, section 3.2): block l sees x_l = (x_{l-1} - backcast_{l-1}) observed, and the
 * forecasts of all blocks are added to the level of the window, which is its last observed value, as in neuralforecast.
 * Exposes the level and the sum of each stack where there is one output.
 */
export function stackResiduals(
  stacks: readonly Stack[],
  { window, observed }: NetworkInputs,
  { shape, expose }: Pick<NetworkContext, 'shape' | 'expose'>,
): Expression {
  const level = lastObserved(window, observed);
  let residual = window;
  const parts = stacks.map(({ name, blocks }) => {
    const forecasts = blocks.map((block) => {
      const { backcast, forecast } = block(residual);
      const left = sub(residual, backcast);
      residual = observed ? mul(left, observed) : left;
      return forecast;
    });
    const part = forecasts.reduce((sum, forecast) => add(sum, forecast));
    if (shape.outputs === 1) expose(`part:${name}`, squeeze(part, -1));
    return part;
  });
  if (shape.outputs === 1) {
    expose('part:level', expand(level, [window.shape[0]!, shape.horizon]));
  }
  const total = parts.reduce((sum, part) => add(sum, part));
  return addLevel(total, level, shape);
}

/** The last observed value of each window, [batch, lookBack] -> [batch, 1]; 0 where nothing was observed. */
function lastObserved(window: Expression, observed?: Expression): Expression {
  const steps = window.shape[1] as number;
  if (!observed) return slice(window, 1, steps - 1);
  const count = Float32Array.from({ length: steps }, (_, t) => t + 1);
  const position = mul(observed, constant(count, [1, steps]));
  const isLast = cast(equal(position, reduceMax(position, 1, true)), 'float32');
  // Where nothing was observed, every step counts as the last one, and all of them are 0.
  return reduceSum(mul(window, isLast), 1, true);
}
