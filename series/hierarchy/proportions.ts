/** Reconciliation from above: forecasts of one level are split among the series below it, and all others added up. */
import { type Hierarchy, parentOf, sumUp } from './hierarchy.ts';
import type { Reconciler } from './projection.ts';

/** Bottom series as they were, all ending at the same time; `history(b)` [observations]. */
export type Histories = (b: number) => Float64Array;

/** Splits every aggregate of `level` among its bottom series by fixed `shares` [bottom], which add up to 1 in each. */
export function sharesReconciler(
  hierarchy: Hierarchy,
  shares: Float64Array,
  level = 0,
): Reconciler {
  const { bottom } = hierarchy;
  return (values) => {
    for (let b = 0; b < bottom; b++) {
      values[b] = values[bottom + parentOf(hierarchy, level, b)]! * shares[b]!;
    }
    sumUp(hierarchy, values);
  };
}

/**
 * Average historical proportions (Gross and Sohl 1990, method A): the mean of what a bottom series was of its aggregate of
 * `level`, over all times at which that was not 0. A series counts as 0 before its first observation.
 */
export function averageProportions(
  hierarchy: Hierarchy,
  histories: Histories,
  level = 0,
): Float64Array {
  const sums = sumsOfLevel(hierarchy, histories, level);
  const shares = new Float64Array(hierarchy.bottom);
  for (let b = 0; b < hierarchy.bottom; b++) {
    const sum = sums.get(parentOf(hierarchy, level, b))!;
    const history = histories(b);
    const skip = sum.length - history.length;
    for (let t = 0; t < history.length; t++) {
      if (sum[skip + t] !== 0) shares[b]! += history[t]! / sum[skip + t]!;
    }
  }
  // All series of an aggregate are averaged over the same times, so that their number cancels out.
  return normalised(hierarchy, shares, level);
}

/** Proportions of historical averages (Gross and Sohl 1990, method F), over the same times. */
export function proportionsOfAverages(
  hierarchy: Hierarchy,
  histories: Histories,
  level = 0,
): Float64Array {
  const totals = Float64Array.from({ length: hierarchy.bottom }, (_, b) =>
    histories(b).reduce((sum, value) => sum + value, 0),
  );
  return normalised(hierarchy, totals, level);
}

/** Sums of each aggregate of `level` over the times of its longest series. */
function sumsOfLevel(
  hierarchy: Hierarchy,
  histories: Histories,
  level: number,
): Map<number, Float64Array> {
  const lengths = new Map<number, number>();
  for (let b = 0; b < hierarchy.bottom; b++) {
    const parent = parentOf(hierarchy, level, b);
    lengths.set(parent, Math.max(lengths.get(parent) ?? 0, histories(b).length));
  }
  const sums = new Map([...lengths].map(([parent, length]) => [parent, new Float64Array(length)]));
  for (let b = 0; b < hierarchy.bottom; b++) {
    const sum = sums.get(parentOf(hierarchy, level, b))!;
    const history = histories(b);
    const skip = sum.length - history.length;
    for (let t = 0; t < history.length; t++) sum[skip + t]! += history[t]!;
  }
  return sums;
}

/** `values` [bottom] as shares of their sums at `level`. */
function normalised(hierarchy: Hierarchy, values: Float64Array, level: number): Float64Array {
  const one = new Float64Array(hierarchy.ids.length).fill(1);
  return spread(values, one, (b) => parentOf(hierarchy, level, b));
}

/** Splits `amounts` among children in the proportions of `parts`; equally where these cancel out. */
function spread(
  parts: Float64Array,
  amounts: Float64Array,
  parentOfChild: (child: number) => number,
): Float64Array {
  const sums = new Float64Array(amounts.length);
  const sizes = new Float64Array(amounts.length);
  const counts = new Uint32Array(amounts.length);
  for (let child = 0; child < parts.length; child++) {
    const parent = parentOfChild(child);
    sums[parent]! += parts[child]!;
    sizes[parent]! += Math.abs(parts[child]!);
    counts[parent]! += 1;
  }
  return parts.map((part, child) => {
    const parent = parentOfChild(child);
    const cancels = Math.abs(sums[parent]!) <= 1e-12 * sizes[parent]!;
    return amounts[parent]! * (cancels ? 1 / counts[parent]! : part / sums[parent]!);
  });
}

/**
 * Forecast proportions (Athanasopoulos, Ahmed, Hyndman 2009): from `level` downwards, through every level that refines the
 * one above it, a forecast is split as the base forecasts below it stand to each other. From 0 it is top-down, from a level
 * in between it is middle-out.
 */
export function forecastProportionsReconciler(hierarchy: Hierarchy, level = 0): Reconciler {
  const { bottom, levels } = hierarchy;
  const chain = refiningLevels(hierarchy, level);
  return (values) => {
    const base = values.slice(bottom);
    let amounts = base;
    for (const [k, l] of chain.entries()) {
      if (k === 0) continue;
      const { from, to } = levels[l]!;
      const above = parentsBetween(hierarchy, chain[k - 1]!, l);
      const split = spread(base.subarray(from, to), amounts, (child) => above[child]!);
      amounts = new Float64Array(base.length);
      amounts.set(split, from);
    }
    const last = chain.at(-1)!;
    values.set(spread(values.slice(0, bottom), amounts, (b) => parentOf(hierarchy, last, b)));
    sumUp(hierarchy, values);
  };
}

/** `level` and those behind it that each lie wholly within the one before. */
function refiningLevels(hierarchy: Hierarchy, level: number): number[] {
  const chain = [level];
  for (let l = level + 1; l < hierarchy.levels.length; l++) {
    if (isWithin(hierarchy, l, chain.at(-1)!)) chain.push(l);
  }
  return chain;
}

function isWithin(hierarchy: Hierarchy, fine: number, coarse: number): boolean {
  const above = parentsBetween(hierarchy, coarse, fine);
  const { from } = hierarchy.levels[fine]!;
  for (let b = 0; b < hierarchy.bottom; b++) {
    const child = parentOf(hierarchy, fine, b) - from;
    if (above[child] !== parentOf(hierarchy, coarse, b)) return false;
  }
  return true;
}

/** The aggregate of level `coarse` that each aggregate of level `fine` lies in, if it lies in one. */
function parentsBetween(hierarchy: Hierarchy, coarse: number, fine: number): Uint32Array {
  const { from, to } = hierarchy.levels[fine]!;
  const above = new Uint32Array(to - from);
  for (let b = 0; b < hierarchy.bottom; b++) {
    above[parentOf(hierarchy, fine, b) - from] = parentOf(hierarchy, coarse, b);
  }
  return above;
}
