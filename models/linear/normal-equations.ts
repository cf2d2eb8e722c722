/** Normal equations: what the linear models learn from, checked, standardised and multiplied out. */
import type { Table } from '../../series/table.ts';
import { fail } from '../../state/errors.ts';
import type { TabularTask } from '../model.ts';
import { type Term, termsOf, termValues } from './terms.ts';

/** A task as terms of mean 0 and deviation 1. */
export interface LinearTask {
  readonly terms: readonly Term[];
  /** [rows]. */
  readonly weights: Float64Array;
  /** Sum of the weights. */
  readonly total: number;
}

/** Rows whose terms are laid out side by side at a time. */
const blockRows = 4096;

/** @throws TABLE_INVALID for a table without rows, infinite values, or targets or weights that cannot be learned from. */
export function prepareLinear({ table, target, weights, classes }: TabularTask): LinearTask {
  if (table.rows === 0) fail('TABLE_INVALID', { column: 'target', problem: 'there are no rows' });
  for (const { name, values } of table.columns) {
    if (values.some((value) => Math.abs(value) === Number.POSITIVE_INFINITY)) {
      fail('TABLE_INVALID', { column: name, problem: 'it has an infinite value' });
    }
  }
  const isClass = (y: number): boolean => Number.isInteger(y) && y >= 0 && y < classes!;
  const wrong = target.findIndex((y) => !(classes === undefined ? Number.isFinite(y) : isClass(y)));
  if (wrong !== -1) {
    const needed = classes === undefined ? 'finite numbers' : `classes 0 to ${classes - 1}`;
    const problem = `row ${wrong} holds ${target[wrong]} and targets are ${needed}`;
    fail('TABLE_INVALID', { column: 'target', problem });
  }
  const counted = weights ?? new Float64Array(table.rows).fill(1);
  const total = counted.reduce((sum, weight) => sum + (weight >= 0 ? weight : Number.NaN), 0);
  if (!(total > 0 && total < Number.POSITIVE_INFINITY)) {
    const problem = 'weights are finite, not negative, and one of them is above zero';
    fail('TABLE_INVALID', { column: 'weights', problem });
  }
  return { terms: termsOf(table, counted), weights: counted, total };
}

/** Values of `term` in the rows [from, to) of `table`. */
export function termRows({ columns }: Table, term: Term, from: number, to: number): Float64Array {
  const { values, ...column } = columns[term.column]!;
  return termValues({ ...column, values: values.subarray(from, to) }, term);
}

/** Z' w Z in the lower triangle [terms * terms], and Z' w y [terms] for the target y [rows]. */
export function normalEquations(
  table: Table,
  { terms, weights }: LinearTask,
  target: Float64Array,
): { matrix: Float64Array; right: Float64Array } {
  const count = terms.length;
  const matrix = new Float64Array(count * count);
  const right = new Float64Array(count);
  for (let from = 0; from < table.rows; from += blockRows) {
    const to = Math.min(table.rows, from + blockRows);
    const block = terms.map((term) => termRows(table, term, from, to));
    const weighted = block.map((term) => term.map((value, r) => value * weights[from + r]!));
    for (let i = 0; i < count; i++) {
      const left = weighted[i]!;
      for (let r = 0; r < left.length; r++) right[i]! += left[r]! * target[from + r]!;
      for (let j = 0; j <= i; j++) {
        const other = block[j]!;
        let sum = 0;
        for (let r = 0; r < left.length; r++) sum += left[r]! * other[r]!;
        matrix[i * count + j]! += sum;
      }
    }
  }
  return { matrix, right };
}
