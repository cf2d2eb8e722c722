/** Settings of a training: ranges, defaults and search space; help and validation derive from the schema. */
import { z } from 'zod';
import { candidateSeasons } from '../../series/frequency.ts';
import type { SearchSpace } from '../../models/model.ts';
import type { FoldPlan } from '../../series/folds.ts';
import { type Panel, seriesLength } from '../../series/panel.ts';
import { assert } from '../../state/errors.ts';
import { losses } from './losses/index.ts';
import type { LossSettings } from './losses/loss.ts';
import { scalers } from './scalers/index.ts';

export const trainingSettingsSchema = z.strictObject({
  lookBack: z.int().min(1).max(100_000).describe('Length of the input window in steps'),
  learningRate: z
    .number()
    .positive()
    .max(1)
    .default(0.005)
    .describe('Highest learning rate; that of the first step but for a warm-up'),
  batchSize: z
    .int()
    .min(1)
    .max(65_536)
    .default(256)
    .describe(
      'Windows in one optimiser step; a sample of a multivariate model is as many as it has series',
    ),
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
  optimiser: z
    .enum(['adam', 'adamw'])
    .default('adam')
    .describe('adamw also shrinks weights (not biases) by weightDecay'),
  weightDecay: z
    .number()
    .min(0)
    .max(1)
    .default(0.01)
    .describe('With adamw: what a step shrinks weights by, per unit of learning rate'),
  clipNorm: z
    .number()
    .min(0)
    .max(1e6)
    .default(0)
    .describe('Longest gradient, over all weights together; 0 does not shorten any'),
  schedule: z
    .enum(['constant', 'step', 'cosine', 'one-cycle'])
    .default('step')
    .describe(
      'How the learning rate goes: constant; halved in steps; cosine to zero; up and down once',
    ),
  learningRateDecay: z
    .int()
    .min(0)
    .max(30)
    .default(3)
    .describe('With step: how often the rate is halved, at equal distances over the most steps'),
  warmUp: z
    .number()
    .min(0)
    .max(0.9)
    .default(0.1)
    .describe('With cosine and one-cycle: share of the most steps in which the rate rises'),
  loss: z
    .enum(namesOf(losses))
    .default('mae')
    .describe(
      'What is minimised, in scaled units; it also decides what a network gives for each step',
    ),
  quantile: z.number().gt(0).lt(1).default(0.5).describe('Level of the quantile loss'),
  quantiles: z
    .string()
    .refine((text) => levelsOf(text) !== undefined, 'must be rising levels between 0 and 1')
    .default('0.1,0.5,0.9')
    .describe('Levels of the multi-quantile loss, and of the quantiles of a likelihood'),
  season: z
    .int()
    .min(1)
    .max(100_000)
    .default(1)
    .describe('Season length in steps, for the mase loss'),
  scaler: z
    .preprocess((name) => (name === 'window' ? 'standard' : name), z.enum(namesOf(scalers)))
    .default('standard')
    .describe('How each look-back is scaled before the network sees it'),
  padShort: z
    .boolean()
    .default(true)
    .describe('Whether series shorter than one window take part, with empty places before them'),
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
 * The look-back to begin with: the shortest candidate that spans three horizons, two seasons and twice the longest season
 * of the frequency's calendar (the week of hourly data) that fits twice into the longest candidate; else the longest.
 * Chosen with the other defaults on the validation folds of eight data sets (bench/defaults.ts).
 */
export function defaultLookBack(data: SearchedData): number {
  const candidates = lookBackCandidates(data);
  const longest = candidates.at(-1)!;
  const calendar = candidateSeasons(data.panel.frequency).filter((steps) => 2 * steps <= longest);
  const seasons = data.season > 1 ? [data.season, ...calendar] : [];
  const span = Math.max(3 * data.plan.horizon, ...seasons.map((steps) => 2 * steps));
  return candidates.find((steps) => steps >= span) ?? longest;
}

/** How a random search draws training settings for a panel; what it leaves out keeps its default. */
export function trainingSearchSpace(data: SearchedData): SearchSpace {
  return {
    lookBack: { kind: 'choice', values: lookBackCandidates(data) },
    learningRate: { kind: 'log-uniform', low: 3e-4, high: 2e-2 },
    batchSize: { kind: 'choice', values: [64, 256, 1024] },
  };
}

/** Levels from a text such as '0.1,0.5,0.9'; undefined unless they rise and lie between 0 and 1. */
export function levelsOf(text: string): readonly number[] | undefined {
  const levels = text.split(',').map(Number);
  const rising = levels.every((level, i) => level > (levels[i - 1] ?? 0) && level < 1);
  return rising ? levels : undefined;
}

/** What a loss is told of the settings. */
export function lossSettingsOf({ quantile, quantiles, season }: TrainingSettings): LossSettings {
  const levels = levelsOf(quantiles);
  assert(levels, 'the schema has checked the levels');
  return { level: quantile, levels, season };
}

/** Names for an enumeration of the schema, the first being the default. */
function namesOf(entries: readonly { readonly name: string }[]): [string, ...string[]] {
  const [first, ...others] = entries.map(({ name }) => name);
  assert(first !== undefined, 'a list has an entry');
  return [first, ...others];
}
