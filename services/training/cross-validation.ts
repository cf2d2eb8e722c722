/** Cross-validation: a network trained and scored several times over, each time on what it was not shown. */
import type { Fold, FoldPlan } from '../../series/folds.ts';
import { foldOrigin } from '../../series/folds.ts';
import { type Panel, seriesLength, takeSeries } from '../../series/panel.ts';
import { assert } from '../../state/errors.ts';
import { createRandom } from '../../tensor/random.ts';
import type { Artifacts } from '../artifacts/artifacts.ts';
import type { Evaluation, Score } from '../evaluation/evaluation.ts';
import { buildForecastNetwork, type Inference } from '../inference/inference.ts';
import type { TrainedNetwork, Training, TrainingTask } from './training.ts';

/** What is cross-validated, and how. */
export interface CrossValidationTask
  extends Pick<
    TrainingTask,
    'model' | 'hyperparameters' | 'settings' | 'panel' | 'horizon' | 'seed' | 'signal' | 'emit'
  > {
  /** Under which the progress of all trainings is kept; the same task under the same key goes on where it stopped. */
  readonly key: string;
  /**
   * `rolling-origin`: folds are the last pieces of time, `step` apart, and training ends before each. `series`: folds are
   * groups of series, drawn by the seed; training has all the others, and ends before the same last piece of time.
   */
  readonly scheme: 'rolling-origin' | 'series';
  readonly folds: number;
  /** Steps from one origin to the next; the horizon if left out. */
  readonly step?: number;
  /** Rolling origin only: whether each fold has a training of its own, or all are forecast by that of the first. */
  readonly refit: boolean;
  /** Season length of the MASE. */
  readonly season: number;
  /** Trainings at a time; 1 if left out. */
  readonly parallel?: number;
}

/** How one fold went. */
export interface FoldScore {
  /** From 0, in order of time. */
  readonly fold: number;
  /** Where the fold begins, in steps from the end of each series. */
  readonly stepsFromEnd: number;
  readonly score: Score;
  /** Of the training that forecast the fold. */
  readonly validationLoss: number | null;
  readonly bestStep: number;
}

/** Cross-validates networks. */
export interface CrossValidation {
  /** One score for each fold. Errors as `Training.train` and `Inference.forecastPanel`. */
  crossValidate(task: CrossValidationTask): Promise<readonly FoldScore[]>;
}

/** What a cross-validation is made of. */
export interface CrossValidationDependencies {
  readonly training: Training;
  readonly inference: Inference;
  readonly evaluation: Evaluation;
  readonly artifacts: Artifacts;
}

/** A fold: who trains on what, and which series are forecast from where. */
interface Round {
  readonly training: TrainingTask;
  readonly tested: Panel;
  readonly stepsFromEnd: number;
}

/** Cross-validation by the given services. */
export function createCrossValidation(dependencies: CrossValidationDependencies): CrossValidation {
  return {
    async crossValidate(task) {
      assert(task.folds >= 1, 'a cross-validation has folds');
      const rounds = task.scheme === 'series' ? groupRounds(task) : timeRounds(task);
      const tasks = [...new Set(rounds.map(({ training }) => training))];
      const trained = await dependencies.training.trainAll(tasks, task.parallel ?? 1);
      const scores: FoldScore[] = [];
      for (const [fold, round] of rounds.entries()) {
        const network = trained[tasks.indexOf(round.training)]!;
        scores.push(await scoreRound(dependencies, task, fold, round, network));
      }
      return scores;
    },
  };
}

/** Folds one behind the other in time. */
function timeRounds(task: CrossValidationTask): Round[] {
  const { horizon, folds, step = horizon, refit, panel } = task;
  const ends = Array.from({ length: folds }, (_, fold) => horizon + (folds - 1 - fold) * step);
  const first = trainingBefore(task, panel, ends[0]!, 0);
  return ends.map((stepsFromEnd, fold) => ({
    training: refit && fold > 0 ? trainingBefore(task, panel, stepsFromEnd, fold) : first,
    tested: panel,
    stepsFromEnd,
  }));
}

/** Folds of series: each is drawn into one group. */
function groupRounds(task: CrossValidationTask): Round[] {
  const { panel, folds, seed, horizon } = task;
  assert(
    folds >= 2 && folds <= panel.ids.length,
    'each group of series has one, and there are others',
  );
  const order = createRandom(seed, 'groups').permutation(panel.ids.length);
  return Array.from({ length: folds }, (_, fold) => {
    const inFold = (place: number): boolean => place % folds === fold;
    const part = (inside: boolean): Panel => {
      const chosen = [...order]
        .filter((__, place) => inFold(place) === inside)
        .sort((a, b) => a - b);
      return takeSeries(
        panel,
        chosen.map((series) => ({ series, skip: 0 })),
      );
    };
    return {
      training: trainingBefore(task, part(false), horizon, fold),
      tested: part(true),
      stepsFromEnd: horizon,
    };
  });
}

/** A training that is shown nothing of the last `stepsFromEnd` steps; the horizon before them is its validation part. */
function trainingBefore(
  { key, model, hyperparameters, settings, horizon, seed, signal, emit }: CrossValidationTask,
  panel: Panel,
  stepsFromEnd: number,
  fold: number,
): TrainingTask {
  const trainStepsFromEnd = stepsFromEnd + horizon;
  const plan: FoldPlan = {
    horizon,
    folds: [
      { kind: 'validation', stepsFromEnd: trainStepsFromEnd },
      { kind: 'test', stepsFromEnd },
    ],
    trainStepsFromEnd,
  };
  const what = { model, hyperparameters, settings, panel, horizon, plan, seed, emit };
  return { ...what, progressKey: `${key}/fold-${fold}`, ...(signal && { signal }) };
}

async function scoreRound(
  { inference, evaluation, artifacts }: CrossValidationDependencies,
  { model, horizon, season, signal, settings }: CrossValidationTask,
  fold: number,
  { tested, stepsFromEnd }: Round,
  trained: TrainedNetwork,
): Promise<FoldScore> {
  const uri = await artifacts.put(buildForecastNetwork(trained, {}, model));
  const network = { uri, lookBack: settings.lookBack, horizon };
  const plan: FoldPlan = {
    horizon,
    folds: [{ kind: 'test', stepsFromEnd }],
    trainStepsFromEnd: stepsFromEnd,
  };
  const forecast = (at: Fold): Promise<Float64Array> => {
    const origins = tested.ids.map((_, i) => Math.max(-1, foldOrigin(seriesLength(tested, i), at)));
    return inference.forecastPanel(network, tested, Int32Array.from(origins));
  };
  const { scores } = await evaluation.backtest(tested, plan, [{ name: model.name, forecast }], {
    season,
    kinds: ['test'],
    levels: [],
    ...(signal && { signal }),
  });
  const { validationLoss, bestStep } = trained;
  return { fold, stepsFromEnd, score: scores[0]!, validationLoss, bestStep };
}
