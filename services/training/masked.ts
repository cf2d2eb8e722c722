/** Figures over the last axis of arrays in which entries may be missing: `observed` is 1 where there is one, else 0. */
import type { Expression } from '../../tensor/expression.ts';
import {
  div,
  greater,
  less,
  maximum,
  mul,
  reduceMax,
  reduceMean,
  reduceMin,
  reduceSum,
  where,
} from '../../tensor/functions.ts';

/** Beyond every value of a float32 column; stands for a missing one, as not every device knows what is not a number. */
export const missingMark = 3e38;
/** Values at least this large are `missingMark`. */
export const missingFrom = 1e38;

/** Mean [..., 1] of the observed entries; 0 where there is none. */
export function meanOf(values: Expression, observed?: Expression): Expression {
  if (observed === undefined) return reduceMean(values, -1, true);
  const count = maximum(reduceSum(observed, -1, true), 1);
  return div(reduceSum(mul(values, observed), -1, true), count);
}

/** Largest observed entry [..., 1]; 0 where there is none. */
export function maximumOf(values: Expression, observed?: Expression): Expression {
  if (observed === undefined) return reduceMax(values, -1, true);
  const largest = reduceMax(only(values, observed, -missingMark), -1, true);
  return where(greater(largest, -missingFrom), largest, 0);
}

/** Smallest observed entry [..., 1]; 0 where there is none. */
export function minimumOf(values: Expression, observed?: Expression): Expression {
  if (observed === undefined) return reduceMin(values, -1, true);
  const smallest = reduceMin(only(values, observed, missingMark), -1, true);
  return where(less(smallest, missingFrom), smallest, 0);
}

/** `values` where observed, `other` elsewhere. */
export function only(values: Expression, observed: Expression | undefined, other: number) {
  return observed === undefined ? values : where(greater(observed, 0.5), values, other);
}
