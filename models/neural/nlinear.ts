/**
 * NLinear: one linear layer on windows shifted by their last value.
 *
 * Zeng, Chen, Zhang, Xu: "Are Transformers Effective for Time Series Forecasting?", AAAI 2023, section 4.
 * The last value of the window is subtracted, one linear layer maps the look-back onto the horizon,
 * and the last value is added back, so that a shift of level between training and test does no harm.
 *
 * x [batch, L] window; x_L [batch, 1] its last value; W [L, H], b [H] the layer; y [batch, H] forecast, with more
 * outputs per step H times as many columns.
 */
import { z } from 'zod';
import { slice, sub } from '../../tensor/functions.ts';
import type { NeuralModel } from '../model.ts';
import { addLevel, linear, perStep, stepWidth } from '../layers/linear.ts';

const hyperparameters = z.strictObject({});

/** The linear baseline that beat the transformers of its day; few parameters, hard to break. */
export const nlinear: NeuralModel<z.infer<typeof hyperparameters>> = {
  name: 'nlinear',
  family: 'neural',
  summary: 'One linear layer on windows shifted by their last value',
  source: 'Zeng et al. 2023, Are Transformers Effective for Time Series Forecasting?, AAAI',
  hyperparameters,
  searchSpace: {},
  forward({ window: x }, { shape, declare }) {
    const { lookBack: L } = shape;
    const last = slice(x, 1, L - 1);
    const y = linear(declare, 'linear', sub(x, last), L, stepWidth(shape));
    return addLevel(perStep(y, shape), last, shape); // y = (x - x_L) W + b + x_L
  },
};
