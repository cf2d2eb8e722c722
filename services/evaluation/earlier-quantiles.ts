/** Earlier quantiles: conformal quantiles of each window from the residuals of the windows that had ended before it began. */
import type { Fold } from '../../series/folds.ts';
import { offsetQuantiles } from './evaluation.ts';
import type { RowQuantiles } from './scoring.ts';

/**
 * `residuals` [window][series][horizon] in order of time, in units of each series' scale. A window without an earlier one
 * that ended before its origin has no quantiles; null where that is so of all.
 */
export function earlierQuantiles(
  residuals: Float64Array,
  horizon: number,
  windows: readonly Fold[],
): (levels: readonly number[]) => RowQuantiles | null {
  const width = residuals.length / windows.length;
  const knownBefore = windows.map(({ stepsFromEnd }) => {
    const ended = windows.filter((earlier) => earlier.stepsFromEnd - horizon >= stepsFromEnd);
    const known = residuals.subarray(0, ended.length * width);
    return known.some((residual) => !Number.isNaN(residual)) ? known : null;
  });
  return (levels) => {
    if (knownBefore.every((known) => known === null)) return null;
    const made = knownBefore.map((known) =>
      known === null ? null : offsetQuantiles(known, horizon, levels),
    );
    return (window, ...row) => made[window]?.(window, ...row) ?? null;
  };
}
