/** Significance: whether the losses of forecasters differ by more than chance, for two of them or for many. */
import { assert } from '../state/errors.ts';
import { chiSquareTail, fTail, normalRangeQuantile, studentTwoSided } from './distributions.ts';
import { mean } from './statistics.ts';

type Values = ArrayLike<number>;

/** A test and how often chance alone would go as far. */
export interface TestResult {
  readonly statistic: number;
  /** 0..1 */
  readonly pValue: number;
}

/**
 * Whether two forecasters have the same expected loss: Diebold and Mariano (1995) with the correction for small samples and
 * Student's t of Harvey, Leybourne and Newbold (1997). `first` and `second` are losses in order of time, of forecasts
 * whose errors are correlated over fewer than `horizon` positions; pairs with a NaN are left out. The statistic is negative where
 * the first loses less. Where the autocovariances up to horizon - 1 add up to no positive variance, they are weighted as
 * Bartlett's kernel has it. NaN for fewer than horizon + 1 pairs or fewer than two; equal losses give 0 and 1.
 */
export function dieboldMariano(first: Values, second: Values, horizon: number): TestResult {
  assert(first.length === second.length, 'both have losses at the same times');
  assert(Number.isInteger(horizon) && horizon >= 1, 'horizon is a positive whole number');
  const differences = Float64Array.from(first, (loss, t) => loss - second[t]!).filter(
    (difference) => !Number.isNaN(difference),
  );
  const n = differences.length;
  if (n < 2 || n <= horizon) return { statistic: Number.NaN, pValue: Number.NaN };
  const centre = mean(differences);
  const rest = differences.map((difference) => difference - centre);
  const covariances = Array.from({ length: horizon }, (_, lag) => covariance(rest, lag));
  const plain = longRunVariance(covariances, () => 1);
  const longRun = plain > 0 ? plain : longRunVariance(covariances, (lag) => 1 - lag / horizon);
  if (centre === 0) return { statistic: 0, pValue: 1 };
  const correction = (n + 1 - 2 * horizon + (horizon * (horizon - 1)) / n) / n;
  const statistic = (centre / Math.sqrt(longRun / n)) * Math.sqrt(correction);
  return { statistic, pValue: studentTwoSided(statistic, n - 1) };
}

function covariance(rest: Float64Array, lag: number): number {
  let sum = 0;
  for (let t = lag; t < rest.length; t++) sum += rest[t]! * rest[t - lag]!;
  return sum / rest.length;
}

function longRunVariance(
  covariances: readonly number[],
  weightOf: (lag: number) => number,
): number {
  return covariances.reduce(
    (sum, value, lag) => sum + (lag === 0 ? value : 2 * weightOf(lag) * value),
    0,
  );
}

/** Many forecasters on many blocks, compared by their ranks within each block. */
export interface RankComparison {
  /** Blocks in which every forecaster has a loss; the others are left out. */
  readonly blocks: number;
  readonly skippedBlocks: number;
  /** Mean rank of each forecaster over the blocks, 1 being the least loss; ties share their ranks. */
  readonly averageRanks: readonly number[];
  /** Friedman's test that all are alike, with the correction for ties; chi-square. */
  readonly friedman: TestResult;
  /** The same by the sharper statistic of Iman and Davenport (1980); F. */
  readonly imanDavenport: TestResult;
  /** Average ranks farther apart than this differ significantly. */
  readonly criticalDifference: number;
  /** Largest sets of forecasters, by their positions in order of rank, within which no two differ. */
  readonly groups: readonly (readonly number[])[];
}

/**
 * Friedman's test and the critical difference of Nemenyi: q sqrt(k (k + 1) / (12 n)) for k forecasters, n blocks and the
 * quantile q of the studentised range at `significance` (Demsar 2006, section 3.2). Half of it to both sides of an average
 * rank is the interval of the multiple comparisons with the best in M4 (Koning, Franses, Hibon, Stekler 2005): intervals
 * that do not meet are ranks farther apart than the critical difference.
 * `losses` is [forecasters][blocks]; with fewer than two forecasters or two whole blocks all figures but the ranks are NaN
 * and all forecasters are one group.
 */
export function compareRanks(losses: readonly Values[], significance = 0.05): RankComparison {
  const k = losses.length;
  const given = losses[0]?.length ?? 0;
  assert(
    losses.every(({ length }) => length === given),
    'all forecasters have the same blocks',
  );
  const { sums, blocks, ties } = sumRanks(losses, given);
  const averageRanks = Array.from(sums, (sum) => (blocks === 0 ? Number.NaN : sum / blocks));
  const rest = { blocks, skippedBlocks: given - blocks, averageRanks };
  const order = averageRanks.map((_, i) => i).sort((a, b) => averageRanks[a]! - averageRanks[b]!);
  if (k < 2 || blocks < 2) {
    const none = { statistic: Number.NaN, pValue: Number.NaN };
    const groups = k === 0 ? [] : [order];
    return { ...rest, friedman: none, imanDavenport: none, criticalDifference: Number.NaN, groups };
  }
  const criticalDifference =
    normalRangeQuantile(significance, k) * Math.sqrt((k * (k + 1)) / (12 * blocks));
  return {
    ...rest,
    ...friedmanTests(averageRanks, blocks, ties),
    criticalDifference,
    groups: groupsWithin(order, averageRanks, criticalDifference),
  };
}

/** Rank sums over the blocks without a NaN, and the sum of t^3 - t over all sets of t tied losses. */
function sumRanks(losses: readonly Values[], given: number) {
  const k = losses.length;
  const sums = new Float64Array(k);
  const order = Array.from({ length: k }, (_, i) => i);
  let blocks = 0;
  let ties = 0;
  for (let b = 0; b < given; b++) {
    if (losses.some((values) => Number.isNaN(values[b]!))) continue;
    blocks++;
    const lossAt = (place: number): number => losses[order[place]!]![b]!;
    order.sort((first, second) => compare(losses[first]![b]!, losses[second]![b]!));
    for (let from = 0; from < k; ) {
      let to = from + 1;
      while (to < k && lossAt(to) === lossAt(from)) to++;
      for (let place = from; place < to; place++) sums[order[place]!]! += (from + 1 + to) / 2;
      ties += (to - from) ** 3 - (to - from);
      from = to;
    }
  }
  return { sums, blocks, ties };
}

/** Not by the difference, which is NaN for two infinite losses. */
function compare(a: number, b: number): number {
  return a < b ? -1 : Number(a > b);
}

function friedmanTests(averageRanks: readonly number[], blocks: number, ties: number) {
  const k = averageRanks.length;
  const squares = averageRanks.reduce((sum, rank) => sum + (rank - (k + 1) / 2) ** 2, 0);
  const untied = 1 - ties / (blocks * k * (k * k - 1));
  // Where all losses of every block are tied, nothing speaks against equality.
  const statistic = untied > 0 ? (12 * blocks * squares) / (k * (k + 1)) / untied : 0;
  const sharper = ((blocks - 1) * statistic) / (blocks * (k - 1) - statistic);
  // Where every block has the same ranking, the denominator is zero up to rounding.
  const f = sharper >= 0 ? sharper : Number.POSITIVE_INFINITY;
  return {
    friedman: { statistic, pValue: chiSquareTail(statistic, k - 1) },
    imanDavenport: { statistic: f, pValue: fTail(f, k - 1, (k - 1) * (blocks - 1)) },
  };
}

function groupsWithin(
  order: readonly number[],
  ranks: readonly number[],
  criticalDifference: number,
): number[][] {
  const groups: number[][] = [];
  let reached = 0;
  for (let from = 0; from < order.length; from++) {
    let to = from;
    while (to < order.length && ranks[order[to]!]! - ranks[order[from]!]! < criticalDifference) {
      to++;
    }
    if (to > reached) groups.push(order.slice(from, to));
    reached = Math.max(reached, to);
  }
  return groups;
}
