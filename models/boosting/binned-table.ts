/** Binned tables: the columns that tell rows apart, one byte a value. */
import type { Table } from '../../series/table.ts';
import { type ColumnBins, cutColumn, isInformative, writeBins } from './column-bins.ts';
import { createTableMemory, type TableMemory } from './table-memory.ts';

/** A column that splits can use. */
export interface Feature extends ColumnBins {
  /** Its place among the columns of the table. */
  readonly column: number;
  /** Its place in a histogram: bin b is at `offset` + b, the last being that of missing values. */
  readonly offset: number;
}

/** How all columns of a table are cut; what tables to learn from and to validate on have in common. */
export interface Binning {
  readonly features: readonly Feature[];
  /** Places in a histogram. */
  readonly size: number;
}

/** A table in bins. */
export interface BinnedTable {
  readonly rows: number;
  /** [features][rows] the bin of each value. */
  readonly columns: readonly Uint8Array[];
  readonly binning: Binning;
  /** Where the columns are. */
  readonly memory: TableMemory;
}

/** Cuts the columns of `table` into at most `maximum` bins each; columns of one value are left out. */
export function cutTable(table: Table, maximum: number, seed: number): Binning {
  const cuts = table.columns.map((column) => cutColumn(column, maximum, seed));
  const features: Feature[] = [];
  let size = 0;
  for (const [column, cut] of cuts.entries()) {
    if (!isInformative(cut)) continue;
    features.push({ ...cut, column, offset: size });
    size += cut.values + 1;
  }
  return { features, size };
}

/**
 * `table` in the bins of `binning`, in a memory with room for `arrays` numbers by row.
 * @throws TABLE_INVALID for a table that memory of 4 GiB does not hold.
 */
export function binTable(table: Table, binning: Binning, arrays = 0): BinnedTable {
  const { rows } = table;
  const memory = createTableMemory(rows, binning.features.length, arrays);
  const { columns } = memory;
  for (const [f, feature] of binning.features.entries()) {
    writeBins(feature, table.columns[feature.column]!.values, columns[f]!);
  }
  return { rows, columns, binning, memory };
}
