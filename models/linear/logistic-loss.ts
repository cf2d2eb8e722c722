/** Logistic loss: the penalised log loss of linear scores, in variables whose second derivatives are of the order of 1. */
import { factorise, solveLower, solveTransposed } from '../../series/cholesky.ts';
import type { Table } from '../../series/table.ts';
import type { SmoothProblem } from '../numerics/quasi-newton.ts';
import { probabilitiesOf } from './class-fit.ts';
import { type LinearTask, normalEquations, termRows } from './normal-equations.ts';

/** What is minimised, and the way from its variables to coefficients. */
export interface LogisticProblem extends SmoothProblem {
  /** [outputs * (terms + 1)]: the variables, the intercept of each output before what belongs to its terms. */
  readonly start: Float64Array;
  /** Coefficients [terms] and intercept of one output at the variables x. */
  read(x: Float64Array, output: number): { coefficients: number[]; intercept: number };
}

/**
 * 1/W sum_r w_r (- log p(y_r | z_r)) + penalty/2 |b|^2 for `target` [rows] of classes, with one output for each class, or
 * one for the second of two. The coefficients of an output are b = L'^-1 u with L L' = Z'wZ / W + penalty I: of terms that
 * say much the same, the search then sees independent ones.
 */
export function logisticProblem(
  table: Table,
  task: LinearTask,
  target: Float64Array,
  penalty: number,
  intercepts: readonly number[],
): LogisticProblem {
  const { terms, weights, total } = task;
  const count = terms.length;
  const outputs = intercepts.length;
  const columns = terms.map((term) => termRows(table, term, 0, table.rows));
  const factor = normalEquations(table, task, new Float64Array(table.rows)).matrix;
  for (let i = 0; i < factor.length; i++) factor[i]! /= total;
  for (let k = 0; k < count; k++) factor[k * count + k]! += penalty;
  factorise(factor, count);
  const read: LogisticProblem['read'] = (x, output) => {
    const at = output * (count + 1);
    const coefficients = x.slice(at + 1, at + 1 + count);
    solveTransposed(factor, coefficients);
    return { coefficients: [...coefficients], intercept: x[at]! };
  };
  let found: { errors: Float64Array; coefficients: number[][] };
  const size = outputs * (count + 1);
  return {
    read,
    start: Float64Array.from({ length: size }, (_, i) =>
      i % (count + 1) === 0 ? intercepts[i / (count + 1)]! : 0,
    ),
    lower: new Float64Array(size).fill(Number.NEGATIVE_INFINITY),
    upper: new Float64Array(size).fill(Number.POSITIVE_INFINITY),
    value(x) {
      const equations = intercepts.map((_, output) => read(x, output));
      const scores = new Float64Array(table.rows * outputs);
      for (const [output, { coefficients, intercept }] of equations.entries()) {
        addScores(scores, columns, coefficients, intercept, output, outputs);
      }
      const loss = { sum: 0 };
      const errors = errorsOf(scores, target, weights, outputs, loss);
      found = { errors, coefficients: equations.map(({ coefficients }) => coefficients) };
      const squares = found.coefficients.flat().reduce((sum, b) => sum + b * b, 0);
      return loss.sum / total + (penalty / 2) * squares;
    },
    gradient(into) {
      for (let output = 0; output < outputs; output++) {
        const own = found.coefficients[output]!;
        const slopes = Float64Array.from(columns, (column, k) => {
          let sum = 0;
          for (let r = 0; r < column.length; r++) {
            sum += column[r]! * found.errors[r * outputs + output]!;
          }
          return sum / total + penalty * own[k]!;
        });
        solveLower(factor, slopes);
        let sum = 0;
        for (let r = 0; r < table.rows; r++) sum += found.errors[r * outputs + output]!;
        into[output * (count + 1)] = sum / total;
        into.set(slopes, output * (count + 1) + 1);
      }
    },
  };
}

function addScores(
  scores: Float64Array,
  columns: readonly Float64Array[],
  coefficients: readonly number[],
  intercept: number,
  output: number,
  outputs: number,
): void {
  for (let r = output; r < scores.length; r += outputs) scores[r] = intercept;
  for (const [k, column] of columns.entries()) {
    const coefficient = coefficients[k]!;
    for (let r = 0; r < column.length; r++) {
      scores[r * outputs + output]! += coefficient * column[r]!;
    }
  }
}

/** w_r (p - 1 if it is the class, else p) [rows * outputs]; adds w_r (- log p of the class) to `loss`. */
function errorsOf(
  scores: Float64Array,
  target: Float64Array,
  weights: Float64Array,
  outputs: number,
  loss: { sum: number },
): Float64Array {
  const shares = probabilitiesOf(scores, outputs);
  const classes = Math.max(2, outputs);
  const errors = new Float64Array(scores.length);
  for (let r = 0; r < target.length; r++) {
    const weight = weights[r]!;
    loss.sum += weight * minusLogShare(scores, r, target[r]!, outputs);
    for (let output = 0; output < outputs; output++) {
      const stands = outputs === 1 ? 1 : output;
      const share = shares[r * classes + stands]!;
      errors[r * outputs + output] = weight * (share - (target[r] === stands ? 1 : 0));
    }
  }
  return errors;
}

/** log(sum_k exp(s_k)) - s_class, from scores and not from shares, whose logarithm would be lost to rounding. */
function minusLogShare(scores: Float64Array, r: number, own: number, outputs: number): number {
  if (outputs === 1) {
    const margin = own === 1 ? scores[r]! : -scores[r]!;
    return margin > 0 ? Math.log1p(Math.exp(-margin)) : Math.log1p(Math.exp(margin)) - margin;
  }
  const at = r * outputs;
  let top = Number.NEGATIVE_INFINITY;
  for (let k = 0; k < outputs; k++) top = Math.max(top, scores[at + k]!);
  let sum = 0;
  for (let k = 0; k < outputs; k++) sum += Math.exp(scores[at + k]! - top);
  return Math.log(sum) + top - scores[at + own]!;
}
