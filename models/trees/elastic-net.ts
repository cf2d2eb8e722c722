/**
 * Elastic net: a linear model whose coefficients are kept small, and those that matter little at 0.
 *
 * Zou, Hastie: "Regularization and Variable Selection via the Elastic Net", JRSS B 67 (2005). Minimises
 *   1/(2 W) sum_r w_r (y_r - b . z_r)^2 + lambda ((1 - alpha)/2 |b|^2 + alpha sum_k |b_k|)
 * by coordinate descent along a path of penalties (Friedman, Hastie, Tibshirani 2010).
 *
 * z_r [terms] standardised terms of row r, as for ridge; y_r its standardised target; w_r its weight, W their sum; b the
 * coefficients, lambda the penalty, alpha the share of its absolute part: 1 is the lasso, 0 is ridge.
 */
import { z } from 'zod';
import { createLinearFit, loadLinearFit } from '../linear/linear-fit.ts';
import { normalEquations, prepareLinear } from '../linear/normal-equations.ts';
import { chooseOnPath, solveAt } from '../linear/penalty-path.ts';
import type { TabularModel } from '../model.ts';

const hyperparameters = z.strictObject({
  penalty: z
    .number()
    .min(0)
    .max(1e6)
    .default(0)
    .describe(
      'What coefficients cost, for a target of deviation 1; 0 takes the best of a path of penalties by the held-out rows, or by the BIC if there are none',
    ),
  l1Share: z
    .number()
    .min(0)
    .max(1)
    .default(0.5)
    .describe('Share of the penalty that is on absolute values: 1 is the lasso, 0 is ridge'),
});

/** Mean and standard deviation; sums are taken of quotients, since those of the values may overflow. */
function measure(
  target: Float64Array,
  weights: Float64Array,
  total: number,
): { mean: number; deviation: number } {
  const mean = target.reduce((sum, value, r) => sum + value * (weights[r]! / total), 0);
  const unit = target.reduce((most, value) => Math.max(most, Math.abs(value - mean)), 0);
  // Rounding in the mean of a constant is no variation.
  if (unit <= 1e-12 * Math.abs(mean)) return { mean, deviation: 0 };
  const square = target.reduce(
    (sum, value, r) => sum + ((value - mean) / unit) ** 2 * (weights[r]! / total),
    0,
  );
  return { mean, deviation: unit * Math.sqrt(square) };
}

/** Linear regression that leaves out what it does not need. */
export const elasticNet: TabularModel<z.infer<typeof hyperparameters>> = {
  name: 'elastic-net',
  family: 'linear',
  summary: 'Linear regression on lags and other columns that leaves out those of little use',
  source: 'Zou and Hastie 2005, Elastic Net, JRSS B 67; Friedman et al. 2010, JSS 33',
  hyperparameters,
  searchSpace: { l1Share: { kind: 'choice', values: [0.1, 0.5, 0.9, 1] } },
  targets: ['value'],
  fit(task, { penalty, l1Share }) {
    const { table, target } = task;
    const prepared = prepareLinear(task);
    const { terms, weights, total } = prepared;
    const { mean, deviation } = measure(target, weights, total);
    const scale = deviation > 0 ? deviation : 1;
    const standardised = target.map((value) => (deviation > 0 ? (value - mean) / scale : 0));
    const { matrix, right } = normalEquations(table, prepared, standardised);
    const count = terms.length;
    const gram = matrix.map((_, i) => {
      const [row, column] = [Math.floor(i / count), i % count];
      return matrix[Math.max(row, column) * count + Math.min(row, column)]! / total;
    });
    const products = { gram, right: right.map((value) => value / total) };
    const problem = { products, l1Share, prepared, task, mean, scale };
    const found = penalty > 0 ? solveAt(problem, penalty) : chooseOnPath(problem);
    return createLinearFit({
      columns: table.columns.map(({ name }) => name),
      terms: [...terms],
      coefficients: Array.from(found, (value) => value * scale),
      intercept: mean,
    });
  },
  load: loadLinearFit,
};
