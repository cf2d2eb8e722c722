/** Tests of cross-validation. */
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createLocalArtifacts } from '../../../services/artifacts/local.ts';
import { createEvaluation } from '../../../services/evaluation/evaluation.ts';
import { createInference } from '../../../services/inference/inference.ts';
import {
  createCrossValidation,
  type CrossValidationTask,
} from '../../../services/training/cross-validation.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { panelOf, sine } from './series.ts';
import { smallTask, trainingIn } from './training-tasks.ts';

const folder = temporaryFolder('cross-validation');
const artifacts = createLocalArtifacts(join(folder, 'artifacts'));
const inference = createInference({ artifacts, threads: 1 });
afterAll(() => inference.close());

const training = trainingIn(folder);
const { crossValidate } = createCrossValidation({
  training,
  inference,
  artifacts,
  evaluation: createEvaluation(),
});

let keys = 0;
function taskOf(changes: Partial<CrossValidationTask> = {}): CrossValidationTask {
  const { model, hyperparameters, settings, panel, horizon, seed, emit } = smallTask({
    maxSteps: 60,
  });
  return {
    model,
    hyperparameters,
    settings,
    panel,
    horizon,
    seed,
    emit,
    key: `cv-${keys++}`,
    scheme: 'rolling-origin',
    folds: 3,
    refit: true,
    season: 12,
    ...changes,
  };
}

describe('cross-validation by rolling origin', () => {
  it('scores folds one behind the other, each by a training that ends before it', async () => {
    const task = taskOf();
    const scores = await crossValidate(task);
    expect(scores.map(({ fold, stepsFromEnd }) => [fold, stepsFromEnd])).toEqual([
      [0, 18],
      [1, 12],
      [2, 6],
    ]);
    for (const { score } of scores) expect(score.mase).toBeLessThan(1.5);
    expect(new Set(scores.map(({ validationLoss }) => validationLoss)).size).toBe(3);
    // What comes after a fold's end changes nothing about it, its training included.
    const y = task.panel.y.slice();
    for (let i = 0; i < 3; i++)
      y.fill(1e6, task.panel.offsets[i + 1]! - 6, task.panel.offsets[i + 1]);
    const changed = await crossValidate(taskOf({ panel: { ...task.panel, y } }));
    expect(changed.slice(0, 2)).toEqual(scores.slice(0, 2));
    expect(changed[2]).not.toEqual(scores[2]);
  });

  it('without refit forecasts all folds by the first training', async () => {
    const step = 3;
    const fixed = await crossValidate(taskOf({ refit: false, step }));
    const refitted = await crossValidate(taskOf({ step, parallel: 2 }));
    expect(fixed.map(({ stepsFromEnd }) => stepsFromEnd)).toEqual([12, 9, 6]);
    expect(new Set(fixed.map(({ validationLoss }) => validationLoss)).size).toBe(1);
    expect(fixed[0]).toEqual(refitted[0]);
    expect(fixed[2]!.score).not.toEqual(refitted[2]!.score);
  });
});

describe('cross-validation over groups of series', () => {
  it('scores each series once, by a training that never saw it', async () => {
    const panel = panelOf([0, 1, 2, 3, 4].map((phase) => sine(150, { phase, noise: 0.1 })));
    const scores = await crossValidate(taskOf({ scheme: 'series', folds: 2, panel }));
    expect(new Set(scores.map(({ score }) => score.series))).toEqual(new Set([2, 3]));
    for (const { score } of scores) expect(score.mase).toBeLessThan(1.5);
    expect(scores[0]!.validationLoss).not.toBe(scores[1]!.validationLoss);
  });
});
