/** Median of look-backs inside the graph, by bisection, in elementwise operations that every device has. */
import type { Expression } from '../../../tensor/expression.ts';
import { add, cast, greater, less, mul, reduceSum, where } from '../../../tensor/functions.ts';
import { maximumOf, minimumOf, missingMark, only } from '../masked.ts';

/** Halvings; after so many the interval is down to the precision of float32. */
const halvings = 24;

/**
 * Lower median [..., 1] of the observed entries of the last axis: the smallest that at least half of them do not exceed.
 * A bisection narrows (below, above], which holds it, and its smallest entry is the result.
 */
export function medianOf(values: Expression, observed?: Expression): Expression {
  const candidates = only(values, observed, missingMark);
  const half =
    observed === undefined
      ? (values.shape.at(-1) as number) / 2
      : mul(reduceSum(observed, -1, true), 0.5);
  const largest = maximumOf(values, observed);
  const smallest = minimumOf(values, observed);
  let above = largest;
  let below = smallest;
  const beyond = (bound: Expression): Expression => cast(greater(candidates, bound), 'float32');
  const length = values.shape.at(-1) as number;
  for (let k = 0; k < halvings; k++) {
    const middle = add(mul(below, 0.5), mul(above, 0.5));
    const upTo = add(mul(reduceSum(beyond(middle), -1, true), -1), length);
    const tooFew = less(upTo, half);
    below = where(tooFew, middle, below);
    above = where(tooFew, above, middle);
  }
  // The smallest entry itself lies outside the interval where it is the median.
  const upToSmallest = add(mul(reduceSum(beyond(smallest), -1, true), -1), length);
  const inside = minimumOf(where(greater(candidates, below), candidates, missingMark));
  return where(less(upToSmallest, half), inside, smallest);
}
