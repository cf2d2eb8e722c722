/** Classical seasonal adjustment: whether a series has a season, its indices, the series without it, and Naive2. */
import { assert } from '../state/errors.ts';
import { normalQuantile } from './statistics.ts';

/** How a season enters: as a factor of the level, or added to it. */
export type SeasonKind = 'multiplicative' | 'additive';

/** A series without its season. */
export interface SeasonalAdjustment {
  /** `none` if the series has no season that is worth taking out: then `adjusted` equals the series. */
  readonly kind: SeasonKind | 'none';
  /** One for each position in the season, that of the first value first; empty if `kind` is `none`. */
  readonly indices: Float64Array;
  /** The series divided by, or less, its indices; [n]. */
  readonly adjusted: Float64Array;
}

/** Below this an index is too near 0 to divide by (Fiorucci et al. 2016). */
const smallestFactor = 0.01;

/** Seasons that a series must have before it can be tested. */
const seasonsNeeded = 3;

/** Size by which values are divided so that sums and squares of them neither overflow nor vanish; 1 if all are 0. */
function sizeOf(values: Float64Array): number {
  let size = 0;
  for (let t = 0; t < values.length; t++) size = Math.max(size, Math.abs(values[t]!));
  return size > 0 ? size : 1;
}

/**
 * The M4 competition's test of autocorrelation at lag `season`: |r[m]| above the normal quantile of `confidence` (two-sided)
 * times Bartlett's error sqrt((1 + 2 (r[1]^2 + ... + r[m - 1]^2)) / n). False with fewer than three seasons, for `season` 1,
 * and for a constant series (Makridakis, Spiliotis, Assimakopoulos 2020, "The M4 Competition", appendix A). O(n season).
 */
export function isSeasonal(values: Float64Array, season: number, confidence = 0.9): boolean {
  const n = values.length;
  if (season < 2 || n < seasonsNeeded * season) return false;
  const size = sizeOf(values);
  let centre = 0;
  for (let t = 0; t < n; t++) centre += values[t]! / size / n;
  const rest = new Float64Array(n);
  let squares = 0;
  for (let t = 0; t < n; t++) {
    rest[t] = values[t]! / size - centre;
    squares += rest[t]! * rest[t]!;
  }
  // What rounding leaves of a constant series is no season.
  if (squares <= n * 1e-24) return false;
  let memory = 1;
  let correlation = 0;
  for (let lag = 1; lag <= season; lag++) {
    let products = 0;
    for (let t = lag; t < n; t++) products += rest[t]! * rest[t - lag]!;
    correlation = products / squares;
    if (lag < season) memory += 2 * correlation * correlation;
  }
  return Math.abs(correlation) > normalQuantile((1 + confidence) / 2) * Math.sqrt(memory / n);
}

/**
 * Seasonal indices of the classical decomposition, [season], that of the first value first: means over the seasons of each
 * value over (or less) its centred moving average of one season, scaled to a mean of 1 (shifted to a mean of 0). All 1 (0)
 * where there are fewer than two seasons. Multiplicative indices ask for positive values. O(n season).
 */
export function seasonalIndices(
  values: Float64Array,
  season: number,
  kind: SeasonKind,
): Float64Array {
  assert(Number.isInteger(season) && season >= 1, 'season is a positive whole number');
  const n = values.length;
  const neutral = kind === 'multiplicative' ? 1 : 0;
  const indices = new Float64Array(season);
  if (season < 2 || n < 2 * season) return indices.fill(neutral);
  const size = kind === 'multiplicative' ? 1 : sizeOf(values);
  const half = season >> 1;
  const counts = new Int32Array(season);
  for (let t = half; t < n - half; t++) {
    const trend = movingAverage(values, t, season);
    const part = kind === 'multiplicative' ? values[t]! / trend : values[t]! / size - trend / size;
    indices[t % season]! += part;
    counts[t % season]! += 1;
  }
  let centre = 0;
  for (let k = 0; k < season; k++) {
    indices[k]! /= counts[k]!;
    centre += indices[k]! / season;
  }
  return indices.map((index) =>
    kind === 'multiplicative' ? index / centre : (index - centre) * size,
  );
}

/** Average of one season around `t`, the two ends at half weight where the season is even (a 2 x m average). */
function movingAverage(values: Float64Array, t: number, season: number): number {
  const half = season >> 1;
  // Shares rather than the sum's quotient: values near the greatest double must not overflow.
  const share = 1 / season;
  const endShare = season % 2 === 0 ? share / 2 : share;
  let sum = values[t - half]! * endShare + values[t + half]! * endShare;
  for (let k = t - half + 1; k < t + half; k++) sum += values[k]! * share;
  return sum;
}

/**
 * Takes the season out if `isSeasonal` finds one: by factors, or by differences where a value is not positive or a factor
 * would be too near 0 (Fiorucci et al. 2016, "Models for optimising the theta method", section 4).
 */
export function deseasonalise(
  values: Float64Array,
  season: number,
  confidence = 0.9,
): SeasonalAdjustment {
  if (!isSeasonal(values, season, confidence)) {
    return { kind: 'none', indices: new Float64Array(0), adjusted: values };
  }
  if (values.every((value) => value > 0)) {
    const indices = seasonalIndices(values, season, 'multiplicative');
    if (indices.every((index) => index >= smallestFactor)) {
      const adjusted = values.map((value, t) => value / indices[t % season]!);
      return { kind: 'multiplicative', indices, adjusted };
    }
  }
  const indices = seasonalIndices(values, season, 'additive');
  const adjusted = values.map((value, t) => value - indices[t % season]!);
  return { kind: 'additive', indices, adjusted };
}

/** `values` with the season put back, the first of them at position `start` of the series that was adjusted; a new array. */
export function reseasonalise(
  values: Float64Array,
  { kind, indices }: Pick<SeasonalAdjustment, 'kind' | 'indices'>,
  start: number,
): Float64Array {
  if (kind === 'none') return values.slice();
  return values.map((value, t) => {
    const index = indices[(start + t) % indices.length]!;
    return kind === 'multiplicative' ? value * index : value + index;
  });
}

/**
 * The M4 competition's Naive2, [horizon]: the last value of the deseasonalised series, with the season put back
 * (Makridakis, Spiliotis, Assimakopoulos 2020). Without a season the naive forecast.
 */
export function naive2Forecast(
  values: Float64Array,
  season: number,
  horizon: number,
): Float64Array {
  assert(values.length > 0, 'there is a value to repeat');
  const adjustment = deseasonalise(values, season);
  const level = new Float64Array(horizon).fill(adjustment.adjusted.at(-1)!);
  return reseasonalise(level, adjustment, values.length);
}
