/** Accuracy of forecasts, by the same formulae for both sides. */
import { mae, mase } from '../../series/accuracy.ts';
import type { SeriesSet } from './workloads.ts';

/** Means over folds and series. */
export interface Accuracy {
  readonly mae: number;
  /** Scaled by the seasonal naive's error before the first fold. */
  readonly mase: number;
}

/** Scores of `forecast` [folds, series, horizon] for the last horizons of each series. */
export function scoreForecast(
  { values, lengths, season }: SeriesSet,
  forecast: Float64Array,
  folds: number,
  horizon: number,
): Accuracy {
  const sums = { mae: 0, mase: 0 };
  let end = 0;
  for (const [i, length] of lengths.entries()) {
    const series = values.subarray(end, end + length);
    end += length;
    const history = series.subarray(0, length - folds * horizon);
    for (let fold = 0; fold < folds; fold++) {
      const origin = history.length + fold * horizon;
      const actual = series.subarray(origin, origin + horizon);
      const from = (fold * lengths.length + i) * horizon;
      const predicted = forecast.subarray(from, from + horizon);
      sums.mae += mae(actual, predicted);
      sums.mase += mase(actual, predicted, history, season);
    }
  }
  const count = folds * lengths.length;
  return { mae: sums.mae / count, mase: sums.mase / count };
}
