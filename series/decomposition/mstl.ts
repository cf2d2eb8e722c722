/**
 * MSTL: decomposition with several seasons, each taken out of what the others leave (Bandara, Hyndman and Bergmeir 2021,
 * "MSTL: a seasonal-trend decomposition algorithm for time series with multiple seasonal patterns").
 */
import { smooth } from './loess.ts';
import { stl, stlOptions } from './stl.ts';

/** How the seasons are taken out. */
export interface MstlOptions {
  /** Rounds over the seasons; one is enough for a single season. */
  readonly rounds?: number;
  /** Whether outliers count less. */
  readonly robust?: boolean;
  /** Window of the shortest season; each longer one's is four more. */
  readonly shortestWindow?: number;
}

/** One seasonal part. */
export interface SeasonalPart {
  readonly period: number;
  /** [n] */
  readonly values: Float64Array;
}

/** Parts of a series, [n] each; trend, all seasons and remainder add up to it. */
export interface MultipleDecomposition {
  readonly trend: Float64Array;
  /** By rising period; those of which there are fewer than two cycles are left out. */
  readonly seasons: readonly SeasonalPart[];
  readonly remainder: Float64Array;
}

/** Smooth line through a series without a season: loess over half of it, twice an odd window. */
function smoothTrend(values: Float64Array): Float64Array {
  const n = values.length;
  const trend = new Float64Array(n);
  if (n === 0) return trend;
  const window = Math.max(3, 2 * Math.floor(n / 4) + 1);
  smooth(values, undefined, 0, n, { window, degree: 1, jump: Math.ceil(window / 10) }, trend, 0);
  return trend;
}

/** Decomposes `values` [n] with the given season lengths; without a usable one the trend is a smooth line. */
export function mstl(
  values: Float64Array,
  seasons: readonly number[],
  { rounds = 2, robust = false, shortestWindow = 11 }: MstlOptions = {},
): MultipleDecomposition {
  const n = values.length;
  const periods = [...new Set(seasons)].filter((m) => m >= 2 && 2 * m < n).sort((a, b) => a - b);
  const parts = periods.map((period) => ({ period, values: new Float64Array(n) }));
  let trend = new Float64Array(n);
  const rest = values.slice();
  const turns = parts.length === 1 ? 1 : rounds;
  for (let round = 0; round < turns; round++) {
    for (const [i, part] of parts.entries()) {
      for (let t = 0; t < n; t++) rest[t]! += part.values[t]!;
      const found = stl(rest, part.period, stlOptions(part.period, shortestWindow + 4 * i, robust));
      part.values.set(found.seasonal);
      trend = found.trend as Float64Array<ArrayBuffer>;
      for (let t = 0; t < n; t++) rest[t]! -= part.values[t]!;
    }
  }
  if (parts.length === 0) trend.set(smoothTrend(values));
  const remainder = rest.map((value, t) => value - trend[t]!);
  return { trend, seasons: parts, remainder };
}

/**
 * Strength of a season, 1 - var(remainder) / var(remainder + seasonal), between 0 and 1 (Wang, Smith and Hyndman 2006,
 * "Characteristic-based clustering for time series data"); 0 where there are fewer than two cycles.
 */
export function seasonalStrength(values: Float64Array, period: number): number {
  if (period < 2 || 2 * period >= values.length) return 0;
  const { seasonal, remainder } = stl(values, period, stlOptions(period, 11));
  const both = remainder.map((value, t) => value + seasonal[t]!);
  const total = variance(both);
  return total > 0 ? Math.min(1, Math.max(0, 1 - variance(remainder) / total)) : 0;
}

function variance(values: Float64Array): number {
  let mean = 0;
  for (const value of values) mean += value / values.length;
  let sum = 0;
  for (const value of values) sum += (value - mean) ** 2;
  return sum / values.length;
}
