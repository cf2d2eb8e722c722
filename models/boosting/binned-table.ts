/** Binned tables: the columns that tell rows apart, one byte a value. */
import type { Table } from '../../series/table.ts';
import { type ColumnBins, cutColumn, isInformative, writeBins } from './column-bins.ts';

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

/** `table` in the bins of `binning`. */
export function binTable(table: Table, binning: Binning): BinnedTable {
  const { rows } = table;
  const columns = binning.features.map((feature) => {
    const bins = new Uint8Array(rows);
    writeBins(feature, table.columns[feature.column]!.values, bins);
    return bins;
  });
  return { rows, columns, binning };
}
