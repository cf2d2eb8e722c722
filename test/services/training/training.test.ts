/** Tests of training: what it returns, when it stops, and what it refuses. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { NeuralModel } from '../../../models/model.ts';
import { nlinear } from '../../../models/neural/nlinear.ts';
import type { TrainingTask } from '../../../services/training/training.ts';
import { log } from '../../../tensor/functions.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { panelOf, sine } from './series.ts';
import { richTask } from './rich-network.ts';
import { smallTask, trainingIn } from './training-tasks.ts';

const folder = temporaryFolder('training');
let folders = 0;
const newFolder = (): string => join(folder, String(folders++));

/** Collects the fields of one kind of event. */
function listener() {
  const events: [string, Readonly<Record<string, unknown>>][] = [];
  const emit: TrainingTask['emit'] = (event, fields = {}) => events.push([event, fields]);
  return {
    emit,
    of: (name: string) => events.filter(([event]) => event === name).map((e) => e[1]),
  };
}

describe('training', () => {
  it('lowers the loss, validates, and tells where it is', async () => {
    const { emit, of } = listener();
    const trained = await trainingIn(newFolder()).train(smallTask({}, { emit }));
    expect(trained).toMatchObject({
      model: 'nlinear',
      horizon: 6,
      steps: 120,
      stoppedBy: 'max-steps',
      seriesUsed: 3,
      seriesSkipped: 0,
    });
    const progressed = of('training-progressed');
    expect(progressed.map(({ step }) => step)).toEqual([20, 40, 60, 80, 100, 120]);
    const [first, last] = [progressed[0]!, progressed.at(-1)!];
    expect(Number(last['loss'])).toBeLessThan(Number(first['loss']));
    expect(trained.validationLoss).toBe(
      Math.min(...progressed.map(({ validationLoss }) => Number(validationLoss))),
    );
    expect(last['etaMs']).toBe(0);
  });

  it('is a function of its seed', async () => {
    const [one, again, other] = await Promise.all([
      trainingIn(newFolder()).train(smallTask()),
      trainingIn(newFolder()).train(smallTask()),
      trainingIn(newFolder()).train(smallTask({}, { seed: 8 })),
    ]);
    expect(again.parameters).toEqual(one.parameters);
    expect(other.parameters).not.toEqual(one.parameters);
  });

  it('stops by patience and returns the weights of the best validation, not the last', async () => {
    // A learning rate this large makes validation losses go up and down.
    const wild = { learningRate: 0.3, maxSteps: 4000, patience: 3, learningRateDecay: 0 };
    const { emit, of } = listener();
    const trained = await trainingIn(newFolder()).train(smallTask(wild, { emit }));
    expect(trained.stoppedBy).toBe('patience');
    expect(trained.steps).toBe(trained.bestStep + 3 * 20);
    const lowest = Math.min(...of('training-progressed').map((e) => Number(e['validationLoss'])));
    expect(trained.validationLoss).toBe(lowest);
    const toBest = smallTask({ ...wild, maxSteps: trained.bestStep, patience: 0 });
    const short = await trainingIn(newFolder()).train(toBest);
    expect(short.parameters).toEqual(trained.parameters);
  });

  it('returns what there is when its time is over, and a later call goes on to the same end', async () => {
    const whole = await trainingIn(newFolder()).train(smallTask());
    // A clock on which every look takes 5 ms.
    let now = 0;
    const progress = newFolder();
    const training = trainingIn(progress, () => (now += 5));
    const limited = await training.train(smallTask({}, { maxMs: 100 }));
    expect(limited.stoppedBy).toBe('time-limit');
    expect(limited.steps).toBeGreaterThan(0);
    expect(limited.steps).toBeLessThan(120);
    expect(Number.isFinite(limited.validationLoss)).toBe(true);
    const continued = await trainingIn(progress).train(smallTask());
    expect(continued.parameters).toEqual(whole.parameters);
    expect(continued.validationLoss).toBe(whole.validationLoss);
  });

  it('takes at least one step, however little time it has', async () => {
    const trained = await trainingIn(newFolder()).train(smallTask({}, { maxMs: 0 }));
    expect(trained.steps).toBe(1);
    expect(trained.stoppedBy).toBe('time-limit');
  });

  it('uses the last weights where there is no validation part', async () => {
    const plan = { horizon: 6, folds: [], trainStepsFromEnd: 0 };
    const trained = await trainingIn(newFolder()).train(smallTask({ maxSteps: 30 }, { plan }));
    expect(trained.validationLoss).toBeNull();
    expect(trained.bestStep).toBe(30);
    expect(Number.isFinite(trained.trainLoss)).toBe(true);
  });

  it('leaves out series that are too short or have nothing in them, and counts them', async () => {
    const plan = { horizon: 6, folds: [], trainStepsFromEnd: 6 };
    const empty = new Float64Array(100).fill(Number.NaN);
    const settings = { maxSteps: 4, padShort: false };
    const clean = panelOf([sine(100)]);
    const mixed = panelOf([sine(20), empty, sine(100), [1]]);
    const trained = await trainingIn(newFolder()).train(
      smallTask(settings, { plan, panel: mixed }),
    );
    expect(trained).toMatchObject({ seriesUsed: 1, seriesSkipped: 3 });
    const alone = await trainingIn(newFolder()).train(smallTask(settings, { plan, panel: clean }));
    expect(trained.parameters).toEqual(alone.parameters);
  });

  it('says what is needed where no series has a window', async () => {
    const panel = panelOf([sine(30), sine(20)]);
    const plan = { horizon: 6, folds: [], trainStepsFromEnd: 6 };
    const unpadded = { padShort: false };
    await expect(
      trainingIn(newFolder()).train(smallTask(unpadded, { panel, plan })),
    ).rejects.toMatchObject({ code: 'SERIES_TOO_SHORT', details: { needed: 30, got: 24 } });
    const shorter = panelOf([sine(12), sine(5)]);
    await expect(
      trainingIn(newFolder()).train(smallTask({}, { panel: shorter, plan })),
    ).rejects.toMatchObject({ code: 'SERIES_TOO_SHORT', details: { needed: 7, got: 6 } });
  });

  it('never looks at anything from the first test fold on', async () => {
    const task = smallTask({ maxSteps: 40 });
    const tested = Math.max(
      ...task.plan.folds.filter((f) => f.kind === 'test').map((f) => f.stepsFromEnd),
    );
    const { offsets } = task.panel;
    const changed = task.panel.y.slice();
    for (let i = 1; i < offsets.length; i++) changed.fill(1e9, offsets[i]! - tested, offsets[i]);
    const trained = await trainingIn(newFolder()).train(task);
    const other = await trainingIn(newFolder()).train({
      ...task,
      panel: { ...task.panel, y: changed },
    });
    expect(other.parameters).toEqual(trained.parameters);
    expect(other.validationLoss).toBe(trained.validationLoss);
  });

  it.each([1e12, 1e-9])('gives the same network at the scale %d', async (size) => {
    const task = smallTask({ maxSteps: 60 });
    const y = task.panel.y.map((value) => size * value);
    const [plain, scaled] = await Promise.all([
      trainingIn(newFolder()).train(task),
      trainingIn(newFolder()).train({ ...task, panel: { ...task.panel, y } }),
    ]);
    expect(scaled.validationLoss).toBeCloseTo(plain.validationLoss!, 4);
  });
});

describe('a training that begins with given weights', () => {
  it('goes on from them, also after a change of data', async () => {
    const first = await trainingIn(newFolder()).train(richTask({ maxSteps: 60 }));
    const initial = first.parameters;
    const still = { maxSteps: 1, learningRate: 1e-12, schedule: 'constant' } as const;
    const task = richTask(still, { initial });
    const tuned = await trainingIn(newFolder()).train(task);
    expect(tuned.validationLoss).toBeCloseTo(first.validationLoss!, 2);
    expect(tuned.parameters['window.weight']).toEqual(initial['window.weight']);
    const fresh = await trainingIn(newFolder()).train(richTask(still));
    expect(fresh.validationLoss).toBeGreaterThan(first.validationLoss! + 0.05);
  });

  it('refuses those of another network', async () => {
    const { parameters } = await trainingIn(newFolder()).train(smallTask({ maxSteps: 1 }));
    const wider = smallTask({ lookBack: 30 }, { initial: parameters });
    await expect(trainingIn(newFolder()).train(wider)).rejects.toMatchObject({
      code: 'WEIGHTS_UNFIT',
      details: { parameter: 'linear.weight', needed: '[30, 6]', got: '[24, 6]' },
    });
  });
});

describe('weights of observations', () => {
  it('decide what counts, and are nothing where all are equal', async () => {
    const task = smallTask({ maxSteps: 40 });
    const { offsets, y } = task.panel;
    const weighted = (of: (series: number) => number): Float64Array =>
      Float64Array.from(y, (_, k) => of(k < offsets[1]! ? 0 : 1));
    const one = weighted((series) => (series === 0 ? 1 : 0));
    // A target that does not count may be anything.
    const changed = y.slice();
    for (let k = offsets[1]!; k < changed.length; k++) changed[k] = Math.sin(k) * 100;
    const [plain, equal, only, other] = await Promise.all(
      [
        task,
        { ...task, weights: weighted(() => 3) },
        { ...task, weights: one },
        { ...task, weights: one, panel: { ...task.panel, y: changed } },
      ].map((given) => trainingIn(newFolder()).train(given)),
    );
    expect(equal!.validationLoss).toBeCloseTo(plain!.validationLoss!, 4);
    expect(other!.validationLoss).toBe(only!.validationLoss);
    expect(only!.validationLoss).not.toBeCloseTo(plain!.validationLoss!, 3);
  });
});

describe('a training that diverges', () => {
  const steep = { scaler: 'none', loss: 'mse', learningRate: 1, maxSteps: 200 } as const;

  it('is told and begun anew with a tenth of the learning rate, once', async () => {
    const { emit, of } = listener();
    const panel = panelOf([sine(200, { size: 1e19 })]);
    await expect(
      trainingIn(newFolder()).train(smallTask(steep, { panel, emit })),
    ).rejects.toMatchObject({ code: 'TRAINING_DIVERGED' });
    const restarts = of('training-progressed').filter(({ restarted }) => restarted === true);
    expect(restarts.map(({ learningRate }) => learningRate)).toEqual([0.1]);
  });

  it('is saved by the smaller learning rate where that is enough', async () => {
    // log w is to become -1/2: one step of length 1 from w = 0.9 leaves the domain, steps of 0.1 do not.
    const model: NeuralModel = {
      ...nlinear,
      name: 'logarithm',
      forward: (_, { shape: { horizon }, declare }) =>
        log(declare('w', [1, horizon, 1], { kind: 'constant', value: 0.9 })),
    };
    const { emit, of } = listener();
    const panel = panelOf([new Float64Array(200).fill(-0.5)]);
    const trained = await trainingIn(newFolder()).train(smallTask(steep, { model, panel, emit }));
    expect(of('training-progressed').filter(({ restarted }) => restarted === true).length).toBe(1);
    expect(trained.steps).toBe(200);
    expect(trained.validationLoss).toBeLessThan(0.01);
  });
});

describe('progress', () => {
  it('is kept under its key until it is forgotten', async () => {
    const progress = newFolder();
    const training = trainingIn(progress);
    await training.train(smallTask({ maxSteps: 3 }));
    expect(readdirSync(join(progress, 'run'))).toEqual(['training.bin']);
    await training.forget('run/training');
    expect(readdirSync(join(progress, 'run'))).toEqual([]);
  });

  it('of a finished training gives its result again without a step', async () => {
    const training = trainingIn(newFolder());
    const first = await training.train(smallTask());
    const { emit, of } = listener();
    const again = await training.train(smallTask({}, { emit }));
    expect(of('training-progressed')).toEqual([]);
    expect(of('training-resumed')).toEqual([{ model: 'nlinear', step: 120 }]);
    expect({ ...again, seconds: 0 }).toEqual({ ...first, seconds: 0 });
  });
});
