/**
 * Gradient boosting: many small trees, each correcting what those before it leave (Friedman 2001), grown leaf by leaf on
 * histograms (Ke et al. 2017, LightGBM).
 *
 * F_0 is the best constant, F_m(x) = F_{m-1}(x) + learning rate * tree_m(x), where tree_m fits the negative gradient of
 * the loss at F_{m-1} and the value of each of its leaves is a Newton step, -G / (H + l2).
 */
import { z } from 'zod';
import { boost } from '../boosting/boost.ts';
import { MAXIMUM_BINS } from '../boosting/column-bins.ts';
import { createForestFit, loadForestFit } from '../boosting/forest-fit.ts';
import {
  absolute,
  huber,
  logistic,
  type Loss,
  poisson,
  quantile,
  softmax,
  squared,
  tweedie,
} from '../boosting/losses.ts';
import type { TabularModel } from '../model.ts';

const hyperparameters = z.strictObject({
  loss: z
    .enum(['squared', 'absolute', 'huber', 'quantile', 'poisson', 'tweedie'])
    .default('squared')
    .describe('what is minimised for values; classes are learned by log loss'),
  quantile: z.number().gt(0).lt(1).default(0.5).describe('level, for the quantile loss'),
  huberDelta: z.number().positive().default(1).describe('where the huber loss becomes linear'),
  tweediePower: z.number().gt(1).lt(2).default(1.5).describe('power, for the tweedie loss'),
  rounds: z.number().int().min(1).max(100_000).default(200).describe('most trees per output'),
  learningRate: z.number().gt(0).max(1).default(0.1).describe('share of each step that is taken'),
  leaves: z.number().int().min(2).max(65_536).default(31).describe('most leaves of a tree'),
  maximumDepth: z
    .number()
    .int()
    .min(0)
    .max(64)
    .default(0)
    .describe('most splits on the way to a leaf, 0 for no limit'),
  minimumRows: z.number().int().min(1).default(20).describe('fewest rows of a leaf'),
  minimumHessian: z.number().min(0).default(1e-3).describe('least sum of hessians of a leaf'),
  minimumGain: z.number().min(0).default(0).describe('least gain of a split'),
  l1: z.number().min(0).default(0).describe('L1 penalty of leaf values'),
  l2: z.number().min(0).default(0).describe('L2 penalty of leaf values'),
  rowFraction: z.number().gt(0).max(1).default(1).describe('share of the rows for each tree'),
  columnFraction: z.number().gt(0).max(1).default(1).describe('share of the columns for each tree'),
  bins: z.number().int().min(2).max(MAXIMUM_BINS).default(255).describe('most bins of a column'),
  categorySmoothing: z
    .number()
    .min(0)
    .default(10)
    .describe('rows that a category has to outweigh before its mean counts'),
  patience: z
    .number()
    .int()
    .min(0)
    .default(50)
    .describe('rounds without a better validation loss before it stops, 0 for never'),
});
type GradientBoostingHyperparameters = z.infer<typeof hyperparameters>;

/** The workhorse for lagged values and other columns. */
export const gradientBoosting: TabularModel<GradientBoostingHyperparameters> = {
  name: 'gradient-boosting',
  family: 'trees',
  summary: 'Many small trees, each correcting those before it',
  source: 'Friedman 2001, Greedy Function Approximation; Ke et al. 2017, LightGBM, NeurIPS',
  hyperparameters,
  searchSpace: {
    learningRate: { kind: 'log-uniform', low: 0.01, high: 0.3 },
    leaves: { kind: 'choice', values: [7, 15, 31, 63, 127] },
    minimumRows: { kind: 'choice', values: [5, 10, 20, 50, 100] },
    l2: { kind: 'log-uniform', low: 1e-3, high: 10 },
    rowFraction: { kind: 'uniform', low: 0.5, high: 1 },
    columnFraction: { kind: 'uniform', low: 0.5, high: 1 },
  },
  targets: ['value', 'class'],
  fit(task, settings) {
    const loss = chooseLoss(settings, task.classes);
    const { forest, start } = boost(task, loss, settings);
    const columns = task.table.columns.map(({ name }) => name);
    return createForestFit({ columns, forest, start, link: loss.link });
  },
  load: loadForestFit,
};

function chooseLoss(settings: GradientBoostingHyperparameters, classes: number | undefined): Loss {
  if (classes !== undefined) return classes === 2 ? logistic : softmax(classes);
  const losses: Readonly<Record<GradientBoostingHyperparameters['loss'], () => Loss>> = {
    squared: () => squared,
    absolute: () => absolute,
    huber: () => huber(settings.huberDelta),
    quantile: () => quantile(settings.quantile),
    poisson: () => poisson,
    tweedie: () => tweedie(settings.tweediePower),
  };
  return losses[settings.loss]();
}
