/** Dependence: how far the series of one fold miss together, so that their many residuals say less than their number. */
import type { ResidualShape } from '../ensemble/member.ts';

/**
 * To what share (0..1) of its rows the residuals [fold][series][horizon] amount, if series of a fold go together: 1 over the
 * design effect 1 + (series - 1) * icc of cluster sampling, icc being the share of the variance of the rows' means that
 * lies between folds (Kish 1965, Survey Sampling, 5.4). 1 where fewer than three folds are known.
 */
export function independentShare(
  residuals: Float64Array,
  { folds, series, horizon }: ResidualShape,
): number {
  const clusters = Array.from({ length: folds }, (_, fold) =>
    rowMeans(residuals.subarray(fold * series * horizon, (fold + 1) * series * horizon), horizon),
  ).filter(({ length }) => length > 1);
  if (clusters.length < 3) return 1;
  const means = clusters.map(mean);
  const within = mean(clusters.map((values, k) => variance(values, means[k]!)));
  const rows = mean(clusters.map(({ length }) => length));
  const between = Math.max(0, variance(means, mean(means)) - within / rows);
  const correlation = between + within > 0 ? between / (between + within) : 0;
  return 1 / (1 + (rows - 1) * correlation);
}

/** Mean residual of each row that has one. */
function rowMeans(residuals: Float64Array, horizon: number): number[] {
  const means: number[] = [];
  for (let at = 0; at < residuals.length; at += horizon) {
    const known = residuals.subarray(at, at + horizon).filter((value) => !Number.isNaN(value));
    // Few series with far residuals would hide what all have in common.
    if (known.length > 0) means.push(Math.max(-10, Math.min(10, mean(known))));
  }
  return means;
}

function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let k = 0; k < values.length; k++) sum += values[k]!;
  return sum / values.length;
}

function variance(values: readonly number[], centre: number): number {
  return values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (values.length - 1);
}
