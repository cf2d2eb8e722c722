/** Small random tables for the tests of tree models. */
import { createTable, type Table, type TableColumn } from '../../../series/table.ts';
import { createRandom } from '../../../tensor/random.ts';

/** `numeric` columns x0, x1, ... of standard normal numbers, rounded to `digits`, with a share of missing values. */
export function randomTable(
  rows: number,
  numeric: number,
  options: {
    seed?: number;
    missing?: number;
    categories?: readonly number[];
    digits?: number;
  } = {},
): Table {
  const { seed = 1, missing = 0, categories = [], digits = 6 } = options;
  const random = createRandom(seed, 'table');
  const unit = 10 ** digits;
  const draw = (value: () => number): Float64Array =>
    Float64Array.from({ length: rows }, () => (random.uniform() < missing ? Number.NaN : value()));
  const columns: TableColumn[] = Array.from({ length: numeric }, (_, c) => ({
    name: `x${c}`,
    values: draw(() => Math.round(random.normal() * unit) / unit),
  }));
  for (const [c, count] of categories.entries()) {
    columns.push({ name: `c${c}`, values: draw(() => random.integer(count)), categories: count });
  }
  return createTable(columns, rows);
}

/** The rows of `table` at `positions`. */
export function takeRows(table: Table, positions: readonly number[]): Table {
  return createTable(
    table.columns.map((column) => ({
      ...column,
      values: Float64Array.from(positions, (row) => column.values[row]!),
    })),
    positions.length,
  );
}

/** A target that depends on the first two numeric columns and on the first category, with noise. */
export function randomTarget(table: Table, seed = 2): Float64Array {
  const random = createRandom(seed, 'target');
  const column = (name: string): Float64Array | undefined =>
    table.columns.find((one) => one.name === name)?.values;
  const [a, b, c] = ['x0', 'x1', 'c0'].map(column);
  const part = (
    values: Float64Array | undefined,
    row: number,
    of: (x: number) => number,
  ): number => {
    const value = values?.[row] ?? 0;
    return Number.isNaN(value) ? -1 : of(value);
  };
  return Float64Array.from({ length: table.rows }, (_, row) => {
    const category = part(c, row, (code) => ((code * 7) % 5) - 2);
    const smooth = part(a, row, Math.sin) + part(a, row, (x) => x) * part(b, row, Math.abs);
    return 3 * smooth + category + 0.1 * random.normal();
  });
}

/** Mean of squared differences. */
export function meanSquare(target: Float64Array, predictions: Float64Array): number {
  return target.reduce((sum, y, i) => sum + (y - predictions[i]!) ** 2, 0) / target.length;
}
