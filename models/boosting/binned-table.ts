/** Binned tables: the columns that tell rows apart, one byte a value, by row for histograms and by column for splits. */
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
  /** [words * 4] places in a histogram, of the features and of the lanes that hold none. */
  readonly offsets: Int32Array;
  /** Places in a histogram. */
  readonly size: number;
}

/** A table in bins. */
export interface BinnedTable {
  readonly rows: number;
  /** 32-bit words per row. */
  readonly width: number;
  /** [rows * width] feature f is in byte f % 4, the lowest being 0, of word f >> 2 of its row. */
  readonly words: Int32Array;
  /** [features][rows] the same by column. */
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
  const lanes = Math.ceil(features.length / 4) * 4;
  const offsets = Int32Array.from({ length: lanes }, (_, f) => features[f]?.offset ?? size++);
  return { features, offsets, size };
}

/** `table` in the bins of `binning`. */
export function binTable(table: Table, binning: Binning): BinnedTable {
  const { rows } = table;
  const width = binning.offsets.length / 4;
  const words = new Int32Array(rows * width);
  const bytes = new Uint8Array(words.buffer);
  const columns = binning.features.map((feature, f) => {
    const bins = new Uint8Array(rows);
    writeBins(feature, table.columns[feature.column]!.values, bins);
    for (let row = 0, at = f; row < rows; row++, at += 4 * width) bytes[at] = bins[row]!;
    return bins;
  });
  return { rows, width, words, columns, binning };
}
