/** Spread: how far the forecasts of one series miss beside those of the others, learned from residuals of validation folds. */
import type { ResidualShape } from '../ensemble/member.ts';

/** Residuals and what was known of each series before them. */
export interface SpreadSample extends ResidualShape {
  /** [fold][series][horizon], actual minus forecast in units of the series' scale; NaN where absent. */
  readonly residuals: Float64Array;
  /** [fold][series][features], as of `spreadFeatures`; none if left out. */
  readonly features?: Float64Array;
}

/** What spreads are learned from. */
export interface SpreadOptions {
  readonly fromFeatures: boolean;
  readonly fromOwnResiduals: boolean;
}

/** A learned spread: a factor, about 1 on average, that the offsets of all series are multiplied by. */
export interface SpreadModel {
  /** For a series at an origin with these `features`, from all folds but `without`. */
  spreadOf(series: number, features: Float64Array | undefined, without?: number): number;
}

/** Spreads are held within these bounds: a factor beyond them is a fault of the data. */
const bounds = [0.05, 20] as const;
/** The ridge, as a share of one observation's weight for each row. */
const ridge = 0.02;

/** Logarithm of the mean residual size [fold][series] of each row, over the mean size of each step; NaN of nothing. */
export function logSizes({ residuals, folds, series, horizon }: SpreadSample): Float64Array {
  const steps = new Float64Array(horizon);
  const counts = new Float64Array(horizon);
  for (let k = 0; k < residuals.length; k++) {
    if (Number.isNaN(residuals[k]!)) continue;
    steps[k % horizon]! += Math.abs(residuals[k]!);
    counts[k % horizon]! += 1;
  }
  return Float64Array.from({ length: folds * series }, (_, row) => {
    let sum = 0;
    let count = 0;
    for (let h = 0; h < horizon; h++) {
      const size = Math.abs(residuals[row * horizon + h]!);
      if (Number.isNaN(size) || steps[h] === 0) continue;
      sum += (size * counts[h]!) / steps[h]!;
      count += 1;
    }
    // A forecast that hit exactly says no more than that it came close.
    return count === 0 ? Number.NaN : Math.log(Math.max(sum / count, 0.02));
  });
}

/**
 * Learns spreads: the logarithm of a row's mean residual size is regressed on its features (ridge), and what the regression
 * leaves of a series' own rows is taken as far as rows of one series resemble each other more than those of others
 * (empirical Bayes: the variance between series over the variance of a mean of its rows; Efron and Morris 1975).
 */
export function learnSpread(sample: SpreadSample, options: SpreadOptions): SpreadModel {
  const { folds, series } = sample;
  const sizes = logSizes(sample);
  const features = options.fromFeatures ? sample.features : undefined;
  const width = features === undefined ? 0 : features.length / (folds * series);
  const regression = regress(sizes, features ?? new Float64Array(0), width);
  const left = sizes.map((size, row) => {
    return size - regression(features?.subarray(row * width, (row + 1) * width));
  });
  const [between, within] = options.fromOwnResiduals ? variances(left, folds, series) : [0, 1];
  return {
    spreadOf(i, given, without) {
      let sum = 0;
      let count = 0;
      for (let f = 0; f < folds; f++) {
        const value = left[f * series + i]!;
        if (f === without || Number.isNaN(value)) continue;
        sum += value;
        count += 1;
      }
      const own = count === 0 || between === 0 ? 0 : (sum * between) / (count * between + within);
      const spread = Math.exp(own + regression(width === 0 ? undefined : given));
      return Math.min(bounds[1], Math.max(bounds[0], spread));
    },
  };
}

/** Variance of `values` [fold][series] between series, and within one; [0, 1] where no series has two. */
function variances(values: Float64Array, folds: number, series: number): [number, number] {
  let within = 0;
  let freedom = 0;
  let between = 0;
  let means = 0;
  let inverse = 0;
  for (let i = 0; i < series; i++) {
    const own: number[] = [];
    for (let f = 0; f < folds; f++) {
      const value = values[f * series + i]!;
      if (!Number.isNaN(value)) own.push(value);
    }
    if (own.length < 2) continue;
    const mean = own.reduce((sum, value) => sum + value, 0) / own.length;
    within += own.reduce((sum, value) => sum + (value - mean) ** 2, 0);
    freedom += own.length - 1;
    between += mean * mean;
    inverse += 1 / own.length;
    means += 1;
  }
  if (freedom === 0) return [0, 1];
  const noise = within / freedom;
  return [Math.max(0, between / means - (noise * inverse) / means), Math.max(noise, 1e-12)];
}

/** Ridge regression of `values` [rows] on `features` [rows * width], NaN rows left out; the prediction for given features. */
function regress(
  values: Float64Array,
  features: Float64Array,
  width: number,
): (given: Float64Array | undefined) => number {
  const size = width + 1;
  const normal = new Float64Array(size * size);
  const right = new Float64Array(size);
  const row = new Float64Array(size).fill(1);
  let rows = 0;
  for (let at = 0; at < values.length; at++) {
    if (Number.isNaN(values[at]!)) continue;
    row.set(features.subarray(at * width, (at + 1) * width), 1);
    for (let a = 0; a < size; a++) {
      right[a]! += row[a]! * values[at]!;
      for (let b = 0; b < size; b++) normal[a * size + b]! += row[a]! * row[b]!;
    }
    rows += 1;
  }
  for (let a = 1; a < size; a++) normal[a * size + a]! += 1 + ridge * rows;
  const slopes = rows === 0 ? new Float64Array(size) : solve(normal, right);
  return (given) => {
    let sum = slopes[0]!;
    for (let a = 1; a < size; a++) sum += slopes[a]! * given![a - 1]!;
    return sum;
  };
}

/** Solves the positive definite system [size * size] by elimination; both arguments are used up. */
function solve(matrix: Float64Array, right: Float64Array): Float64Array {
  const size = right.length;
  for (let pivot = 0; pivot < size; pivot++) {
    for (let below = pivot + 1; below < size; below++) {
      const factor = matrix[below * size + pivot]! / matrix[pivot * size + pivot]!;
      for (let k = pivot; k < size; k++) {
        matrix[below * size + k]! -= factor * matrix[pivot * size + k]!;
      }
      right[below]! -= factor * right[pivot]!;
    }
  }
  for (let a = size - 1; a >= 0; a--) {
    for (let k = a + 1; k < size; k++) right[a]! -= matrix[a * size + k]! * right[k]!;
    right[a]! /= matrix[a * size + a]!;
  }
  return right;
}
