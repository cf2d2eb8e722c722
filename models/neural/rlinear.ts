/**
 * RLinear: one linear layer on windows brought to mean 0 and deviation 1, undone on the forecast.
 *
 * Li, Qi, Li, Xu: "Revisiting Long-term Time Series Forecasting: An Investigation on Linear Mapping", arXiv 2305.10721,
 * section 4. Reversible instance normalisation (Kim et al. 2022, ICLR) with its learnable scale and shift, around one
 * linear layer that all channels share.
 *
 * x [batch, L] window, m and s its mean and deviation; g, c learnt scale and shift; z = (x - m) / s g + c;
 * W [L, H], b [H] the layer; y = (z W + b - c) / g s + m forecast, with more outputs per step H times as many columns.
 */
import { z } from 'zod';
import type { NeuralModel } from '../model.ts';
import { linear, perStep, stepWidth } from '../layers/linear.ts';
import { instanceNorm } from '../layers/normalisation.ts';

const hyperparameters = z.strictObject({});

/** As cheap as NLinear, and blind to the scale of the window as well as to its level. */
export const rlinear: NeuralModel<z.infer<typeof hyperparameters>> = {
  name: 'rlinear',
  family: 'neural',
  summary: 'One linear layer on windows of mean 0 and deviation 1, with learnt scale and shift',
  source: 'Li et al. 2023, Revisiting Long-term Time Series Forecasting, arXiv 2305.10721',
  hyperparameters,
  searchSpace: {},
  forward(inputs, context) {
    const { shape, declare } = context;
    const { values, restore } = instanceNorm(inputs, context, { affine: true });
    const y = linear(declare, 'linear', values, shape.lookBack, stepWidth(shape));
    return restore(perStep(y, shape));
  },
};
