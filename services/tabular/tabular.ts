/** Table forecasting: one table model trained over all series of a panel, stored as bytes, and its forecasts. */
import type { Hyperparameters, TabularModel } from '../../models/model.ts';
import type { FoldPlan } from '../../series/folds.ts';
import { type Panel, seriesLength, takeSeries } from '../../series/panel.ts';
import { assert } from '../../state/errors.ts';
import type { LearnedForecaster } from './learning.ts';
import { defaultTabularSettings, type TabularSettings, tabularSettingsSchema } from './settings.ts';
import type { TableContributions } from './table-explanation.ts';
import { placesToCheck, type TableFiles } from './table-files.ts';

export type { TabularSettings } from './settings.ts';

/** What is trained on what, and until when. */
export interface TabularTraining {
  readonly model: TabularModel;
  readonly hyperparameters: Hyperparameters;
  /** What differs from the defaults that follow from horizon and seasons. */
  readonly settings: Partial<TabularSettings>;
  readonly panel: Panel;
  readonly horizon: number;
  /** Season length in steps, 1 if none. */
  readonly season: number;
  /** All season lengths; `season` alone if left out. */
  readonly seasons?: readonly number[];
  /** Only [0, n - plan.trainStepsFromEnd) of a series of n observations is learned from. */
  readonly plan: FoldPlan;
  readonly seed: number;
  readonly signal: AbortSignal;
  /** After this many milliseconds it ends with what it has learned. */
  readonly maxMs?: number;
}

/** Trains table forecasters and forecasts with them. */
export interface Tabular {
  /** How many trainings are best under way at once: each takes one thread, and memory for its table. */
  readonly sideBySide: number;
  /**
   * Same task and seed, same bytes, unless `maxMs` ended it. Throws the reason of `signal` when it aborts.
   * Errors: SERIES_TOO_SHORT; TABLE_INVALID.
   */
  train(training: TabularTraining): Promise<LearnedForecaster>;
  /**
   * Forecasts [series * horizon] in the panel's units by the `bytes` of a training; the history of series i ends before
   * position `origins[i]`. NaN where an origin is below 1 or nothing was observed before it.
   * Errors: EXOGENOUS_ABSENT and FUTURE_UNKNOWN for columns that it was trained with.
   */
  forecastPanel(bytes: Uint8Array, panel: Panel, origins: Int32Array): Promise<Float64Array>;
  /** What the forecast of series `series` from its end owes to each feature. Errors as `forecastPanel`. */
  explainSeries(bytes: Uint8Array, panel: Panel, series: number): Promise<TableContributions>;
  /** The fits as ONNX files, with what they predict for some series of `panel`, at least one of which has observations. */
  files(bytes: Uint8Array, panel: Panel): Promise<TableFiles>;
}

/** A training as plain data, which a worker thread can be sent. */
export interface TrainingOrder
  extends Omit<TabularTraining, 'model' | 'signal' | 'settings' | 'season' | 'seasons'> {
  readonly settings: TabularSettings;
  /** Name of the model. */
  readonly model: string;
  /** One int32, shared between threads: 1 when nobody waits for the result any more. */
  readonly cancelled: SharedArrayBuffer;
}

/** Who does the work; away from the event loop, where that is possible. */
export interface TabularWorker {
  /** How much of it is done at once. */
  readonly threads: number;
  /** What `trainTabular` gives: null if it was cancelled. */
  train(order: TrainingOrder): Promise<LearnedForecaster | null>;
  /** What `forecastTabular` gives. */
  forecast(bytes: Uint8Array, panel: Panel, origins: Int32Array): Promise<Float64Array>;
  /** What `explainTabular` gives. */
  explain(
    bytes: Uint8Array,
    panel: Panel,
    series: number,
    origin: number,
  ): Promise<TableContributions>;
  /** What `filesOfTabular` gives. */
  files(bytes: Uint8Array, panel: Panel): Promise<TableFiles>;
}

/** Tables that are held in memory at once, at most. */
const mostTables = 4;

/** Table forecasting by `worker`. */
export function createTabular({ worker }: { worker: TabularWorker }): Tabular {
  return {
    sideBySide: Math.min(mostTables, worker.threads),
    async train({ model, signal, season, seasons, ...rest }) {
      signal.throwIfAborted();
      const { family } = model;
      const defaults = defaultTabularSettings({
        horizon: rest.horizon,
        season,
        ...(seasons && { seasons }),
        family,
      });
      const settings = tabularSettingsSchema.parse({ ...defaults, ...rest.settings });
      const cancelled = new SharedArrayBuffer(4);
      const cancel = (): void => void Atomics.store(new Int32Array(cancelled), 0, 1);
      signal.addEventListener('abort', cancel, { once: true });
      try {
        const learned = await worker.train({ ...rest, settings, model: model.name, cancelled });
        signal.throwIfAborted();
        assert(learned, 'a training that nobody cancelled has a result');
        return learned;
      } finally {
        signal.removeEventListener('abort', cancel);
      }
    },
    forecastPanel: (bytes, panel, origins) => worker.forecast(bytes, panel, origins),
    // Only the series that are looked at are copied to a thread.
    explainSeries: (bytes, panel, series) =>
      worker.explain(
        bytes,
        takeSeries(panel, [{ series, skip: 0 }]),
        0,
        seriesLength(panel, series),
      ),
    files: (bytes, panel) =>
      worker.files(
        bytes,
        takeSeries(
          panel,
          placesToCheck(panel).map((series) => ({ series, skip: 0 })),
        ),
      ),
  };
}
