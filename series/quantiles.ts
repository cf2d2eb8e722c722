/** Quantiles of samples, plain and with the finite-sample correction of conformal prediction. */
import { normalQuantile } from './statistics.ts';

type Values = ArrayLike<number>;

/**
 * Quantile `p` (0..1) of rising `sorted` by linear interpolation between order statistics: type 7 of Hyndman and Fan (1996),
 * the default of R and NumPy. NaN of nothing.
 */
export function quantile(sorted: Values, p: number): number {
  if (sorted.length === 0) return Number.NaN;
  const at = Math.min(1, Math.max(0, p)) * (sorted.length - 1);
  const low = Math.floor(at);
  const below = sorted[low]!;
  const weight = at - low;
  if (weight === 0) return below;
  // A weighted sum and not below + weight * (above - below): the difference may overflow.
  return (1 - weight) * below + weight * sorted[low + 1]!;
}

/** Median of `values` in any order, NaN left out; NaN if nothing is left. */
export function median(values: Values): number {
  const present = Float64Array.from(values).filter((value) => !Number.isNaN(value));
  return quantile(present.sort(), 0.5);
}

/**
 * Quantile `p` of rising signed residuals such that the next residual, exchangeable with these n, lies beyond it with
 * probability at most p (lower tail) or 1 - p (upper tail): the order statistic floor((n + 1) p) or ceil((n + 1) p)
 * (Vovk, Gammerman, Shafer 2005). The median is the plain one. Where n is too small for a tail to have such an order
 * statistic, the extreme residual is stretched outwards as far as a normal distribution would have it.
 * Rises with p. NaN of nothing.
 */
export function conformalQuantile(sorted: Values, p: number): number {
  const n = sorted.length;
  if (n === 0 || p === 0.5) return quantile(sorted, 0.5);
  // 1e-9: (n + 1) p is a whole number more often than its rounding shows.
  const upper = p > 0.5;
  const rank = upper ? Math.ceil((n + 1) * p - 1e-9) : Math.floor((n + 1) * p + 1e-9);
  if (rank >= 1 && rank <= n) return sorted[rank - 1]!;
  const extreme = sorted[upper ? n - 1 : 0]!;
  const outward = upper ? extreme > 0 : extreme < 0;
  const reached = normalQuantile(upper ? n / (n + 1) : 1 / (n + 1));
  if (!outward || reached === 0) return extreme;
  return extreme * Math.max(1, normalQuantile(p) / reached);
}
