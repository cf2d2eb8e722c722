/** Penalty path: the fits of an elastic net from the strongest penalty down, and the one that is chosen. */
import type { TabularTask } from '../model.ts';
import { descendCoordinates, greatestPenalty, type Products } from './coordinate-descent.ts';
import { type LinearTask, termRows } from './normal-equations.ts';

/** A standardised problem: the target has mean 0 and deviation 1. */
export interface PathProblem {
  readonly products: Products;
  readonly l1Share: number;
  readonly prepared: LinearTask;
  readonly task: TabularTask;
  /** What was taken off the target, and what it was then divided by. */
  readonly mean: number;
  readonly scale: number;
}

/** Penalties of the path, evenly spaced by their logarithm. */
const pathLength = 60;
/** The least against the greatest. */
const pathRatio = 1e-4;

/** The coefficients for one penalty. */
export function solveAt({ products, l1Share }: PathProblem, penalty: number): Float64Array {
  const coefficients = new Float64Array(products.right.length);
  descendCoordinates(products, coefficients, penalty, l1Share);
  return coefficients;
}

/**
 * The coefficients of the penalty with the least mean squared error on the task's validation rows; without such rows, with
 * the least Bayesian information criterion, in which as many parameters count as coefficients are not 0 (Zou, Hastie,
 * Tibshirani 2007, "On the degrees of freedom of the lasso", Annals of Statistics 35).
 */
export function chooseOnPath(problem: PathProblem): Float64Array {
  const { products, l1Share, task } = problem;
  const start = greatestPenalty(products, l1Share);
  const coefficients = new Float64Array(products.right.length);
  const criterion =
    task.validation && task.validation.table.rows > 0
      ? validationError(problem, task.validation)
      : informationCriterion(problem);
  let best = coefficients.slice();
  let least = criterion(best);
  if (start === 0) return best;
  for (let k = 1; k < pathLength; k++) {
    if (task.shouldStop?.()) break;
    descendCoordinates(
      products,
      coefficients,
      start * pathRatio ** (k / (pathLength - 1)),
      l1Share,
    );
    const found = criterion(coefficients);
    if (!(found < least)) continue;
    least = found;
    best = coefficients.slice();
  }
  return best;
}

function informationCriterion({ products, task }: PathProblem) {
  const { gram, right } = products;
  const count = right.length;
  const { rows } = task.table;
  return (coefficients: Float64Array): number => {
    let error = 1;
    let parameters = 0;
    for (let i = 0; i < count; i++) {
      const own = coefficients[i]!;
      if (own === 0) continue;
      parameters++;
      let sum = -2 * right[i]!;
      for (let j = 0; j < count; j++) sum += gram[i * count + j]! * coefficients[j]!;
      error += own * sum;
    }
    return rows * Math.log(Math.max(error, 1e-12)) + parameters * Math.log(rows);
  };
}

function validationError(
  { prepared, mean, scale }: PathProblem,
  { table, target, weights }: NonNullable<TabularTask['validation']>,
) {
  const columns = prepared.terms.map((term) => termRows(table, term, 0, table.rows));
  const wanted = target.map((value) => (value - mean) / scale);
  return (coefficients: Float64Array): number => {
    const rest = wanted.slice();
    for (const [k, column] of columns.entries()) {
      const own = coefficients[k]!;
      if (own !== 0) for (let r = 0; r < rest.length; r++) rest[r]! -= own * column[r]!;
    }
    return rest.reduce((sum, value, r) => sum + (weights?.[r] ?? 1) * value * value, 0);
  };
}
