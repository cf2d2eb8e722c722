/** Accuracy measures of forecasts that are more than a point: intervals, quantiles and samples. */
import { assert } from '../state/errors.ts';
import { seasonalNaiveError } from './accuracy.ts';

type Values = ArrayLike<number>;

/** Mean of `loss` over the rows whose actual value is there; NaN if there are none. */
function meanOverRows(actual: Values, loss: (actual: number, row: number) => number): number {
  let sum = 0;
  let count = 0;
  for (let i = 0; i < actual.length; i++) {
    const a = actual[i]!;
    if (Number.isNaN(a)) continue;
    sum += loss(a, i);
    count++;
  }
  return count === 0 ? Number.NaN : sum / count;
}

function checkBounds(actual: Values, lower: Values, upper: Values): void {
  assert(lower.length === actual.length, 'actual and lower have one length');
  assert(upper.length === actual.length, 'actual and upper have one length');
}

/** Share (0..1) of actual values with lower <= actual <= upper; missing ones are left out, NaN of none. */
export function coverage(actual: Values, lower: Values, upper: Values): number {
  checkBounds(actual, lower, upper);
  return meanOverRows(actual, (a, i) => (a >= lower[i]! && a <= upper[i]! ? 1 : 0));
}

/** Mean width of intervals, in the units of the series; those of missing actual values are left out as in `coverage`. */
export function intervalWidth(actual: Values, lower: Values, upper: Values): number {
  checkBounds(actual, lower, upper);
  return meanOverRows(actual, (_, i) => upper[i]! - lower[i]!);
}

/**
 * Interval score of one central interval of probability `level` (0..1): its width, and 2 / (1 - level) times the distance by
 * which the actual value lies outside (Gneiting and Raftery 2007, equation 43).
 */
export function intervalScore(actual: number, lower: number, upper: number, level: number): number {
  const below = Math.max(0, lower - actual);
  const above = Math.max(0, actual - upper);
  return upper - lower + (2 / (1 - level)) * (below + above);
}

/**
 * Mean scaled interval score of central intervals of probability `level` (M4: 0.95): mean interval score over
 * `seasonalNaiveError(history, season)` (Makridakis, Spiliotis, Assimakopoulos 2020, "The M4 Competition", section 2.4).
 * NaN where that scale is zero or undefined: averages leave such a series out and count it.
 */
export function msis(
  intervals: { readonly actual: Values; readonly lower: Values; readonly upper: Values },
  level: number,
  history: Values,
  season: number,
): number {
  const { actual, lower, upper } = intervals;
  checkBounds(actual, lower, upper);
  const scale = seasonalNaiveError(history, season);
  const score = meanOverRows(actual, (a, i) => intervalScore(a, lower[i]!, upper[i]!, level));
  return scale > 0 ? score / scale : Number.NaN;
}

/** Pinball loss of one forecast of quantile `level` (0..1). */
export function pinballLoss(actual: number, forecast: number, level: number): number {
  return actual >= forecast ? level * (actual - forecast) : (level - 1) * (actual - forecast);
}

/** Mean pinball loss of forecasts of quantile `level` (0..1). */
export function pinball(actual: Values, forecast: Values, level: number): number {
  assert(actual.length === forecast.length, 'actual and forecast have one length');
  return meanOverRows(actual, (a, i) => pinballLoss(a, forecast[i]!, level));
}

/**
 * Weighted quantile loss: mean over `levels` of 2 sum(pinball) / sum(|actual|), as GluonTS and fev have it. `quantiles` is
 * [n, levels] row by row. NaN where all actual values are zero or missing.
 */
export function wql(actual: Values, quantiles: Values, levels: readonly number[]): number {
  assert(quantiles.length === actual.length * levels.length, 'quantiles is [n, levels]');
  const size = meanOverRows(actual, Math.abs);
  const equal = levels.map(() => 1 / levels.length);
  return size > 0 ? (2 * meanWeighted(actual, quantiles, levels, equal)) / size : Number.NaN;
}

/**
 * Continuous ranked probability score, in the units of the series, of a distribution of which only quantiles are known.
 * It is 2 times the integral of the pinball loss over all levels from 0 to 1; here each known level stands for the part of
 * (0, 1) that is nearest to it. Coarse levels make it coarse: of the median alone it is the absolute error. `quantiles` is
 * [n, levels] row by row.
 */
export function crpsOfQuantiles(
  actual: Values,
  quantiles: Values,
  levels: readonly number[],
): number {
  assert(quantiles.length === actual.length * levels.length, 'quantiles is [n, levels]');
  return 2 * meanWeighted(actual, quantiles, levels, levelShares(levels));
}

/** How much of (0, 1) lies nearest to each of `levels`, which are different and in any order; adds up to 1. */
export function levelShares(levels: readonly number[]): number[] {
  const rising = levels.toSorted((a, b) => a - b);
  return levels.map((level) => {
    const place = rising.indexOf(level);
    const from = place === 0 ? 0 : (rising[place - 1]! + level) / 2;
    const to = place === rising.length - 1 ? 1 : (level + rising[place + 1]!) / 2;
    assert(from < level && level < to, 'levels lie between 0 and 1, each once');
    return to - from;
  });
}

function meanWeighted(
  actual: Values,
  quantiles: Values,
  levels: readonly number[],
  shares: readonly number[],
): number {
  return meanOverRows(actual, (a, i) => {
    let loss = 0;
    for (let q = 0; q < levels.length; q++) {
      loss += shares[q]! * pinballLoss(a, quantiles[i * levels.length + q]!, levels[q]!);
    }
    return loss;
  });
}

/**
 * Continuous ranked probability score, in the units of the series, of the empirical distribution of samples:
 * mean |x - y| - mean |x - x'| / 2 over all samples and pairs of them (Gneiting and Raftery 2007, equation 21). `samples` is
 * [n, count] row by row.
 */
export function crpsOfSamples(actual: Values, samples: Values, count: number): number {
  assert(samples.length === actual.length * count && count > 0, 'samples is [n, count]');
  const row = new Float64Array(count);
  return meanOverRows(actual, (a, i) => {
    for (let s = 0; s < count; s++) row[s] = samples[i * count + s]!;
    row.sort();
    let distance = 0;
    let spread = 0;
    for (let s = 0; s < count; s++) {
      distance += Math.abs(row[s]! - a);
      // Sorted, the distances of all pairs add up to this in one pass.
      spread += (2 * s + 1 - count) * row[s]!;
    }
    return distance / count - spread / count ** 2;
  });
}
