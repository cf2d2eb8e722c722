/**
 * TiDE: an encoder and a decoder of residual perceptrons over the window and everything known beside it.
 *
 * Das, Kong, Leach, Mathur, Sen, Yu: "Long-term Forecasting with TiDE: Time-series Dense Encoder", TMLR 2023,
 * arXiv:2304.08424, section 4. Covariates of each step are projected to few numbers; window, projections and attributes
 * are encoded as one vector and decoded into one vector for each step of the horizon; a temporal decoder joins that with
 * the covariates of its step; and the window goes to the forecast by one linear layer besides.
 *
 * L look-back, H horizon, r temporalWidth, p decoderOutput; y [batch, L] window; x~ [batch, steps, r] projections;
 * e encoding, g [batch, H, p] decoding.
 */
import { z } from 'zod';
import type { Expression } from '../../tensor/expression.ts';
import { add, concat, layerNorm, relu, reshape, slice } from '../../tensor/functions.ts';
import type { NetworkContext, NetworkInputs, NeuralModel } from '../model.ts';
import { linear, perStep, stepWidth } from '../layers/linear.ts';
import { instanceNorm } from '../layers/normalisation.ts';

const width = (value: number, what: string) =>
  z.int().min(1).max(4096).default(value).describe(what);

const hyperparameters = z.strictObject({
  hidden: width(256, 'Width of encoder and decoder; the paper tunes 256, 512 and 1024'),
  encoderLayers: z.int().min(1).max(8).default(2).describe('Residual blocks of the encoder'),
  decoderLayers: z.int().min(1).max(8).default(2).describe('Residual blocks of the decoder'),
  decoderOutput: width(8, 'Numbers decoded for each step of the horizon; the paper tunes 4 to 32'),
  temporalDecoderHidden: width(128, 'Width inside the temporal decoder; the paper tunes 32 to 128'),
  temporalWidth: width(4, 'Numbers that the covariates of a step are projected to'),
  covariateHidden: width(64, 'Width inside that projection'),
  dropout: z.number().min(0).max(0.95).default(0.3).describe('Dropout of all residual blocks'),
  layerNorm: z.boolean().default(true).describe('Whether residual blocks end in a normalisation'),
  instanceNorm: z.boolean().default(true).describe('Whether each window is normalised by itself'),
});

type Tide = z.infer<typeof hyperparameters>;

/** Sizes of a residual block; `norm` says whether it may end in a layer normalisation. */
interface BlockSize {
  readonly hidden: number;
  readonly output: number;
  readonly norm?: boolean;
}

/** Norm(dropout(relu(x W_1 + b_1) W_2 + b_2) + x W_3 + b_3): a perceptron beside a linear skip connection. */
function residualBlock(
  { declare, dropout, hyperparameters: options }: NetworkContext<Tide>,
  name: string,
  x: Expression,
  { hidden, output, norm = true }: BlockSize,
): Expression {
  const from = x.shape.at(-1) as number;
  const inner = relu(linear(declare, `${name}.hidden`, x, from, hidden));
  const dense = dropout(linear(declare, `${name}.output`, inner, hidden, output), options.dropout);
  const sum = add(dense, linear(declare, `${name}.skip`, x, from, output));
  if (!norm || !options.layerNorm) return sum;
  const scale = declare(`${name}.norm.scale`, [output], { kind: 'constant', value: 1 });
  const shift = declare(`${name}.norm.shift`, [output], { kind: 'constant', value: 0 });
  return layerNorm(sum, scale, shift);
}

/** Covariates [batch, steps, columns] of each step by itself -> x~ [batch, steps, r]. */
function project(
  context: NetworkContext<Tide>,
  name: string,
  columns: Expression | undefined,
): Expression | undefined {
  const { covariateHidden: hidden, temporalWidth: output } = context.hyperparameters;
  return columns && residualBlock(context, `projection.${name}`, columns, { hidden, output });
}

/** [batch, ...] -> [batch, everything else]. */
function flat(x: Expression): Expression {
  const size = x.shape
    .slice(1)
    .reduce<number>((product, length) => product * (length as number), 1);
  return reshape(x, [x.shape[0]!, size]);
}

/** Window, projections and attributes -> g [batch, H, p]. */
function encodeAndDecode(
  context: NetworkContext<Tide>,
  known: readonly (Expression | undefined)[],
): Expression {
  const { horizon: H } = context.shape;
  const { hidden, encoderLayers, decoderLayers, decoderOutput: p } = context.hyperparameters;
  let e = concat(known.filter((x) => x !== undefined).map(flat), 1);
  for (let layer = 0; layer < encoderLayers; layer++) {
    e = residualBlock(context, `encoder${layer}`, e, { hidden, output: hidden });
  }
  for (let layer = 0; layer < decoderLayers; layer++) {
    const output = layer === decoderLayers - 1 ? p * H : hidden;
    e = residualBlock(context, `decoder${layer}`, e, { hidden, output });
  }
  return reshape(e, [e.shape[0]!, H, p]);
}

/** Residual perceptrons with covariates of all kinds. */
export const tide: NeuralModel<Tide> = {
  name: 'tide',
  family: 'neural',
  summary:
    'Residual perceptrons that encode the window with its covariates and decode step by step',
  source: 'Das et al. 2023, Long-term Forecasting with TiDE, TMLR',
  exogenous: ['future', 'historical', 'static'],
  hyperparameters,
  trainingDefaults: { learningRate: 0.001, maxSteps: 1000 },
  costly: true,
  searchSpace: {
    hidden: { kind: 'choice', values: [128, 256, 512] },
    encoderLayers: { kind: 'choice', values: [1, 2, 3] },
    decoderLayers: { kind: 'choice', values: [1, 2, 3] },
    decoderOutput: { kind: 'choice', values: [4, 8, 16, 32] },
    temporalDecoderHidden: { kind: 'choice', values: [32, 64, 128] },
    dropout: { kind: 'uniform', low: 0, high: 0.5 },
  },
  forward(inputs: NetworkInputs, context) {
    const { shape, declare, hyperparameters: options } = context;
    const { lookBack: L, outputs } = shape;
    const { values: y, restore } = options.instanceNorm
      ? instanceNorm(inputs, context)
      : { values: inputs.window, restore: (forecast: Expression) => forecast };
    const future = project(context, 'future', inputs.future); // [batch, L + H, r]
    const historical = project(context, 'historical', inputs.historical); // [batch, L, r]
    const g = encodeAndDecode(context, [y, future, historical, inputs.static]);
    const decoded = future === undefined ? g : concat([g, slice(future, 1, L)], 2);
    // No normalisation here: of a single number it would leave nothing but its shift.
    const size = { hidden: options.temporalDecoderHidden, output: outputs, norm: false };
    const steps = residualBlock(context, 'temporal-decoder', decoded, size);
    const global = perStep(linear(declare, 'residual', y, L, stepWidth(shape)), shape);
    return restore(add(steps, global));
  },
};
