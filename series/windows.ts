/** Which windows a training may draw: counted and located, never materialised. */
import { assert } from '../state/errors.ts';
import { type Panel, seriesLength } from './panel.ts';

/** All windows of `lookBack + horizon` consecutive observations of one series, before its last `stepsFromEnd`. */
export interface WindowIndex {
  /** Number of windows, over all series. */
  readonly count: number;
  /** Number of series that have at least one window. */
  readonly seriesCount: number;
  /** Window `k` in [0, count): its series and its start in the flat `y` column. */
  locate(k: number): { series: number; start: number };
  /** Flat start positions of the windows `ks`, as the int64 that a Gather takes. */
  startsOf(ks: ArrayLike<number>): BigInt64Array;
  /** Series numbers of the windows `ks`, as int64. */
  seriesOf(ks: ArrayLike<number>): BigInt64Array;
}

/** Memory is one number per series, whatever the number of windows. */
export function createWindowIndex(
  panel: Panel,
  lookBack: number,
  horizon: number,
  stepsFromEnd: number,
): WindowIndex {
  assert(lookBack >= 0 && horizon >= 0 && lookBack + horizon >= 1, 'a window has observations');
  assert(stepsFromEnd >= 0, 'stepsFromEnd is not negative');
  const series = panel.ids.length;
  // Exact up to 2^53 windows. [series + 1]
  const before = new Float64Array(series + 1);
  let seriesCount = 0;
  for (let i = 0; i < series; i++) {
    const windows = seriesLength(panel, i) - stepsFromEnd - lookBack - horizon + 1;
    before[i + 1] = before[i]! + Math.max(0, windows);
    if (windows > 0) seriesCount++;
  }
  const count = before[series]!;

  const seriesAt = (k: number): number => {
    assert(k >= 0 && k < count, `window ${k} of ${count}`);
    let low = 0;
    let high = series;
    // The greatest i with before[i] <= k; series without windows are passed over, as their next entry is equal.
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (before[middle]! <= k) low = middle;
      else high = middle;
    }
    return low;
  };
  const startAt = (k: number): number => {
    const i = seriesAt(k);
    return panel.offsets[i]! + (k - before[i]!);
  };
  const mapped = (ks: ArrayLike<number>, of: (k: number) => number): BigInt64Array => {
    const result = new BigInt64Array(ks.length);
    for (let j = 0; j < ks.length; j++) result[j] = BigInt(of(ks[j]!));
    return result;
  };
  return {
    count,
    seriesCount,
    locate: (k) => ({ series: seriesAt(k), start: startAt(k) }),
    startsOf: (ks) => mapped(ks, startAt),
    seriesOf: (ks) => mapped(ks, seriesAt),
  };
}
