/** Quantiles of weighted values. */

/**
 * A value v that minimises the weighted pinball loss of `level` over `values` [n]: the least with at least this share of
 * the weight at or below it, or the middle between it and the next where the share is met exactly. Found by selection
 * (Hoare 1961, Find), in time proportional to n.
 */
export function weightedQuantile(
  values: Float64Array,
  weights: Float64Array,
  level: number,
): number {
  const range = {
    values: values.slice(),
    weights: weights.slice(),
    equal: 0,
    greater: 0,
    weightBelow: 0,
    weightEqual: 0,
  };
  let total = 0;
  for (const weight of weights) total += weight;
  const wanted = level * total;
  const tolerance = 1e-12 * total;
  let [begin, end, below] = [0, values.length, 0];
  let pivot = Number.NaN;
  /** The least value at or after `end`. */
  let next = Number.NaN;
  while (begin < end) {
    pivot = middleOf(range.values, begin, end);
    divide(range, begin, end, pivot);
    const { equal, greater } = range;
    const upToLess = below + range.weightBelow;
    const upToEqual = upToLess + range.weightEqual;
    if (equal > begin && upToLess >= wanted - tolerance) {
      end = equal;
      next = pivot;
    } else if (upToEqual > wanted + tolerance) {
      return pivot;
    } else if (upToEqual >= wanted - tolerance) {
      const above = greater < end ? least(range.values, greater, end) : next;
      return Number.isNaN(above) ? pivot : pivot / 2 + above / 2;
    } else {
      begin = greater;
      below = upToEqual;
    }
  }
  return pivot;
}

/** What is left to search, and how it was divided. */
interface Range {
  readonly values: Float64Array;
  readonly weights: Float64Array;
  /** Where the values equal to the pivot, and those above it, begin. */
  equal: number;
  greater: number;
  weightBelow: number;
  weightEqual: number;
}

/** Brings values[begin, end) into the order less than, equal to and greater than `pivot`. */
function divide(range: Range, begin: number, end: number, pivot: number): void {
  const { values, weights } = range;
  let [equal, at, greater] = [begin, begin, end];
  let [weightBelow, weightEqual] = [0, 0];
  while (at < greater) {
    const value = values[at]!;
    const weight = weights[at]!;
    if (value < pivot) {
      weightBelow += weight;
      values[at] = values[equal]!;
      weights[at++] = weights[equal]!;
      values[equal] = value;
      weights[equal++] = weight;
    } else if (value > pivot) {
      greater--;
      values[at] = values[greater]!;
      weights[at] = weights[greater]!;
      values[greater] = value;
      weights[greater] = weight;
    } else {
      weightEqual += weight;
      at++;
    }
  }
  Object.assign(range, { equal, greater, weightBelow, weightEqual });
}

/** The median of the first, the middle and the last value. */
function middleOf(values: Float64Array, begin: number, end: number): number {
  const a = values[begin]!;
  const b = values[(begin + end) >> 1]!;
  const c = values[end - 1]!;
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
}

function least(values: Float64Array, begin: number, end: number): number {
  let smallest = values[begin]!;
  for (let i = begin; i < end; i++) smallest = Math.min(smallest, values[i]!);
  return smallest;
}
