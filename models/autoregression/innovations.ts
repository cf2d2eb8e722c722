/**
 * One-step forecast errors and exact Gaussian likelihood of an ARMA model. A stationary process needs no Riccati recursion: the
 * change of the state's covariance has rank one, so that each step costs O(state) rather than O(state^2), and once the variance
 * of the error has come down to that of the innovations the errors follow the difference equation alone.
 *
 * Morf, Sidhu and Kailath 1974, "Some new algorithms for recursive estimation in constant, linear, discrete-time systems", IEEE
 * Transactions on Automatic Control 19; Pearlman 1980, Biometrika 67; Melard 1984, Applied Statistics 33, algorithm AS 197.
 */
import {
  type CovarianceSpace,
  computeCovariances,
  createCovarianceSpace,
} from './autocovariance.ts';
import type { ArmaPolynomials, SparsePolynomial } from './polynomials.ts';

/** Arrays of one model's filter over one series, and what the last pass found. */
export interface InnovationFilter {
  readonly values: Float64Array;
  readonly polynomials: ArmaPolynomials;
  readonly space: CovarianceSpace;
  /** Whether the mean is estimated, by generalised least squares. */
  readonly withMean: boolean;
  /** Errors of the series less its mean [n]. */
  readonly innovations: Float64Array;
  /** Their variances, in units of the innovations' variance [n]; 1 from `switchAt` on. */
  readonly variances: Float64Array;
  /** Forecast of the state at `switchAt`, made of what came before [state + 1]. */
  readonly state: Float64Array;
  readonly gain: Float64Array;
  readonly direction: Float64Array;
  /** The same filter run over a series of ones. */
  readonly ones: Float64Array;
  readonly onesInnovations: Float64Array;
  readonly onesState: Float64Array;
  /** Step from which on the variance is that of the innovations; n if never. */
  switchAt: number;
  mean: number;
  /** Sum of squared errors, each divided by its variance. */
  sumOfSquares: number;
  /** Sum of the logarithms of the variances. */
  logDeterminant: number;
}

/** A filter for `values` [n], n >= 1. */
export function createFilter(
  values: Float64Array,
  polynomials: ArmaPolynomials,
  withMean: boolean,
): InnovationFilter {
  const space = createCovarianceSpace(polynomials);
  const n = values.length;
  const ones = withMean ? n : 0;
  return {
    values,
    polynomials,
    space,
    withMean,
    innovations: new Float64Array(n),
    variances: new Float64Array(n),
    state: new Float64Array(space.size + 1),
    gain: new Float64Array(space.size),
    direction: new Float64Array(space.size + 1),
    ones: new Float64Array(ones).fill(1),
    onesInnovations: new Float64Array(ones),
    onesState: new Float64Array(space.size + 1),
    switchAt: 0,
    mean: 0,
    sumOfSquares: 0,
    logDeterminant: 0,
  };
}

/** state <- T state + gain * weight, T the companion matrix of phi. */
function advance(
  state: Float64Array,
  gain: Float64Array,
  weight: number,
  { lags, coefficients }: SparsePolynomial,
): void {
  const first = state[0]!;
  for (let i = 0; i < gain.length; i++) state[i] = state[i + 1]! + gain[i]! * weight;
  for (let i = 0; i < lags.length; i++) state[lags[i]! - 1]! += coefficients[i]! * first;
}

/** direction <- T direction - gain * back; gain <- gain + T direction * forward. */
function turn(
  direction: Float64Array,
  gain: Float64Array,
  back: number,
  forward: number,
  { lags, coefficients }: SparsePolynomial,
): void {
  const first = direction[0]!;
  direction.copyWithin(0, 1);
  if (first === 0) return;
  for (let i = 0; i < lags.length; i++) direction[lags[i]! - 1]! += coefficients[i]! * first;
  for (let i = 0; i < gain.length; i++) {
    const along = direction[i]!;
    const before = gain[i]!;
    direction[i] = along - before * back;
    gain[i] = before + along * forward;
  }
}

/**
 * Runs the filter while the variance F still falls: F <- F + M l^2, gain <- gain + T L M l, L <- T L - gain l / F,
 * M <- M F / F(next), l the first entry of the direction L. Ends at `switchAt` if it is given, else when F - 1 <= tolerance.
 */
function startUp(filter: InnovationFilter, tolerance: number, switchAt: number): void {
  const { values, polynomials, space, innovations, variances, state, gain, direction } = filter;
  const { withMean, onesState, onesInnovations } = filter;
  const { phi } = polynomials;
  gain.set(space.gain);
  direction.set(gain);
  direction[gain.length] = 0;
  state.fill(0);
  onesState.fill(0);
  let variance = space.covariances[0]!;
  let weight = -1 / variance;
  let product = 1;
  let logDeterminant = 0;
  let t = 0;
  const end = switchAt < 0 ? values.length : switchAt;
  for (; t < end; t++) {
    if (switchAt < 0 && variance <= 1 + tolerance) break;
    const error = values[t]! - state[0]!;
    innovations[t] = error;
    variances[t] = variance;
    product *= variance;
    if (product > 1e200) {
      logDeterminant += Math.log(product);
      product = 1;
    }
    if (withMean) {
      const onesError = 1 - onesState[0]!;
      onesInnovations[t] = onesError;
      advance(onesState, gain, onesError / variance, phi);
    }
    advance(state, gain, error / variance, phi);
    const first = direction[0]!;
    turn(direction, gain, first / variance, first * weight, phi);
    // Rounding must not take it below the variance of the innovations.
    const next = Math.max(1, variance + weight * first * first);
    weight *= variance / next;
    variance = next;
  }
  filter.switchAt = t;
  filter.logDeterminant = logDeterminant + Math.log(product);
}

/** Errors from step `start` on: values(t) - state(t - start) - sum phi values(t - j) - sum theta errors(t - j). */
function steady(
  values: Float64Array,
  innovations: Float64Array,
  state: Float64Array,
  start: number,
  { phi, theta }: ArmaPolynomials,
): void {
  const n = values.length;
  for (let t = start; t < n; t++) innovations[t] = values[t]!;
  const known = Math.min(n - start, state.length - 1);
  for (let i = 0; i < known; i++) innovations[start + i]! -= state[i]!;
  for (let i = 0; i < phi.lags.length; i++) {
    const lag = phi.lags[i]!;
    const c = phi.coefficients[i]!;
    for (let t = start + lag; t < n; t++) innovations[t]! -= c * values[t - lag]!;
  }
  const terms = theta.lags.length;
  if (terms === 0) return;
  const { lags, coefficients } = theta;
  const full = Math.min(n, start + theta.degree);
  for (let t = start; t < full; t++) {
    let error = innovations[t]!;
    for (let i = 0; i < terms; i++) {
      if (t - lags[i]! >= start) error -= coefficients[i]! * innovations[t - lags[i]!]!;
    }
    innovations[t] = error;
  }
  for (let t = full; t < n; t++) {
    let error = innovations[t]!;
    for (let i = 0; i < terms; i++) error -= coefficients[i]! * innovations[t - lags[i]!]!;
    innovations[t] = error;
  }
}

/** The mean that makes the weighted sum of squares least, taken out of the errors; and that sum. */
function concentrate(filter: InnovationFilter): void {
  const { innovations, onesInnovations, variances, withMean } = filter;
  const n = innovations.length;
  let mean = 0;
  if (withMean) {
    let cross = 0;
    let square = 0;
    for (let t = 0; t < n; t++) {
      const one = onesInnovations[t]! / variances[t]!;
      cross += one * innovations[t]!;
      square += one * onesInnovations[t]!;
    }
    mean = square > 0 ? cross / square : 0;
    for (let t = 0; t < n; t++) innovations[t]! -= mean * onesInnovations[t]!;
  }
  let sum = 0;
  for (let t = 0; t < n; t++) sum += (innovations[t]! * innovations[t]!) / variances[t]!;
  filter.mean = mean;
  filter.sumOfSquares = sum;
}

/**
 * Fills the filter for the polynomials as they are now: errors, variances, mean, sum of squares, logarithm of the determinant.
 * `switchAt`, if not negative, says at which step the variance counts as settled; else it is where the variance is within
 * `tolerance` of 1. Returns whether the model is stationary and everything finite.
 */
export function runFilter(filter: InnovationFilter, tolerance: number, switchAt = -1): boolean {
  const { values, polynomials, variances, ones, onesInnovations, onesState } = filter;
  if (!computeCovariances(polynomials, filter.space)) return false;
  startUp(filter, tolerance, switchAt);
  const start = filter.switchAt;
  variances.fill(1, start);
  steady(values, filter.innovations, filter.state, start, polynomials);
  if (filter.withMean) steady(ones, onesInnovations, onesState, start, polynomials);
  concentrate(filter);
  return Number.isFinite(filter.sumOfSquares + filter.logDeterminant);
}

/** Gaussian log-likelihood at the best innovation variance, sum of squares / n. */
export function logLikelihood({ values, sumOfSquares, logDeterminant }: InnovationFilter): number {
  const n = values.length;
  return -0.5 * (n * (Math.log((2 * Math.PI * sumOfSquares) / n) + 1) + logDeterminant);
}

/** Expected values of the next `horizon` steps given all that the filter has seen, its mean left out and back in. */
export function predict(filter: InnovationFilter, horizon: number): Float64Array {
  const { values, innovations, state, onesState, switchAt, mean, polynomials } = filter;
  const { phi, theta } = polynomials;
  const n = values.length;
  const size = state.length - 1;
  const centred = new Float64Array(horizon);
  for (let h = 0; h < horizon; h++) {
    const since = n + h - switchAt;
    let sum = since < size ? state[since]! - mean * onesState[since]! : 0;
    for (let i = 0; i < phi.lags.length; i++) {
      const lag = phi.lags[i]!;
      if (since < lag) continue;
      sum += phi.coefficients[i]! * (h >= lag ? centred[h - lag]! : values[n + h - lag]! - mean);
    }
    for (let i = 0; i < theta.lags.length; i++) {
      const lag = theta.lags[i]!;
      if (since >= lag && h < lag) sum += theta.coefficients[i]! * innovations[n + h - lag]!;
    }
    centred[h] = sum;
  }
  return centred.map((value) => value + mean);
}
