/** Where the search for the states before the first value starts (Hyndman et al. 2002; 2008, section 2.6.1). */

/** A straight line, by its value at 0 and its slope. */
interface Line {
  readonly intercept: number;
  readonly slope: number;
}

/** Least squares over the first `count` values, which lie at 1, 2, ... */
export function fitLine(y: Float64Array, count: number): Line {
  let mean = 0;
  for (let t = 0; t < count; t++) mean += y[t]! / count;
  const center = (count + 1) / 2;
  let product = 0;
  let square = 0;
  for (let t = 0; t < count; t++) {
    product += (t + 1 - center) * (y[t]! - mean);
    square += (t + 1 - center) ** 2;
  }
  const slope = square > 0 ? product / square : 0;
  return { intercept: mean - slope * center, slope };
}

/** Moving average of `period` values centred on each value, NaN at both ends. */
function movingAverage(y: Float64Array, period: number): Float64Array {
  const n = y.length;
  const half = period >> 1;
  const even = period % 2 === 0;
  const average = new Float64Array(n).fill(Number.NaN);
  for (let t = half; t + half < n; t++) {
    let sum = 0;
    for (let k = -half; k <= half; k++) {
      sum += y[t + k]! * (even && Math.abs(k) === half ? 0.5 : 1);
    }
    average[t] = sum / period;
  }
  return average;
}

/**
 * Seasonal indices [period] by classical decomposition, the first one in force at the first value: mean deviations from a
 * centred moving average that add up to 0, or mean ratios to it that add up to the period. Needs two seasons.
 */
export function firstSeason(y: Float64Array, period: number, season: 'A' | 'M'): Float64Array {
  const average = movingAverage(y, period);
  const sums = new Float64Array(period);
  const counts = new Float64Array(period);
  for (let t = 0; t < y.length; t++) {
    const a = average[t]!;
    if (Number.isNaN(a) || (season === 'M' && !(a > 0))) continue;
    sums[t % period]! += season === 'A' ? y[t]! - a : y[t]! / a;
    counts[t % period]! += 1;
  }
  const neutral = season === 'A' ? 0 : 1;
  const indices = sums.map((sum, j) => (counts[j]! > 0 ? sum / counts[j]! : neutral));
  if (season === 'M') for (let j = 0; j < period; j++) indices[j] = Math.max(indices[j]!, 1e-2);
  let mean = 0;
  for (const index of indices) mean += index / period;
  return indices.map((index) => (season === 'A' ? index - mean : index / mean));
}

/** `y` without the season of `indices`, or with it where `direction` is 1. */
export function withSeason(
  y: Float64Array,
  indices: Float64Array,
  season: 'A' | 'M',
  direction: 1 | -1,
  first = 0,
): Float64Array {
  const period = indices.length;
  return y.map((value, t) => {
    const index = indices[(first + t) % period]!;
    if (season === 'A') return value + direction * index;
    return direction === 1 ? value * index : value / index;
  });
}

/** Level, slope and seasonal indices to start from. */
export interface FirstStates {
  readonly level: number;
  readonly line: Line;
  /** [period]; empty where there is no season. */
  readonly season: Float64Array;
}

/** Heuristic first states of a series with (or without) a season of `period` steps. */
export function firstStates(y: Float64Array, period: number, season: 'N' | 'A' | 'M'): FirstStates {
  const indices = season === 'N' ? new Float64Array(0) : firstSeason(y, period, season);
  const adjusted = season === 'N' ? y : withSeason(y, indices, season, -1);
  const count = Math.min(Math.max(10, season === 'N' ? 0 : 2 * period), y.length);
  let level = 0;
  for (let t = 0; t < count; t++) level += adjusted[t]! / count;
  return { level, line: fitLine(adjusted, count), season: indices };
}
