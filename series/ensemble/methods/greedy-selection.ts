/** Greedy selection: the rounds in which members join an average one by one, kept fast by running sums. */

/** What a selection starts from and when it ends. */
export interface GreedyOptions {
  readonly rounds: number;
  /** How often each member counts as chosen already [members], any numbers from 0 on; never if left out. */
  readonly start?: Float64Array;
}

/** Rounds without gain after which no more is expected. */
const patience = 15;

/** A lower error by less than this share is a tie. */
const tie = 1e-9;

/** The average so far. */
interface RunningAverage {
  /** [n]: sum of the chosen members' residuals, and how many choices it is the sum of. */
  readonly sum: Float64Array;
  readonly total: Float64Array;
  /** [n]: size of the average, and 1 / (total + 1). */
  readonly size: Float64Array;
  readonly share: Float64Array;
}

/**
 * Forward selection with replacement: each round adds the member that lowers the mean absolute residual of the average
 * most, in O(members * residuals); the best prefix is returned as weights [members] that add up to 1, together with its
 * error. Ties go to a member already chosen, then to the earlier one, so the result is a function of its input.
 * `residuals` [n] for each member, NaN where it has none; `fallback` [n] stands where no chosen member has one.
 */
export function selectGreedily(
  residuals: readonly Float64Array[],
  fallback: Float64Array,
  { rounds, start }: GreedyOptions,
): Float64Array {
  const counts = start?.slice() ?? new Float64Array(residuals.length);
  const average = createAverage(fallback);
  for (const [m, count] of counts.entries()) {
    if (count > 0) add(average, residuals[m]!, count);
  }
  refresh(average, fallback);
  let chosen = counts.reduce((sum, count) => sum + count, 0);
  let best = counts.map((count) => count / chosen);
  let bestError = chosen > 0 ? mean(average.size) : Number.POSITIVE_INFINITY;
  for (let round = 0, since = 0; round < rounds && since < patience; round++) {
    const [winner, error] = nextMember(residuals, average, counts);
    if (winner < 0) break;
    counts[winner]! += 1;
    chosen += 1;
    add(average, residuals[winner]!, 1);
    refresh(average, fallback);
    since = error < bestError * (1 - tie) ? 0 : since + 1;
    if (since > 0) continue;
    bestError = error;
    best = counts.map((count) => count / chosen);
  }
  return best;
}

/** The member whose addition leaves the lowest error, and that error; -1 if none leaves a finite one. */
function nextMember(
  residuals: readonly Float64Array[],
  average: RunningAverage,
  counts: Float64Array,
): [winner: number, error: number] {
  let winner = -1;
  let least = Number.POSITIVE_INFINITY;
  for (let m = 0; m < residuals.length; m++) {
    const error = errorWith(residuals[m]!, average);
    const better = error < least * (1 - tie);
    const alike = winner >= 0 && error <= least * (1 + tie);
    if (better || (alike && counts[winner] === 0 && counts[m]! > 0)) {
      winner = m;
      least = error;
    }
  }
  return [winner, least];
}

/** Mean size of the average if the member with these residuals joined it. */
function errorWith(residuals: Float64Array, { sum, size, share }: RunningAverage): number {
  let error = 0;
  for (let k = 0; k < residuals.length; k++) {
    const residual = residuals[k]!;
    // Only NaN differs from itself.
    error += residual === residual ? Math.abs(sum[k]! + residual) * share[k]! : size[k]!;
  }
  return error / residuals.length;
}

function createAverage({ length }: Float64Array): RunningAverage {
  return {
    sum: new Float64Array(length),
    total: new Float64Array(length),
    size: new Float64Array(length),
    share: new Float64Array(length),
  };
}

function add({ sum, total }: RunningAverage, residuals: Float64Array, times: number): void {
  for (let k = 0; k < sum.length; k++) {
    if (Number.isNaN(residuals[k]!)) continue;
    sum[k]! += times * residuals[k]!;
    total[k]! += times;
  }
}

function refresh({ sum, total, size, share }: RunningAverage, fallback: Float64Array): void {
  for (let k = 0; k < sum.length; k++) {
    size[k] = Math.abs(total[k]! > 0 ? sum[k]! / total[k]! : fallback[k]!);
    share[k] = 1 / (total[k]! + 1);
  }
}

function mean(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}
