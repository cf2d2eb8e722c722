/** Local forecaster: a model that is fitted to each series by itself, on evaluation folds. */
import type { Hyperparameters, LocalContext, LocalModel } from '../../models/model.ts';
import { foldOrigin, type FoldPlan } from '../../series/folds.ts';
import { type Panel, seriesLength } from '../../series/panel.ts';
import type { LocalForecasts } from '../local/local-forecasts.ts';
import type { ForecasterUnderTest } from './evaluation.ts';

/** A local model on the folds of a panel. */
export interface LocalOnFolds {
  readonly panel: Panel;
  readonly plan: FoldPlan;
  readonly model: LocalModel;
  readonly seasons: Pick<LocalContext, 'season' | 'seasons'>;
  /** The model's own defaults if left out. */
  readonly hyperparameters?: Hyperparameters;
  readonly signal?: AbortSignal;
}

/**
 * The model under its own name. Every series with at least one observation before the fold is forecast, however short;
 * the others are rows of NaN.
 */
export function localForecaster(
  locals: LocalForecasts,
  { panel, plan, seasons, ...given }: LocalOnFolds,
): ForecasterUnderTest {
  return {
    name: given.model.name,
    forecast: async (fold) => {
      const origins = Int32Array.from(panel.ids, (_, i) =>
        foldOrigin(seriesLength(panel, i), fold),
      );
      const context = { horizon: plan.horizon, ...seasons };
      return (await locals.forecast({ panel, context, origins, ...given })).mean;
    },
  };
}
