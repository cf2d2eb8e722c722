/** What every model promises of any series at all: a finite forecast, or an error that has a name. */
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { findTabularModel, isLearning, isLocal, models } from '../../models/index.ts';
import type { Hyperparameters, LearningModel, LocalModel } from '../../models/model.ts';
import { foldOrigin, planFolds } from '../../series/folds.ts';
import { type Panel, seriesLength } from '../../series/panel.ts';
import { createLocalArtifacts } from '../../services/artifacts/local.ts';
import { takeApart } from '../../services/forecasting/learner.ts';
import { createLearners } from '../../services/forecasting/learners.ts';
import { createInference } from '../../services/inference/inference.ts';
import { createLocalForecasts } from '../../services/local/local-forecasts.ts';
import { createTabular } from '../../services/tabular/tabular.ts';
import { createLocalWorker } from '../../services/tabular/work.ts';
import { createTraining } from '../../services/training/training.ts';
import { createWorkers } from '../../services/workers/workers.ts';
import { isForecastError } from '../../state/errors.ts';
import { temporaryFolder } from '../services/temporary-folder.ts';
import { mixedPanels, panelsOfAKind, repairedPanel } from './hostile-series.ts';
import { smallNetwork } from './neural/small-networks.ts';

const folder = temporaryFolder('every-model');
const artifacts = createLocalArtifacts(join(folder, 'artifacts'));
const training = createTraining({ progressFolder: folder, clock: () => 0, threads: 1 });
const inference = createInference({ artifacts, threads: 1 });
const tabular = createTabular({ worker: createLocalWorker(findTabularModel, () => 0) });
const learners = createLearners({ training, inference, artifacts, tabular });
const workers = createWorkers({ threads: 1 });
const locals = createLocalForecasts({ workers });
afterAll(async () => {
  await workers.close();
  await inference.close();
});

const horizon = 4;
const season = 6;
const kinds = [...panelsOfAKind, ['one among healthy ones', mixedPanels] as const];

/** Every row is finite; those of series with so many values or fewer may say nothing at all. */
function expectWhole(forecast: Float64Array, origins: Int32Array, silent: number): void {
  expect(forecast).toHaveLength(origins.length * horizon);
  for (const [i, origin] of origins.entries()) {
    const row = forecast.subarray(i * horizon, (i + 1) * horizon);
    const said = row.every(Number.isFinite) || (origin <= silent && row.every(Number.isNaN));
    expect(said, `series ${i} of ${origin} values: ${row.join(', ')}`).toBe(true);
  }
}

/** What came of it, unless it ended with an error of the catalogue. */
const unlessNamed = (error: unknown): undefined => {
  if (!isForecastError(error)) throw error;
};

const planOf = (panel: Panel) =>
  planFolds(
    panel.ids.map((_, i) => seriesLength(panel, i)),
    horizon,
    2 * horizon,
  );

/** The ends of all series, and where each fold cuts them. */
function allOrigins(panel: Panel): Int32Array[] {
  const ends = Int32Array.from(panel.ids, (_, i) => seriesLength(panel, i));
  return [
    ends,
    ...planOf(panel).folds.map((fold) =>
      ends.map((length) => Math.max(-1, foldOrigin(length, fold))),
    ),
  ];
}

/** A test for each kind of panel. */
const checks = (numRuns: number, holds: (panel: Panel) => Promise<void>) =>
  kinds.map(([kind, panels]) => {
    const property = fc.asyncProperty(panels, async (values) => {
      const panel = await repairedPanel(values, horizon).catch(unlessNamed);
      if (panel !== undefined) await holds(panel);
    });
    return [kind, () => fc.assert(property, { numRuns })] as const;
  });

async function expectLocal(model: LocalModel, panel: Panel): Promise<void> {
  for (const context of [
    { horizon, season },
    { horizon, season: 1 },
    { horizon, season: 3, seasons: [3, 24] },
  ]) {
    for (const origins of allOrigins(panel)) {
      const task = { panel, model, context, origins, deviation: true };
      const { mean, deviation } = await locals.forecast(task);
      expectWhole(mean, origins, 0);
      expectWhole(deviation, origins, 0);
      expect(deviation.every((d) => !(d < 0))).toBe(true);
    }
  }
}

/** Little enough to be quick. */
function smallConfiguration(model: LearningModel): Hyperparameters {
  if (model.family === 'neural') {
    return { ...smallNetwork(model).hyperparameters, lookBack: 8, maxSteps: 2, batchSize: 16 };
  }
  return {
    ...('rounds' in model.hyperparameters.parse({}) && { rounds: 5 }),
    ...('trees' in model.hyperparameters.parse({}) && { trees: 5 }),
  };
}

async function expectLearning(model: LearningModel, panel: Panel): Promise<void> {
  const plan = planOf(panel);
  const learner = learners.of(model);
  const data = { panel, plan, season };
  const { defaults } = learner.configurations(model, data);
  const learned = await learner
    .train({
      ...data,
      ...takeApart(learner, model, { ...defaults, ...smallConfiguration(model) }),
      model,
      seed: 1,
      trial: false,
      progressKey: model.name,
      signal: new AbortController().signal,
      emit: () => undefined,
    })
    .catch(unlessNamed);
  if (learned === undefined) return;
  const { bytes } = learned.forecaster({});
  const candidate = {
    forecaster: model.name,
    artifact: await artifacts.put(bytes),
    lookBack: learned.lookBack,
    season,
    recipe: 'plain',
  } as const;
  const forecastFrom = learners.forecastFrom(candidate, panel, horizon);
  for (const origins of allOrigins(panel)) {
    expectWhole(await forecastFrom(origins), origins, learned.lookBack);
  }
}

describe.each(models.filter(isLocal))('$name', (model) => {
  const some = checks(model.costly === true ? 3 : 6, (panel) => expectLocal(model, panel));
  it.each(some)('forecasts series that are %s', async (_, holds) => {
    await expect(holds()).resolves.toBeUndefined();
  });
});

/** Panels of each kind, by what a training costs. */
const trainings = { trees: 6, linear: 2, neural: 1 } as const;

describe.each(models.filter(isLearning))('$name', (model) => {
  const some = checks(trainings[model.family], (panel) => expectLearning(model, panel));
  it.each(some)('forecasts series that are %s, or says why not', async (_, holds) => {
    await expect(holds()).resolves.toBeUndefined();
  });
});
