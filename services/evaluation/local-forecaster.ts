/** Local forecaster: a model of the naive kind, fitted to each series by itself, on evaluation folds. */
import type { Hyperparameters, LocalModel } from '../../models/model.ts';
import { foldOrigin, type FoldPlan } from '../../series/folds.ts';
import { type Panel, seriesLength, seriesValues } from '../../series/panel.ts';
import type { ForecasterUnderTest } from './evaluation.ts';

/**
 * `model` under its own name. Every series with at least one observation before the fold is forecast, however short;
 * the others are rows of NaN. `hyperparameters` default to the model's own.
 */
export function localForecaster(
  panel: Panel,
  plan: FoldPlan,
  model: LocalModel,
  season: number,
  hyperparameters?: Hyperparameters,
): ForecasterUnderTest {
  const { horizon } = plan;
  const settings = model.hyperparameters.parse(hyperparameters ?? {});
  return {
    name: model.name,
    forecast: async (fold) => {
      const forecast = new Float64Array(panel.ids.length * horizon).fill(Number.NaN);
      for (let i = 0; i < panel.ids.length; i++) {
        const origin = foldOrigin(seriesLength(panel, i), fold);
        if (origin < 1) continue;
        const history = seriesValues(panel, i).subarray(0, origin);
        forecast.set(model.forecast(history, { horizon, season }, settings), i * horizon);
      }
      return forecast;
    },
  };
}
