/** Likelihood of the two kinds of error, and its derivatives by the forecasts (Hyndman et al. 2008, section 5.1). */
import type { Pass } from './recursion.ts';

/** Forecasts below this, in units of the series' size, are not allowed where errors are relative. */
const leastForecast = 1e-8;

/** Mean squared error, in units of the series' size, that rounding leaves: a perfect fit is no better than this. */
const rounding = 1e-26;

/**
 * Minus twice the logarithm of the likelihood, the variance concentrated out, but for constants that all kinds share:
 * n log(sum of squared errors), and for relative errors 2 (sum of the logarithms of the forecasts) more.
 * Infinity where a forecast has no relative error.
 */
export function deviance({ y, fitted }: Pass, error: 'A' | 'M'): number {
  const n = y.length;
  let squares = n * rounding;
  if (error === 'A') {
    for (let t = 0; t < n; t++) {
      const e = y[t]! - fitted[t]!;
      squares += e * e;
    }
    return n * Math.log(squares);
  }
  let least = Infinity;
  let logarithm = 0;
  let product = 1;
  for (let t = 0; t < n; t++) {
    const f = fitted[t]!;
    least = Math.min(least, f);
    const r = y[t]! / f - 1;
    squares += r * r;
    // One logarithm for many factors: it is taken when the product has come far from 1.
    product *= f;
    if (!(product > 1e-200 && product < 1e200)) {
      logarithm += Math.log(product);
      product = 1;
    }
  }
  if (!(least > leastForecast)) return Infinity;
  return n * Math.log(squares) + 2 * (logarithm + Math.log(product));
}

/** Writes the derivatives of `deviance` by the forecasts into `slopeOfFitted`. */
export function placeSlopes({ y, fitted, slopeOfFitted }: Pass, error: 'A' | 'M'): void {
  const n = y.length;
  let squares = n * rounding;
  if (error === 'A') {
    for (let t = 0; t < n; t++) {
      const e = y[t]! - fitted[t]!;
      squares += e * e;
      slopeOfFitted[t] = e;
    }
    const factor = (-2 * n) / squares;
    for (let t = 0; t < n; t++) slopeOfFitted[t]! *= factor;
    return;
  }
  for (let t = 0; t < n; t++) {
    const r = y[t]! / fitted[t]! - 1;
    squares += r * r;
  }
  const factor = (-2 * n) / squares;
  for (let t = 0; t < n; t++) {
    const inverse = 1 / fitted[t]!;
    const ratio = y[t]! * inverse;
    slopeOfFitted[t] = (factor * (ratio - 1) * ratio + 2) * inverse;
  }
}
