/** A small training task, and how to run one; also what the killed process of the crash test trains. */
import {
  createTraining,
  type TrainedNetwork,
  type TrainingTask,
} from '../../../services/training/training.ts';
import { trainingSettingsSchema } from '../../../services/training/settings.ts';
import { neuralModels } from '../../../models/neural/index.ts';
import { nlinear } from '../../../models/neural/nlinear.ts';
import { planFolds } from '../../../series/folds.ts';
import { smallNetwork } from '../../models/neural/small-networks.ts';
import { panelOf, sine } from './series.ts';

/** NLinear on three noisy sines of different levels and sizes, and of `lengths`. */
export function smallTask(
  settings: Partial<TrainingTask['settings']> = {},
  changes: Partial<TrainingTask> = {},
  lengths: readonly number[] = [300, 240, 90],
): TrainingTask {
  const series = lengths.map((length, i) =>
    sine(length, { level: 10 ** i, size: 3 * i + 1, noise: 0.2, seed: i, phase: 5 * i }),
  );
  return {
    model: nlinear,
    hyperparameters: {},
    settings: trainingSettingsSchema.parse({
      lookBack: 24,
      batchSize: 32,
      maxSteps: 120,
      validateEvery: 20,
      patience: 0,
      learningRate: 0.01,
      ...settings,
    }),
    panel: panelOf(series),
    horizon: 6,
    plan: planFolds(lengths, 6, 30),
    seed: 7,
    progressKey: 'run/training',
    emit: () => undefined,
    ...changes,
  };
}

/** The same for the network called `name`, made small; the series end and begin together, as some networks need. */
export function networkTask(
  name: string,
  settings: Partial<TrainingTask['settings']>,
  changes: Partial<TrainingTask> = {},
): TrainingTask {
  const model = neuralModels.find((each) => each.name === name)!;
  const { hyperparameters } = smallNetwork(model);
  const together = { batchSize: 30, ...settings };
  return smallTask(together, { model, hyperparameters, ...changes }, [200, 200, 200]);
}

/** Training with its progress in `folder`; one thread, as tests run beside each other. */
export function trainingIn(folder: string, clock: () => number = Date.now) {
  return createTraining({ progressFolder: folder, clock, threads: 1 });
}

/** What must be the same in trainings of one task: all but the times. */
export function outcomeOf({
  parameters,
  steps,
  bestStep,
  trainLoss,
  validationLoss,
}: TrainedNetwork) {
  return { parameters, steps, bestStep, trainLoss, validationLoss };
}
