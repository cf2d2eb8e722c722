/** Quantiles of the standard normal distribution. */
import { assert } from '../../../state/errors.ts';

/**
 * The quantile of `level` (0..1, exclusive): Acklam's rational approximation (2003), relative error 1.15e-9.
 */
export function normalQuantile(level: number): number {
  assert(level > 0 && level < 1, `level ${level} lies between 0 and 1`);
  if (level > 0.5) return -normalQuantile(1 - level);
  if (level < 0.02425) {
    const q = Math.sqrt(-2 * Math.log(level));
    return polynomial(tailTop, q) / (polynomial(tailBottom, q) * q + 1);
  }
  const q = level - 0.5;
  const r = q * q;
  return (polynomial(middleTop, r) * q) / (polynomial(middleBottom, r) * r + 1);
}

const middleTop = [
  -3.969683028665376e1, 2.209460984245205e2, -2.759285104469687e2, 1.38357751867269e2,
  -3.066479806614716e1, 2.506628277459239,
];
const middleBottom = [
  -5.447609879822406e1, 1.615858368580409e2, -1.556989798598866e2, 6.680131188771972e1,
  -1.328068155288572e1,
];
const tailTop = [
  -7.784894002430293e-3, -3.223964580411365e-1, -2.400758277161838, -2.549732539343734,
  4.374664141464968, 2.938163982698783,
];
const tailBottom = [
  7.784695709041462e-3, 3.224671290700398e-1, 2.445134137142996, 3.754408661907416,
];

/** Coefficients from the highest power to the constant. */
const polynomial = (coefficients: readonly number[], x: number): number =>
  coefficients.reduce((value, coefficient) => value * x + coefficient, 0);
