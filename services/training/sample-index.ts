/** Which samples a training may draw: counted and located, never materialised; only gaps cost memory of their own. */
import { assert } from '../../state/errors.ts';

/** All samples, numbered. */
export interface SampleIndex {
  readonly count: number;
  /** Series that have at least one. */
  readonly seriesCount: number;
  /** Start positions in the flat column of samples `ks`. */
  startsOf(ks: ArrayLike<number>): BigInt64Array;
}

/** One series as an index sees it. */
export interface IndexedSeries {
  /** Its start in the flat column. */
  readonly offset: number;
  /** Samples begin in [first, end), counted from `offset`. */
  readonly first: number;
  readonly end: number;
  /** Whether place k, counted from `offset`, holds a value; left out where all do. */
  readonly isObserved?: (k: number) => boolean;
}

/** Indexes the samples of all `series`; one without any observed value in its look-back, or in its horizon, is none. */
export function createSampleIndex(
  series: Iterable<IndexedSeries>,
  lookBack: number,
  horizon: number,
): SampleIndex {
  // Runs of neighbouring start positions, and how many samples come before each.
  const starts: number[] = [];
  const before: number[] = [0];
  let seriesCount = 0;
  for (const one of series) {
    const runs = starts.length;
    for (const [first, end] of runsOf(one, lookBack, horizon)) {
      starts.push(one.offset + first);
      before.push(before.at(-1)! + end - first);
    }
    if (starts.length > runs) seriesCount++;
  }
  const count = before.at(-1)!;
  const startOf = (k: number): number => {
    assert(k >= 0 && k < count, `sample ${k} of ${count}`);
    const run = lastAtMost(before, k);
    return starts[run]! + (k - before[run]!);
  };
  return {
    count,
    seriesCount,
    startsOf(ks) {
      const result = new BigInt64Array(ks.length);
      for (let j = 0; j < ks.length; j++) result[j] = BigInt(startOf(ks[j]!));
      return result;
    },
  };
}

/** The position of the last entry of the rising `bounds` that is at most `value`; the first entry is. */
export function lastAtMost(bounds: ArrayLike<number>, value: number): number {
  let low = 0;
  let high = bounds.length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (bounds[middle]! <= value) low = middle;
    else high = middle;
  }
  return low;
}

/** Ranges [first, end) of start positions whose look-back and horizon both hold a value. */
function* runsOf(
  { first, end, isObserved }: IndexedSeries,
  lookBack: number,
  horizon: number,
): Generator<readonly [number, number]> {
  if (isObserved === undefined) {
    if (end > first) yield [first, end];
    return;
  }
  const counted = (from: number, to: number): number => {
    let count = 0;
    for (let k = from; k < to; k++) if (isObserved(k)) count++;
    return count;
  };
  const one = (k: number): number => (isObserved(k) ? 1 : 0);
  let past = counted(first, first + lookBack);
  let ahead = counted(first + lookBack, first + lookBack + horizon);
  let from = first;
  for (let start = first; start < end; start++) {
    if (past === 0 || ahead === 0) {
      if (start > from) yield [from, start];
      from = start + 1;
    }
    if (start + 1 === end) break;
    past += one(start + lookBack) - one(start);
    ahead += one(start + lookBack + horizon) - one(start + lookBack);
  }
  if (end > from) yield [from, end];
}
