/** Learners: which learner a model belongs to, and forecasts of trained models in the units of the panel. */
import { findLearningModel } from '../../models/index.ts';
import { foldOrigin } from '../../series/folds.ts';
import { seriesLength, type Panel } from '../../series/panel.ts';
import { applyRecipe, recipeOffset, undoRecipe } from '../../series/recipe.ts';
import type { Artifacts } from '../artifacts/artifacts.ts';
import type { FoldForecaster } from '../evaluation/evaluation.ts';
import type { Inference } from '../inference/inference.ts';
import type { Tabular } from '../tabular/tabular.ts';
import type { Training } from '../training/training.ts';
import type { LearningModel } from '../../models/model.ts';
import type { CandidateInUse, ForecastFrom, Learner } from './learner.ts';
import { createNetworkLearner } from './network-learner.ts';
import { createTableLearner } from './table-learner.ts';

/** All learners. */
export interface Learners {
  of(model: LearningModel): Learner;
  /** Prepares the treated panel once; every call then only forecasts, in the units of `panel`. */
  forecastFrom(candidate: CandidateInUse, panel: Panel, horizon: number): ForecastFrom;
}

/** Learners over the given services. */
export function createLearners(services: {
  training: Training;
  inference: Inference;
  tabular: Tabular;
  artifacts: Artifacts;
}): Learners {
  const networks = createNetworkLearner(services);
  const tables = createTableLearner(services);
  const of = ({ family }: LearningModel): Learner => (family === 'neural' ? networks : tables);
  return {
    of,
    forecastFrom(candidate, panel, horizon) {
      const { recipe, season, forecaster } = candidate;
      const treated = applyRecipe(panel, recipe, season);
      const offset = recipeOffset(recipe, season);
      const from = of(findLearningModel(forecaster)).forecastFrom(candidate, treated, horizon);
      return async (origins) => {
        const forecast = await from(origins.map((origin) => Math.max(-1, origin - offset)));
        return undoRecipe(forecast, panel, origins, horizon, recipe, season);
      };
    },
  };
}

/** The same as a forecaster on evaluation folds. */
export function onFolds(panel: Panel, forecastFrom: ForecastFrom): FoldForecaster {
  return (fold) =>
    forecastFrom(
      Int32Array.from(panel.ids, (_, i) => Math.max(-1, foldOrigin(seriesLength(panel, i), fold))),
    );
}
