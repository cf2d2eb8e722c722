/** Maximum likelihood of one seasonal ARMA model, mean and innovation variance concentrated out of it. */
import { createFilter, type InnovationFilter, logLikelihood, runFilter } from './innovations.ts';
import { leastSquares } from './least-squares.ts';
import { type ArimaOrder, polynomialCount } from './orders.ts';
import { awayFromUnitCircle, createPolynomials, parameterLimit, setFree } from './polynomials.ts';

/** How carefully a model is estimated. */
export interface EstimationEffort {
  /** Least share by which a step must lower the sum of squares. */
  readonly tolerance: number;
  readonly maxIterations: number;
  /** Variance above that of the innovations at which the filter counts as settled. */
  readonly settled: number;
}

/** A model estimated on a differenced series. */
export interface ArmaEstimate {
  readonly order: ArimaOrder;
  /** Free parameters [p + q + P + Q]. */
  readonly free: Float64Array;
  readonly logLikelihood: number;
  /** Akaike's criterion corrected for short series (Hurvich and Tsai 1989); Infinity where there are too few values. */
  readonly aicc: number;
  /** The filter at the estimate: errors, mean, coefficients. */
  readonly filter: InnovationFilter;
  readonly evaluations: number;
}

/**
 * How far roots must keep from the unit circle for a model to be chosen, R's limit: an autoregression nearer to it wants another
 * difference.
 */
const leastRadius = 1.01;
/** Largest free parameter of a moving average: one of a single coefficient then keeps just beyond the radius. */
const movingAverageLimit = Math.atanh(1 / leastRadius) - 1e-3;

/** Akaike's corrected criterion of a model with `parameters` estimated from n values. */
export function correctedAkaike(likelihood: number, parameters: number, n: number): number {
  if (n - parameters - 1 <= 0) return Number.POSITIVE_INFINITY;
  return -2 * likelihood + (2 * parameters * n) / (n - parameters - 1);
}

/** Free parameters of partial autocorrelations. */
export function freeOf(partial: number): number {
  return Math.atanh(Math.min(0.9, Math.max(-0.9, partial)));
}

/** Sample partial autocorrelations at multiples of `steps` [count], by Durbin-Levinson on the autocorrelations. */
function samplePartials(values: Float64Array, steps: number, count: number): Float64Array {
  const n = values.length;
  let mean = 0;
  for (const value of values) mean += value / n;
  const correlation = new Float64Array(count + 1);
  for (let k = 0; k <= count; k++) {
    let sum = 0;
    for (let t = k * steps; t < n; t++)
      sum += (values[t]! - mean) * (values[t - k * steps]! - mean);
    correlation[k] = sum;
  }
  const partials = new Float64Array(count);
  const coefficients = new Float64Array(count);
  let variance = correlation[0]!;
  for (let k = 0; k < count && variance > 0; k++) {
    let expected = 0;
    for (let i = 0; i < k; i++) expected += coefficients[i]! * correlation[k - i]!;
    const partial = (correlation[k + 1]! - expected) / variance;
    partials[k] = partial;
    for (let i = 0, j = k - 1; i <= j; i++, j--) {
      const a = coefficients[i]!;
      const b = coefficients[j]!;
      coefficients[i] = a - partial * b;
      coefficients[j] = b - partial * a;
    }
    coefficients[k] = partial;
    variance *= 1 - partial * partial;
  }
  return partials;
}

/** Where the search for the parameters of `order` begins: sample partial autocorrelations, and no moving average. */
export function startOf(values: Float64Array, order: ArimaOrder): Float64Array {
  const { p, q, seasonalP, season } = order;
  const start = new Float64Array(polynomialCount(order));
  start.set(samplePartials(values, 1, p).map(freeOf));
  start.set(samplePartials(values, season, seasonalP).map(freeOf), p + q);
  return start;
}

/** The free parameters of a neighbouring model as a start for `order`: what is new begins at nothing. */
export function startFrom(free: Float64Array, from: ArimaOrder, order: ArimaOrder): Float64Array {
  const start = new Float64Array(polynomialCount(order));
  const sizes = ({ p, q, seasonalP, seasonalQ }: ArimaOrder): number[] => [
    p,
    q,
    seasonalP,
    seasonalQ,
  ];
  const to = sizes(order);
  let read = 0;
  let write = 0;
  for (const [i, size] of sizes(from).entries()) {
    const kept = Math.min(size, to[i]!);
    start.set(free.subarray(read, read + kept), write);
    read += size;
    write += to[i]!;
  }
  return start;
}

/**
 * How far free parameters may go. Moving averages stop where their roots come too near the unit circle, so that a series that
 * was differenced once too often keeps its best model at that limit; autoregressions that near are to be refused, not held back.
 */
function limitsOf({ p, q, seasonalP, seasonalQ }: ArimaOrder): Float64Array {
  const limits = new Float64Array(p + q + seasonalP + seasonalQ).fill(parameterLimit);
  limits.fill(movingAverageLimit, p, p + q);
  return limits.fill(movingAverageLimit, p + q + seasonalP);
}

/**
 * Estimates `order` on the differenced `values` [n], n >= 1, from `start`. The likelihood is a sum of squares: that of the
 * errors over their standard deviations, times a common factor that makes their geometric mean 1 (Melard 1984).
 */
export function estimate(
  values: Float64Array,
  order: ArimaOrder,
  start: Float64Array,
  { tolerance, maxIterations, settled }: EstimationEffort,
): ArmaEstimate {
  const n = values.length;
  const polynomials = createPolynomials(order);
  const filter = createFilter(values, polynomials, order.constant);
  const { innovations, variances } = filter;
  let switchAt = -1;
  const residuals = (point: Float64Array, out: Float64Array, near: boolean): number => {
    setFree(polynomials, point);
    // Differences are only smooth if the filter settles at the same step.
    if (!runFilter(filter, settled, near ? switchAt : -1)) return Number.POSITIVE_INFINITY;
    if (!near) switchAt = filter.switchAt;
    const factor = Math.exp(filter.logDeterminant / (2 * n));
    for (let t = 0; t < n; t++) {
      const variance = variances[t]!;
      out[t] = factor * (variance === 1 ? innovations[t]! : innovations[t]! / Math.sqrt(variance));
    }
    return filter.sumOfSquares * factor * factor;
  };
  const { point, evaluations } = leastSquares(residuals, start, n, {
    limits: limitsOf(order),
    tolerance,
    maxIterations,
  });
  setFree(polynomials, point);
  const sound = runFilter(filter, settled);
  const likelihood = sound ? logLikelihood(filter) : Number.NEGATIVE_INFINITY;
  const parameters = polynomialCount(order) + (order.constant ? 1 : 0) + 1;
  return {
    order,
    free: point,
    logLikelihood: likelihood,
    aicc: sound ? correctedAkaike(likelihood, parameters, n) : Number.POSITIVE_INFINITY,
    filter,
    evaluations,
  };
}

/** Whether no root of either polynomial is so near the unit circle that differencing or one order less would do. */
export function isUsable({ filter }: ArmaEstimate): boolean {
  return awayFromUnitCircle(filter.polynomials, leastRadius);
}
