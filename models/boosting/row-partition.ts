/** Row partitions: the rows of each leaf side by side in one array, split in place and in order. */
import type { BinnedTable } from './binned-table.ts';

/** Rows of a table by leaf: leaf l has rows[begin[l]] to rows[end[l] - 1]. */
export interface RowPartition {
  readonly data: BinnedTable;
  readonly rows: Uint32Array;
  readonly scratch: Uint32Array;
  readonly begin: Uint32Array;
  readonly end: Uint32Array;
}

/** Room for up to `capacity` rows in up to `leaves` leaves. */
export function createRowPartition(
  data: BinnedTable,
  capacity: number,
  leaves: number,
): RowPartition {
  return {
    data,
    rows: new Uint32Array(capacity),
    scratch: new Uint32Array(capacity),
    begin: new Uint32Array(leaves),
    end: new Uint32Array(leaves),
  };
}

/** Puts the first `count` rows of the table, 0, 1, ..., into leaf 0. */
export function takeAllRows({ rows, begin, end }: RowPartition, count: number): void {
  for (let row = 0; row < count; row++) rows[row] = row;
  begin[0] = 0;
  end[0] = count;
}

/** Keeps in `leaf` the rows whose bin of `feature` is marked in `goesLeft` [256]; moves the others to leaf `right`. */
export function splitRows(
  { data, rows, scratch, begin, end }: RowPartition,
  leaf: number,
  right: number,
  feature: number,
  goesLeft: Uint8Array,
): void {
  const bins = data.columns[feature]!;
  const middle = partition(rows, scratch, begin[leaf]!, end[leaf]!, bins, goesLeft);
  begin[right] = middle;
  end[right] = end[leaf]!;
  end[leaf] = middle;
}

function partition(
  rows: Uint32Array,
  scratch: Uint32Array,
  begin: number,
  end: number,
  bins: Uint8Array,
  goesLeft: Uint8Array,
): number {
  let left = begin;
  let others = 0;
  for (let i = begin; i < end; i++) {
    const row = rows[i]!;
    const isLeft = goesLeft[bins[row]!]!;
    // Written to both sides and kept on one: a branch here would be guessed wrongly half of the time.
    rows[left] = row;
    scratch[others] = row;
    left += isLeft;
    others += 1 - isLeft;
  }
  rows.set(scratch.subarray(0, others), left);
  return left;
}
