/**
 * N-HiTS: stacks that read the window at different rates and forecast at different frequencies.
 *
 * Challu, Olivares, Oreshkin, Garza, Mergenthaler-Canseco, Dubrawski: "NHITS: Neural Hierarchical Interpolation for Time
 * Series Forecasting", AAAI 2023, section 3. Each block pools what is left of the window (3.2), a perceptron turns it into
 * coefficients (3.3), and few knots are interpolated to the whole horizon (3.4); the blocks are stacked as in N-BEATS.
 * Sizes, the backcast without interpolation and the level, from which the forecast starts, are those of neuralforecast.
 *
 * y [batch, L] residual; k pooling kernel, r downsampling of a stack; theta^b [batch, L], theta^f [batch, H / r] coefficients.
 */
import { z } from 'zod';
import type { Expression } from '../../tensor/expression.ts';
import { concat, expand, reduceMax, reshape, slice } from '../../tensor/functions.ts';
import type { NetworkInputs, NeuralModel } from '../model.ts';
import { type Basis, perceptron, project, stackResiduals } from '../layers/residual-stacks.ts';

/** How forecasts come from their knots: weight of a knot by its distance from the step, in knots. */
const kernels = {
  nearest: (distance) => (distance > -0.5 && distance <= 0.5 ? 1 : 0),
  linear: (distance) => Math.max(0, 1 - Math.abs(distance)),
  // Keys 1981, "Cubic convolution interpolation for digital image processing", equation 15.
  cubic: (distance) => {
    const d = Math.abs(distance);
    if (d <= 1) return (1.5 * d - 2.5) * d * d + 1;
    return d < 2 ? ((-0.5 * d + 2.5) * d - 4) * d + 2 : 0;
  },
} satisfies Record<string, (distance: number) => number>;

const perStack = z
  .string()
  .regex(/^[1-9]\d{0,3}(-[1-9]\d{0,3}){0,9}$/, 'must be whole numbers such as 4-2-1');
const numbersOf = (list: string): number[] => list.split('-').map(Number);

const hyperparameters = z
  .strictObject({
    pooling: perStack
      .default('2-2-1')
      .describe('For each stack, how many steps of the window become one, their maximum'),
    downsampling: perStack
      .default('4-2-1')
      .describe('For each stack, how many steps of the horizon share one knot'),
    interpolation: z
      .enum(['linear', 'nearest', 'cubic'])
      .default('linear')
      .describe('How the forecast of a stack is drawn through its knots'),
    blocks: z.int().min(1).max(10).default(1).describe('Blocks in each stack'),
    layers: z.int().min(1).max(10).default(4).describe('Hidden layers of a block'),
    width: z.int().min(1).max(8192).default(512).describe('Units of a hidden layer'),
    dropout: z.number().min(0).max(0.9).default(0).describe('Share of the units dropped'),
  })
  .refine(
    ({ pooling, downsampling }) => numbersOf(pooling).length === numbersOf(downsampling).length,
    'pooling and downsampling must name one number for each stack',
  );

/** Name of an interpolation. */
export type Interpolation = z.infer<typeof hyperparameters>['interpolation'];

/**
 * Matrix [knots, steps] that draws `steps` values through evenly spaced knots, each in the middle of its share of the steps;
 * before the first and after the last knot their values are repeated.
 */
export function interpolationMatrix(
  knots: number,
  steps: number,
  interpolation: Interpolation,
): Float32Array {
  const weights = new Float64Array(knots * steps);
  for (let step = 0; step < steps; step++) {
    const position = ((step + 0.5) * knots) / steps - 0.5;
    const nearest = Math.floor(position);
    for (let at = nearest - 1; at <= nearest + 2; at++) {
      const knot = Math.min(Math.max(at, 0), knots - 1);
      weights[knot * steps + step]! += kernels[interpolation](position - at);
    }
  }
  return Float32Array.from(weights);
}

/** The maximum of every `kernel` steps, counted from the newest: [batch, steps, ...] -> [batch, ceil(steps / kernel), ...]. */
export function maxPool(x: Expression, kernel: number): Expression {
  if (kernel === 1) return x;
  const [batch, steps, ...columns] = x.shape as [number | string, number, ...number[]];
  const pooled = Math.ceil(steps / kernel);
  const missing = pooled * kernel - steps;
  // Repeating the oldest value changes no maximum.
  const oldest = slice(x, 1, 0, 1);
  const whole = missing === 0 ? x : concat([expand(oldest, [batch, missing, ...columns]), x], 1);
  return reduceMax(reshape(whole, [batch, pooled, kernel, ...columns]), 2);
}

/** What a block knows beside the residual, pooled like it and flattened: columns over time, then those per series. */
function pooledColumns({ historical, future, static: fixed }: NetworkInputs, kernel: number) {
  const overTime = [historical, future].filter((x) => x !== undefined);
  const flat = overTime.map((x) => reshape(maxPool(x, kernel), [x.shape[0]!, -1]));
  return fixed ? [...flat, fixed] : flat;
}

/** Hierarchical interpolation: light for long horizons, strong on seasonal series. */
export const nhits: NeuralModel<z.infer<typeof hyperparameters>> = {
  name: 'nhits',
  family: 'neural',
  summary: 'Stacks of perceptrons on the pooled window, each interpolating its own number of knots',
  source: 'Challu et al. 2023, NHITS: Neural Hierarchical Interpolation, AAAI',
  hyperparameters,
  trainingDefaults: { learningRate: 0.001, maxSteps: 1000 },
  costly: true,
  searchSpace: {
    pooling: { kind: 'choice', values: ['2-2-1', '1-1-1', '2-2-2', '4-4-4', '8-4-1', '16-8-1'] },
    downsampling: {
      kind: 'choice',
      values: ['4-2-1', '1-1-1', '24-12-1', '40-20-1', '60-8-1', '168-24-1', '180-60-1'],
    },
    width: { kind: 'choice', values: [128, 256, 512] },
  },
  exogenous: ['future', 'historical', 'static'],
  decomposes: true,
  forward(inputs, context) {
    const { shape, hyperparameters: sizes } = context;
    const { lookBack: L, horizon: H } = shape;
    const downsampling = numbersOf(sizes.downsampling);
    const stacks = numbersOf(sizes.pooling).map((k, i) => {
      const columns = pooledColumns(inputs, k);
      const knots = Math.max(1, Math.floor(H / downsampling[i]!));
      const matrix = interpolationMatrix(knots, H, sizes.interpolation);
      const forecast: Basis = knots === H ? { size: H } : { size: knots, matrix };
      const block = (name: string) => (y: Expression) => {
        const x = concat([maxPool(y, k), ...columns], 1); // y^(p) = MaxPool(y, k)
        const theta = perceptron(context, name, x, L + shape.outputs * knots, sizes);
        return project(theta, { size: L }, forecast, shape); // g(tau, theta^f)
      };
      const name = `stack-${i + 1}`;
      const names = Array.from({ length: sizes.blocks }, (_, b) => `${name}.block-${b + 1}`);
      return { name, blocks: names.map(block) };
    });
    return stackResiduals(stacks, inputs, context);
  },
};
