/**
 * TSMixer: perceptrons that mix time steps and series in turn.
 *
 * Chen, Li, Yoder, Arik, Pfister: "TSMixer: An All-MLP Architecture for Time Series Forecasting", TMLR 2023,
 * arXiv:2303.06053, section 4. A block first mixes along time, with weights shared by all series, then along series,
 * with weights shared by all steps; each half adds to what it was given. One linear layer maps time onto the horizon.
 * Both halves begin with a batch normalisation of every step of every series; the windows themselves are normalised
 * reversibly, as in the authors' tuned models.
 *
 * L look-back, C series, F hidden; x [batch, C, L] window. Keras' momentum 0.99 of the authors is 0.01 here.
 */
import { z } from 'zod';
import type { Expression } from '../../tensor/expression.ts';
import { add, relu, transpose } from '../../tensor/functions.ts';
import type { NetworkContext, NeuralModel } from '../model.ts';
import { linear, perStep, stepWidth } from '../layers/linear.ts';
import { batchNorm } from '../layers/batch-norm.ts';
import { instanceNorm } from '../layers/normalisation.ts';

const hyperparameters = z.strictObject({
  blocks: z.int().min(1).max(16).default(2).describe('Mixing blocks; the paper tunes 2 to 8'),
  hidden: z
    .int()
    .min(1)
    .max(4096)
    .default(64)
    .describe('Width between the two layers that mix series; the paper tunes 8 to 64'),
  dropout: z
    .number()
    .min(0)
    .max(0.95)
    .default(0.9)
    .describe('Dropout of all that a block adds; the paper tunes 0.1 to 0.9, high for small data'),
  instanceNorm: z
    .boolean()
    .default(true)
    .describe('Whether each window is normalised by itself, with a learned scale and shift'),
});

type TsMixer = z.infer<typeof hyperparameters>;

const normalisation = { sampleAxes: 1, momentum: 0.01, epsilon: 1e-3 } as const;

/** x + dropout(relu(norm(x) W + b)), along time: [batch, C, L]. */
function mixTime(context: NetworkContext<TsMixer>, name: string, x: Expression): Expression {
  const { shape, declare, dropout, hyperparameters: options } = context;
  const normed = batchNorm(context, `${name}.norm`, x, normalisation);
  const mixed = relu(linear(declare, name, normed, shape.lookBack, shape.lookBack));
  return add(x, dropout(mixed, options.dropout));
}

/** The same along series, by two layers of which only the first is rectified. */
function mixSeries(context: NetworkContext<TsMixer>, name: string, x: Expression): Expression {
  const { shape, declare, dropout, hyperparameters: options } = context;
  const { channels: C } = shape;
  const normed = transpose(batchNorm(context, `${name}.norm`, x, normalisation), [0, 2, 1]);
  const inner = relu(linear(declare, `${name}.hidden`, normed, C, options.hidden)); // [batch, L, F]
  const mixed = linear(
    declare,
    `${name}.output`,
    dropout(inner, options.dropout),
    options.hidden,
    C,
  );
  return add(x, transpose(dropout(mixed, options.dropout), [0, 2, 1]));
}

/** Mixes time and series; one sample holds all series. */
export const tsmixer: NeuralModel<TsMixer> = {
  name: 'tsmixer',
  family: 'neural',
  summary: 'Perceptrons that mix time steps and series in turn; all series at once',
  source: 'Chen et al. 2023, TSMixer: An All-MLP Architecture for Time Series Forecasting, TMLR',
  hyperparameters,
  trainingDefaults: { learningRate: 0.001, maxSteps: 1000 },
  costly: true,
  searchSpace: {
    blocks: { kind: 'choice', values: [1, 2, 4] },
    hidden: { kind: 'choice', values: [16, 64, 256] },
    dropout: { kind: 'uniform', low: 0.1, high: 0.9 },
  },
  multivariate: () => true,
  forward(inputs, context) {
    const { shape, declare, hyperparameters: options } = context;
    const { values, restore } = options.instanceNorm
      ? instanceNorm(inputs, context, { affine: true })
      : { values: inputs.window, restore: (y: Expression) => y };
    let x = values; // [batch, C, L]
    for (let block = 0; block < options.blocks; block++) {
      x = mixTime(context, `block${block}.time`, x);
      x = mixSeries(context, `block${block}.series`, x);
    }
    return restore(perStep(linear(declare, 'head', x, shape.lookBack, stepWidth(shape)), shape));
  },
};
