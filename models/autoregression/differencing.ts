/** Differences of a series, how many of them it needs, and the way back. */
import { seasonalStrength } from '../../series/decomposition/mstl.ts';

/** y(t) - y(t - lag): `lag` values fewer. */
export function difference(values: Float64Array, lag: number): Float64Array {
  const out = new Float64Array(Math.max(0, values.length - lag));
  for (let t = 0; t < out.length; t++) out[t] = values[t + lag]! - values[t]!;
  return out;
}

/** Whether nothing varies beyond rounding. */
export function isConstant(values: Float64Array): boolean {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return !(high - low > 1e-10 * Math.max(Math.abs(low), Math.abs(high)));
}

/** What a level-stationary series exceeds once in twenty times. */
const criticalValue = 0.463;

/**
 * Statistic of Kwiatkowski, Phillips, Schmidt and Shin (1992, Journal of Econometrics 54) for stationarity around a level, with
 * Bartlett's window of floor(3 sqrt(n) / 13) lags.
 */
export function kpss(values: Float64Array): number {
  const n = values.length;
  let mean = 0;
  for (const value of values) mean += value / n;
  let sum = 0;
  let squares = 0;
  for (const value of values) {
    sum += value - mean;
    squares += sum * sum;
  }
  const lags = Math.floor((3 * Math.sqrt(n)) / 13);
  let variance = 0;
  for (let lag = 0; lag <= lags; lag++) {
    let product = 0;
    for (let t = lag; t < n; t++) product += (values[t]! - mean) * (values[t - lag]! - mean);
    variance += (lag === 0 ? 1 : 2 * (1 - lag / (lags + 1))) * product;
  }
  return variance > 0 ? squares / (n * variance) : 0;
}

/** How many first differences make the series level-stationary by the test at 5 %, at most `most`. */
export function firstDifferences(values: Float64Array, most: number): number {
  let d = 0;
  let rest = values;
  while (d < most && rest.length > 3 && !isConstant(rest) && kpss(rest) > criticalValue) {
    rest = difference(rest, 1);
    d++;
  }
  return d;
}

/** Seasonal strength beyond which a seasonal difference is taken (Hyndman and Athanasopoulos 2021, section 9.1). */
const strongSeason = 0.64;

/** 1 if the season is strong, else 0. */
export function seasonalDifferences(values: Float64Array, season: number): 0 | 1 {
  return !isConstant(values) && seasonalStrength(values, season) > strongSeason ? 1 : 0;
}

/** Coefficients c of (1 - B)^d (1 - B^season)^D = 1 - sum c(k) B^(k + 1). */
export function differencePolynomial(d: number, seasonalD: number, season: number): Float64Array {
  let polynomial = Float64Array.of(1);
  const times = (lag: number): void => {
    const product = new Float64Array(polynomial.length + lag);
    for (const [k, c] of polynomial.entries()) {
      product[k]! += c;
      product[k + lag]! -= c;
    }
    polynomial = product;
  };
  for (let i = 0; i < d; i++) times(1);
  for (let i = 0; i < seasonalD; i++) times(season);
  return polynomial.slice(1).map((c) => -c);
}

/** Values after `history` whose differences are `differences` [horizon], the differencing given by its coefficients. */
export function integrate(
  history: Float64Array,
  differences: Float64Array,
  coefficients: Float64Array,
): Float64Array {
  const lost = coefficients.length;
  const horizon = differences.length;
  const path = new Float64Array(lost + horizon);
  path.set(history.subarray(history.length - lost));
  for (let h = 0; h < horizon; h++) {
    let sum = differences[h]!;
    for (let k = 0; k < lost; k++) {
      if (coefficients[k] !== 0) sum += coefficients[k]! * path[lost + h - k - 1]!;
    }
    path[lost + h] = sum;
  }
  return path.slice(lost);
}
