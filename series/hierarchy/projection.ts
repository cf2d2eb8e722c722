/** Reconciliation by projection: the least change of the base forecasts, by their errors' covariance, that makes them add up. */
import { factorise, solveFactored } from '../cholesky.ts';
import type { ErrorCovariance } from './covariance.ts';
import { type Hierarchy, incoherence, parentOf, sumUp } from './hierarchy.ts';

/** Makes the forecasts [series] of one step add up, in place. */
export type Reconciler = (values: Float64Array) => void;

/**
 * The reconciler y~ = y - W C' (C W C')^-1 C y, where C y is what the aggregates lie above their sums (Wickramasuriya,
 * Athanasopoulos, Hyndman 2019, equation 8): only a system as large as there are aggregates is solved, once. Aggregates are
 * then added up, so that nothing but the rounding of a sum is left. Undefined where the system is singular.
 */
export function projectionReconciler(
  hierarchy: Hierarchy,
  covariance: ErrorCovariance,
): Reconciler | undefined {
  const { bottom, ids, levels } = hierarchy;
  const { diagonal, shared } = covariance;
  const gaps = shared && gapsOf(hierarchy, shared);
  const factor = gapCovariance(hierarchy, covariance, gaps);
  if (!factorise(factor, ids.length)) return undefined;
  return (values) => {
    const forces = solveFactored(factor, incoherence(hierarchy, values));
    for (let b = 0; b < bottom; b++) {
      let force = 0;
      for (let l = 0; l < levels.length; l++) force += forces[parentOf(hierarchy, l, b)]!;
      values[b]! += diagonal[b]! * force;
    }
    if (shared && gaps) {
      const { rows, errors, weight } = shared;
      const width = bottom + ids.length;
      for (let t = 0; t < rows; t++) {
        let along = 0;
        for (let a = 0; a < ids.length; a++) along += gaps[t * ids.length + a]! * forces[a]!;
        along *= weight;
        for (let b = 0; b < bottom; b++) values[b]! -= errors[t * width + b]! * along;
      }
    }
    sumUp(hierarchy, values);
  };
}

/** E C' [rows * aggregates]: what the aggregates' errors lie above the sums of the bottom series' errors. */
function gapsOf(
  hierarchy: Hierarchy,
  { rows, errors }: NonNullable<ErrorCovariance['shared']>,
): Float64Array {
  const count = hierarchy.ids.length;
  const width = hierarchy.bottom + count;
  const gaps = new Float64Array(rows * count);
  for (let t = 0; t < rows; t++) {
    gaps.set(incoherence(hierarchy, errors.subarray(t * width, (t + 1) * width)), t * count);
  }
  return gaps;
}

/** The lower triangle of C W C' [aggregates * aggregates]. */
function gapCovariance(
  hierarchy: Hierarchy,
  { diagonal, shared }: ErrorCovariance,
  gaps: Float64Array | undefined,
): Float64Array {
  const { bottom, ids, levels } = hierarchy;
  const n = ids.length;
  const matrix = new Float64Array(n * n);
  for (let a = 0; a < n; a++) matrix[a * n + a] = diagonal[bottom + a]!;
  for (let b = 0; b < bottom; b++) {
    for (let l = 0; l < levels.length; l++) {
      const row = parentOf(hierarchy, l, b) * n;
      // Aggregates are numbered by level, so these are the columns of the lower triangle.
      for (let m = 0; m <= l; m++) matrix[row + parentOf(hierarchy, m, b)]! += diagonal[b]!;
    }
  }
  if (shared === undefined || gaps === undefined) return matrix;
  for (let t = 0; t < shared.rows; t++) {
    const gap = gaps.subarray(t * n, (t + 1) * n);
    for (let i = 0; i < n; i++) {
      const scaled = shared.weight * gap[i]!;
      if (scaled === 0) continue;
      for (let j = 0; j <= i; j++) matrix[i * n + j]! += scaled * gap[j]!;
    }
  }
  return matrix;
}
