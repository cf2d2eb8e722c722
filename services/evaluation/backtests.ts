/** Backtests: any list of models on rolling windows, each forecast kept as it is made, so that a second call goes on. */
import type { Fold } from '../../series/folds.ts';
import { type Panel, seriesLength } from '../../series/panel.ts';
import { assert } from '../../state/errors.ts';
import type { Json } from '../../state/json.ts';
import { inLanes } from '../workers/lanes.ts';
import { createBacktestFiles, type BacktestFiles } from './backtest-files.ts';
import { type Differences, findDifferences } from './differences.ts';
import { earlierQuantiles } from './earlier-quantiles.ts';
import { scalesOf, type Score } from './evaluation.ts';
import { scaledResiduals, scoreRows } from './scoring.ts';
import type { SeriesScores } from './tally.ts';

/** A model that is ready to forecast. */
export interface PreparedModel {
  /** What preparing took, over all calls; the time of this call if left out. */
  readonly seconds?: number;
  /** Forecasts [series * horizon] from the origins [series]; rows of NaN where an origin is below 1 or nothing can be said. */
  forecast(origins: Int32Array, signal?: AbortSignal): Promise<Float64Array>;
}

/** What a model may use to be prepared only once, however often the backtest is stopped. */
export interface Preparation {
  /** Unique among all preparations of all backtests; letters, digits and dashes. */
  readonly key: string;
  readonly signal?: AbortSignal;
  /** What was noted under the same key; undefined if nothing was. */
  recall(): Promise<Json | undefined>;
  /** Notes where the prepared model is found again, until the backtest is over. */
  note(found: Json): Promise<void>;
}

/** A model as a backtest takes it. */
export interface BacktestModel {
  /** Unique within a backtest. */
  readonly name: string;
  /** All that its forecasts depend on beside data and windows: hyper-parameters, seed, training settings. */
  readonly settings: Json;
  /** Whether it is fitted to each series as it forecasts: then preparing costs nothing and is done for every window. */
  readonly local: boolean;
  /** Of a local model: how many windows are worth forecasting at once; one if left out. */
  readonly sideBySide?: number;
  /** Makes it ready; it may learn from all but the last `stepsFromEnd` values of each series, and nothing else. */
  prepare(stepsFromEnd: number, preparation: Preparation): Promise<PreparedModel>;
}

/** Rolling windows: the last lies at the end of every series, the others `step` apart before it. */
export interface WindowPlan {
  readonly horizon: number;
  readonly windows: number;
  /** Steps from one origin to the next; windows overlap if it is less than the horizon. */
  readonly step: number;
  /** After how many windows a model that is trained is trained anew; 0 if it is trained once, before the first window. */
  readonly refitEvery: number;
}

/** What is backtested, and how. */
export interface BacktestTask extends WindowPlan {
  readonly panel: Panel;
  /** Address of the panel's contents, and of the program that forecasts: results are continued only under the same one. */
  readonly key: string;
  /** Season length of the scaled measures, in steps. */
  readonly season: number;
  /** `naive` and `seasonal-naive` should be among them: the table is read beside them. */
  readonly models: readonly BacktestModel[];
  /** Quantile levels of WQL and CRPS. */
  readonly levels: readonly number[];
  /** How many models work at once; local ones share the worker threads anyway. */
  readonly parallel: number;
  readonly signal?: AbortSignal;
  /** Told of each forecast window as it is there. */
  readonly onWindow?: (progress: WindowProgress) => void;
}

/** One more window is forecast. */
export interface WindowProgress {
  readonly model: string;
  readonly done: number;
  readonly total: number;
}

/** How one model did. */
export interface BacktestedModel {
  readonly name: string;
  /** Its intervals are those of the earlier windows' residuals; of windows without any earlier one there are none. */
  readonly score: Omit<Score, 'model' | 'kind'>;
  readonly perSeries: SeriesScores;
  /** How often it was trained; 0 for a local model, which is fitted anew in every window. */
  readonly trainings: number;
  /** Time spent on preparing and forecasting, whenever that was. */
  readonly seconds: number;
}

/** All models, the least mean scaled error first, and which of them differ. */
export interface BacktestReport {
  readonly models: readonly BacktestedModel[];
  readonly differences: Differences;
}

/** Runs backtests. */
export interface Backtests {
  /**
   * Forecasts what an earlier call of the same task has not, and scores everything. Rejects with the signal's reason,
   * or with what a model fails with, when all under way have stopped. Errors: STORE_FULL, STORE_UNWRITABLE.
   */
  run(task: BacktestTask): Promise<BacktestReport>;
  /** Drops what is kept of a task whose report has been delivered. */
  forget(task: BacktestTask): Promise<void>;
}

/** A window, and where the training of models that forecast it ends. */
export interface BacktestWindow extends Fold {
  readonly fitStepsFromEnd: number;
}

/** The windows in order of time. */
export function planWindows({ horizon, windows, step, refitEvery }: WindowPlan): BacktestWindow[] {
  assert(windows >= 1 && step >= 1, 'a backtest has windows that move on');
  const endOf = (window: number): number => horizon + (windows - 1 - window) * step;
  return Array.from({ length: windows }, (_, window) => ({
    kind: 'test',
    stepsFromEnd: endOf(window),
    fitStepsFromEnd: endOf(refitEvery === 0 ? 0 : window - (window % refitEvery)),
  }));
}

/** Keeps forecasts in `folder`; `now` counts milliseconds. */
export function createBacktests(dependencies: { folder: string; now: () => number }): Backtests {
  const { folder, now } = dependencies;
  const filesOf = (task: BacktestTask): BacktestFiles => createBacktestFiles(folder, keyOf(task));
  return {
    async run(task) {
      const names = new Set(task.models.map(({ name }) => name));
      assert(names.size === task.models.length, 'names of models are unique');
      const windows = planWindows(task);
      const obtain = createForecasting(task, filesOf(task), now);
      await forecastAll(task, windows, obtain);
      return report(task, windows, obtain);
    },
    forget: (task) => filesOf(task).remove(),
  };
}

function keyOf(task: BacktestTask): Json {
  const { key, season, horizon, windows, step, refitEvery } = task;
  const models = task.models.map(({ name, settings }) => [name, settings]);
  return { key, season, horizon, windows, step, refitEvery, models };
}

/** A forecast from the files, or else made now and filed. */
type Obtain = (
  model: BacktestModel,
  window: BacktestWindow,
) => Promise<{ forecast: Float64Array; seconds: number }>;

function createForecasting(task: BacktestTask, files: BacktestFiles, now: () => number): Obtain {
  const { panel, horizon, signal } = task;
  const since = (start: number): number => (now() - start) / 1000;
  const prepared = new Map<BacktestModel, { at: number; ready: Promise<PreparedModel> }>();
  const prepare = (model: BacktestModel, at: number): Promise<PreparedModel> => {
    const found = prepared.get(model);
    if (found?.at === at) return found.ready;
    const place = { model: model.name, settings: model.settings, at };
    const ready = model.prepare(at, {
      key: `${files.name}-${model.name}-${at}`,
      ...(signal && { signal }),
      recall: () => files.loadNote(place),
      note: (where) => files.saveNote(place, where),
    });
    prepared.set(model, { at, ready });
    return ready;
  };
  return async (model, { stepsFromEnd, fitStepsFromEnd }) => {
    const fit = model.local ? stepsFromEnd : fitStepsFromEnd;
    const place = { model: model.name, settings: model.settings, stepsFromEnd, fit };
    signal?.throwIfAborted();
    const kept = await files.load(place);
    if (kept !== undefined) return kept;
    const start = now();
    const ready = await prepare(model, fit);
    const preparing = ready.seconds ?? since(start);
    const origins = Int32Array.from(panel.ids, (_, i) =>
      Math.max(0, seriesLength(panel, i) - stepsFromEnd),
    );
    const begun = now();
    const forecast = await ready.forecast(origins, signal);
    const size = panel.ids.length * horizon;
    assert(forecast.length === size, `${model.name} forecasts [series * horizon]`);
    // The first window of a training pays for it.
    const seconds = since(begun) + (fit === stepsFromEnd ? preparing : 0);
    await files.save(place, { forecast, seconds });
    return { forecast, seconds };
  };
}

/**
 * Has every model forecast its windows, `parallel` models at once; trained ones in order of time, local ones as many
 * windows at once as are worth it. The first failure stops the others.
 */
async function forecastAll(
  task: BacktestTask,
  windows: readonly BacktestWindow[],
  obtain: Obtain,
): Promise<void> {
  const { models, parallel, onWindow } = task;
  const total = models.length * windows.length;
  let done = 0;
  await inLanes(parallel, models, async (model, signal) => {
    assert(model.local || model.sideBySide === undefined, 'trainings follow each other in time');
    const serve = async (window: BacktestWindow): Promise<void> => {
      await obtain(model, window);
      onWindow?.({ model: model.name, done: ++done, total });
    };
    await inLanes(model.sideBySide ?? 1, windows, serve, signal);
  });
}

async function report(
  task: BacktestTask,
  windows: readonly BacktestWindow[],
  obtain: Obtain,
): Promise<BacktestReport> {
  const { panel, horizon, season, levels, models, step } = task;
  const folds = windows.map((window) => scalesOf(panel, window, season));
  const tested: BacktestedModel[] = [];
  const losses: Float64Array[] = [];
  for (const model of models) {
    const made = [];
    for (const window of windows) made.push(await obtain(model, window));
    const rows = { panel, horizon, folds, forecasts: made.map(({ forecast }) => forecast) };
    const residuals = scaledResiduals(rows);
    const quantilesAt = earlierQuantiles(residuals, horizon, windows);
    const seconds = made.reduce((sum, each) => sum + each.seconds, 0);
    const scored = scoreRows({ ...rows, levels, quantilesAt });
    const fits = new Set(windows.map(({ fitStepsFromEnd }) => fitStepsFromEnd));
    const trainings = model.local ? 0 : fits.size;
    tested.push({ name: model.name, ...scored, trainings, seconds });
    losses.push(meanSizes(residuals, horizon));
  }
  const differences = findDifferences({
    models: models.map(({ name }) => name),
    losses,
    windows: windows.length,
    series: panel.ids.length,
    overlap: Math.ceil(horizon / step),
  });
  const errorOf = new Map(differences.meanErrors.map(({ model, error }) => [model, error]));
  const least = (name: string): number => errorOf.get(name) ?? Number.POSITIVE_INFINITY;
  return { models: tested.sort((a, b) => least(a.name) - least(b.name)), differences };
}

/** Mean size of the residuals of each row of `horizon`; NaN of none. */
function meanSizes(residuals: Float64Array, horizon: number): Float64Array {
  return Float64Array.from({ length: residuals.length / horizon }, (_, row) => {
    let sum = 0;
    let count = 0;
    for (let k = row * horizon; k < (row + 1) * horizon; k++) {
      if (Number.isNaN(residuals[k]!)) continue;
      sum += Math.abs(residuals[k]!);
      count++;
    }
    return count === 0 ? Number.NaN : sum / count;
  });
}
