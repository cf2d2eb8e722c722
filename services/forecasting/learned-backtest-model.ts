/** Learned backtest model: a model that learns from all series, as a backtest takes it: trained before a window and kept. */
import { z } from 'zod';
import type { LearningModel, LocalContext } from '../../models/model.ts';
import { type FoldPlan, planFolds } from '../../series/folds.ts';
import { type Panel, seriesLength } from '../../series/panel.ts';
import type { Emit } from '../../state/events.ts';
import type { Artifacts } from '../artifacts/artifacts.ts';
import type { BacktestModel, Preparation, PreparedModel } from '../evaluation/backtests.ts';
import { type Learner, takeApart } from './learner.ts';
import type { Learners } from './learners.ts';

/** What is trained on what. */
export interface LearnedBacktestTask {
  readonly model: LearningModel;
  readonly panel: Panel;
  readonly horizon: number;
  readonly season: number;
  readonly seasons?: LocalContext['seasons'];
  readonly seed: number;
  /** Told how trainings go. */
  readonly emit: Emit;
}

/** Where a trained model is found again. */
const noteSchema = z.object({ artifact: z.string(), lookBack: z.number(), seconds: z.number() });

/**
 * The model under its own name and with the configuration that a search begins with. Each training goes on where it was
 * stopped, and what it learned is stored as an artifact. Errors as of `Learner.train`.
 */
export function learnedBacktestModel(
  services: {
    readonly learners: Learners;
    readonly artifacts: Artifacts;
    /** Drops the progress of trainings whose key begins with `start` and a slash. */
    forgetProgress(start: string): Promise<void>;
  },
  task: LearnedBacktestTask,
): BacktestModel {
  const { learners, artifacts, forgetProgress } = services;
  const { model, panel, horizon, season, seasons = [season], seed } = task;
  const learner = learners.of(model);
  // A network in use must not be closed, so that it is waited for; threads that work on tables end with the program.
  const endedBy = <T>(signal: AbortSignal | undefined, work: Promise<T>): Promise<T> =>
    model.family === 'neural' ? work : unlessAborted(work, signal);
  const train = async (stepsFromEnd: number, { key, signal }: Preparation) => {
    const learned = await endedBy(
      signal,
      learner.train({
        ...configured(learner, task, stepsFromEnd),
        seed,
        trial: false,
        progressKey: `${key}/training`,
        signal: signal ?? new AbortController().signal,
        emit: task.emit,
      }),
    );
    const { bytes } = learned.forecaster({ model: model.name, horizon: String(horizon) });
    const { lookBack, seconds } = learned;
    return { artifact: await artifacts.put(bytes), lookBack, seconds };
  };
  return {
    name: model.name,
    settings: { season, seasons, seed, hyperparameters: model.hyperparameters.parse({}) },
    local: false,
    async prepare(stepsFromEnd, preparation): Promise<PreparedModel> {
      const noted = noteSchema.safeParse(await preparation.recall());
      const found = noted.success && (await artifacts.has(noted.data.artifact));
      const trained = found ? noted.data : await train(stepsFromEnd, preparation);
      if (!found) await preparation.note(trained);
      await forgetProgress(preparation.key);
      const candidate = { ...trained, forecaster: model.name, season, recipe: 'plain' as const };
      const forecastFrom = learners.forecastFrom(candidate, panel, horizon);
      return {
        seconds: trained.seconds,
        forecast: (origins, signal) => endedBy(signal, forecastFrom(origins)),
      };
    },
  };
}

/** The defaults of the model for what lies before the window. */
function configured(
  learner: Learner,
  { model, panel, horizon, season, seasons }: LearnedBacktestTask,
  stepsFromEnd: number,
) {
  const plan = planBefore(panel, horizon, season, stepsFromEnd);
  const data = { panel, plan, season, ...(seasons && { seasons }) };
  const { defaults } = learner.configurations(model, data);
  const { hyperparameters, settings } = takeApart(learner, model, defaults);
  // Table models hold out what they need themselves.
  const whole = { horizon, folds: [], trainStepsFromEnd: stepsFromEnd };
  return {
    ...data,
    model,
    hyperparameters,
    settings,
    plan: model.family === 'neural' ? plan : whole,
  };
}

/**
 * Nothing is shown of the last `stepsFromEnd` steps; the last tenth of what lies before them, one horizon at least, tells
 * when to stop, where that leaves enough to learn from.
 */
function planBefore(panel: Panel, horizon: number, season: number, stepsFromEnd: number): FoldPlan {
  const lengths = panel.ids.map((_, i) => Math.max(0, seriesLength(panel, i) - stepsFromEnd));
  const least = horizon + Math.max(4, Math.min(2 * horizon, season));
  const { folds } = planFolds(lengths, horizon, least);
  const tests = folds.filter(({ kind }) => kind === 'test').length;
  const heldOut = Math.max(tests, Math.min(1, folds.length));
  const validation = Array.from({ length: heldOut }, (_, fold) => ({
    kind: 'validation' as const,
    stepsFromEnd: stepsFromEnd + (heldOut - fold) * horizon,
  }));
  return {
    horizon,
    folds: [...validation, { kind: 'test', stepsFromEnd }],
    trainStepsFromEnd: stepsFromEnd + heldOut * horizon,
  };
}

/** What `work` gives, or the signal's reason at once; the work goes on unheard. */
async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  const watching = new AbortController();
  const aborted = new Promise<never>((_, reject) => {
    const abort = (): void => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true, signal: watching.signal });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    watching.abort();
  }
}
