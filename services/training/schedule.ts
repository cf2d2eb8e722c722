/** Schedules: the learning rate of each step, as a pure function of the settings and the step. */
import type { TrainingSettings } from './settings.ts';

/** The settings that decide the learning rate. */
export type ScheduleSettings = Pick<
  TrainingSettings,
  'learningRate' | 'learningRateDecay' | 'maxSteps' | 'schedule' | 'warmUp'
>;

/** What a schedule multiplies the learning rate with at a share (0..1, below 1) of all steps. */
type Schedule = (share: number, settings: ScheduleSettings) => number;

/** Half a cosine from `from` at 0 to `to` at 1. */
const cosine = (from: number, to: number, share: number): number =>
  to + ((from - to) * (1 + Math.cos(Math.PI * share))) / 2;

/** Smith and Topin 2019 (arXiv:1708.07120): what the learning rate begins and ends with, as parts of the highest. */
const cycleStart = 1 / 25;
const cycleEnd = cycleStart / 1e4;

/** The schedules by name. */
const schedules: Readonly<Record<TrainingSettings['schedule'], Schedule>> = {
  constant: () => 1,
  step: (share, { learningRateDecay }) =>
    0.5 ** Math.min(Math.floor(share * (learningRateDecay + 1)), learningRateDecay),
  // Loshchilov and Hutter 2017 (arXiv:1608.03983), without restarts, after a linear warm-up.
  cosine: (share, { warmUp, maxSteps }) =>
    share < warmUp
      ? (share + 1 / maxSteps) / (warmUp + 1 / maxSteps)
      : cosine(1, 0, (share - warmUp) / (1 - warmUp)),
  'one-cycle': (share, { warmUp }) =>
    share < warmUp
      ? cosine(cycleStart, 1, share / warmUp)
      : cosine(1, cycleEnd, (share - warmUp) / (1 - warmUp)),
};

/** Learning rate of step `step`, from 0. */
export function learningRateAt(settings: ScheduleSettings, step: number): number {
  const { learningRate, maxSteps, schedule } = settings;
  return learningRate * schedules[schedule](Math.min(step, maxSteps - 1) / maxSteps, settings);
}
