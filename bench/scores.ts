/** Scores of forecasts with quantiles, gathered over series and windows: sMAPE, MASE, WQL, MSIS and coverage. */
import { seasonalNaiveError, smape } from '../series/accuracy.ts';
import { seriesValues } from '../series/panel.ts';
import { intervalScore, pinballLoss } from '../series/quantile-accuracy.ts';
import { normalQuantile } from '../series/statistics.ts';
import { assert } from '../state/errors.ts';
import type { TaskDefinition, TaskWindow } from './task-data/task.ts';

/** Levels of the quantiles that are scored: the deciles, and the bounds of 95 %. */
export const levels = [0.025, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.975] as const;

/** Quantiles of the standard normal distribution at `levels`. */
const normalScores = levels.map(normalQuantile);

/** Forecasts of one window. */
export interface WindowForecast {
  /** [series * horizon]. */
  readonly mean: Float64Array;
  /** [series * horizon * levels], rising within a step. */
  readonly quantiles: Float64Array;
}

/** Scores over all series and windows. */
export interface IntervalScores {
  /** Forecasts that were scored, one for each series and window. */
  readonly forecasts: number;
  /** Of these, those whose history never changes over a season: they have no scale and count in neither MASE nor MSIS. */
  readonly unscaled: number;
  readonly smape: number;
  readonly mase: number;
  /** Over the deciles, pooled: the sum of all pinball losses by the sum of all sizes, as in Chronos' tables. */
  readonly wql: number;
  /** Mean scaled interval score at 95 % (Makridakis, Spiliotis, Assimakopoulos 2020, equation 4). */
  readonly msis: number;
  /** Shares of actual values inside the central intervals of 80 % and 95 %. */
  readonly coverage80: number;
  readonly coverage95: number;
}

/** Normal quantiles around `mean` [n] with standard deviations `deviation` [n]: [n * levels]. */
export function normalQuantiles(mean: Float64Array, deviation: Float64Array): Float64Array {
  const quantiles = new Float64Array(mean.length * levels.length);
  for (let k = 0; k < mean.length; k++) {
    for (let q = 0; q < levels.length; q++) {
      quantiles[k * levels.length + q] = mean[k]! + normalScores[q]! * deviation[k]!;
    }
  }
  return quantiles;
}

/** A forecast without any doubt: all its quantiles are its mean. */
export function certainForecast(mean: Float64Array): WindowForecast {
  return { mean, quantiles: normalQuantiles(mean, new Float64Array(mean.length)) };
}

/** All quantiles where only those at `known` levels are given, [n * known]: straight lines between them over normal scores. */
export function interpolateQuantiles(given: Float64Array, known: readonly number[]): Float64Array {
  assert(known.length > 1, 'there are two levels to draw a line through');
  const scores = known.map(normalQuantile);
  const rows = given.length / known.length;
  const quantiles = new Float64Array(rows * levels.length);
  for (const [q, score] of normalScores.entries()) {
    const above = scores.findIndex((own) => own >= score - 1e-9);
    const right = above === -1 ? known.length - 1 : Math.max(1, above);
    const share = (score - scores[right - 1]!) / (scores[right]! - scores[right - 1]!);
    for (let k = 0; k < rows; k++) {
      const low = given[k * known.length + right - 1]!;
      const high = given[k * known.length + right]!;
      quantiles[k * levels.length + q] = low + share * (high - low);
    }
  }
  return quantiles;
}

/** Sums over what was scored so far. */
export interface Tally {
  /** Adds the forecasts of a window. Missing forecasts are a programmer's error. */
  add(window: TaskWindow, forecast: WindowForecast): void;
  /** The scores of everything added. */
  scores(): IntervalScores;
}

const lowest = 0;
const lower = levels.indexOf(0.1);
const upper = levels.indexOf(0.9);
const highest = levels.length - 1;

/** Counts forecasts of a task. */
export function createTally({
  season,
  horizon,
}: Pick<TaskDefinition, 'season' | 'horizon'>): Tally {
  let forecasts = 0;
  let unscaled = 0;
  let points = 0;
  const sums = { smape: 0, mase: 0, msis: 0, pinball: 0, size: 0, inside80: 0, inside95: 0 };

  const addSeries = (
    history: Float64Array,
    actual: Float64Array,
    mean: Float64Array,
    quantiles: Float64Array,
  ): void => {
    let error = 0;
    let interval = 0;
    for (const [k, value] of actual.entries()) {
      const at = k * levels.length;
      error += Math.abs(value - mean[k]!);
      sums.size += Math.abs(value);
      for (let q = lower; q <= upper; q++) {
        sums.pinball += pinballLoss(value, quantiles[at + q]!, levels[q]!);
      }
      const low = quantiles[at + lowest]!;
      const high = quantiles[at + highest]!;
      interval += intervalScore(value, low, high, 0.95);
      if (value >= low && value <= high) sums.inside95++;
      if (value >= quantiles[at + lower]! && value <= quantiles[at + upper]!) sums.inside80++;
    }
    const scale = seasonalNaiveError(history, season) * horizon;
    if (scale > 0) {
      sums.mase += error / scale;
      sums.msis += interval / scale;
    } else unscaled++;
    sums.smape += smape(actual, mean);
    points += horizon;
    forecasts++;
  };

  return {
    add({ panel, test }, { mean, quantiles }) {
      for (const [i, id] of panel.ids.entries()) {
        const part = (values: Float64Array, width: number): Float64Array =>
          values.subarray(i * width, (i + 1) * width);
        const own = part(quantiles, horizon * levels.length);
        assert(!part(mean, horizon).some(Number.isNaN), `${id} is forecast`);
        assert(!own.some(Number.isNaN), `${id} has quantiles`);
        addSeries(seriesValues(panel, i), part(test, horizon), part(mean, horizon), own);
      }
    },
    scores: () => ({
      forecasts,
      unscaled,
      smape: sums.smape / forecasts,
      mase: sums.mase / (forecasts - unscaled),
      wql: (2 * sums.pinball) / sums.size / (upper - lower + 1),
      msis: sums.msis / (forecasts - unscaled),
      coverage80: sums.inside80 / points,
      coverage95: sums.inside95 / points,
    }),
  };
}
