/** Standard scaler: each look-back is shifted by its mean and divided by its standard deviation. */
import { abs, div, greater, mul, sqrt, square, sub, where } from '../../../tensor/functions.ts';
import type { Expression } from '../../../tensor/expression.ts';
import { maximumOf, meanOf } from '../masked.ts';
import { affineScale, type LookBackView, type Scaler } from './scaler.ts';

/** Mean and standard deviation [..., 1] of the observed values. */
export function momentsOf({ window, observed }: Pick<LookBackView, 'window' | 'observed'>): {
  readonly mean: Expression;
  readonly deviation: Expression;
} {
  const mean = meanOf(window, observed);
  const difference = sub(window, mean);
  // Squares are taken relative to the largest difference: those of very large or small values leave float32.
  const sizes = abs(difference);
  const largest = maximumOf(observed === undefined ? sizes : mul(sizes, observed));
  const unit = where(greater(largest, 0), largest, 1);
  const variance = meanOf(square(div(difference, unit)), observed);
  return { mean, deviation: mul(unit, sqrt(variance)) };
}

/** Mean 0, deviation 1. */
export const standard: Scaler = {
  name: 'standard',
  summary: 'each look-back is shifted by its mean and divided by its standard deviation',
  source: 'Ogasawara et al. 2010, Adaptive Normalization, IJCNN',
  equivariant: true,
  affine: true,
  fit(view) {
    const { mean, deviation } = momentsOf(view);
    return affineScale(mean, deviation, view.constantUpTo);
  },
};
