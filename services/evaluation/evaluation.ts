/** Evaluation: rolling-origin backtests of forecasts, scored alike for every model; it fits and trains nothing. */
import { setImmediate } from 'node:timers/promises';
import {
  seasonalNaiveError,
  seasonalNaiveSquaredError,
  seriesScale,
} from '../../series/accuracy.ts';
import { type Fold, foldOrigin, type FoldPlan } from '../../series/folds.ts';
import { type Panel, seriesLength, seriesValues } from '../../series/panel.ts';
import { assert } from '../../state/errors.ts';
import { applyOffsets, conformalOffsets } from './intervals.ts';
import { type RowQuantiles, scaledResiduals, scoreRows } from './scoring.ts';
import type { SeriesScores } from './tally.ts';

export { localForecaster } from './local-forecaster.ts';

/** Forecasts [series * horizon] from a fold's origins; a row of NaN where a series has no such fold or no forecast. */
export type FoldForecaster = (fold: Fold) => Promise<Float64Array>;

export interface ForecasterUnderTest {
  /** Unique within a backtest. */
  readonly name: string;
  readonly forecast: FoldForecaster;
  /** Quantiles of the test folds, by what it learned elsewhere; conformal ones from the validation folds if left out. */
  readonly quantiles?: (levels: readonly number[]) => RowQuantiles | null;
}

export interface BacktestOptions {
  /** Season length of the MASE and of the scales, in steps. */
  readonly season: number;
  /** Which folds to forecast and score. */
  readonly kinds: readonly Fold['kind'][];
  /** Quantile levels of the weighted quantile loss. */
  readonly levels?: readonly number[];
  /** Ends the backtest between two folds with the signal's own reason. */
  readonly signal?: AbortSignal;
}

/**
 * One model on one kind of folds; null or NaN where nothing could be scored. Measures that are averages over series (MASE,
 * RMSSE, sMAPE, MAPE, MSIS) weigh each series the same, however many folds it has; the others are taken over all points.
 */
export interface Score {
  readonly model: string;
  readonly kind: Fold['kind'];
  readonly mae: number;
  readonly rmse: number;
  /** M4's formula, each fold scaled by the seasonal naive error of its own history. */
  readonly mase: number | null;
  /** 0..200 */
  readonly smape: number;
  /** In per cent, actual values of zero left out. */
  readonly mape: number | null;
  /** Scaled by the seasonal naive error's root mean square, each fold by its own history's. */
  readonly rmsse: number | null;
  /** Share of the variation within the series that is explained, series of different units added up in units of their scales. */
  readonly r2: number | null;
  /** Mean of forecast less actual, and its sum over the sum of |actual|: positive where forecasts are too high. */
  readonly bias: number | null;
  readonly relativeBias: number | null;
  /** Shares (0..1) inside the central intervals; of test folds only, their offsets from validation folds only. */
  readonly coverage80: number | null;
  readonly coverage95: number | null;
  /** Mean widths of the same intervals, in units of each series' scale. */
  readonly width80: number | null;
  readonly width95: number | null;
  /** Mean scaled interval score of the 95 % interval, as in M4. */
  readonly msis: number | null;
  /** Weighted quantile loss, and ranked probability score from quantiles, over `levels` and under the same rule. */
  readonly wql: number | null;
  readonly crps: number | null;
  /** Series with at least one forecast. */
  readonly series: number;
  readonly folds: number;
  /** Series that the MASE leaves out: no forecast, or a history without seasonal change to scale by. */
  readonly skippedSeries: number;
}

/** What a backtest found out about one forecaster; arrays of kinds that were not asked for are empty. */
export interface TestedForecaster {
  readonly name: string;
  /** MASE [series], averaged over folds; NaN where undefined. */
  readonly mase: Readonly<Record<Fold['kind'], Float64Array>>;
  /** Every measure of every series; null for a kind that was not asked for. */
  readonly perSeries: Readonly<Record<Fold['kind'], SeriesScores | null>>;
  /** Actual minus forecast over `seriesScale` of the fold's history, [fold][series][horizon]; NaN where absent. */
  readonly residuals: Readonly<Record<Fold['kind'], Float64Array>>;
}

export interface BacktestResult {
  /** Forecaster by forecaster, in the order of `kinds`. */
  readonly scores: readonly Score[];
  readonly forecasters: readonly TestedForecaster[];
}

export interface Evaluation {
  /** Forecasts every fold of the given kinds with every forecaster and scores them. */
  backtest(
    panel: Panel,
    plan: FoldPlan,
    forecasters: readonly ForecasterUnderTest[],
    options: BacktestOptions,
  ): Promise<BacktestResult>;
}

const defaultLevels = [0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975];

/** Scales of all series before one fold, [series] each. */
export interface FoldScales {
  readonly fold: Fold;
  /** Seasonal naive error; NaN where it cannot scale a MASE. */
  readonly mase: Float64Array;
  /** Its mean square; NaN where it cannot scale an RMSSE. */
  readonly squared: Float64Array;
  /** `seriesScale`, always positive. */
  readonly residual: Float64Array;
}

/** Needs nothing; results depend on the arguments alone. */
export function createEvaluation(): Evaluation {
  return {
    async backtest(panel, plan, forecasters, options) {
      const { season, signal, levels = defaultLevels } = options;
      assert(
        new Set(forecasters.map(({ name }) => name)).size === forecasters.length,
        'names of forecasters are unique',
      );
      const kinds = (['validation', 'test'] as const).filter((k) => options.kinds.includes(k));
      const scales = plan.folds
        .filter((fold) => kinds.includes(fold.kind))
        .map((fold) => scalesOf(panel, fold, season));
      const scores: Score[] = [];
      const tested: TestedForecaster[] = [];
      for (const forecaster of forecasters) {
        const mase = emptyPerKind();
        const residuals = emptyPerKind();
        const perSeries: Record<Fold['kind'], SeriesScores | null> = {
          validation: null,
          test: null,
        };
        for (const kind of kinds) {
          const folds = scales.filter(({ fold }) => fold.kind === kind);
          const forecasts: Float64Array[] = [];
          for (const { fold } of folds) forecasts.push(await forecastFold(forecaster, fold));
          const known = residuals.validation;
          const calibrated = kind === 'test' && known.some((residual) => !Number.isNaN(residual));
          const own = kind === 'test' ? forecaster.quantiles : undefined;
          const quantilesAt = (at: readonly number[]): RowQuantiles | null => {
            if (own !== undefined) return own(at);
            return calibrated ? offsetQuantiles(known, plan.horizon, at) : null;
          };
          const { horizon } = plan;
          const rows = { panel, horizon, folds, forecasts };
          const result = scoreRows({ ...rows, levels, quantilesAt });
          residuals[kind] = scaledResiduals(rows);
          mase[kind] = result.perSeries.mase;
          perSeries[kind] = result.perSeries;
          scores.push({ model: forecaster.name, kind, ...result.score });
        }
        tested.push({ name: forecaster.name, mase, perSeries, residuals });
      }
      return { scores, forecasters: tested };

      async function forecastFold(forecaster: ForecasterUnderTest, fold: Fold) {
        // Local models never wait; leases and queues need their turn between two folds all the same.
        await setImmediate();
        signal?.throwIfAborted();
        const forecast = await forecaster.forecast(fold);
        assert(
          forecast.length === panel.ids.length * plan.horizon,
          `${forecaster.name} forecasts [series * horizon]`,
        );
        return forecast;
      }
    },
  };
}

function emptyPerKind(): Record<Fold['kind'], Float64Array> {
  return { validation: new Float64Array(0), test: new Float64Array(0) };
}

/** Quantiles by conformal offsets from these residuals, the same at all folds and for all series. */
export function offsetQuantiles(
  residuals: Float64Array,
  horizon: number,
  levels: readonly number[],
): RowQuantiles {
  const offsets = conformalOffsets(residuals, horizon, levels);
  return (_, __, forecast, scale) =>
    applyOffsets(forecast, Float64Array.of(scale), offsets, horizon, levels);
}

/** What the errors of each series are scaled by at a fold. */
export function scalesOf(panel: Panel, fold: Fold, season: number): FoldScales {
  const nothing = (): Float64Array => new Float64Array(panel.ids.length).fill(Number.NaN);
  const [mase, squared, residual] = [nothing(), nothing(), nothing()];
  for (let i = 0; i < panel.ids.length; i++) {
    const origin = foldOrigin(seriesLength(panel, i), fold);
    if (origin < 1) continue;
    const history = seriesValues(panel, i).subarray(0, origin);
    const error = seasonalNaiveError(history, season);
    if (error > 0) {
      mase[i] = error;
      squared[i] = seasonalNaiveSquaredError(history, season);
    }
    residual[i] = seriesScale(history, season);
  }
  return { fold, mase, squared, residual };
}
