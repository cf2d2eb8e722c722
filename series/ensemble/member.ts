/** Members: models beside each other by their residuals on validation folds, and what an average of them errs. */
import { assert } from '../../state/errors.ts';

/** One member's residuals, actual minus forecast in units of the series' scale, all in the same order; NaN where it made no forecast. */
export interface Member {
  readonly name: string;
  readonly residuals: Float64Array;
}

/** How residuals [fold][series][horizon] are laid out. */
export interface ResidualShape {
  readonly folds: number;
  readonly series: number;
  readonly horizon: number;
}

/** Rows of residuals, a row being one series at one origin, that weights are found on or judged by. */
export interface ResidualSample {
  readonly names: readonly string[];
  /** [rows * horizon] for each member. */
  readonly residuals: readonly Float64Array[];
  /** [rows * horizon]: what is served where no member has a forecast; never NaN where one of them is not. */
  readonly fallback: Float64Array;
  readonly horizon: number;
  /** [rows] */
  readonly series: Uint32Array;
  /** [rows] */
  readonly fold: Uint32Array;
}

/** How the forecasts of members become one. */
export type CombinationRule = 'average' | 'median' | 'trimmed-mean';

/** What an ensemble is: found on validation folds, applied to forecasts. A member of weight 0 takes no part. */
export interface EnsembleWeights {
  /** Name of the method that found them. */
  readonly method: string;
  readonly rule: CombinationRule;
  readonly members: readonly string[];
  /** [members], adding up to 1. */
  readonly weights: Float64Array;
  /** [series * members], adding up to 1 in each series: these hold in place of `weights` where given. */
  readonly perSeries?: Float64Array;
}

/** All rows of `members`, laid out as `shape` says, without copying. Holes are filled as `fallback` forecasts, else as the members err on average. */
export function sampleOf(
  members: readonly Member[],
  shape: ResidualShape,
  fallback?: Float64Array,
): ResidualSample {
  const { folds, series, horizon } = shape;
  const rows = folds * series;
  for (const { residuals, name } of members) {
    assert(residuals.length === rows * horizon, `${name} has residuals [folds * series * horizon]`);
  }
  const residuals = members.map((member) => member.residuals);
  return {
    names: members.map(({ name }) => name),
    residuals,
    fallback: filled(residuals, fallback, rows * horizon),
    horizon,
    series: Uint32Array.from({ length: rows }, (_, row) => row % series),
    fold: Uint32Array.from({ length: rows }, (_, row) => Math.floor(row / series)),
  };
}

function filled(
  residuals: readonly Float64Array[],
  fallback: Float64Array | undefined,
  length: number,
): Float64Array {
  return Float64Array.from({ length }, (_, k) => {
    const given = fallback?.[k];
    if (given !== undefined && !Number.isNaN(given)) return given;
    let sum = 0;
    let count = 0;
    for (const member of residuals) {
      if (Number.isNaN(member[k]!)) continue;
      sum += Math.abs(member[k]!);
      count += 1;
    }
    return sum / count;
  });
}

/** The rows of `sample` that `keep` says, in their order. */
export function takeRows(
  sample: ResidualSample,
  keep: (row: number, series: number, fold: number) => boolean,
): ResidualSample {
  const { horizon } = sample;
  const rows = [...sample.series.keys()].filter((row) =>
    keep(row, sample.series[row]!, sample.fold[row]!),
  );
  const take = (from: Float64Array): Float64Array => {
    const taken = new Float64Array(rows.length * horizon);
    for (const [at, row] of rows.entries()) {
      taken.set(from.subarray(row * horizon, (row + 1) * horizon), at * horizon);
    }
    return taken;
  };
  return {
    ...sample,
    residuals: sample.residuals.map(take),
    fallback: take(sample.fallback),
    series: Uint32Array.from(rows, (row) => sample.series[row]!),
    fold: Uint32Array.from(rows, (row) => sample.fold[row]!),
  };
}

/** `sample` with whole series left out evenly, so that about `enough` residuals stay; as it is, if it has no more. */
export function thinned(sample: ResidualSample, enough: number): ResidualSample {
  const stride = Math.ceil(sample.fallback.length / enough);
  return stride <= 1 ? sample : takeRows(sample, (_, series) => series % stride === 0);
}

/** Shares [members] in one series. */
export function sharesOf(
  { weights, perSeries, members }: EnsembleWeights,
  series: number,
): Float64Array {
  return perSeries?.subarray(series * members.length, (series + 1) * members.length) ?? weights;
}

/**
 * Residuals [rows * horizon] of the forecasts combined by `weights`: residuals of an average are the average of residuals,
 * and likewise for a median. Where a member is NaN the others share its weight; NaN where none is left.
 */
export function combineResiduals(sample: ResidualSample, weights: EnsembleWeights): Float64Array {
  const { horizon, residuals } = sample;
  const combined = new Float64Array(sample.fallback.length);
  const present = new Float64Array(residuals.length);
  for (let row = 0; row < sample.series.length; row++) {
    const shares = sharesOf(weights, sample.series[row]!);
    for (let k = row * horizon; k < (row + 1) * horizon; k++) {
      combined[k] = combineAt(residuals, k, shares, weights.rule, present);
    }
  }
  return combined;
}

/**
 * The value at `k` of what `values` of the members combine to; NaN values take no part, NaN if none is left.
 * `present` [members] is scratch.
 */
export function combineAt(
  values: readonly Float64Array[],
  k: number,
  shares: Float64Array,
  rule: CombinationRule,
  present: Float64Array,
): number {
  if (rule !== 'average') {
    let count = 0;
    for (let m = 0; m < values.length; m++) {
      if (shares[m]! > 0 && !Number.isNaN(values[m]![k]!)) present[count++] = values[m]![k]!;
    }
    return middle(present.subarray(0, count).sort(), rule);
  }
  let sum = 0;
  let total = 0;
  for (let m = 0; m < values.length; m++) {
    const value = values[m]![k]!;
    if (shares[m]! > 0 && !Number.isNaN(value)) {
      sum += shares[m]! * value;
      total += shares[m]!;
    }
  }
  return total > 0 ? sum / total : Number.NaN;
}

/** Mean of the rising values that are left without a quarter at each end, or, for the median, without all but the middle. */
function middle(sorted: Float64Array, rule: 'median' | 'trimmed-mean'): number {
  const n = sorted.length;
  if (n === 0) return Number.NaN;
  const cut = rule === 'median' ? Math.ceil(n / 2) - 1 : Math.floor(n / 4);
  let sum = 0;
  for (let at = cut; at < n - cut; at++) sum += sorted[at]!;
  return sum / (n - 2 * cut);
}

/** Mean absolute residual of `residuals` of the sample's rows, which is a MASE but for series without a scale; NaN of nothing. */
export function meanAbsolute(sample: ResidualSample, residuals: Float64Array): number {
  let sum = 0;
  let count = 0;
  for (let k = 0; k < residuals.length; k++) {
    const size = Math.abs(Number.isNaN(residuals[k]!) ? sample.fallback[k]! : residuals[k]!);
    if (Number.isNaN(size)) continue;
    sum += size;
    count += 1;
  }
  return count > 0 ? sum / count : Number.NaN;
}

/** Mean absolute residual of the combined forecasts. */
export function combinedError(sample: ResidualSample, weights: EnsembleWeights): number {
  return meanAbsolute(sample, combineResiduals(sample, weights));
}

/** Mean absolute residual [members] of each member alone. */
export function memberErrors(sample: ResidualSample): Float64Array {
  return Float64Array.from(sample.residuals, (residuals) => meanAbsolute(sample, residuals));
}

/** The weights of `member` alone. */
export function memberAlone(names: readonly string[], member: number): EnsembleWeights {
  const weights = new Float64Array(names.length);
  weights[member] = 1;
  return { method: 'best-member', rule: 'average', members: names, weights };
}

/** Names of the members that have a weight, for all series or for one of them. */
export function weightedMembers({ members, weights, perSeries }: EnsembleWeights): string[] {
  const isWeighted = (m: number): boolean => {
    if (weights[m]! > 0) return true;
    for (let at = m; at < (perSeries?.length ?? 0); at += members.length) {
      if (perSeries![at]! > 0) return true;
    }
    return false;
  };
  return members.filter((_, m) => isWeighted(m));
}

/** The share of each member that has one, over all series: its average where each series has its own. */
export function sharesOverall(
  weights: EnsembleWeights,
): { readonly model: string; readonly weight: number }[] {
  const { members, perSeries } = weights;
  const average = Float64Array.from(members, (_, m) => {
    if (perSeries === undefined) return weights.weights[m]!;
    let sum = 0;
    for (let at = m; at < perSeries.length; at += members.length) sum += perSeries[at]!;
    return (sum * members.length) / perSeries.length;
  });
  return members
    .map((model, m) => ({ model, weight: average[m]! }))
    .filter(({ weight }) => weight > 0);
}
