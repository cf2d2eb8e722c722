/** Scoring: the figures of one forecaster on one kind of folds, in one pass over flat arrays. */
import { foldOrigin } from '../../series/folds.ts';
import { type Panel, seriesLength, seriesValues } from '../../series/panel.ts';
import type { FoldScales, Score } from './evaluation.ts';
import { applyOffsets } from './intervals.ts';

/** One forecaster's forecasts, fold by fold, with the scales of the same folds. */
export interface RowsToScore {
  readonly panel: Panel;
  readonly horizon: number;
  readonly folds: readonly FoldScales[];
  /** [series * horizon] for each fold. */
  readonly forecasts: readonly Float64Array[];
  readonly levels: readonly number[];
  /** Offsets for these levels from other folds than the ones scored, or null where there are none. */
  readonly offsetsAt: (levels: readonly number[]) => Float64Array | null;
}

/** What the rows amount to. */
export interface ScoredRows {
  readonly score: Omit<Score, 'model' | 'kind'>;
  /** [series] */
  readonly mase: Float64Array;
  /** [fold][series][horizon] */
  readonly residuals: Float64Array;
}

/** Bounds of the central 95 % and 80 % intervals. */
const bounds = [0.025, 0.1, 0.9, 0.975];

/** Sums over points, kept apart from the averages per series. */
interface PointSums {
  points: number;
  absolute: number;
  squared: number;
  inside80: number;
  inside95: number;
  pinball: number;
  size: number;
}

/** Scores all rows that have a forecast; a row with a NaN in it has none. */
export function scoreRows(rows: RowsToScore): ScoredRows {
  const { panel, horizon, folds, forecasts, levels } = rows;
  const series = panel.ids.length;
  const residuals = new Float64Array(folds.length * series * horizon).fill(Number.NaN);
  const mase = createAverages(series);
  const smape = createAverages(series);
  const intervals = rows.offsetsAt(bounds);
  const quantiles = rows.offsetsAt(levels);
  const sums: PointSums = {
    points: 0,
    absolute: 0,
    squared: 0,
    inside80: 0,
    inside95: 0,
    pinball: 0,
    size: 0,
  };
  for (const [f, { fold, ...scales }] of folds.entries()) {
    for (let i = 0; i < series; i++) {
      const origin = foldOrigin(seriesLength(panel, i), fold);
      const forecast = forecasts[f]!.subarray(i * horizon, (i + 1) * horizon);
      if (origin < 1 || forecast.some(Number.isNaN)) continue;
      const actual = seriesValues(panel, i).subarray(origin, origin + horizon);
      const scale = scales.residual[i]!;
      const at = (f * series + i) * horizon;
      const row = addRow(actual, forecast, scale, residuals.subarray(at, at + horizon), sums);
      if (row.points === 0) continue;
      mase.add(i, row.absolute / row.points / scales.mase[i]!);
      smape.add(i, row.percentage / row.points);
      const scaleOfRow = Float64Array.of(scale);
      if (intervals !== null) {
        addCoverage(actual, applyOffsets(forecast, scaleOfRow, intervals, horizon, bounds), sums);
      }
      if (quantiles !== null) {
        const made = applyOffsets(forecast, scaleOfRow, quantiles, horizon, levels);
        addPinball(actual, made, levels, sums);
      }
    }
  }
  const masePerSeries = mase.perSeries();
  const scored = masePerSeries.filter((value) => !Number.isNaN(value));
  const smapePerSeries = smape.perSeries().filter((value) => !Number.isNaN(value));
  const ifOffsets = (value: number): number | null =>
    intervals === null || sums.points === 0 ? null : value;
  return {
    score: {
      mae: sums.absolute / sums.points,
      rmse: Math.sqrt(sums.squared / sums.points),
      mase: scored.length === 0 ? null : average(scored),
      smape: average(smapePerSeries),
      coverage80: ifOffsets(sums.inside80 / sums.points),
      coverage95: ifOffsets(sums.inside95 / sums.points),
      wql: sums.size > 0 ? ifOffsets((2 * sums.pinball) / sums.size / levels.length) : null,
      series: smapePerSeries.length,
      folds: folds.length,
      skippedSeries: series - scored.length,
    },
    mase: masePerSeries,
    residuals,
  };
}

function average(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Averages of what was added for each of `size` series, NaN left out; NaN where nothing was. */
function createAverages(size: number): {
  add(i: number, value: number): void;
  perSeries(): Float64Array;
} {
  const sum = new Float64Array(size);
  const count = new Uint32Array(size);
  return {
    add(i, value) {
      if (Number.isNaN(value)) return;
      sum[i]! += value;
      count[i]! += 1;
    },
    perSeries: () => sum.map((total, i) => total / count[i]!),
  };
}

/** Adds one row's errors to `sums` and writes its scaled residuals; a missing actual value is left out. */
function addRow(
  actual: Float64Array,
  forecast: Float64Array,
  scale: number,
  residuals: Float64Array,
  sums: PointSums,
): { points: number; absolute: number; percentage: number } {
  let points = 0;
  let absolute = 0;
  let percentage = 0;
  for (let h = 0; h < actual.length; h++) {
    const error = actual[h]! - forecast[h]!;
    if (Number.isNaN(error)) continue;
    residuals[h] = error / scale;
    points++;
    absolute += Math.abs(error);
    sums.squared += error * error;
    const size = Math.abs(actual[h]!) + Math.abs(forecast[h]!);
    percentage += size === 0 ? 0 : (200 * Math.abs(error)) / size;
  }
  sums.points += points;
  sums.absolute += absolute;
  return { points, absolute, percentage };
}

function addCoverage(actual: Float64Array, quantiles: Float64Array, sums: PointSums): void {
  for (let h = 0; h < actual.length; h++) {
    const value = actual[h]!;
    const [low95, low80, high80, high95] = quantiles.subarray(4 * h, 4 * h + 4);
    if (value >= low80! && value <= high80!) sums.inside80++;
    if (value >= low95! && value <= high95!) sums.inside95++;
  }
}

function addPinball(
  actual: Float64Array,
  quantiles: Float64Array,
  levels: readonly number[],
  sums: PointSums,
): void {
  for (let h = 0; h < actual.length; h++) {
    if (Number.isNaN(actual[h]!)) continue;
    sums.size += Math.abs(actual[h]!);
    for (let q = 0; q < levels.length; q++) {
      const error = actual[h]! - quantiles[h * levels.length + q]!;
      sums.pinball += error >= 0 ? levels[q]! * error : (levels[q]! - 1) * error;
    }
  }
}
