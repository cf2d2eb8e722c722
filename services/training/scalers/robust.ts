/** Robust scaler: each look-back is shifted by its median and divided by its median absolute deviation. */
import type { Expression } from '../../../tensor/expression.ts';
import { abs, greater, mul, sub, where } from '../../../tensor/functions.ts';
import { medianOf } from './median.ts';
import { affineScale, type LookBackView, type Scaler } from './scaler.ts';
import { momentsOf } from './standard.ts';

/** Median absolute deviation of a normal distribution, in standard deviations. */
const normalShare = 0.6745;

/**
 * Median and median absolute deviation [..., 1] of the observed values. Where more than half of the values are equal the
 * latter is nothing, and the standard deviation times 0.6745 takes its place.
 */
export function medianSpreadOf(view: LookBackView): {
  readonly median: Expression;
  readonly spread: Expression;
} {
  const { window, observed } = view;
  const median = medianOf(window, observed);
  const absolute = medianOf(abs(sub(window, median)), observed);
  const fallback = mul(momentsOf(view).deviation, normalShare);
  return { median, spread: where(greater(absolute, view.constantUpTo), absolute, fallback) };
}

/** Median 0, median absolute deviation 1; single outliers do not move it. */
export const robust: Scaler = {
  name: 'robust',
  summary: 'each look-back is shifted by its median and divided by its median absolute deviation',
  source: 'Hampel 1974, The Influence Curve and its Role in Robust Estimation, JASA 69',
  equivariant: true,
  affine: true,
  fit(view) {
    const { median, spread } = medianSpreadOf(view);
    return affineScale(median, spread, view.constantUpTo);
  },
};
