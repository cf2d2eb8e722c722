/** Tuning: searches the configurations of one network, each scored by its MASE on the validation folds. */
import type { Hyperparameters, NeuralModel } from '../../models/model.ts';
import type { FoldPlan } from '../../series/folds.ts';
import type { Panel } from '../../series/panel.ts';
import { applyRecipe } from '../../series/recipe.ts';
import { fail } from '../../state/errors.ts';
import type { Emit } from '../../state/events.ts';
import type { Recipe } from '../../state/run-state.ts';
import type { Artifacts } from '../artifacts/artifacts.ts';
import type { Evaluation } from '../evaluation/evaluation.ts';
import type { Inference } from '../inference/inference.ts';
import { buildForecastNetwork } from '../inference/inference.ts';
import type { Search } from '../search/search.ts';
import {
  defaultLookBack,
  trainingSearchSpace,
  trainingSettingsSchema,
  type TrainingSettings,
} from '../training/settings.ts';
import type { Training } from '../training/training.ts';
import { createNetworkForecaster, onFolds } from './network-forecaster.ts';

export interface TuningTask {
  /** Names the study; the same name continues it. */
  readonly study: string;
  readonly model: NeuralModel;
  readonly panel: Panel;
  readonly plan: FoldPlan;
  readonly season: number;
  readonly recipe: Recipe;
  readonly trials: number;
  readonly seed: number;
  readonly deadlineMs: number;
  readonly signal: AbortSignal;
  readonly emit: Emit;
}

/** How many trials there were, and the best configuration. */
export interface TuningOutcome {
  readonly trials: number;
  readonly failed: number;
  /** What the first failed trial failed of; null if none failed. */
  readonly failure: string | null;
  readonly best: {
    readonly hyperparameters: Record<string, number | string | boolean>;
    readonly settings: Record<string, number | string | boolean>;
    readonly score: number;
  } | null;
}

/** Searches the configurations of one model. */
export interface Tuning {
  /** Continues the study of that name, if there is one. Errors as of training. */
  search(task: TuningTask): Promise<TuningOutcome>;
}

/** A trial trains this share of the steps of a full training. */
const trialShare = 0.4;

/** What a trial is made of: training, inference and evaluation, under a search. */
export interface TuningDependencies {
  readonly search: Search;
  readonly training: Training;
  readonly inference: Inference;
  readonly evaluation: Evaluation;
  readonly artifacts: Artifacts;
}

/** Tuning by the given search, training and evaluation. */
export function createTuning(dependencies: TuningDependencies): Tuning {
  return {
    async search(task) {
      const { model, plan, season } = task;
      const data = { panel: applyRecipe(task.panel, task.recipe, season), plan, season };
      const outcome = await dependencies.search.search({
        study: task.study,
        space: {
          ...trainingSearchSpace(data),
          ...model.searchSpace,
        },
        defaults: {
          ...trainingSettingsSchema.parse({
            lookBack: defaultLookBack(data),
            season,
            ...model.trainingDefaults,
          }),
          ...model.hyperparameters.parse({}),
        },
        trials: task.trials,
        seed: task.seed,
        ...(Number.isFinite(task.deadlineMs) ? { deadlineMs: task.deadlineMs } : {}),
        signal: task.signal,
        emit: task.emit,
        evaluate: async (configuration, trial, trialMs) => ({
          score: await score(dependencies, task, split(model, configuration), trial, trialMs),
        }),
      });
      const { best } = outcome;
      const failures = outcome.trials.filter((trial) => trial.error !== null);
      const [{ details, error } = { details: null, error: null }] = failures;
      return {
        trials: outcome.trials.length,
        failed: failures.length,
        failure: typeof details === 'string' ? details : error,
        best: best === null ? null : { ...split(model, best.configuration), score: best.score },
      };
    },
  };
}

/** Validation MASE of one configuration, trained for a share of its steps. */
async function score(
  { training, inference, evaluation, artifacts }: TuningDependencies,
  task: TuningTask,
  { hyperparameters, settings }: ReturnType<typeof split>,
  trial: number,
  maxMs: number,
): Promise<number> {
  const { panel, plan, season, recipe } = task;
  const trained = await training.train({
    model: task.model,
    hyperparameters,
    settings: { ...settings, maxSteps: Math.ceil(settings.maxSteps * trialShare) },
    panel: applyRecipe(panel, recipe, season),
    horizon: plan.horizon,
    plan,
    seed: task.seed,
    progressKey: `${task.study}/trial-${trial}`,
    ...(Number.isFinite(maxMs) ? { maxMs } : {}),
    signal: task.signal,
    emit: () => undefined,
  });
  const uri = await artifacts.put(buildForecastNetwork(trained, {}));
  const forecastFrom = createNetworkForecaster(inference, panel, plan.horizon, {
    network: uri,
    lookBack: settings.lookBack,
    season,
    recipe,
  });
  const result = await evaluation.backtest(
    panel,
    plan,
    [{ name: task.model.name, forecast: onFolds(panel, forecastFrom) }],
    { season, kinds: ['validation'], levels: [], signal: task.signal },
  );
  const mase = result.scores[0]?.mase ?? null;
  if (mase === null || !Number.isFinite(mase)) {
    fail('TRAINING_DIVERGED', { model: task.model.name, step: trained.steps });
  }
  return mase;
}

/** A flat configuration is the model's own hyper-parameters and the training settings. */
function split(
  model: NeuralModel,
  configuration: Hyperparameters,
): { hyperparameters: Hyperparameters; settings: TrainingSettings } {
  // Not all hyper-parameters are searched; the others come along with their defaults.
  const known = model.hyperparameters.parse({});
  const own = Object.fromEntries(Object.entries(configuration).filter(([name]) => name in known));
  const rest = Object.fromEntries(
    Object.entries(configuration).filter(([name]) => !(name in known)),
  );
  return {
    hyperparameters: model.hyperparameters.parse(own),
    settings: trainingSettingsSchema.parse(rest),
  };
}
