/**
 * N-BEATS: fully connected blocks on a basis, stacked so that each explains what those before it left over.
 *
 * Oreshkin, Carpov, Chapados, Bengio: "N-BEATS: Neural basis expansion analysis for interpretable time series forecasting",
 * ICLR 2020, section 3. A block's layers give coefficients theta^b, theta^f; its backcast is V^b theta^b, its forecast
 * V^f theta^f. V is the identity (generic), powers of time (trend) or waves (seasonality). Sizes are those of
 * neuralforecast, and so is the level, from which the forecast starts; the paper's are 30 blocks (generic), 3 (interpretable).
 *
 * L look-back, H horizon; t time, p degree, T = [1, t, ..., t^p]; S = [1, cos(2 pi f t), ..., sin(2 pi f t), ...].
 */
import { z } from 'zod';
import type { Expression } from '../../tensor/expression.ts';
import type { DeclareParameter, NetworkShape, NeuralModel } from '../model.ts';
import { type Basis, perceptron, project, stackResiduals } from '../layers/residual-stacks.ts';

const hyperparameters = z.strictObject({
  basis: z
    .enum(['mixed', 'generic', 'interpretable'])
    .default('mixed')
    .describe('Stacks: generic, trend and seasonality; generic; or trend and seasonality'),
  blocks: z
    .int()
    .min(1)
    .max(100)
    .default(1)
    .describe('Blocks in each stack; interpretable stacks have one set of weights for all of them'),
  layers: z.int().min(1).max(10).default(4).describe('Hidden layers of a block'),
  width: z.int().min(1).max(8192).default(512).describe('Units of a hidden layer'),
  degree: z.int().min(0).max(8).default(2).describe('Highest power of time in a trend'),
  harmonics: z
    .int()
    .min(1)
    .max(16)
    .default(2)
    .describe('Waves per whole number of cycles in the horizon'),
  dropout: z.number().min(0).max(0.9).default(0).describe('Share of the units dropped'),
});
type Sizes = z.infer<typeof hyperparameters>;

type StackName = 'generic' | 'trend' | 'seasonality';
const stacksOf: Readonly<Record<Sizes['basis'], readonly StackName[]>> = {
  mixed: ['generic', 'trend', 'seasonality'],
  generic: ['generic'],
  interpretable: ['trend', 'seasonality'],
};

const basisOf = (vectors: readonly ((t: number) => number)[], times: readonly number[]): Basis => ({
  size: vectors.length,
  matrix: Float32Array.from(vectors.flatMap((vector) => times.map(vector))),
});

/** T: powers of time up to `degree` at `times`. */
export function trendBasis(degree: number, times: readonly number[]): Basis {
  return basisOf(
    Array.from({ length: degree + 1 }, (_, power) => (t: number) => t ** power),
    times,
  );
}

/**
 * S: a constant, and cosine and sine of f cycles per unit of time at `times`, for every f from 1 in steps of 1 / `harmonics`
 * that stays below `steps` / 2, where `steps` of the series make the unit.
 */
export function seasonalityBasis(
  harmonics: number,
  steps: number,
  times: readonly number[],
): Basis {
  const count = Math.max(0, Math.ceil(harmonics * (steps / 2 - 1)));
  const frequencies = Array.from({ length: count }, (_, i) => 1 + i / harmonics);
  const angle = (f: number, t: number): number => 2 * Math.PI * f * t;
  const waves = [
    () => 1,
    ...frequencies.map((f) => (t: number) => Math.cos(angle(f, t))),
    ...frequencies.map((f) => (t: number) => Math.sin(angle(f, t))),
  ];
  return basisOf(waves, times);
}

/** V^b and V^f of a stack; waves run on from the window into the horizon, of which each has whole cycles. */
function basesOf(
  stack: StackName,
  { lookBack: L, horizon: H }: NetworkShape,
  { degree, harmonics }: Sizes,
): { readonly backcast: Basis; readonly forecast: Basis } {
  if (stack === 'generic') return { backcast: { size: L }, forecast: { size: H } };
  const times = (count: number, from: number, unit: number): number[] =>
    Array.from({ length: count }, (_, i) => (i + from) / unit);
  return stack === 'trend'
    ? {
        backcast: trendBasis(degree, times(L, 0, L)),
        forecast: trendBasis(degree, times(H, 0, H)),
      }
    : {
        backcast: seasonalityBasis(harmonics, H, times(L, -L, H)),
        forecast: seasonalityBasis(harmonics, H, times(H, 0, H)),
      };
}

/** Declares a name once and gives the same array for it ever after. */
function sharing(declare: DeclareParameter): DeclareParameter {
  const known = new Map<string, Expression>();
  return (name, shape, initialiser) => {
    const declared = known.get(name) ?? declare(name, shape, initialiser);
    known.set(name, declared);
    return declared;
  };
}

/** Neural basis expansion: accurate on many short series, and with parts that can be read. */
export const nbeats: NeuralModel<Sizes> = {
  name: 'nbeats',
  family: 'neural',
  summary:
    'Stacks of perceptrons that give coefficients of trend, seasonality or the forecast itself',
  source: 'Oreshkin et al. 2020, N-BEATS: Neural basis expansion analysis, ICLR',
  hyperparameters,
  trainingDefaults: { learningRate: 0.001, maxSteps: 1000 },
  costly: true,
  searchSpace: {
    basis: { kind: 'choice', values: ['mixed', 'generic', 'interpretable'] },
    blocks: { kind: 'choice', values: [1, 2, 3] },
    width: { kind: 'choice', values: [128, 256, 512] },
  },
  decomposes: true,
  forward(inputs, { shape, hyperparameters: sizes, declare, dropout, expose }) {
    const shared = sizes.basis === 'interpretable';
    const layers = { declare: shared ? sharing(declare) : declare, dropout };
    const stacks = stacksOf[sizes.basis].map((name) => {
      const { backcast, forecast } = basesOf(name, shape, sizes);
      const coefficients = backcast.size + shape.outputs * forecast.size;
      const block = (prefix: string) => (x: Expression) => {
        const theta = perceptron(layers, prefix, x, coefficients, sizes);
        return project(theta, backcast, forecast, shape);
      };
      const names = Array.from({ length: sizes.blocks }, (_, b) => `${name}.block-${b + 1}`);
      return { name, blocks: names.map((prefix) => block(shared ? name : prefix)) };
    });
    return stackResiduals(stacks, inputs, { shape, expose });
  },
};
