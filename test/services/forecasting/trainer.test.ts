/** Trainer: networks registered with their weights, and trained on from a registered version. */
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { findTabularModel } from '../../../models/index.ts';
import { planFolds } from '../../../series/folds.ts';
import { createLocalArtifacts } from '../../../services/artifacts/local.ts';
import { openDatabase } from '../../../services/database/database.ts';
import { createDrift } from '../../../services/drift/drift.ts';
import { createLearners } from '../../../services/forecasting/learners.ts';
import { createTrainer, type TrainerTask } from '../../../services/forecasting/trainer.ts';
import { createInference } from '../../../services/inference/inference.ts';
import { createRegistry } from '../../../services/registry/registry.ts';
import { createTabular } from '../../../services/tabular/tabular.ts';
import { createLocalWorker } from '../../../services/tabular/work.ts';
import { createTraining } from '../../../services/training/training.ts';
import { decodeWeights } from '../../../services/training/weights.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { panelOf, sine } from '../training/series.ts';

const folder = temporaryFolder('trainer');
const artifacts = createLocalArtifacts(join(folder, 'artifacts'));
const registry = createRegistry(openDatabase(':memory:'), artifacts, folder, () => 0);
const training = createTraining({ progressFolder: folder, clock: Date.now, threads: 1 });
const inference = createInference({ artifacts, threads: 1 });
afterAll(() => inference.close());
const learners = createLearners({
  training,
  inference,
  artifacts,
  tabular: createTabular({ worker: createLocalWorker(findTabularModel, () => performance.now()) }),
});
const trainer = createTrainer({ learners, registry, artifacts, drift: createDrift() });
const panel = panelOf([sine(200, { period: 12 })]);

const train = (key: string, maxSteps: number, more: Partial<TrainerTask> = {}) =>
  trainer.trainAndPublish({
    key,
    run: 'run',
    name: 'sine',
    configuration: {
      forecaster: 'nlinear',
      hyperparameters: {},
      settings: { lookBack: 24, maxSteps, learningRate: 0.001 },
      score: 1,
    },
    panel,
    panelUri: 'panel',
    featuresUri: 'features',
    plan: planFolds([200], 6, 30),
    season: 12,
    recipe: 'plain',
    seed: 1,
    maxMs: Infinity,
    signal: new AbortController().signal,
    emit: () => undefined,
    ...more,
  });

const weightsOf = async (version: number) => {
  const { files } = registry.get('sine', version);
  const { uri } = files.find(({ name }) => name === 'weights.bin')!;
  return decodeWeights(await artifacts.get(uri))['linear.weight']!;
};

const distance = (a: Float32Array, b: Float32Array): number =>
  a.reduce((largest, value, i) => Math.max(largest, Math.abs(value - b[i]!)), 0);

describe('a warm start', () => {
  it('goes on from the weights of the registered version, which becomes the parent', async () => {
    const { version: first } = await train('first', 200);
    const { version: warm } = await train('warm', 1, { warmStart: first });
    const { version: cold } = await train('cold', 1);
    const trained = await weightsOf(first.version);
    // Adam's first step moves a weight by the learning rate at most.
    expect(distance((await weightsOf(warm.version)).data, trained.data)).toBeLessThan(0.0011);
    expect(distance((await weightsOf(cold.version)).data, trained.data)).toBeGreaterThan(0.01);
    expect(registry.get('sine', warm.version).lineage.parent).toBe(`sine@${first.version}`);
    expect(registry.get('sine', cold.version).lineage.parent).toBeNull();
  });

  it('refuses a version of other sizes, and one that is not there', async () => {
    const { version } = await train('short', 1);
    const configuration = {
      forecaster: 'nlinear',
      hyperparameters: {},
      settings: { lookBack: 36, maxSteps: 1 },
      score: 1,
    };
    await expect(train('long', 1, { configuration, warmStart: version })).rejects.toMatchObject({
      code: 'WEIGHTS_UNFIT',
    });
    await expect(
      train('absent', 1, { warmStart: { model: 'sine', version: 99 } }),
    ).rejects.toMatchObject({ code: 'MODEL_VERSION_UNKNOWN' });
  });
});
