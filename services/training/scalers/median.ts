/** Median of look-backs inside the graph, by bisection, in elementwise operations that every device has. */
import type { Expression } from '../../../tensor/expression.ts';
import { add, cast, greater, less, mul, reduceSum, sub, where } from '../../../tensor/functions.ts';
import { minimumOf, missingMark, only } from '../masked.ts';
import { momentsOf } from './standard.ts';

/** Halvings of an interval that is two deviations wide at first. */
const halvings = 16;

/**
 * Lower median [..., 1] of the observed entries of the last axis: the smallest that at least half of them do not exceed.
 * It lies at most one standard deviation from the mean (Hotelling and Solomons 1932); a bisection narrows (below, above],
 * which holds it, and the smallest entry there is the result: exact, or less than 1e-4 deviations off.
 */
export function medianOf(values: Expression, observed?: Expression): Expression {
  const candidates = only(values, observed, missingMark);
  const length = values.shape.at(-1) as number;
  const half = observed === undefined ? length / 2 : mul(reduceSum(observed, -1, true), 0.5);
  const countUpTo = (bound: Expression): Expression =>
    sub(length, reduceSum(cast(greater(candidates, bound), 'float32'), -1, true));
  const { mean, deviation } = momentsOf({ window: values, ...(observed && { observed }) });
  const reach = mul(deviation, 1.01); // a little more, as both are rounded
  let below = sub(mean, reach);
  let above = add(mean, reach);
  for (let k = 0; k < halvings; k++) {
    const middle = add(mul(below, 0.5), mul(above, 0.5));
    const tooFew = less(countUpTo(middle), half);
    below = where(tooFew, middle, below);
    above = where(tooFew, above, middle);
  }
  const inside = minimumOf(where(greater(candidates, below), candidates, missingMark));
  // Where the values hardly differ, rounding may have lost the interval.
  const smallest = minimumOf(values, observed);
  return where(less(countUpTo(smallest), half), inside, smallest);
}
