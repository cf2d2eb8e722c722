/** Fold residuals: what intervals are calibrated on, fold by fold, and the score that variants are compared by. */
import type { ResidualShape } from '../ensemble/member.ts';
import { conformalOffsets } from './offsets.ts';

/** Residuals and spread features of several folds, oldest first. */
export interface FoldResiduals extends ResidualShape {
  /** [fold][series][horizon], actual minus forecast in units of the series' scale; NaN where absent. */
  readonly residuals: Float64Array;
  /** [fold][series][features]; may be empty. */
  readonly features: Float64Array;
}

/** Residuals that variants are compared on. */
const enoughToJudge = 100_000;
/** Levels whose central intervals, 95 % and 80 %, the score takes. */
export const judgedLevels = [0.025, 0.1, 0.9, 0.975] as const;

/** All parts one after the other. */
export function concatenated(...parts: readonly Float64Array[]): Float64Array {
  const whole = new Float64Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Values [series * width] of one fold of `values` [fold][series][width]. */
export function foldOf(
  { series, horizon }: FoldResiduals,
  values: Float64Array,
  fold: number,
): Float64Array {
  return values.subarray(fold * series * horizon, (fold + 1) * series * horizon);
}

/** Values of the folds that `keep` says, in their order. */
export function takeFolds(
  folds: FoldResiduals,
  values: Float64Array,
  keep: (fold: number) => boolean,
): Float64Array {
  const kept = Array.from({ length: folds.folds }, (_, fold) => fold).filter(keep);
  return concatenated(...kept.map((fold) => foldOf(folds, values, fold)));
}

/** Offsets at the judged levels. */
export function offsetsOf(residuals: Float64Array, { horizon }: FoldResiduals): Float64Array {
  return conformalOffsets(residuals, horizon, judgedLevels);
}

/** All folds with so many of the series only as leave enough residuals in `like`, which decides which ones. */
export function thinned(folds: FoldResiduals, like = folds): FoldResiduals {
  const stride = Math.ceil(like.residuals.length / enoughToJudge);
  if (stride <= 1) return folds;
  const series = Math.ceil(folds.series / stride);
  const pick = (values: Float64Array, width: number): Float64Array => {
    const picked = new Float64Array(width === 0 ? 0 : folds.folds * series * width);
    for (let row = 0; row * width < picked.length; row++) {
      const from = Math.floor(row / series) * folds.series + (row % series) * stride;
      picked.set(values.subarray(from * width, (from + 1) * width), row * width);
    }
    return picked;
  };
  const width = folds.features.length / (folds.folds * folds.series);
  return {
    ...folds,
    series,
    residuals: pick(folds.residuals, folds.horizon),
    features: pick(folds.features, width),
  };
}

/**
 * Sum of the interval scores of the central 80 % and 95 % intervals, in units of the series' scale, mean over `residuals`
 * [series * horizon]; 0 of nothing.
 */
export function intervalScore(
  residuals: Float64Array,
  offsets: Float64Array,
  horizon: number,
  spreads?: Float64Array,
): number {
  let sum = 0;
  let count = 0;
  for (let k = 0; k < residuals.length; k++) {
    const residual = residuals[k]!;
    if (Number.isNaN(residual)) continue;
    const spread = spreads?.[Math.floor(k / horizon)] ?? 1;
    const at = (k % horizon) * judgedLevels.length;
    for (const [low, high, alpha] of [
      [0, 3, 0.05],
      [1, 2, 0.2],
    ] as const) {
      const lower = spread * offsets[at + low]!;
      const upper = spread * offsets[at + high]!;
      const outside = Math.max(0, lower - residual) + Math.max(0, residual - upper);
      sum += upper - lower + (2 / alpha) * outside;
    }
    count += 1;
  }
  return count === 0 ? 0 : sum / count;
}
