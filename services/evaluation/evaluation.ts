/** Evaluation: rolling-origin backtests of forecasts, scored alike for every model; it fits and trains nothing. */
import { setImmediate } from 'node:timers/promises';
import { seasonalNaiveError, seriesScale } from '../../series/accuracy.ts';
import { type Fold, foldOrigin, type FoldPlan } from '../../series/folds.ts';
import { type Panel, seriesLength, seriesValues } from '../../series/panel.ts';
import { assert } from '../../state/errors.ts';
import { conformalOffsets } from './intervals.ts';
import { scoreRows } from './scoring.ts';

export { localForecaster } from './local-forecaster.ts';

/** Forecasts [series * horizon] from a fold's origins; a row of NaN where a series has no such fold or no forecast. */
export type FoldForecaster = (fold: Fold) => Promise<Float64Array>;

export interface ForecasterUnderTest {
  /** Unique within a backtest. */
  readonly name: string;
  readonly forecast: FoldForecaster;
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

/** One model on one kind of folds. A series weighs the same in MASE and sMAPE however many folds it has. */
export interface Score {
  readonly model: string;
  readonly kind: Fold['kind'];
  /** Mean over all points; NaN if nothing could be scored. */
  readonly mae: number;
  readonly rmse: number;
  /** M4's formula, each fold scaled by the seasonal naive error of its own history. */
  readonly mase: number | null;
  /** 0..200; NaN if nothing could be scored. */
  readonly smape: number;
  /** Shares (0..1) inside the central intervals; of test folds only, their offsets from validation folds only. */
  readonly coverage80: number | null;
  readonly coverage95: number | null;
  /** Weighted quantile loss over `levels`, under the same rule. */
  readonly wql: number | null;
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
        for (const kind of kinds) {
          const folds = scales.filter(({ fold }) => fold.kind === kind);
          const forecasts: Float64Array[] = [];
          for (const { fold } of folds) forecasts.push(await forecastFold(forecaster, fold));
          const known = residuals.validation;
          const offsetsAt = (at: readonly number[]): Float64Array | null =>
            kind === 'test' && known.some((residual) => !Number.isNaN(residual))
              ? conformalOffsets(known, plan.horizon, at)
              : null;
          const result = scoreRows({
            panel,
            horizon: plan.horizon,
            folds,
            forecasts,
            levels,
            offsetsAt,
          });
          residuals[kind] = result.residuals;
          mase[kind] = result.mase;
          scores.push({ model: forecaster.name, kind, ...result.score });
        }
        tested.push({ name: forecaster.name, mase, residuals });
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

function scalesOf(panel: Panel, fold: Fold, season: number): FoldScales {
  const mase = new Float64Array(panel.ids.length).fill(Number.NaN);
  const residual = new Float64Array(panel.ids.length).fill(Number.NaN);
  for (let i = 0; i < panel.ids.length; i++) {
    const origin = foldOrigin(seriesLength(panel, i), fold);
    if (origin < 1) continue;
    const history = seriesValues(panel, i).subarray(0, origin);
    const error = seasonalNaiveError(history, season);
    if (error > 0) mase[i] = error;
    residual[i] = seriesScale(history, season);
  }
  return { fold, mase, residual };
}
