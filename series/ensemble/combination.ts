/** Combination: the forecasts of an ensemble's members become one, without members that have none or an absurd one. */
import { assert } from '../../state/errors.ts';
import { combineAt, type EnsembleWeights, sharesOf } from './member.ts';
import { isPlausible, type PlausibleRange } from './plausibility.ts';

/** One member's forecasts [series * horizon]; NaN where it has none. */
export interface MemberForecast {
  readonly name: string;
  readonly values: Float64Array;
}

/** What the members' forecasts amount to. */
export interface CombinedForecast {
  /** [series * horizon]; NaN for a series that no member can forecast. */
  readonly point: Float64Array;
  /** [series * members], in the order of the weights: 1 where a member took part. */
  readonly tookPart: Uint8Array;
  /** [members]: for how many series its forecast was left out as absurd. */
  readonly leftOut: Uint32Array;
}

/**
 * Combines `forecasts`, of which each member with a weight must be one, series by series. A member whose forecast of a series
 * has a NaN in it or leaves the plausible `rangeOf` the series takes no part there, and the others share its weight; where
 * those that are left have none, they count alike.
 */
export function combineForecasts(
  forecasts: readonly MemberForecast[],
  weights: EnsembleWeights,
  horizon: number,
  rangeOf: (series: number) => PlausibleRange,
): CombinedForecast {
  const { members } = weights;
  const size = forecasts[0]?.values.length ?? 0;
  const series = size / horizon;
  const values = members.map((name) => forecasts.find((one) => one.name === name)?.values);
  const point = new Float64Array(size);
  const tookPart = new Uint8Array(series * members.length);
  const leftOut = new Uint32Array(members.length);
  const scratch = new Float64Array(members.length);
  for (let i = 0; i < series; i++) {
    const range = rangeOf(i);
    const wanted = sharesOf(weights, i);
    const shares = new Float64Array(members.length);
    const able = members.map((name, m) => {
      const own = values[m]?.subarray(i * horizon, (i + 1) * horizon);
      assert(own !== undefined || !(wanted[m]! > 0), `weighted member ${name} has a forecast`);
      if (own === undefined || own.some(Number.isNaN)) return false;
      const plausible = isPlausible(own, range);
      if (!plausible && wanted[m]! > 0) leftOut[m]! += 1;
      return plausible;
    });
    for (const m of members.keys()) if (able[m]) shares[m] = wanted[m]!;
    if (!shares.some((share) => share > 0)) {
      for (const m of members.keys()) if (able[m] && weights.weights[m]! > 0) shares[m] = 1;
    }
    const own = members.map((_, m) => values[m] ?? point);
    for (let k = i * horizon; k < (i + 1) * horizon; k++) {
      point[k] = combineAt(own, k, shares, weights.rule, scratch);
    }
    for (const m of members.keys()) tookPart[i * members.length + m] = shares[m]! > 0 ? 1 : 0;
  }
  return { point, tookPart, leftOut };
}
