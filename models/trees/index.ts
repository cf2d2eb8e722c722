/** The learners of tables, in the order in which they are listed, documented and tried. */
import type { TabularModel } from '../model.ts';
import { elasticNet } from './elastic-net.ts';
import { gradientBoosting } from './gradient-boosting.ts';
import { logisticRegression } from './logistic-regression.ts';
import { randomForest } from './random-forest.ts';
import { ridge } from './ridge.ts';

/** Every tabular model; adding one here is all that help, validation and the conformance suite need. */
export const tabularModels: readonly TabularModel[] = [
  ridge,
  elasticNet,
  logisticRegression,
  gradientBoosting,
  randomForest,
];
