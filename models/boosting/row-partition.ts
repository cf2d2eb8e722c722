/** Row partitions: the rows of each leaf side by side in one array, split in place and in order. */
import type { BinnedTable } from './binned-table.ts';
import { createPartitionKernel, type PartitionKernel } from './partition-kernel.ts';

/**
 * Rows of a table by leaf: leaf l has rows[begin[l]] to rows[end[l] - 1]. Partitions of the same table lie in the same
 * `rows`, each in its own part.
 */
export interface RowPartition {
  readonly data: BinnedTable;
  readonly rows: Uint32Array;
  readonly begin: Uint32Array;
  readonly end: Uint32Array;
  readonly kernel: PartitionKernel;
  /** Whether leaf 0 has all rows of the table, in their order. */
  isWhole: boolean;
}

/** Room for up to `leaves` leaves. */
export function createRowPartition(data: BinnedTable, leaves: number): RowPartition {
  return {
    data,
    rows: data.memory.rows,
    begin: new Uint32Array(leaves),
    end: new Uint32Array(leaves),
    kernel: createPartitionKernel(data.memory),
    isWhole: false,
  };
}

/** Puts all rows of the table, 0, 1, ..., into leaf 0. */
export function takeAllRows(partition: RowPartition): void {
  const { data, kernel } = partition;
  kernel.numberRows(data.rows);
  takeRows(partition, 0, data.rows);
  partition.isWhole = true;
}

/** Makes leaf 0 of what has been written to rows[begin, end). */
export function takeRows(partition: RowPartition, begin: number, end: number): void {
  partition.begin[0] = begin;
  partition.end[0] = end;
  partition.isWhole = false;
}

/** Keeps in `leaf` the rows whose bin of `feature` is marked in `goesLeft` [256]; moves the others to leaf `right`. */
export function splitRows(
  partition: RowPartition,
  leaf: number,
  right: number,
  feature: number,
  goesLeft: Uint8Array,
): void {
  const { data, begin, end, kernel } = partition;
  const { steps } = data.memory;
  for (let bin = 0; bin < goesLeft.length; bin++) steps[bin] = 4 * goesLeft[bin]!;
  const middle = kernel.split(feature, begin[leaf]!, end[leaf]!);
  begin[right] = middle;
  end[right] = end[leaf]!;
  end[leaf] = middle;
  partition.isWhole = false;
}
