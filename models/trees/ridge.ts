/**
 * Ridge regression: a linear model whose squared coefficients are kept small.
 *
 * Hoerl, Kennard: "Ridge Regression: Biased Estimation for Nonorthogonal Problems", Technometrics 12 (1970).
 * Minimises sum_r w_r (y_r - m - b . z_r)^2 + lambda W |b|^2, which (Z' w Z + lambda W I) b = Z' w (y - m) solves.
 *
 * z_r [terms] standardised terms of row r, w_r its weight, W the sum of the weights, m the mean target, b the coefficients,
 * lambda the penalty. A numeric column gives its standardised value, 0 where missing, and if some are missing a term that
 * says so; a categorical one gives a term for each code.
 */
import { z } from 'zod';
import { factorise, solveFactored } from '../../series/cholesky.ts';
import { createLinearFit, loadLinearFit } from '../linear/linear-fit.ts';
import { normalEquations, prepareLinear } from '../linear/normal-equations.ts';
import type { TabularModel } from '../model.ts';

const hyperparameters = z.strictObject({
  penalty: z
    .number()
    .min(0)
    .max(1e6)
    .default(0.001)
    .describe('What a squared coefficient costs, against the mean squared error'),
});

/** Linear regression with a penalty, solved in one go. */
export const ridge: TabularModel<z.infer<typeof hyperparameters>> = {
  name: 'ridge',
  family: 'linear',
  summary: 'Linear regression on lags and other columns, its coefficients kept small',
  source: 'Hoerl and Kennard 1970, Ridge Regression, Technometrics 12',
  hyperparameters,
  searchSpace: { penalty: { kind: 'log-uniform', low: 1e-5, high: 1 } },
  targets: ['value'],
  fit(task, { penalty }) {
    const { table, target } = task;
    const prepared = prepareLinear(task);
    const { terms, weights, total } = prepared;
    // Quotients are added up, since the sum of the targets may overflow.
    const mean = target.reduce((sum, value, r) => sum + value * (weights[r]! / total), 0);
    const centred = target.map((value) => value - mean);
    const { matrix, right } = normalEquations(table, prepared, centred);
    for (let k = 0; k < terms.length; k++) matrix[k * terms.length + k]! += penalty * total;
    factorise(matrix, terms.length);
    return createLinearFit({
      columns: table.columns.map(({ name }) => name),
      terms: [...terms],
      coefficients: [...solveFactored(matrix, right)],
      intercept: mean,
    });
  },
  load: loadLinearFit,
};
