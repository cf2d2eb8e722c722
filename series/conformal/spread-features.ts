/** Spread features: what a series' history says about how far its forecasts will miss, in units of its scale. */
import { seasonalNaiveError, seriesScale } from '../accuracy.ts';

/** How many features `spreadFeatures` gives. */
export const spreadFeatureCount = 3;

/** Ratios further from 1 say no more. */
const farthest = Math.log(1e3);

/**
 * Logarithms [spreadFeatureCount] of three sizes over `seriesScale(history, season)`: the error of the last value one step
 * ahead, the error of the seasonal naive forecast lately (in the last three seasons or horizons), and its error as far ahead
 * as the horizon lies. 0 where a size is unknown or zero.
 */
export function spreadFeatures(
  history: Float64Array,
  season: number,
  horizon: number,
): Float64Array {
  const scale = seriesScale(history, season);
  const recent = history.subarray(-(3 * Math.max(season, horizon, 4) + season));
  const ahead = season * Math.ceil(horizon / season);
  return Float64Array.of(
    logRatio(seasonalNaiveError(history, 1), scale),
    logRatio(seasonalNaiveError(recent, season), scale),
    logRatio(seasonalNaiveError(history, ahead), scale),
  );
}

function logRatio(size: number, scale: number): number {
  const ratio = size > 0 ? Math.log(size / scale) : 0;
  return Number.isFinite(ratio) ? Math.max(-farthest, Math.min(farthest, ratio)) : 0;
}
