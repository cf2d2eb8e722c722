/** Network forecaster: forecasts of a trained network in the units of the panel, from any origin. */
import type { FoldForecaster } from '../evaluation/evaluation.ts';
import type { Inference } from '../inference/inference.ts';
import { foldOrigin } from '../../series/folds.ts';
import { seriesLength, type Panel } from '../../series/panel.ts';
import { applyRecipe, recipeOffset, undoRecipe } from '../../series/recipe.ts';
import type { Candidate } from '../../state/run-state.ts';

/** What of a candidate matters for forecasting with it. */
export type NetworkInUse = Pick<Candidate, 'network' | 'lookBack' | 'season' | 'recipe'>;

/**
 * Forecasts [series * horizon] of `panel` from `origins` [series] (histories end there, exclusive; -1 = none).
 * NaN where a series has no such origin or is shorter than the look-back.
 */
export type ForecastFrom = (origins: Int32Array) => Promise<Float64Array>;

/** Prepares the treated panel once; every call then only gathers windows. */
export function createNetworkForecaster(
  inference: Inference,
  panel: Panel,
  horizon: number,
  network: NetworkInUse,
): ForecastFrom {
  const { recipe, season } = network;
  const treated = applyRecipe(panel, recipe, season);
  const offset = recipeOffset(recipe, season);
  return async (origins) => {
    const forecast = await inference.forecastPanel(
      { uri: network.network, lookBack: network.lookBack, horizon },
      treated,
      origins.map((origin) => Math.max(-1, origin - offset)),
    );
    return undoRecipe(forecast, panel, origins, horizon, recipe, season);
  };
}

/** The same as a forecaster on evaluation folds. */
export function onFolds(panel: Panel, forecastFrom: ForecastFrom): FoldForecaster {
  return (fold) =>
    forecastFrom(
      Int32Array.from(panel.ids, (_, i) => Math.max(-1, foldOrigin(seriesLength(panel, i), fold))),
    );
}
