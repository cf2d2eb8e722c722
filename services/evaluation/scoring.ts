/** Scoring: the figures of one forecaster on some folds, per series and in all, in one pass over flat arrays. */
import { foldOrigin } from '../../series/folds.ts';
import { type Panel, seriesLength, seriesValues } from '../../series/panel.ts';
import { intervalScore, levelShares, pinballLoss } from '../../series/quantile-accuracy.ts';
import type { FoldScales, Score } from './evaluation.ts';
import { createTally, seriesScoresOf, type SeriesScores, type Tally, totalsOf } from './tally.ts';

/** Quantiles [horizon * levels] of one row of forecasts at a fold, by their positions; null where there are none. */
export type RowQuantiles = (
  fold: number,
  series: number,
  forecast: Float64Array,
  scale: number,
) => Float64Array | null;

/** One forecaster's forecasts, fold by fold, with the scales of the same folds. */
export interface ForecastRows {
  readonly panel: Panel;
  readonly horizon: number;
  readonly folds: readonly FoldScales[];
  /** [series * horizon] for each fold. */
  readonly forecasts: readonly Float64Array[];
}

/** The same, and what quantiles they are scored by. */
export interface RowsToScore extends ForecastRows {
  readonly levels: readonly number[];
  /** Quantiles at these levels, from other folds than the one scored; null where there are none at all. */
  readonly quantilesAt: (levels: readonly number[]) => RowQuantiles | null;
}

/** What the rows amount to. */
export interface ScoredRows {
  readonly score: Omit<Score, 'model' | 'kind'>;
  readonly perSeries: SeriesScores;
}

/** Bounds of the central 95 % and 80 % intervals. */
const bounds = [0.025, 0.1, 0.9, 0.975];

/** One row that has a forecast: its position, what came true, and what errors are measured in. */
type VisitRow = (
  fold: number,
  series: number,
  actual: Float64Array,
  forecast: Float64Array,
  scale: number,
) => void;

/** Visits all rows that have a forecast; one with a NaN in it has none. */
function eachRow({ panel, horizon, folds, forecasts }: ForecastRows, visit: VisitRow): void {
  for (const [f, { fold, residual }] of folds.entries()) {
    for (let i = 0; i < panel.ids.length; i++) {
      const origin = foldOrigin(seriesLength(panel, i), fold);
      const forecast = forecasts[f]!.subarray(i * horizon, (i + 1) * horizon);
      if (origin < 1 || forecast.some(Number.isNaN)) continue;
      const actual = seriesValues(panel, i).subarray(origin, origin + horizon);
      visit(f, i, actual, forecast, residual[i]!);
    }
  }
}

/** Actual minus forecast in units of the series' scale, [fold][series][horizon]; NaN where absent. */
export function scaledResiduals(rows: ForecastRows): Float64Array {
  const { panel, horizon, folds } = rows;
  const series = panel.ids.length;
  const residuals = new Float64Array(folds.length * series * horizon).fill(Number.NaN);
  eachRow(rows, (f, i, actual, forecast, scale) => {
    const at = (f * series + i) * horizon;
    for (let h = 0; h < actual.length; h++) residuals[at + h] = (actual[h]! - forecast[h]!) / scale;
  });
  return residuals;
}

/** Scores all rows that have a forecast. */
export function scoreRows(rows: RowsToScore): ScoredRows {
  const { panel, folds, levels } = rows;
  const tally = createTally(panel.ids.length);
  const shares = levelShares(levels);
  const intervals = rows.quantilesAt(bounds);
  const quantiles = levels.length === 0 ? null : rows.quantilesAt(levels);
  eachRow(rows, (f, i, actual, forecast, scale) => {
    const row = addRow(tally, i, actual, forecast, scale);
    if (row.points === 0) return;
    const { mase, squared } = folds[f]!;
    tally.addToAverage('mase', i, row.absolute / row.points / mase[i]!);
    tally.addToAverage('rmsse', i, Math.sqrt(row.squared / row.points / squared[i]!));
    tally.addToAverage('smape', i, row.percentage / row.points);
    tally.addToAverage('mape', i, row.proportion / row.nonzero);
    const interval = intervals?.(f, i, forecast, scale) ?? null;
    if (interval !== null) {
      const score = addIntervals(tally, i, actual, interval, scale);
      tally.addToAverage('msis', i, score / row.points / mase[i]!);
    }
    const made = quantiles?.(f, i, forecast, scale) ?? null;
    if (made !== null) addQuantiles(tally, i, actual, made, { levels, shares });
  });
  const perSeries = seriesScoresOf(tally);
  return { score: { ...totalsOf(tally, perSeries), folds: folds.length }, perSeries };
}

/** Sums over one row of forecasts. */
interface RowSums {
  /** Actual values that are there, and those of them that are not zero. */
  readonly points: number;
  readonly nonzero: number;
  readonly absolute: number;
  readonly squared: number;
  /** Sums of the terms of sMAPE and of MAPE. */
  readonly percentage: number;
  readonly proportion: number;
}

/** Adds one row's errors to the tally of its series; a missing actual value is left out. */
function addRow(
  tally: Tally,
  i: number,
  actual: Float64Array,
  forecast: Float64Array,
  scale: number,
): RowSums {
  const { sums } = tally;
  let points = 0;
  let nonzero = 0;
  let absolute = 0;
  let squared = 0;
  let percentage = 0;
  let proportion = 0;
  if (sums.points[i] === 0) sums.unit[i] = scale;
  for (let h = 0; h < actual.length; h++) {
    const a = actual[h]!;
    const error = forecast[h]! - a;
    if (Number.isNaN(error)) continue;
    points++;
    absolute += Math.abs(error);
    squared += error * error;
    sums.error[i]! += error;
    sums.size[i]! += Math.abs(a);
    const size = Math.abs(a) + Math.abs(forecast[h]!);
    percentage += size === 0 ? 0 : (200 * Math.abs(error)) / size;
    if (a !== 0) {
      nonzero++;
      proportion += (100 * Math.abs(error)) / Math.abs(a);
    }
    // Welford 1962: the spread of the actual values about their mean, without loss of digits.
    sums.points[i]! += 1;
    const away = a - sums.centre[i]!;
    sums.centre[i]! += away / sums.points[i]!;
    sums.spread[i]! += away * (a - sums.centre[i]!);
  }
  sums.absolute[i]! += absolute;
  sums.squared[i]! += squared;
  return { points, nonzero, absolute, squared, percentage, proportion };
}

/** Adds the two central intervals, and returns the sum of the interval scores of the 95 % one. */
function addIntervals(
  { sums }: Tally,
  i: number,
  actual: Float64Array,
  quantiles: Float64Array,
  scale: number,
): number {
  let score = 0;
  for (let h = 0; h < actual.length; h++) {
    const value = actual[h]!;
    if (Number.isNaN(value)) continue;
    const low95 = quantiles[4 * h]!;
    const low80 = quantiles[4 * h + 1]!;
    const high80 = quantiles[4 * h + 2]!;
    const high95 = quantiles[4 * h + 3]!;
    sums.intervals[i]! += 1;
    if (value >= low80 && value <= high80) sums.inside80[i]! += 1;
    if (value >= low95 && value <= high95) sums.inside95[i]! += 1;
    sums.width80[i]! += (high80 - low80) / scale;
    sums.width95[i]! += (high95 - low95) / scale;
    score += intervalScore(value, low95, high95, 0.95);
  }
  return score;
}

function addQuantiles(
  { sums }: Tally,
  i: number,
  actual: Float64Array,
  quantiles: Float64Array,
  { levels, shares }: { readonly levels: readonly number[]; readonly shares: readonly number[] },
): void {
  for (let h = 0; h < actual.length; h++) {
    const a = actual[h]!;
    if (Number.isNaN(a)) continue;
    sums.quantiles[i]! += 1;
    sums.quantileSize[i]! += Math.abs(a);
    for (let q = 0; q < levels.length; q++) {
      const loss = pinballLoss(a, quantiles[h * levels.length + q]!, levels[q]!);
      sums.pinball[i]! += loss / levels.length;
      sums.crps[i]! += 2 * loss * shares[q]!;
    }
  }
}
