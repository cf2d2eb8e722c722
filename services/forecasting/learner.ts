/** Learner: how the models of one family that learn from all series are configured, trained, stored and put to use. */
import type {
  Hyperparameters,
  LocalContext,
  LearningModel,
  SearchSpace,
} from '../../models/model.ts';
import type { FoldPlan } from '../../series/folds.ts';
import type { Panel } from '../../series/panel.ts';
import type { Emit } from '../../state/events.ts';
import type { Candidate } from '../../state/run-state.ts';
import type { ParameterValues } from '../../tensor/values.ts';

/** What a learner is given to learn from. */
export interface LearningData {
  /** As the model sees it: the recipe has been applied. */
  readonly panel: Panel;
  readonly plan: FoldPlan;
  readonly season: number;
  readonly seasons?: LocalContext['seasons'];
}

/** One configuration of one model. */
export interface Configuration {
  readonly hyperparameters: Hyperparameters;
  /** Settings of the training, under names that are none of the model's. */
  readonly settings: Hyperparameters;
}

/** One training. */
export interface LearningTask extends LearningData, Configuration {
  readonly model: LearningModel;
  readonly seed: number;
  /** Whether it is a trial among many, which may learn less. */
  readonly trial: boolean;
  /** Steps of an earlier training on less data that is repeated, to their end. */
  readonly steps?: number;
  readonly initial?: ParameterValues;
  readonly progressKey: string;
  readonly maxMs?: number;
  readonly signal: AbortSignal;
  readonly emit: Emit;
}

/** A file of a trained model. */
export interface LearnedFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** A trained model. */
export interface Learned {
  /** The file that forecasts. */
  forecaster(metadata: Readonly<Record<string, string>>): LearnedFile;
  /** What else is worth keeping. */
  others(): LearnedFile[];
  /** Steps of history that a forecast looks at; 1 where it takes what there is. */
  readonly lookBack: number;
  readonly seconds: number;
  /** Optimiser steps, or rows. */
  readonly steps: number;
  /** How far it went, in words: `800 steps, stopped by patience`. */
  readonly extent: string;
  /** The step that the weights are from; 0 where there are no steps. */
  readonly bestStep: number;
  readonly stoppedBy: string;
  /** Where it was computed, and why there, as the end of a sentence. */
  readonly device: string;
  readonly trainLoss: number | null;
  readonly validationLoss: number | null;
}

/** What of a candidate matters for forecasting with it. */
export type CandidateInUse = Pick<
  Candidate,
  'forecaster' | 'artifact' | 'lookBack' | 'season' | 'recipe'
>;

/**
 * Forecasts [series * horizon] of a treated panel from `origins` [series] (histories end there, exclusive; -1 = none).
 * NaN where a series has no such origin or too short a history.
 */
export type ForecastFrom = (origins: Int32Array) => Promise<Float64Array>;

/** The verbs of one family. */
export interface Learner {
  /** How many trainings of `model` are best under way at once; 1 where each uses all threads. */
  sideBySide(model: LearningModel): number;
  /** What a search draws from, the configuration that it begins with, and values in place of its own that it tries next. */
  configurations(
    model: LearningModel,
    data: LearningData & {
      /** Most rows that a model of tables is to learn from; as many as by default if left out. */
      readonly rows?: number;
    },
  ): {
    readonly space: SearchSpace;
    readonly defaults: Hyperparameters;
    readonly variants: readonly Hyperparameters[];
  };
  /** Checks and fills up settings. */
  settings(given: Hyperparameters): Hyperparameters;
  /** Errors as of the training services. */
  train(task: LearningTask): Promise<Learned>;
  forecastFrom(candidate: CandidateInUse, treated: Panel, horizon: number): ForecastFrom;
}

/** A flat configuration taken apart: the model's own hyper-parameters, and the settings. */
export function takeApart(
  learner: Learner,
  model: LearningModel,
  configuration: Hyperparameters,
): Configuration {
  // Not all hyper-parameters are searched; the others come along with their defaults.
  const known = model.hyperparameters.parse({});
  const entries = Object.entries(configuration);
  const own = Object.fromEntries(entries.filter(([name]) => name in known));
  const rest = Object.fromEntries(entries.filter(([name]) => !(name in known)));
  return { hyperparameters: model.hyperparameters.parse(own), settings: learner.settings(rest) };
}
