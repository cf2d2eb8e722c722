/**
 * Logistic regression: class probabilities whose logarithms differ by a linear function, its coefficients kept small.
 *
 * Cox: "The Regression Analysis of Binary Sequences", JRSS B 20 (1958); for several classes McFadden (1974). Minimises
 *   - 1/W sum_r w_r log p(y_r | z_r) + lambda/2 |b|^2, p(k | z) = exp(a_k + b_k . z) / sum_l exp(a_l + b_l . z),
 * for two classes with the scores of the second alone, the first being 0.
 *
 * z_r [terms] standardised terms of row r, as for ridge; y_r its class; w_r its weight, W their sum; a_k, b_k intercept and
 * coefficients of class k, lambda the penalty, which also keeps classes that can be told apart perfectly from certainty.
 */
import { z } from 'zod';
import { createClassFit, loadClassFit } from '../linear/class-fit.ts';
import { logisticProblem } from '../linear/logistic-loss.ts';
import { prepareLinear } from '../linear/normal-equations.ts';
import type { TabularModel } from '../model.ts';
import { descend } from '../numerics/quasi-newton.ts';
import { fail } from '../../state/errors.ts';

const hyperparameters = z.strictObject({
  penalty: z
    .number()
    .min(1e-8)
    .max(1e6)
    .default(0.01)
    .describe('What a squared coefficient costs, against twice the mean log loss'),
});

const limits = { tolerance: 1e-13, maxIterations: 500 };

/** Linear classes. */
export const logisticRegression: TabularModel<z.infer<typeof hyperparameters>> = {
  name: 'logistic-regression',
  family: 'linear',
  summary: 'Class probabilities from a linear score, its coefficients kept small',
  source: 'Cox 1958, The Regression Analysis of Binary Sequences, JRSS B 20',
  hyperparameters,
  searchSpace: { penalty: { kind: 'log-uniform', low: 1e-5, high: 1 } },
  targets: ['class'],
  fit(task, { penalty }) {
    const { table, target, classes } = task;
    if (classes === undefined || classes < 2) {
      return fail('TABLE_INVALID', {
        column: 'target',
        problem: 'it has no classes to tell apart',
      });
    }
    const prepared = prepareLinear(task);
    const { terms, weights, total } = prepared;
    // A class that does not occur has half a row, so that its intercept is finite.
    const logarithms = Array.from({ length: classes }, (_, k) => {
      const weight = target.reduce((sum, y, r) => sum + (y === k ? weights[r]! : 0), 0);
      return Math.log(Math.max(weight / total, 0.5 / (table.rows + 1)));
    });
    const intercepts = classes === 2 ? [logarithms[1]! - logarithms[0]!] : logarithms;
    const problem = logisticProblem(table, prepared, target, penalty, intercepts);
    const x = problem.start.slice();
    const present = new Set(target.filter((_, r) => weights[r]! > 0));
    if (present.size > 1) {
      const absent = (output: number): boolean => classes > 2 && !present.has(output);
      for (const [i, value] of x.entries()) {
        if (absent(Math.floor(i / (terms.length + 1)))) problem.lower[i] = problem.upper[i] = value;
      }
      descend(problem, x, limits);
    }
    const found = intercepts.map((_, output) => problem.read(x, output));
    return createClassFit({
      columns: table.columns.map(({ name }) => name),
      terms: [...terms],
      coefficients: found.map(({ coefficients }) => coefficients),
      intercepts: found.map(({ intercept }) => intercept),
    });
  },
  load: loadClassFit,
};
