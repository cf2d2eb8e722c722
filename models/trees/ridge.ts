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
import { assert, fail } from '../../state/errors.ts';
import { solvePositive } from '../linear/cholesky.ts';
import { createLinearFit, loadLinearFit } from '../linear/linear-fit.ts';
import { termsOf, termValues } from '../linear/terms.ts';
import type { TabularModel, TabularTask } from '../model.ts';

const hyperparameters = z.strictObject({
  penalty: z
    .number()
    .min(0)
    .max(1e6)
    .default(0.001)
    .describe('What a squared coefficient costs, against the mean squared error'),
});

/** Rows whose terms are laid out side by side at a time. */
const blockRows = 4096;

/** Z' w Z in the lower triangle [terms * terms], and Z' w (y - m) [terms]. */
function normalEquations(
  columns: readonly ((from: number, to: number) => Float64Array)[],
  centred: Float64Array,
  weights: Float64Array,
): { matrix: Float64Array; right: Float64Array } {
  const count = columns.length;
  const matrix = new Float64Array(count * count);
  const right = new Float64Array(count);
  for (let from = 0; from < centred.length; from += blockRows) {
    const to = Math.min(centred.length, from + blockRows);
    const terms = columns.map((column) => column(from, to));
    const weighted = terms.map((term) => term.map((value, r) => value * weights[from + r]!));
    for (let i = 0; i < count; i++) {
      const left = weighted[i]!;
      for (let r = 0; r < left.length; r++) right[i]! += left[r]! * centred[from + r]!;
      for (let j = 0; j <= i; j++) {
        const other = terms[j]!;
        let sum = 0;
        for (let r = 0; r < left.length; r++) sum += left[r]! * other[r]!;
        matrix[i * count + j]! += sum;
      }
    }
  }
  return { matrix, right };
}

function checkTable({ table, target }: TabularTask): void {
  assert(table.rows > 0 && target.length === table.rows, 'there is a target for each row');
  for (const { name, values } of table.columns) {
    if (values.some((value) => Math.abs(value) === Number.POSITIVE_INFINITY)) {
      fail('TABLE_INVALID', { column: name, problem: 'it has an infinite value' });
    }
  }
}

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
    checkTable(task);
    const { table, target, weights = new Float64Array(table.rows).fill(1) } = task;
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    // Quotients are added up, since the sum of the targets may overflow.
    const mean = target.reduce((sum, value, r) => sum + value * (weights[r]! / total), 0);
    const terms = termsOf(table, weights);
    const { matrix, right } = normalEquations(
      terms.map((term) => (from: number, to: number) => {
        const { values, ...column } = table.columns[term.column]!;
        return termValues({ ...column, values: values.subarray(from, to) }, term);
      }),
      target.map((value) => value - mean),
      weights,
    );
    for (let k = 0; k < terms.length; k++) matrix[k * terms.length + k]! += penalty * total;
    return createLinearFit({
      columns: table.columns.map(({ name }) => name),
      terms,
      coefficients: [...solvePositive(matrix, right)],
      intercept: mean,
    });
  },
  load: loadLinearFit,
};
