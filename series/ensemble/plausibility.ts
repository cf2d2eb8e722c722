/** Plausibility: whether a forecast can be meant seriously after what the series has been so far. */
import { seriesScale } from '../accuracy.ts';
import { foldOrigin, type FoldPlan } from '../folds.ts';
import { type Panel, seriesLength, seriesValues } from '../panel.ts';
import { isConstant } from '../statistics.ts';
import type { Member } from './member.ts';

/** A forecast may leave the range of the history by as many times its width, however long the horizon. */
const widths = 3;
/** A history this short has not shown its range: its level counts as width too. */
const enoughToKnowRange = 30;

/** Bounds that forecasts of one series must keep. */
export interface PlausibleRange {
  readonly low: number;
  readonly high: number;
}

/**
 * The range of `history` widened on both sides by three times its width and by the horizon's share of it, and, where sizes
 * have grown over the last horizon, by as much growth again, squared. Wide on purpose: it is to stop explosions, not surprises.
 */
export function plausibleRange(history: Float64Array, horizon: number): PlausibleRange {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of history) {
    // A comparison with NaN is false.
    if (value < low) low = value;
    if (value > high) high = value;
  }
  if (low > high) return { low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY };
  const size = Math.max(Math.abs(low), Math.abs(high));
  const shortness = Math.max(0, 1 - history.length / enoughToKnowRange);
  const width = Math.max(high - low + shortness * size, size > 0 ? size * 1e-6 : 1);
  const recently = largest(history.subarray(-horizon));
  const before = largest(history.subarray(0, -horizon));
  const growth = before > 0 ? Math.min(10, Math.max(1, recently / before)) : 1;
  const reach = width * (widths + horizon / history.length) * growth * growth;
  return { low: low - reach, high: high + reach };
}

function largest(values: Float64Array): number {
  let size = 0;
  for (const value of values) if (Math.abs(value) > size) size = Math.abs(value);
  return size;
}

/** Whether all of `forecast` lies in the plausible range; a forecast with a NaN or an infinity in it does not. */
export function isPlausible(forecast: Float64Array, { low, high }: PlausibleRange): boolean {
  return forecast.every((value) => value >= low && value <= high);
}

/** Which of the folds' residuals are looked at. */
export interface PlausibilityTask {
  readonly panel: Panel;
  readonly plan: FoldPlan;
  readonly kind: 'validation' | 'test';
  readonly season: number;
}

/**
 * Members whose residuals are NaN where their forecast was not plausible, or where the history was constant and keeps its
 * value: what will not be served is not judged either.
 * Residuals are [fold][series][horizon] of the folds of one kind, in units of the series' scale at each origin.
 */
export function withoutImplausible(
  members: readonly Member[],
  { panel, plan, kind, season }: PlausibilityTask,
): Member[] {
  const { horizon } = plan;
  const kept = members.map(({ name, residuals }) => ({ name, residuals: residuals.slice() }));
  const forecast = new Float64Array(horizon);
  for (const [f, fold] of plan.folds.filter((one) => one.kind === kind).entries()) {
    for (let i = 0; i < panel.ids.length; i++) {
      const origin = foldOrigin(seriesLength(panel, i), fold);
      if (origin < 1) continue;
      const values = seriesValues(panel, i);
      const history = values.subarray(0, origin);
      const still = isConstant(history);
      const range = plausibleRange(history, horizon);
      const scale = seriesScale(history, season);
      for (const { residuals } of kept) {
        const at = (f * panel.ids.length + i) * horizon;
        const own = residuals.subarray(at, at + horizon);
        if (still) {
          own.fill(Number.NaN);
          continue;
        }
        for (let h = 0; h < horizon; h++) forecast[h] = values[origin + h]! - own[h]! * scale;
        const given = forecast.filter((value) => !Number.isNaN(value));
        if (!isPlausible(given, range)) own.fill(Number.NaN);
      }
    }
  }
  return kept;
}
