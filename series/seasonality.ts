/** Evidence for a season length in one series: correlation across seasons, and what the season is worth in forecasts. */
import { seasonalNaiveError } from './accuracy.ts';
import { autocorrelation } from './statistics.ts';

/** Lags that stand for all of 1..season in the naive forecast's error. */
const naiveLags = 8;
/** Lags that stand for all of 1..season in the memory of a series. */
const memoryLags = 32;

/** Correlation across one season, and how large it comes out by chance. */
export interface SeasonalCorrelation {
  /** Autocorrelation at lag `season`, of the pairs there are: not shrunk towards 0 by a short series. -1..1 */
  readonly correlation: number;
  /** Its standard error if there were no season. */
  readonly error: number;
  /** The same at twice the lag; NaN where there are fewer than four seasons. */
  readonly afterTwo: number;
}

/**
 * Correlation at lag `season` of `values` less their trend: the straight line, then the centred moving average over one
 * season (held constant at the ends), which leaves nothing of a slow wander for the correlation to mistake for a season.
 * The error is Bartlett's, sqrt((1 + 2 sum rho[k]^2) / pairs) over k < season, with the correlations of what is left without
 * the mean of each position in the season: a season would else pass for short memory.
 * All 0 where there are fewer than two seasons.
 */
export function seasonalCorrelation(values: Float64Array, season: number): SeasonalCorrelation {
  const n = values.length;
  if (season < 2 || n < 2 * season) return { correlation: 0, error: 0, afterTwo: Number.NaN };
  const rest = withoutTrend(values, season);
  const noise = withoutPositions(rest, season);
  const stride = Math.max(1, Math.floor(season / memoryLags));
  let squares = 0;
  for (let k = 1; k < season; k += stride) {
    // Of white noise the square of a correlation is 1 / n on average, which is no memory.
    squares += stride * Math.max(0, autocorrelation(noise, k) ** 2 - 1 / n);
  }
  const unshrunk = (lag: number): number =>
    Math.min(1, Math.max(-1, (autocorrelation(rest, lag) * n) / (n - lag)));
  return {
    correlation: unshrunk(season),
    error: Math.sqrt((1 + 2 * squares) / (n - season)),
    afterTwo: n < 4 * season ? Number.NaN : unshrunk(2 * season),
  };
}

/** Values less their line and their centred moving average over one season. */
function withoutTrend(values: Float64Array, season: number): Float64Array {
  const n = values.length;
  const level = withoutLine(values);
  const before = new Float64Array(n + 1);
  for (let t = 0; t < n; t++) before[t + 1] = before[t]! + level[t]!;
  // [t - half, t + half], with half weight at both ends where the season is even (a 2 x m average).
  const half = Math.floor(season / 2);
  const even = season % 2 === 0;
  const trendAt = (t: number): number => {
    const sum = before[t + half + 1]! - before[t - half]!;
    return (even ? sum - (level[t - half]! + level[t + half]!) / 2 : sum) / season;
  };
  return level.map((value, t) => value - trendAt(Math.min(n - 1 - half, Math.max(half, t))));
}

/** Values less the mean of their position in the season. */
function withoutPositions(values: Float64Array, season: number): Float64Array {
  const sums = new Float64Array(season);
  for (let t = 0; t < values.length; t++) sums[t % season]! += values[t]!;
  return values.map((value, t) => {
    const position = t % season;
    return value - sums[position]! / Math.ceil((values.length - position) / season);
  });
}

/** Values less their least-squares line, scaled to a greatest size of 1 before. */
function withoutLine(values: Float64Array): Float64Array {
  const n = values.length;
  let size = 0;
  for (const value of values) size = Math.max(size, Math.abs(value));
  const unit = size > 0 ? size : 1;
  const middle = (n - 1) / 2;
  let level = 0;
  let slope = 0;
  for (let t = 0; t < n; t++) {
    level += values[t]! / unit;
    slope += (values[t]! / unit) * (t - middle);
  }
  level /= n;
  slope *= n > 1 ? 12 / (n * (n * n - 1)) : 0;
  return values.map((value, t) => value / unit - level - slope * (t - middle));
}

/**
 * What a season is worth: 1 less the ratio of two mean absolute errors over horizons 1..season, of the seasonal naive forecast
 * and of the naive one, both with the drift of the least-squares line. Both are means of |y[t] - y[t - lag]|, y less its
 * line, the one at lag `season`, the other over lags spread evenly over 1..season. Above 0 the season helps; about -0.5
 * for a random walk. NaN where nothing changes or there are no two values a season apart.
 */
export function seasonalGain(values: Float64Array, season: number): number {
  const level = withoutLine(values);
  const count = Math.min(season, naiveLags);
  let naive = 0;
  for (let k = 0; k < count; k++) {
    naive += seasonalNaiveError(level, Math.round(((k + 0.5) * season) / count + 0.5)) / count;
  }
  // What rounding leaves of a straight line is no change.
  return naive > 1e-12 ? 1 - seasonalNaiveError(level, season) / naive : Number.NaN;
}
