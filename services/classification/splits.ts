/** Splits: which rows are learned from and which are judged on, such that no label reaches across a cut. */

/** The time that the label of each row is about, [rows] each: from its first step to its last, both included. */
export interface LabelSpans {
  readonly starts: Float64Array;
  readonly ends: Float64Array;
}

/** Positions of rows, rising. */
export interface Split {
  readonly training: Uint32Array;
  readonly test: Uint32Array;
}

/** How the rows are split. */
export interface SplitPlan {
  readonly folds: number;
  /** `time` learns from what lies before each test block, `k-fold` from both sides of it. */
  readonly validation: 'time' | 'k-fold';
}

/**
 * Splits by blocks of time that are common to all series, since series of one time move together. A row whose label
 * overlaps the test block in time is not learned from: purging, after Lopez de Prado (2018), "Advances in Financial Machine
 * Learning", section 7.4. Empty parts are possible where there is little.
 */
export function splitRows({ starts, ends }: LabelSpans, { folds, validation }: SplitPlan): Split[] {
  const times = distinct(starts);
  const first = validation === 'time' ? 1 : 0;
  const edge = (block: number): number =>
    times[Math.floor((times.length * block) / (folds + first))] ?? Number.POSITIVE_INFINITY;
  return Array.from({ length: folds }, (_, fold) => {
    const [from, to] = [edge(fold + first), edge(fold + first + 1)];
    const test = positions(starts, (start) => start >= from && start < to);
    const last = test.reduce((most, r) => Math.max(most, ends[r]!), Number.NEGATIVE_INFINITY);
    const training = positions(
      starts,
      (start, r) => ends[r]! < from || (validation === 'k-fold' && start > last),
    );
    return { training, test };
  });
}

/** The latest `share` of `rows` by time, and those whose labels end before it. */
export function holdOutLatest(
  { starts, ends }: LabelSpans,
  rows: Uint32Array,
  share: number,
): { kept: Uint32Array; heldOut: Uint32Array } {
  const times = distinct(Float64Array.from(rows, (r) => starts[r]!));
  const cut = times[Math.floor(times.length * (1 - share))] ?? Number.POSITIVE_INFINITY;
  return {
    kept: rows.filter((r) => ends[r]! < cut),
    heldOut: rows.filter((r) => starts[r]! >= cut),
  };
}

function distinct(times: Float64Array): Float64Array {
  return times.toSorted().filter((time, i, sorted) => i === 0 || time !== sorted[i - 1]);
}

function positions(
  values: Float64Array,
  isIn: (value: number, position: number) => boolean,
): Uint32Array {
  return Uint32Array.from(values, (_, r) => r).filter((r) => isIn(values[r]!, r));
}
