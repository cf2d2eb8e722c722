/** Accuracy measures of point forecasts, by the M4 competition's formulae where it has them. */
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

/** Mean error, forecast less actual: positive where forecasts are too high. */
export function bias(actual: Values, forecast: Values): number {
  return meanLoss(actual, forecast, (a, f) => f - a);
}

/**
 * Sum of the errors (forecast less actual) over the sum of |actual|: 0.05 for forecasts that are 5 % too high in all.
 * NaN where all actual values are zero or missing.
 */
export function relativeBias(actual: Values, forecast: Values): number {
  const size = meanLoss(actual, forecast, (a) => Math.abs(a));
  return size > 0 ? bias(actual, forecast) / size : Number.NaN;
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
 * Mean absolute percentage error: mean of 100 |a - f| / |a|. An actual value of zero has no percentage and is left out as
 * a missing one is; NaN if nothing is left.
 */
export function mape(actual: Values, forecast: Values): number {
  const known = Float64Array.from(actual, (a) => (a === 0 ? Number.NaN : a));
  return meanLoss(known, forecast, (a, f) => (100 * Math.abs(a - f)) / Math.abs(a));
}

/**
 * Coefficient of determination: 1 - sum (a - f)^2 / sum (a - mean a)^2; 1 is perfect, 0 as good as the mean, and there is no
 * least. NaN where the actual values do not vary.
 */
export function r2(actual: Values, forecast: Values): number {
  const centre = meanLoss(actual, forecast, (a) => a);
  const spread = meanLoss(actual, forecast, (a) => (a - centre) ** 2);
  return spread > 0 ? 1 - mse(actual, forecast) / spread : Number.NaN;
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
  return meanChange(history, season, Math.abs);
}

/** In-sample mean squared error of the seasonal naive forecast; NaN where `history` has no pair of values a season apart. */
export function seasonalNaiveSquaredError(history: Values, season: number): number {
  return meanChange(history, season, (change) => change * change);
}

function meanChange(history: Values, season: number, loss: (change: number) => number): number {
  assert(Number.isInteger(season) && season >= 1, 'season is a positive whole number');
  let sum = 0;
  let count = 0;
  for (let t = season; t < history.length; t++) {
    const change = history[t]! - history[t - season]!;
    if (Number.isNaN(change)) continue;
    sum += loss(change);
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

/**
 * Root mean squared scaled error: the root of the mean squared error over `seasonalNaiveSquaredError(history, season)`
 * (Hyndman and Koehler 2006). The M5 competition takes season 1 and lets each history begin with its first sale.
 * NaN where that scale is zero or undefined.
 */
export function rmsse(actual: Values, forecast: Values, history: Values, season: number): number {
  const scale = seasonalNaiveSquaredError(history, season);
  return scale > 0 ? Math.sqrt(mse(actual, forecast) / scale) : Number.NaN;
}

/** Accuracy of one method on a set of series: sMAPE and MASE [series], NaN where undefined. */
export interface SeriesAccuracy {
  readonly smape: Values;
  readonly mase: Values;
}

/**
 * Overall weighted average of the M4 competition: (sMAPE / sMAPE of the reference + MASE / MASE of the reference) / 2, ratios
 * of averages over all series and not averages of ratios; M4's reference is Naive2 (Makridakis, Spiliotis, Assimakopoulos
 * 2020, section 2.4). A series for which either method lacks a measure is left out of that measure's averages.
 */
export function owa(method: SeriesAccuracy, reference: SeriesAccuracy): number {
  return (
    ratioOfAverages(method.smape, reference.smape) / 2 +
    ratioOfAverages(method.mase, reference.mase) / 2
  );
}

function ratioOfAverages(values: Values, reference: Values): number {
  assert(values.length === reference.length, 'both methods are measured on the same series');
  let sum = 0;
  let base = 0;
  for (let i = 0; i < values.length; i++) {
    if (Number.isNaN(values[i]! + reference[i]!)) continue;
    sum += values[i]!;
    base += reference[i]!;
  }
  return base > 0 ? sum / base : Number.NaN;
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
