/** Reversible instance normalisation: the standard scaler with a trained affine map around the network. */
import { add, div, mul, sub } from '../../../tensor/functions.ts';
import { affineScale, type Scaler } from './scaler.ts';
import { momentsOf } from './standard.ts';

/** Keeps the division away from zero, as the authors' program does. */
const epsilon = 1e-10;

/**
 * The map is x w + b, one w and b for each series of a sample; parameters `scaler.weight` and `scaler.bias`. The loss
 * is taken before it, in standard deviations of the look-back: a small w must not make a small loss.
 */
export const revin: Scaler = {
  name: 'revin',
  summary: 'standard, with a trained affine map on the way in that is undone on the way out',
  source: 'Kim et al. 2022, Reversible Instance Normalization, ICLR',
  equivariant: true,
  affine: true,
  fit(view) {
    const { mean, deviation } = momentsOf(view);
    const shape = view.channels > 1 ? [view.channels, 1] : [1];
    const weight = view.declare('scaler.weight', shape, { kind: 'constant', value: 1 });
    const bias = view.declare('scaler.bias', shape, { kind: 'constant', value: 0 });
    return {
      ...affineScale(mean, deviation, view.constantUpTo),
      learned: {
        enter: (values) => add(mul(values, weight), bias),
        leave: (values) => div(sub(values, bias), add(weight, epsilon)),
      },
    };
  },
};
