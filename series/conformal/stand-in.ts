/** Stand-ins: residuals of simple forecasts at origins before the validation folds, where the models themselves were never run. */
import { seriesScale } from '../accuracy.ts';
import { type Panel, seriesLength, seriesValues } from '../panel.ts';
import { isConstant } from '../statistics.ts';

/** Simple forecasts: the last value or the last season, as it is or with the mean change. */
export const standIns = ['naive', 'drift', 'seasonal-naive', 'seasonal-drift'] as const;
export type StandIn = (typeof standIns)[number];

/** Where residuals are made. */
export interface StandInTask {
  readonly panel: Panel;
  readonly season: number;
  readonly horizon: number;
}

/** Shortest history that a stand-in is asked to extend. */
export function shortestHistory(season: number): number {
  return Math.max(4, season + 2);
}

/** Residuals [series][horizon] of a simple forecast made `stepsFromEnd` steps before each series' end, in units of its scale there; NaN where absent, and where nothing moved before. */
export function standInResiduals(
  { panel, season, horizon }: StandInTask,
  standIn: StandIn,
  stepsFromEnd: number,
): Float64Array {
  const residuals = new Float64Array(panel.ids.length * horizon).fill(Number.NaN);
  const period = standIn.startsWith('seasonal') ? season : 1;
  for (let i = 0; i < panel.ids.length; i++) {
    const origin = seriesLength(panel, i) - stepsFromEnd;
    if (origin < shortestHistory(season)) continue;
    const values = seriesValues(panel, i);
    const history = values.subarray(0, origin);
    if (isConstant(history)) continue;
    const scale = seriesScale(history, season);
    const change = standIn.endsWith('drift') ? meanChange(values, origin, period) : 0;
    for (let h = 0; h < horizon; h++) {
      const ahead = Math.floor(h / period) + 1;
      const forecast = values[origin - period + (h % period)]! + ahead * change;
      residuals[i * horizon + h] = (values[origin + h]! - forecast) / scale;
    }
  }
  return residuals;
}

/** Mean change over one period in the first `origin` values. */
function meanChange(values: Float64Array, origin: number, period: number): number {
  let sum = 0;
  let count = 0;
  for (let t = period; t < origin; t++) {
    const change = values[t]! - values[t - period]!;
    if (Number.isNaN(change)) continue;
    sum += change;
    count += 1;
  }
  return count === 0 ? 0 : sum / count;
}

/** Residuals beyond this many scales would decide a correlation alone. */
const farthest = 20;

/** How alike two sets of residuals are: the mean product over the root of the mean squares, and the ratio of their mean sizes. */
export function likeness(
  residuals: Float64Array,
  others: Float64Array,
): { correlation: number; ratio: number } {
  const clip = (value: number): number => Math.max(-farthest, Math.min(farthest, value));
  const sums = { products: 0, squares: 0, otherSquares: 0, sizes: 0, otherSizes: 0 };
  for (let k = 0; k < residuals.length; k++) {
    const a = clip(residuals[k]!);
    const b = clip(others[k]!);
    if (Number.isNaN(a) || Number.isNaN(b)) continue;
    sums.products += a * b;
    sums.squares += a * a;
    sums.otherSquares += b * b;
    sums.sizes += Math.abs(a);
    sums.otherSizes += Math.abs(b);
  }
  const { products, squares, otherSquares, sizes, otherSizes } = sums;
  return {
    correlation: squares > 0 && otherSquares > 0 ? products / Math.sqrt(squares * otherSquares) : 0,
    ratio: otherSizes > 0 ? sizes / otherSizes : 1,
  };
}
