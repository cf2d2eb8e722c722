/**
 * Croston's method (1972, "Forecasting and stock control for intermittent demands"): the size of a demand and the interval
 * between two demands are averaged exponentially, each when there is a demand, and the forecast is their ratio.
 */
import { bestWeight, lastAverage } from './exponential-average.ts';
import type { IntermittentFit } from './fit-intermittent.ts';

/** How the two averages are made, and what their ratio is multiplied by. */
export interface CrostonOptions {
  /** Weight of both averages. */
  readonly alpha: number;
  /** Whether each average has the weight of the least squared errors in 0.1..0.3 instead. */
  readonly optimised: boolean;
  /** Factor of the forecast, given the weight of the interval's average. */
  readonly factor: (alpha: number) => number;
}

/** Sizes of the demands (values that are not 0) and the steps since the one before, the first counted from the start. */
export function splitDemand(values: Float64Array): {
  sizes: Float64Array;
  intervals: Float64Array;
} {
  const sizes = values.filter((value) => value !== 0);
  const intervals = new Float64Array(sizes.length);
  let before = -1;
  let k = 0;
  for (let t = 0; t < values.length; t++) {
    if (values[t] === 0) continue;
    intervals[k++] = t - before;
    before = t;
  }
  return { sizes, intervals };
}

/** Croston's method for a series with a demand; before its first one nothing is forecast. */
export function fitCroston(values: Float64Array, options: CrostonOptions): IntermittentFit {
  const { sizes, intervals } = splitDemand(values);
  const sizeWeight = options.optimised ? bestWeight(sizes) : options.alpha;
  const intervalWeight = options.optimised ? bestWeight(intervals) : options.alpha;
  const factor = options.factor(intervalWeight);
  const size = lastAverage(sizes, sizeWeight);
  const interval = lastAverage(intervals, intervalWeight);
  return {
    forecast: (factor * size) / interval,
    parameters: { sizeWeight, intervalWeight, interval },
    start: intervals[0]!,
    paths: () => crostonPaths(values, sizeWeight, intervalWeight, factor),
  };
}

function crostonPaths(
  values: Float64Array,
  sizeWeight: number,
  intervalWeight: number,
  factor: number,
) {
  const n = values.length;
  const fitted = new Float64Array(n);
  const sizePath = new Float64Array(n);
  const intervalPath = new Float64Array(n);
  let size = 0;
  let interval = 0;
  let before = -1;
  for (let t = 0; t < n; t++) {
    sizePath[t] = size;
    intervalPath[t] = interval;
    fitted[t] = interval > 0 ? (factor * size) / interval : 0;
    const value = values[t]!;
    if (value === 0) continue;
    size = interval > 0 ? size + sizeWeight * (value - size) : value;
    interval = interval > 0 ? interval + intervalWeight * (t - before - interval) : t - before;
    before = t;
  }
  return { fitted, size: sizePath, interval: intervalPath };
}
