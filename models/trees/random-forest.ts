/**
 * Random forest: deep trees that each see other rows and other columns, averaged (Breiman 2001).
 *
 * f(x) is the mean over trees of the mean target of the leaf that x falls into; for classes the mean share of each class,
 * whose indicators are learned by squared loss, which for two classes is the Gini criterion.
 */
import { z } from 'zod';
import { bag } from '../boosting/bag.ts';
import { MAXIMUM_BINS } from '../boosting/column-bins.ts';
import { createForestFit, loadForestFit } from '../boosting/forest-fit.ts';
import { logistic, softmax, squared } from '../boosting/losses.ts';
import type { TabularModel } from '../model.ts';

const hyperparameters = z.strictObject({
  trees: z.number().int().min(1).max(10_000).default(100).describe('trees that are averaged'),
  leaves: z.number().int().min(2).max(65_536).default(512).describe('most leaves of a tree'),
  maximumDepth: z
    .number()
    .int()
    .min(0)
    .max(64)
    .default(0)
    .describe('most splits on the way to a leaf, 0 for no limit'),
  minimumRows: z.number().int().min(1).default(5).describe('fewest rows of a leaf'),
  columnFraction: z
    .number()
    .gt(0)
    .max(1)
    .default(0.34)
    .describe('share of the columns that is offered at each split'),
  bins: z.number().int().min(2).max(MAXIMUM_BINS).default(255).describe('most bins of a column'),
  categorySmoothing: z
    .number()
    .min(0)
    .default(10)
    .describe('rows that a category has to outweigh before its mean counts'),
});

/** Hard to break, little to tune. */
export const randomForest: TabularModel<z.infer<typeof hyperparameters>> = {
  name: 'random-forest',
  family: 'trees',
  summary: 'Deep trees over resampled rows and columns, averaged',
  source: 'Breiman 2001, Random Forests, Machine Learning 45',
  hyperparameters,
  searchSpace: {
    leaves: { kind: 'choice', values: [128, 256, 512, 1024] },
    minimumRows: { kind: 'choice', values: [1, 2, 5, 10, 20] },
    columnFraction: { kind: 'uniform', low: 0.2, high: 0.8 },
  },
  targets: ['value', 'class'],
  fit(task, settings) {
    const { classes } = task;
    const { problem } =
      classes === undefined ? squared : classes === 2 ? logistic : softmax(classes);
    const rules = { ...settings, minimumHessian: 0, minimumGain: 0, l1: 0, l2: 0 };
    const { forest, start } = bag(task, rules, problem);
    const columns = task.table.columns.map(({ name }) => name);
    const link = classes === undefined ? 'identity' : 'share';
    return createForestFit({ columns, forest, start, link });
  },
  load: loadForestFit,
};
