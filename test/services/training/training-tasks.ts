/** A small training task, and how to run one; also what the killed process of the crash test trains. */
import { createTraining, type TrainingTask } from '../../../services/training/training.ts';
import { trainingSettingsSchema } from '../../../services/training/settings.ts';
import { nlinear } from '../../../models/neural/nlinear.ts';
import { planFolds } from '../../../series/folds.ts';
import { panelOf, sine } from './series.ts';

const lengths = [300, 240, 90];

/** NLinear on three noisy sines of different levels and sizes. */
export function smallTask(
  settings: Partial<TrainingTask['settings']> = {},
  changes: Partial<TrainingTask> = {},
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

/** Training with its progress in `folder`; one thread, as tests run beside each other. */
export function trainingIn(folder: string, clock: () => number = Date.now) {
  return createTraining({ progressFolder: folder, clock, threads: 1 });
}
