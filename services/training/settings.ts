/** Settings of a training: ranges, defaults and search space; help and validation derive from the schema. */
import { z } from 'zod';
import { candidateSeasons } from '../../series/frequency.ts';
import type { SearchSpace } from '../../models/model.ts';
import type { FoldPlan } from '../../series/folds.ts';
import { type Panel, seriesLength } from '../../series/panel.ts';

export const trainingSettingsSchema = z.strictObject({
  lookBack: z.int().min(1).max(100_000).describe('Length of the input window in steps'),
  learningRate: z
    .number()
    .positive()
    .max(1)
    .default(0.005)
    .describe('Learning rate of Adam at the first step'),
  batchSize: z.int().min(1).max(65_536).default(256).describe('Windows in one optimiser step'),
  maxSteps: z.int().min(1).max(10_000_000).default(2000).describe('Most optimiser steps'),
  validateEvery: z
    .int()
    .min(1)
    .max(1_000_000)
    .default(100)
    .describe('Steps between two validations'),
  patience: z
    .int()
    .min(0)
    .max(1_000_000)
    .default(10)
    .describe('Validations without a new best after which training stops; 0 never stops early'),
  loss: z
    .enum(['mae', 'mse', 'huber'])
    .default('mae')
    .describe('What is minimised, in scaled units'),
  scaler: z
    .enum(['window', 'none'])
    .default('window')
    .describe(
      'window: each look-back is shifted by its mean and divided by its standard deviation; none: values as given',
    ),
  learningRateDecay: z
    .int()
    .min(0)
    .max(30)
    .default(3)
    .describe('How often the learning rate is halved, at equal distances over the most steps'),
});
/** Settings of one training; flat, so that a search may draw them. */
export type TrainingSettings = z.infer<typeof trainingSettingsSchema>;

/** What a search space depends on: the panel as the network will see it, and how it is cut. */
export interface SearchedData {
  readonly panel: Panel;
  readonly plan: FoldPlan;
  /** Season length in steps, 1 if none. */
  readonly season: number;
}

/** Share of the usable series that may be too short for the longest look-back. */
const shortShare = 0.1;

/**
 * Look-backs worth trying, rising: multiples of the horizon and of the season that still fit the training parts of all
 * but the shortest tenth of the usable series; the longest look-back that fits if no multiple does. Never empty.
 */
export function lookBackCandidates({ panel, plan, season }: SearchedData): number[] {
  const { horizon, trainStepsFromEnd } = plan;
  const shortest = horizon + Math.min(2 * horizon, Math.max(4, season));
  const lengths = Float64Array.from(
    panel.ids,
    (_, i) => seriesLength(panel, i) - trainStepsFromEnd,
  );
  const usable = lengths.filter((length) => length >= shortest).sort();
  const bound =
    usable[Math.floor(shortShare * usable.length)] ?? lengths.reduce((a, b) => Math.max(a, b), 0);
  const longest = Math.max(1, bound - horizon);
  const multiples = [1, 2, 3, 4, 5, 7].flatMap((factor) =>
    season > 1 ? [factor * horizon, factor * season] : [factor * horizon],
  );
  const fitting = [...new Set(multiples)].filter((steps) => steps >= 2 && steps <= longest);
  return fitting.length > 0 ? fitting.sort((a, b) => a - b) : [longest];
}

/**
 * The look-back to begin with: the shortest candidate that spans three horizons, two seasons and the longest season of the
 * frequency's calendar (the week of hourly data) that fits twice into the longest candidate; else the longest.
 */
export function defaultLookBack(data: SearchedData): number {
  const candidates = lookBackCandidates(data);
  const longest = candidates.at(-1)!;
  const calendar = candidateSeasons(data.panel.frequency).filter((steps) => 2 * steps <= longest);
  const spans = [3 * data.plan.horizon, ...(data.season > 1 ? [2 * data.season, ...calendar] : [])];
  return candidates.find((steps) => steps >= Math.max(...spans)) ?? longest;
}

/** How a random search draws training settings for a panel; what it leaves out keeps its default. */
export function trainingSearchSpace(data: SearchedData): SearchSpace {
  return {
    lookBack: { kind: 'choice', values: lookBackCandidates(data) },
    learningRate: { kind: 'log-uniform', low: 3e-4, high: 2e-2 },
    batchSize: { kind: 'choice', values: [64, 256, 1024] },
  };
}

/** Learning rate of step `step` (from 0): halved `learningRateDecay` times, at equal distances over `maxSteps`. */
export function learningRateAt(settings: TrainingSettings, step: number): number {
  const { learningRate, learningRateDecay, maxSteps } = settings;
  const halvings = Math.floor((step * (learningRateDecay + 1)) / maxSteps);
  return learningRate * 0.5 ** Math.min(halvings, learningRateDecay);
}
