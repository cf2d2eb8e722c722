/** Exponential averages that begin with the first value: what intermittent-demand methods smooth sizes and intervals with. */
import { minimiseOnLine } from '../numerics/line-search.ts';

/** Range in which the literature on intermittent demand looks for a weight (Syntetos and Boylan 2005). */
const usual = { lower: 0.1, upper: 0.3 };

/** a[1] = x[1], a[t] = alpha x[t] + (1 - alpha) a[t-1]; the last of them. */
export function lastAverage(values: Float64Array, alpha: number): number {
  let average = values[0]!;
  for (let t = 1; t < values.length; t++) average += alpha * (values[t]! - average);
  return average;
}

/** The weight in 0.1..0.3 by which the averages, taken as forecasts of the next value, have the least squared errors. */
export function bestWeight(values: Float64Array): number {
  const squares = (alpha: number): number => {
    let average = values[0]!;
    let sum = 0;
    for (let t = 1; t < values.length; t++) {
      const error = values[t]! - average;
      sum += error * error;
      average += alpha * error;
    }
    return sum;
  };
  // The squared errors of so narrow a range have one valley.
  return minimiseOnLine(squares, { ...usual, grid: 3, tolerance: 1e-5 });
}
