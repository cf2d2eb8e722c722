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

const taskOf = (key: string, maxSteps: number): TrainerTask => ({
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
  signal: new AbortController().signal,
  emit: () => undefined,
});

const train = (key: string, maxSteps: number, more: Partial<TrainerTask> = {}) =>
  trainer
    .trainEach([{ ...taskOf(key, maxSteps), ...more }], () => Infinity)
    .then(([only]) => only!);

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

describe('several trainings', () => {
  const named = (key: string, forecaster: string, rows: number): TrainerTask => ({
    ...taskOf(key, 1),
    name: 'several',
    configuration: { forecaster, hyperparameters: {}, settings: { maximumRows: rows }, score: 1 },
  });
  /** Tables are learned two at a time; the first of them is ready last. */
  function besideEachOther() {
    const under = { way: 0, most: 0 };
    const begun: string[] = [];
    const slow = createTrainer({
      learners: {
        ...learners,
        of: (model) => ({
          ...learners.of(model),
          sideBySide: () => (model.name === 'nlinear' ? 1 : 2),
          async train(task) {
            begun.push(task.progressKey);
            under.way += 1;
            under.most = Math.max(under.most, under.way);
            const learned = await learners.of(model).train(task);
            if (task.progressKey === 'a') await new Promise((resolve) => setTimeout(resolve, 200));
            under.way -= 1;
            return learned;
          },
        }),
      },
      registry,
      artifacts,
      drift: createDrift(),
    });
    return { slow, under, begun };
  }

  it('go side by side where each takes a thread, and are numbered in their order', async () => {
    const { slow, under, begun } = besideEachOther();
    const tasks = [named('a', 'ridge', 500), named('b', 'ridge', 400), named('c', 'ridge', 300)];
    const outcomes = await slow.trainEach(tasks, () => Infinity);
    expect(under.most).toBe(2);
    expect(begun).toEqual(['a', 'b', 'c']);
    expect(outcomes.map((one) => one?.version.version)).toEqual([1, 2, 3]);
    const keys = outcomes.map(
      (one) => registry.get('several', one!.version.version).hyperparameters,
    );
    expect(keys.map((known) => known['maximumRows'])).toEqual([500, 400, 300]);
  });

  it('leave out what there is no time for, and keep networks to themselves', async () => {
    const { slow, under } = besideEachOther();
    const network = { ...taskOf('e', 1), name: 'several' };
    const tasks = [named('d', 'ridge', 200), network, named('f', 'ridge', 150)];
    const outcomes = await slow.trainEach(tasks, (k) => (k === 0 ? undefined : Infinity));
    expect(outcomes.map((one) => one?.version.version)).toEqual([undefined, 4, 5]);
    expect(under.most).toBe(1);
  });

  it('end where a version cannot be published', async () => {
    const full = createTrainer({
      learners,
      registry: { ...registry, publish: () => Promise.reject(new Error('no space')) },
      artifacts,
      drift: createDrift(),
    });
    const tasks = [named('i', 'ridge', 100), named('j', 'ridge', 100)];
    await expect(full.trainEach(tasks, () => Infinity)).rejects.toThrow('no space');
  });

  it('fail with the first that fails', async () => {
    const { slow } = besideEachOther();
    const plan = { ...taskOf('h', 1).plan, trainStepsFromEnd: 200 };
    const broken = { ...named('h', 'ridge', 100), plan };
    await expect(
      slow.trainEach([named('g', 'ridge', 100), broken], () => Infinity),
    ).rejects.toMatchObject({ code: 'SERIES_TOO_SHORT' });
  });
});
