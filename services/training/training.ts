/** Training: one network over all series of a panel, resumable to the bit after a crash. */
import { availableParallelism } from 'node:os';
import type { Hyperparameters, NeuralModel } from '../../models/model.ts';
import type { FoldPlan } from '../../series/folds.ts';
import type { Panel } from '../../series/panel.ts';
import type { Emit } from '../../state/events.ts';
import type { ParameterValues } from '../../tensor/values.ts';
import type { ChooseDevice } from './device.ts';
import { optimise } from './optimise.ts';
import { prepareTask } from './preparation.ts';
import { createProgressStore } from './progress.ts';
import type { SampleLayout } from './sample-layout.ts';
import type { WindowDraw } from './sampling.ts';
import type { TrainingSettings } from './settings.ts';
import { inLanes } from '../workers/lanes.ts';

/** What is trained, on what. */
export interface TrainingTask {
  readonly model: NeuralModel;
  readonly hyperparameters: Hyperparameters;
  readonly settings: TrainingSettings;
  /** Values that are missing or infinite are not looked at; series too short for a window are not used. */
  readonly panel: Panel;
  /** How much each observation counts as a target, [observations], at least 0; all count 1 if left out. */
  readonly weights?: Float64Array;
  /** Weights to start from, statistics included, such as those of an earlier training; drawn from `seed` if left out. */
  readonly initial?: ParameterValues;
  readonly horizon: number;
  /** The folds decide what is training and what validation; nothing from the first test fold on is looked at. */
  readonly plan: FoldPlan;
  readonly seed: number;
  /** Under which progress is kept; the same task under the same key goes on where it stopped. */
  readonly progressKey: string;
  /** Bound on the time of this call; the best weights so far are returned when it is over. */
  readonly maxMs?: number;
  readonly signal?: AbortSignal;
  readonly emit: Emit;
  /** Which windows each step sees, for protocols that fix it; shuffled epochs over all windows if left out. */
  readonly draw?: WindowDraw;
}

/** A trained network: its weights, and how they came about. */
export interface TrainedNetwork {
  /** Name of the model. */
  readonly model: string;
  readonly hyperparameters: Hyperparameters;
  readonly settings: TrainingSettings;
  readonly horizon: number;
  /** Those of the lowest validation loss; the last ones if there is no validation part. */
  readonly parameters: ParameterValues;
  /** Optimiser steps taken, and the step that `parameters` are from. */
  readonly steps: number;
  readonly bestStep: number;
  /** Mean loss of the steps between the last validation and `bestStep`, in scaled units. */
  readonly trainLoss: number;
  /** Loss of `parameters` on the validation part, in scaled units; null if there is none. */
  readonly validationLoss: number | null;
  readonly stoppedBy: 'patience' | 'max-steps' | 'time-limit';
  /** Where it was computed, and why there, as the end of a sentence. */
  readonly device: string;
  /** Time spent, over all processes that took part. */
  readonly seconds: number;
  readonly stepsPerSecond: number;
  /** Training windows. */
  readonly windows: number;
  readonly seriesUsed: number;
  readonly seriesSkipped: number;
  /** What a sample consists of, exogenous columns and their scales included. */
  readonly layout: SampleLayout;
}

/** Trains networks, one call at a time for one progress key. */
export interface Training {
  /** How many trainings of the model are best under way at once: each takes one thread, or all if that is 1. */
  sideBySide(model: NeuralModel): number;
  /**
   * Trains until patience, the most steps or the time limit end it. Killed at any moment and called again with the same
   * task, it gives bit for bit the result of a call that was never interrupted; only `maxMs` depends on time.
   * When `signal` aborts, progress is kept and the signal's reason is thrown.
   * Emits `device-chosen`, `training-resumed` and `training-progressed`.
   * Errors: SERIES_TOO_SHORT where no series has a window; SERIES_NOT_ALIGNED where a multivariate model is given series
   * of different times; VALUE_NEGATIVE where a loss for counts is given none; WEIGHTS_UNFIT where `initial` is of another
   * network; TRAINING_DIVERGED where the loss is lost again after one restart with a tenth of the learning rate;
   * STORE_FULL and STORE_UNWRITABLE for the progress file.
   */
  train(task: TrainingTask): Promise<TrainedNetwork>;
  /**
   * Trains several tasks under different progress keys, `parallel` at a time, each with no more than an equal share of the
   * threads: for networks too small to keep all threads busy. The first error stops all. Errors as `train`.
   */
  trainAll(tasks: readonly TrainingTask[], parallel: number): Promise<TrainedNetwork[]>;
  /** Removes the progress of a task whose result has been stored elsewhere. */
  forget(progressKey: string): Promise<void>;
  /** The same for every task whose key begins with `start` and a slash. */
  forgetAll(start: string): Promise<void>;
}

/** Where training keeps its progress, and how it runs. */
export interface TrainingDependencies {
  readonly progressFolder: string;
  /** Milliseconds. */
  readonly clock: () => number;
  /** Threads of all trainings that are under way; all processors if left out. */
  readonly threads?: number | undefined;
  /** Chooses where the steps of each training are computed; the processor if left out. */
  readonly chooseDevice?: ChooseDevice | undefined;
}

/** Training with a progress file per key. */
export function createTraining(dependencies: TrainingDependencies): Training {
  const { progressFolder, clock, threads = availableParallelism(), chooseDevice } = dependencies;
  const store = createProgressStore(progressFolder);
  // Steps of linear networks are too small to be shared: a second thread gains nothing.
  const threadsOf = ({ costly }: NeuralModel): number => (costly === true ? threads : 1);
  const trainWith = async (task: TrainingTask, share: number) => {
    const startedAt = clock();
    const prepared = await prepareTask(task, {
      threads: share,
      ...(chooseDevice !== undefined && { chooseDevice }),
    });
    try {
      return await optimise({ task, prepared, store, clock, startedAt });
    } finally {
      await prepared.release();
    }
  };
  return {
    sideBySide: (model) => Math.max(1, Math.floor(threads / threadsOf(model))),
    train: (task) => trainWith(task, threadsOf(task.model)),
    trainAll(tasks, parallel) {
      const share = Math.max(1, Math.floor(threads / parallel));
      return inLanes(parallel, tasks, (task, stop) =>
        trainWith(
          { ...task, signal: AbortSignal.any([...(task.signal ? [task.signal] : []), stop]) },
          Math.min(share, threadsOf(task.model)),
        ),
      );
    },
    forget: (progressKey) => store.remove(progressKey),
    forgetAll: (start) => store.removeAll(start),
  };
}
