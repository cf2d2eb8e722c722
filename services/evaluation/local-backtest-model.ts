/** Local backtest model: a model that is fitted to each series by itself, as a backtest takes it. */
import type { Hyperparameters, LocalContext, LocalModel } from '../../models/model.ts';
import type { Panel } from '../../series/panel.ts';
import type { LocalForecasts } from '../local/local-forecasts.ts';
import type { BacktestModel } from './backtests.ts';

/** The model under its own name, on the worker threads of `locals`; hyper-parameters are the model's own if left out. */
export function localBacktestModel(
  locals: LocalForecasts,
  given: {
    readonly panel: Panel;
    readonly model: LocalModel;
    readonly context: LocalContext;
    readonly hyperparameters?: Hyperparameters;
  },
): BacktestModel {
  const { season, seasons = [season] } = given.context;
  const hyperparameters = given.model.hyperparameters.parse(given.hyperparameters ?? {});
  return {
    name: given.model.name,
    settings: { hyperparameters, season, seasons },
    local: true,
    sideBySide: locals.sideBySide(given),
    prepare: async () => ({
      forecast: async (origins, signal) => {
        const task = { ...given, hyperparameters, origins };
        const { mean } = await locals.forecast(signal === undefined ? task : { ...task, signal });
        return mean;
      },
    }),
  };
}
