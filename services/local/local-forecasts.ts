/** Local forecasts: a model fitted to each series of a panel by itself, many series at once on worker threads. */
import type { Hyperparameters, LocalContext, LocalFit, LocalModel } from '../../models/model.ts';
import { type Panel, seriesLength, seriesValues } from '../../series/panel.ts';
import { inLanes } from '../workers/lanes.ts';
import type { Workers } from '../workers/workers.ts';
import { describeFit, type FitDescription } from './fit-description.ts';
import { fitHistories, type FittedSeries, type Histories } from './fit-series.ts';

/** What is forecast by which model. */
export interface LocalForecastTask {
  readonly panel: Panel;
  readonly model: LocalModel;
  /** The model's own defaults if left out. */
  readonly hyperparameters?: Hyperparameters;
  readonly context: LocalContext;
  /** Where the histories end, exclusive, [series]; a series with an origin below 1 is not forecast. */
  readonly origins: Int32Array;
  /** Whether the deviations are wanted as well; no if left out. */
  readonly deviation?: boolean;
  readonly signal?: AbortSignal;
}

/** Fits local models. */
export interface LocalForecasts {
  /** Forecasts, [series * horizon] each; a row of NaN where there is no history. Rejects with the signal's reason. */
  forecast(task: LocalForecastTask): Promise<FittedSeries>;
  /** What the model estimates of each series; nothing where there is no history. Rejects with the signal's reason. */
  parameters(task: LocalForecastTask): Promise<LocalFit['parameters'][]>;
  /** How many such forecasts at once keep all threads busy; one of models that are fitted right away. */
  sideBySide(task: Pick<LocalForecastTask, 'panel' | 'model'>): number;
  /** Everything that the model says of one history, of at least one value; with the model's own defaults. */
  describe(
    model: LocalModel,
    history: Float64Array,
    context: LocalContext,
  ): Promise<FitDescription>;
}

/** Histories that one thread is given at once: few enough that all threads end together and an abort is soon heard. */
const mostHistories = 64;
const mostValues = 50_000;
const costlyHistories = 4;

/** Histories [from, to) of the series of a panel. */
interface Share {
  readonly from: number;
  readonly to: number;
}

/** Naive models are fitted at once, as copying would take longer; all others on `workers`. */
export function createLocalForecasts({ workers }: { workers: Workers }): LocalForecasts {
  return {
    async forecast(task) {
      const { panel, context, signal } = task;
      signal?.throwIfAborted();
      if (task.model.family === 'naive') {
        return fitHistories(task.model, historiesOf(task, { from: 0, to: panel.ids.length }));
      }
      const size = panel.ids.length * context.horizon;
      const mean = new Float64Array(size);
      const deviation = new Float64Array(task.deviation === true ? size : 0);
      await eachShare(workers, task, async (share, either) => {
        const histories = { model: task.model.name, ...historiesOf(task, share) };
        const fitted = await workers.run('fitSeries', histories, either);
        mean.set(fitted.mean, share.from * context.horizon);
        if (task.deviation === true) deviation.set(fitted.deviation, share.from * context.horizon);
      });
      return { mean, deviation };
    },
    async parameters(task) {
      task.signal?.throwIfAborted();
      const found: LocalFit['parameters'][] = task.panel.ids.map(() => ({}));
      await eachShare(workers, task, async (share, either) => {
        const histories = { model: task.model.name, ...historiesOf(task, share) };
        const own = await workers.run('fitParameters', histories, either);
        found.splice(share.from, own.length, ...own);
      });
      return found;
    },
    sideBySide({ panel, model }) {
      if (model.family === 'naive') return 1;
      const origins = Int32Array.from(panel.ids, (_, i) => seriesLength(panel, i));
      return Math.max(1, Math.floor(workers.threads / sharesOf({ panel, model, origins }).length));
    },
    async describe({ name, family }, history, context) {
      const task = { model: name, hyperparameters: {}, context, history };
      return family === 'naive' ? describeFit(task) : workers.run('describeFit', task);
    },
  };
}

/** Serves all series on as many threads as there are; one failure or an abort ends all of them. */
async function eachShare(
  workers: Workers,
  task: LocalForecastTask,
  serve: (share: Share, either: AbortSignal) => Promise<void>,
): Promise<void> {
  await inLanes(workers.threads, sharesOf(task), serve, task.signal);
}

function sharesOf({
  model,
  panel,
  origins,
}: Pick<LocalForecastTask, 'model' | 'panel' | 'origins'>): Share[] {
  const most = model.costly === true ? costlyHistories : mostHistories;
  const made: Share[] = [];
  let from = 0;
  let values = 0;
  for (let i = 0; i < panel.ids.length; i++) {
    const length = Math.max(0, origins[i]!);
    if (i > from && (i - from >= most || values + length > mostValues)) {
      made.push({ from, to: i });
      from = i;
      values = 0;
    }
    values += length;
  }
  if (from < panel.ids.length) made.push({ from, to: panel.ids.length });
  return made;
}

function historiesOf(task: LocalForecastTask, { from, to }: Share): Histories {
  const { panel, origins } = task;
  const offsets = new Uint32Array(to - from + 1);
  for (let i = from; i < to; i++) {
    offsets[i - from + 1] = offsets[i - from]! + Math.max(0, origins[i]!);
  }
  const values = new Float64Array(offsets[to - from]!);
  for (let i = from; i < to; i++) {
    values.set(seriesValues(panel, i).subarray(0, Math.max(0, origins[i]!)), offsets[i - from]);
  }
  return {
    hyperparameters: task.hyperparameters ?? {},
    context: task.context,
    values,
    offsets,
    deviation: task.deviation === true,
  };
}
