/** Lagged changes: what a series does from one value, or one season, to the next; the errors of naive forecasts. */
import { assert } from '../state/errors.ts';

/**
 * Root of the mean squared y[t] - y[t - lag] - expected; 0 where there is no such pair. Squares of very large and very
 * small changes neither overflow nor vanish.
 */
export function changeDeviation(values: Float64Array, lag: number, expected = 0): number {
  assert(Number.isInteger(lag) && lag >= 1, 'lag is a positive whole number');
  let largest = 0;
  for (let t = lag; t < values.length; t++) {
    largest = Math.max(largest, Math.abs(changeAt(values, lag, expected, t)));
  }
  if (largest === 0) return 0;
  let sum = 0;
  for (let t = lag; t < values.length; t++) {
    sum += (changeAt(values, lag, expected, t) / largest) ** 2;
  }
  return largest * Math.sqrt(sum / (values.length - lag));
}

const bounded = (value: number): number =>
  Math.min(Number.MAX_VALUE, Math.max(-Number.MAX_VALUE, value));

function changeAt(values: Float64Array, lag: number, expected: number, t: number): number {
  return bounded(values[t]! - values[t - lag]! - expected);
}

/** y[t - lag] + expected, [n]; NaN for the first `lag` values. */
export function laggedForecasts(values: Float64Array, lag: number, expected = 0): Float64Array {
  return values.map((_, t) => (t < lag ? Number.NaN : bounded(values[t - lag]! + expected)));
}

/** `base` times `growth(h)` for the steps h = 1 ... horizon, bounded by the greatest double. */
export function growingDeviation(
  base: number,
  horizon: number,
  growth: (step: number) => number,
): Float64Array {
  return Float64Array.from({ length: horizon }, (_, h) => bounded(base * growth(h + 1)));
}
