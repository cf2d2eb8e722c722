/** Tuning: searches the configurations of one model, each scored by its MASE on the validation folds. */
import type { Hyperparameters, LearningModel, LocalContext } from '../../models/model.ts';
import type { FoldPlan } from '../../series/folds.ts';
import type { Panel } from '../../series/panel.ts';
import { applyRecipe } from '../../series/recipe.ts';
import { fail } from '../../state/errors.ts';
import type { Emit } from '../../state/events.ts';
import type { Recipe } from '../../state/run-state.ts';
import type { Artifacts } from '../artifacts/artifacts.ts';
import type { Evaluation } from '../evaluation/evaluation.ts';
import type { Search } from '../search/search.ts';
import { type Configuration, takeApart } from './learner.ts';
import { type Learners, onFolds } from './learners.ts';

export interface TuningTask {
  /** Names the study; the same name continues it. */
  readonly study: string;
  readonly model: LearningModel;
  readonly panel: Panel;
  readonly plan: FoldPlan;
  readonly season: number;
  readonly seasons?: LocalContext['seasons'];
  readonly recipe: Recipe;
  readonly trials: number;
  /** How many configurations are wanted. */
  readonly keep: number;
  /** Most rows that a model of tables learns from in its training. */
  readonly rows: number;
  readonly seed: number;
  readonly deadlineMs: number;
  readonly signal: AbortSignal;
  readonly emit: Emit;
}

/** How many trials there were, and the best configurations, best first. */
export interface TuningOutcome {
  readonly trials: number;
  readonly failed: number;
  /** What the first failed trial failed of; null if none failed. */
  readonly failure: string | null;
  readonly best: readonly {
    readonly hyperparameters: Record<string, number | string | boolean>;
    readonly settings: Record<string, number | string | boolean>;
    readonly score: number;
  }[];
}

/** Searches the configurations of one model. */
export interface Tuning {
  /** Continues the study of that name, if there is one. Errors as of training. */
  search(task: TuningTask): Promise<TuningOutcome>;
}

/** What a trial is made of: learning and evaluation, under a search. */
export interface TuningDependencies {
  readonly search: Search;
  readonly learners: Learners;
  readonly evaluation: Evaluation;
  readonly artifacts: Artifacts;
}

/** Tuning by the given search, training and evaluation. */
export function createTuning(dependencies: TuningDependencies): Tuning {
  return {
    async search(task) {
      const { model, plan, season, seasons, rows } = task;
      const learner = dependencies.learners.of(model);
      const panel = applyRecipe(task.panel, task.recipe, season);
      const data = { panel, plan, season, rows, ...(seasons && { seasons }) };
      const { space, defaults, variants } = learner.configurations(model, data);
      const split = (configuration: Hyperparameters): Configuration =>
        takeApart(learner, model, configuration);
      const outcome = await dependencies.search.search({
        study: task.study,
        space,
        defaults,
        variants,
        trials: task.trials,
        seed: task.seed,
        parallel: learner.sideBySide(model),
        ...(Number.isFinite(task.deadlineMs) ? { deadlineMs: task.deadlineMs } : {}),
        signal: task.signal,
        emit: task.emit,
        evaluate: async (configuration, trial, trialMs) => ({
          score: await score(dependencies, task, split(configuration), trial, trialMs),
        }),
      });
      const failures = outcome.trials.filter((trial) => trial.error !== null);
      const [{ details, error } = { details: null, error: null }] = failures;
      return {
        trials: outcome.trials.length,
        failed: failures.length,
        failure: typeof details === 'string' ? details : error,
        best: outcome.trials
          .flatMap(({ configuration, score }) => (score === null ? [] : [{ configuration, score }]))
          .sort((a, b) => a.score - b.score)
          .slice(0, task.keep)
          .map(({ configuration, score }) => ({ ...split(configuration), score })),
      };
    },
  };
}

/** Validation MASE of one configuration, learned as a trial. */
async function score(
  { learners, evaluation, artifacts }: TuningDependencies,
  task: TuningTask,
  configuration: Configuration,
  trial: number,
  maxMs: number,
): Promise<number> {
  const { model, panel, plan, season, seasons, recipe, seed, signal } = task;
  const learned = await learners.of(model).train({
    model,
    ...configuration,
    panel: applyRecipe(panel, recipe, season),
    plan,
    season,
    ...(seasons && { seasons }),
    seed,
    trial: true,
    progressKey: `${task.study}/trial-${trial}`,
    ...(Number.isFinite(maxMs) ? { maxMs } : {}),
    signal,
    emit: task.emit,
  });
  const { lookBack, steps } = learned;
  const artifact = await artifacts.put(learned.forecaster({}).bytes);
  const candidate = { forecaster: model.name, artifact, lookBack, season, recipe };
  const forecast = onFolds(panel, learners.forecastFrom(candidate, panel, plan.horizon));
  const result = await evaluation.backtest(panel, plan, [{ name: model.name, forecast }], {
    season,
    kinds: ['validation'],
    levels: [],
    signal,
  });
  const mase = result.scores[0]?.mase ?? null;
  if (mase === null || !Number.isFinite(mase)) {
    fail('TRAINING_DIVERGED', { model: model.name, step: steps });
  }
  return mase;
}
