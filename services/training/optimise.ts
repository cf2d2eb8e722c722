/** The course of a training: steps, validations, early stopping, time limit, restart, progress kept. */
import { fail } from '../../state/errors.ts';
import type { ParameterValues } from '../../tensor/values.ts';
import { createPace, type Pace } from './pace.ts';
import type { PreparedTask } from './preparation.ts';
import type { Counters, Progress, ProgressStore } from './progress.ts';
import { learningRateAt } from './schedule.ts';
import type { TrainingSettings } from './settings.ts';
import type { TrainedNetwork, TrainingTask } from './training.ts';

/** How often progress is kept. */
const saveEveryMs = 2000;
/** What a diverged training is restarted with, as a share of the learning rate. */
const restartShare = 0.1;

/** A training under way. */
interface Course {
  readonly task: TrainingTask;
  readonly prepared: PreparedTask;
  readonly store: ProgressStore;
  readonly clock: () => number;
  /** When the call began, by `clock`. */
  readonly startedAt: number;
}

/** Weights or loss are no longer finite. */
interface Lost {
  readonly lostAtStep: number;
}

/** Takes a prepared task from its kept progress, or from its start, to its end. */
export async function optimise(course: Course): Promise<TrainedNetwork> {
  const { task, prepared, store, clock, startedAt } = course;
  const { settings } = prepared;
  const kept = await store.load(task.progressKey, prepared.digest);
  if (kept) task.emit('training-resumed', { model: task.model.name, step: kept.state.step });
  let progress = kept ?? { counters: zero, state: prepared.start(), best: null };
  const earlierMs = progress.counters.totalMs;
  const spentMs = (): number => clock() - startedAt;
  const save = (): Promise<void> => {
    const counters = { ...progress.counters, totalMs: earlierMs + spentMs() };
    return store.save(task.progressKey, prepared.digest, { ...progress, counters });
  };
  const pace = createPace({
    ...settings,
    batch: prepared.draw.batch,
    remainingMs: () => (task.maxMs ?? Infinity) - spentMs(),
  });
  let savedAt = clock();
  let stoppedBy = stopReason(settings, progress);
  while (stoppedBy === undefined) {
    if (task.signal?.aborted) {
      await save();
      task.signal.throwIfAborted();
    }
    const steps = pace.next(progress.state.step);
    if (steps === 0) break;
    const reached = await advance(course, progress, steps, pace).catch(async (error: unknown) => {
      if (task.signal?.aborted) await save();
      throw error;
    });
    progress = 'lostAtStep' in reached ? restart(course, progress, reached) : reached;
    stoppedBy = stopReason(settings, progress);
    const due = clock() - savedAt >= saveEveryMs;
    if (due || progress.counters.lossSteps === 0) report(course, progress);
    if (due || stoppedBy !== undefined) {
      await save();
      savedAt = clock();
    }
  }
  if (stoppedBy === undefined) {
    await save();
    // Closing the interval early is for this result only: kept, it would change what a later call goes on to.
    progress = await closeForNow(course, progress);
  }
  return resultOf(course, progress, stoppedBy ?? 'time-limit', (earlierMs + spentMs()) / 1000);
}

/** Takes `steps` steps, and validates where an interval ends. */
async function advance(
  { prepared, clock, task }: Course,
  { counters, state, best }: Progress,
  steps: number,
  pace: Pace,
): Promise<Progress | Lost> {
  const { settings, loop } = prepared;
  const share = counters.attempt === 0 ? 1 : restartShare;
  const learningRates = Float32Array.from(
    { length: steps },
    (_, i) => share * learningRateAt(settings, state.step + i),
  );
  const batches = prepared.batches(state.step, steps);
  const before = clock();
  const taken = await loop.run(state, prepared.data, batches, learningRates);
  const loopMs = clock() - before;
  pace.stepped(steps, loopMs);
  const lost = taken.losses.findIndex((loss) => !Number.isFinite(loss));
  if (lost >= 0) return { lostAtStep: state.step + lost };
  const moved: Progress = {
    state: taken.state,
    best,
    counters: {
      ...counters,
      lossSum: taken.losses.reduce((sum, loss) => sum + loss, counters.lossSum),
      lossSteps: counters.lossSteps + steps,
      loopMs: counters.loopMs + loopMs,
    },
  };
  const { step } = moved.state;
  if (step % settings.validateEvery !== 0 && step !== settings.maxSteps) return moved;
  const validationBefore = clock();
  const closed = await closeInterval(prepared, moved, task.signal);
  pace.validated(clock() - validationBefore);
  return closed;
}

/** Ends an interval of steps: its mean loss, the validation of its last weights, and whether they are the best so far. */
async function closeInterval(
  { validation }: PreparedTask,
  { counters, state, best }: Progress,
  signal?: AbortSignal,
): Promise<Progress | Lost> {
  const { parameters } = state;
  const validationLoss = await validation.loss(parameters, signal);
  const sound = validationLoss === null ? allFinite(parameters) : Number.isFinite(validationLoss);
  if (!sound) return { lostAtStep: state.step };
  const trainLoss = counters.lossSum / counters.lossSteps;
  const closed = { ...counters, lossSum: 0, lossSteps: 0, trainLoss, validationLoss };
  const isBest =
    validationLoss === null || counters.bestLoss === null || validationLoss < counters.bestLoss;
  if (!isBest) return { state, best, counters: { ...closed, worse: counters.worse + 1 } };
  return {
    state,
    best: parameters,
    counters: {
      ...closed,
      bestLoss: validationLoss,
      bestTrainLoss: trainLoss,
      bestStep: state.step,
      worse: 0,
    },
  };
}

/** What there is when the time is over; weights that are lost just now give way to the best before. */
async function closeForNow(course: Course, progress: Progress): Promise<Progress> {
  if (progress.counters.lossSteps === 0) return progress;
  const closed = await closeInterval(course.prepared, progress);
  if (!('lostAtStep' in closed)) return closed;
  if (progress.best === null) return diverged(course, closed);
  return progress;
}

/** Starts anew with a smaller learning rate, once. */
function restart(course: Course, { counters }: Progress, lost: Lost): Progress {
  const { task, prepared } = course;
  if (counters.attempt > 0) return diverged(course, lost);
  task.emit('training-progressed', {
    model: task.model.name,
    step: lost.lostAtStep,
    restarted: true,
    learningRate: restartShare * prepared.settings.learningRate,
  });
  return {
    state: prepared.start(),
    best: null,
    counters: { ...zero, attempt: 1, loopMs: counters.loopMs },
  };
}

function diverged({ task }: Course, { lostAtStep }: Lost): never {
  return fail('TRAINING_DIVERGED', { model: task.model.name, step: lostAtStep });
}

function stopReason(
  { maxSteps, patience }: TrainingSettings,
  { counters, state }: Progress,
): 'patience' | 'max-steps' | undefined {
  if (patience > 0 && counters.worse >= patience) return 'patience';
  return state.step >= maxSteps ? 'max-steps' : undefined;
}

function report({ task, prepared }: Course, { counters, state }: Progress): void {
  const { lossSum, lossSteps, trainLoss, validationLoss, loopMs } = counters;
  const stepsPerSecond = rateOf(state.step, loopMs);
  task.emit('training-progressed', {
    model: task.model.name,
    step: state.step,
    maxSteps: prepared.settings.maxSteps,
    loss: lossSteps > 0 ? lossSum / lossSteps : trainLoss,
    validationLoss,
    stepsPerSecond,
    etaMs: Math.round(((prepared.settings.maxSteps - state.step) * 1000) / stepsPerSecond),
  });
}

function resultOf(
  { task, prepared }: Course,
  { counters, state, best }: Progress,
  stoppedBy: TrainedNetwork['stoppedBy'],
  seconds: number,
): TrainedNetwork {
  return {
    model: task.model.name,
    hyperparameters: prepared.hyperparameters,
    settings: prepared.settings,
    horizon: task.horizon,
    parameters: best ?? state.parameters,
    steps: state.step,
    bestStep: counters.bestStep,
    trainLoss: counters.bestTrainLoss ?? Number.NaN,
    validationLoss: counters.bestLoss,
    stoppedBy,
    device: prepared.device,
    seconds,
    stepsPerSecond: rateOf(state.step, counters.loopMs),
    windows: prepared.draw.windows,
    seriesUsed: prepared.seriesUsed,
    seriesSkipped: task.panel.ids.length - prepared.seriesUsed,
    layout: prepared.layout,
  };
}

function rateOf(steps: number, ms: number): number {
  return (steps * 1000) / Math.max(ms, 1);
}

function allFinite(parameters: ParameterValues): boolean {
  return Object.values(parameters).every(({ data }) => data.every(Number.isFinite));
}

const zero: Counters = {
  attempt: 0,
  lossSum: 0,
  lossSteps: 0,
  trainLoss: null,
  validationLoss: null,
  bestLoss: null,
  bestTrainLoss: null,
  bestStep: 0,
  worse: 0,
  loopMs: 0,
  totalMs: 0,
};
