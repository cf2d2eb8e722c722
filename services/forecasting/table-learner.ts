/** Table learner: tree and linear models as learners, on tables of lagged values and other features. */
import { assert } from '../../state/errors.ts';
import type { Artifacts } from '../artifacts/artifacts.ts';
import {
  defaultHyperparameters,
  defaultTabularSettings,
  tabularSearchSpace,
  tabularVariants,
  type TabularSettings,
  tabularSettingsSchema,
} from '../tabular/settings.ts';
import type { Tabular } from '../tabular/tabular.ts';
import type { Learner } from './learner.ts';

/** File of a version that forecasts with a table model. */
export const tableFileName = 'table-model.bin';

/** Rows that a trial learns from at most. */
const trialRows = 50_000;
const leastRows = 1000;

/** Learning by the given service; stored forecasters are read from `artifacts`. */
export function createTableLearner(services: { tabular: Tabular; artifacts: Artifacts }): Learner {
  const { tabular, artifacts } = services;
  return {
    sideBySide: () => tabular.sideBySide,
    configurations(model, { plan, season, seasons, rows }) {
      assert(model.family !== 'neural', `${model.name} learns from tables`);
      const data = {
        horizon: plan.horizon,
        season,
        family: model.family,
        ...(seasons && { seasons }),
      };
      return {
        space: { ...tabularSearchSpace(data), ...model.searchSpace },
        defaults: {
          ...defaultTabularSettings(data),
          ...(rows !== undefined && { maximumRows: rows }),
          ...defaultHyperparameters(model),
        },
        variants: tabularVariants(model),
      };
    },
    settings: (given) => tabularSettingsSchema.parse(given),
    async train({ model, trial, seasons, maxMs, ...task }) {
      assert(model.family !== 'neural', `${model.name} learns from tables`);
      const settings = tabularSettingsSchema.parse(task.settings);
      const { hyperparameters, panel, plan, season, seed, signal } = task;
      const { bytes, seconds, rows, validationLoss } = await tabular.train({
        model,
        hyperparameters,
        panel,
        plan,
        season,
        seed,
        signal,
        horizon: plan.horizon,
        ...(seasons && { seasons }),
        ...(maxMs !== undefined && { maxMs }),
        settings: { ...settings, maximumRows: rowsOfEach(settings, task.plan.horizon, trial) },
      });
      return {
        forecaster: () => ({ name: tableFileName, bytes }),
        others: () => [],
        lookBack: 1,
        seconds,
        steps: rows,
        extent: `${rows} rows`,
        bestStep: 0,
        stoppedBy: 'the end of the rows',
        device: 'in worker threads',
        trainLoss: null,
        validationLoss,
      };
    },
    forecastFrom({ artifact }, treated) {
      let bytes: Promise<Uint8Array> | undefined;
      return async (origins) =>
        tabular.forecastPanel(await (bytes ??= artifacts.get(artifact)), treated, origins);
    },
  };
}

/** Rows of each model: with the direct strategy all blocks together learn from as many as one model would. */
function rowsOfEach(
  { strategy, blockSteps, maximumRows }: TabularSettings,
  horizon: number,
  trial: boolean,
): number {
  const rows = trial ? Math.min(trialRows, maximumRows) : maximumRows;
  const models = strategy === 'direct' ? Math.ceil(horizon / blockSteps) : 1;
  return Math.max(leastRows, Math.ceil(rows / models));
}
