/** Training sets: what a forest is grown from, checked, cut into bins and brought to a size that arithmetic can bear. */
import { fail } from '../../state/errors.ts';
import type { TabularTask } from '../model.ts';
import { type BinnedTable, binTable, cutTable } from './binned-table.ts';
import type { Loss } from './losses.ts';

/** Rows with their targets. */
export interface Examples {
  /** With room in its memory for the scores of each output, and to learn from for their derivatives too. */
  readonly data: BinnedTable;
  readonly target: Float64Array;
  readonly weights: Float64Array;
}

/** A checked and prepared task. */
export interface TrainingSet {
  readonly learned: Examples;
  readonly validation: Examples | undefined;
  /** What the targets were divided by, a power of two; predictions are multiplied by it. */
  readonly scale: number;
  /** Whether each row of `learned` has weight 1. */
  readonly isUnweighted: boolean;
}

/** @throws TABLE_INVALID for a table without rows, or targets or weights that cannot be learned from. */
export function prepareTraining(task: TabularTask, loss: Loss, maximumBins: number): TrainingSet {
  const { table, validation } = task;
  if (table.rows === 0) fail('TABLE_INVALID', { column: 'target', problem: 'there are no rows' });
  const binning = cutTable(table, maximumBins, task.seed);
  const scale = loss.isHomogeneous ? powerOfTwoNear(task.target) : 1;
  const examples = (
    part: Pick<TabularTask, 'table' | 'target' | 'weights'>,
    arrays: number,
  ): Examples => {
    const weights = part.weights ?? new Float64Array(part.table.rows).fill(1);
    check(part.target, weights, loss);
    return {
      data: binTable(part.table, binning, arrays),
      target: scale === 1 ? part.target : part.target.map((y) => y / scale),
      weights,
    };
  };
  const learned = examples(task, 3 * loss.outputs);
  return {
    learned,
    validation:
      validation && validation.table.rows > 0 ? examples(validation, loss.outputs) : undefined,
    scale,
    isUnweighted: learned.weights.every((weight) => weight === 1),
  };
}

function check(target: Float64Array, weights: Float64Array, loss: Loss): void {
  for (let row = 0; row < target.length; row++) {
    const y = target[row]!;
    const problem = Number.isFinite(y) ? loss.problem(y) : 'it has to be a finite number';
    if (problem === undefined) continue;
    fail('TABLE_INVALID', { column: 'target', problem: `row ${row} holds ${y}; ${problem}` });
  }
  let total = 0;
  for (const weight of weights) total += weight >= 0 ? weight : Number.NaN;
  if (!(total > 0 && total < Number.POSITIVE_INFINITY)) {
    const problem = 'weights are finite, not negative, and one of them is above zero';
    fail('TABLE_INVALID', { column: 'weights', problem });
  }
}

/** 1, unless squares of the values could leave the range of a double. */
function powerOfTwoNear(values: Float64Array): number {
  let largest = 0;
  for (const value of values) largest = Math.max(largest, Math.abs(value));
  const exponent = Math.floor(Math.log2(largest));
  return largest === 0 || Math.abs(exponent) <= 100 ? 1 : 2 ** Math.max(exponent, -1022);
}
