/** Accuracy measures of point, interval and quantile forecasts, by the M4 competition's formulae where it has them. */
import { assert } from '../state/errors.ts';
import { mean, variance } from './statistics.ts';

type Values = ArrayLike<number>;

/**
 * Mean of `loss` over the pairs. A missing (NaN) actual value is left out, a missing forecast makes the result NaN;
 * NaN if nothing is left.
 */
function meanLoss(
  actual: Values,
  forecast: Values,
  loss: (actual: number, forecast: number) => number,
): number {
  assert(actual.length === forecast.length, 'actual and forecast have one length');
  let sum = 0;
  let count = 0;
  for (let i = 0; i < actual.length; i++) {
    const a = actual[i]!;
    if (Number.isNaN(a)) continue;
    sum += loss(a, forecast[i]!);
    count++;
  }
  return count === 0 ? Number.NaN : sum / count;
}

/** Mean absolute error. */
export function mae(actual: Values, forecast: Values): number {
  return meanLoss(actual, forecast, (a, f) => Math.abs(a - f));
}

/** Mean squared error. */
export function mse(actual: Values, forecast: Values): number {
  return meanLoss(actual, forecast, (a, f) => (a - f) ** 2);
}

/** Root of the mean squared error. */
export function rmse(actual: Values, forecast: Values): number {
  return Math.sqrt(mse(actual, forecast));
}

/**
 * Symmetric mean absolute percentage error on the scale 0..200: mean of 200 |a - f| / (|a| + |f|), where 0/0 counts as 0
 * (Makridakis, Spiliotis, Assimakopoulos 2020, "The M4 Competition", equation 1).
 */
export function smape(actual: Values, forecast: Values): number {
  return meanLoss(actual, forecast, (a, f) => {
    const size = Math.abs(a) + Math.abs(f);
    return size === 0 ? 0 : (200 * Math.abs(a - f)) / size;
  });
}

/**
 * In-sample mean absolute error of the seasonal naive forecast: mean of |y[t] - y[t - season]|.
 * NaN where `history` has no such pair.
 */
export function seasonalNaiveError(history: Values, season: number): number {
  assert(Number.isInteger(season) && season >= 1, 'season is a positive whole number');
  let sum = 0;
  let count = 0;
  for (let t = season; t < history.length; t++) {
    const change = Math.abs(history[t]! - history[t - season]!);
    if (Number.isNaN(change)) continue;
    sum += change;
    count++;
  }
  return count === 0 ? Number.NaN : sum / count;
}

/**
 * Mean absolute scaled error: the mean absolute error over `seasonalNaiveError(history, season)` (Hyndman and Koehler
 * 2006). NaN where that scale is zero or undefined: averages leave such a series out and count it.
 */
export function mase(actual: Values, forecast: Values, history: Values, season: number): number {
  const scale = seasonalNaiveError(history, season);
  return scale > 0 ? mae(actual, forecast) / scale : Number.NaN;
}

/** Share (0..1) of actual values with lower <= actual <= upper. */
export function coverage(actual: Values, lower: Values, upper: Values): number {
  assert(lower.length === upper.length, 'lower and upper have one length');
  let i = 0;
  return meanLoss(actual, lower, (a, low) => {
    while (Number.isNaN(actual[i]!)) i++;
    const inside = a >= low && a <= upper[i]!;
    i++;
    return inside ? 1 : 0;
  });
}

/** Mean pinball loss of a forecast of quantile `level` (0..1). */
export function pinball(actual: Values, forecast: Values, level: number): number {
  return meanLoss(actual, forecast, (a, f) => (a >= f ? level * (a - f) : (level - 1) * (a - f)));
}

/**
 * Weighted quantile loss: mean over `levels` of 2 sum(pinball) / sum(|actual|). `quantiles` is [n, levels] row by row.
 * NaN where all actual values are zero or missing.
 */
export function wql(actual: Values, quantiles: Values, levels: readonly number[]): number {
  assert(quantiles.length === actual.length * levels.length, 'quantiles is [n, levels]');
  let loss = 0;
  let size = 0;
  for (let i = 0; i < actual.length; i++) {
    const a = actual[i]!;
    if (Number.isNaN(a)) continue;
    size += Math.abs(a);
    for (let q = 0; q < levels.length; q++) {
      const error = a - quantiles[i * levels.length + q]!;
      loss += error >= 0 ? levels[q]! * error : (levels[q]! - 1) * error;
    }
  }
  return size > 0 ? (2 * loss) / size / levels.length : Number.NaN;
}

/**
 * Scale of a series, never 0 and always finite: in-sample seasonal naive error; if that is zero or undefined the naive
 * error (season 1); then the standard deviation; then 1e-6 of the mean's size (of 1, if the mean is smaller).
 */
export function seriesScale(history: Values, season: number): number {
  const seasonal = seasonalNaiveError(history, season);
  if (seasonal > 0 && Number.isFinite(seasonal)) return seasonal;
  const naive = season === 1 ? seasonal : seasonalNaiveError(history, 1);
  if (naive > 0 && Number.isFinite(naive)) return naive;
  const present = Float64Array.from(history).filter(Number.isFinite);
  const deviation = present.length > 1 ? Math.sqrt(variance(present)) : 0;
  if (deviation > 0 && Number.isFinite(deviation)) return deviation;
  return Math.max(present.length === 0 ? 0 : Math.abs(mean(present)), 1) * 1e-6;
}
