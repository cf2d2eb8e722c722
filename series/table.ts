/** Table: rows of features as flat columns, what tree and linear models learn from. */
import { assert } from '../state/errors.ts';

/** One feature. */
export interface TableColumn {
  /** Unique in its table. */
  readonly name: string;
  /** [rows]; NaN where missing. A categorical column holds codes 0, 1, ... */
  readonly values: Float64Array;
  /** How many codes a categorical column has; a numeric column if left out. */
  readonly categories?: number;
}

/** Columns of one length. */
export interface Table {
  readonly rows: number;
  readonly columns: readonly TableColumn[];
}

/** Checks the shape rules above; a table that breaks them is a programmer's error. */
export function createTable(columns: readonly TableColumn[], rows: number): Table {
  assert(new Set(columns.map(({ name }) => name)).size === columns.length, 'columns have one name');
  for (const { name, values } of columns) {
    assert(values.length === rows, `column ${name} has ${rows} rows`);
  }
  return { rows, columns };
}
