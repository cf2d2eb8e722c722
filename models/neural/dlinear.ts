/**
 * DLinear: one linear layer for the trend of the window, one for what is left, summed.
 *
 * Zeng, Chen, Zhang, Xu: "Are Transformers Effective for Time Series Forecasting?", AAAI 2023, section 4.
 * A moving average splits the window into trend and remainder (the decomposition of Autoformer),
 * each goes through its own linear layer, and the two forecasts are added.
 *
 * x [batch, L] window; t = x A its trend, A [L, L] the moving average; s = x - t the remainder;
 * W_s, W_t [L, H] and b_s, b_t [H] the layers; y [batch, H] forecast. With a pair of layers for each of C channels
 * (DLinear-I), x is [batch, C, L], W_s and W_t [C, L, H], y [batch, C, H].
 */
import { z } from 'zod';
import { constant } from '../../tensor/expression.ts';
import type { Expression } from '../../tensor/expression.ts';
import { add, matMul, sub, transpose } from '../../tensor/functions.ts';
import type { DeclareParameter, NeuralModel } from '../model.ts';
import { linear, perStep, stepWidth } from '../layers/linear.ts';

const hyperparameters = z.strictObject({
  kernel: z
    .int()
    .min(1)
    .max(1001)
    .refine((kernel) => kernel % 2 === 1, 'must be odd')
    .default(25)
    .describe('Length of the moving average in steps, odd'),
  individual: z
    .boolean()
    .default(false)
    .describe('Whether every series has layers of its own, trained on aligned series together'),
});

/**
 * Matrix [length, length] of the centred moving average over `kernel` steps, to be multiplied from the right.
 * Beyond either end of the window its first or last value is repeated.
 */
export function movingAverageMatrix(length: number, kernel: number): Float32Array {
  const half = (kernel - 1) / 2;
  const counts = new Float64Array(length * length);
  for (let output = 0; output < length; output++) {
    for (let offset = -half; offset <= half; offset++) {
      const source = Math.min(Math.max(output + offset, 0), length - 1);
      counts[source * length + output]! += 1;
    }
  }
  return Float32Array.from(counts, (count) => count / kernel);
}

/** x_c W_c + b_c for each channel c: [batch, C, from] -> [batch, C, to], begun as `linear` begins. */
function linearPerChannel(
  declare: DeclareParameter,
  name: string,
  x: Expression,
  from: number,
  to: number,
): Expression {
  const channels = x.shape[1] as number;
  const bound = 1 / Math.sqrt(from);
  const weight = declare(`${name}.weight`, [channels, from, to], { kind: 'uniform', bound });
  const bias = declare(`${name}.bias`, [channels, 1, to], { kind: 'uniform', bound });
  const channelsFirst = add(matMul(transpose(x, [1, 0, 2]), weight), bias); // [C, batch, to]
  return transpose(channelsFirst, [1, 0, 2]);
}

/** Trend and remainder by two linear layers; each layer's forecast is shown where there is one output. */
export const dlinear: NeuralModel<z.infer<typeof hyperparameters>> = {
  name: 'dlinear',
  family: 'neural',
  summary: 'Two linear layers, one on the moving average of the window and one on the rest',
  source: 'Zeng et al. 2023, Are Transformers Effective for Time Series Forecasting?, AAAI',
  hyperparameters,
  searchSpace: { kernel: { kind: 'choice', values: [5, 11, 25, 51] } },
  multivariate: ({ individual }) => individual,
  decomposes: true,
  forward({ window: x }, { shape, declare, expose, hyperparameters: { kernel, individual } }) {
    const { lookBack: L, outputs } = shape;
    const layer = individual ? linearPerChannel : linear;
    const average = constant(movingAverageMatrix(L, kernel), [L, L]);
    const trend = matMul(x, average); // t = x A
    const part = (name: string, input: Expression): Expression => {
      const forecast = layer(declare, name, input, L, stepWidth(shape));
      if (outputs === 1) expose(`part:${name}`, forecast); // [..., H]
      return forecast;
    };
    return perStep(add(part('seasonal', sub(x, trend)), part('trend', trend)), shape);
  },
};
