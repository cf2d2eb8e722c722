/** Permutation importance: how much worse predictions get when a column is shuffled. */
import type { Table } from '../../series/table.ts';
import { createRandom } from '../../tensor/random.ts';
import type { TabularFit } from '../model.ts';

/** A loss of predictions, as `predict` gives them, against the target; less is better. */
export type PredictionLoss = (target: Float64Array, predictions: Float64Array) => number;

/**
 * By column the mean rise of `loss` over `repeats` shuffles (Breiman 2001; Fisher, Rudin, Dominici 2019); about 0, and
 * sometimes below, for a column without use.
 */
export function permutationImportance(
  fit: Pick<TabularFit, 'predict'>,
  table: Table,
  target: Float64Array,
  loss: PredictionLoss,
  seed: number,
  repeats = 5,
): Record<string, number> {
  const before = loss(target, fit.predict(table));
  const rise = (column: number): number => {
    const own = table.columns[column]!;
    let sum = 0;
    for (let repeat = 0; repeat < repeats; repeat++) {
      const order = createRandom(seed, 'permutation', own.name, repeat).permutation(table.rows);
      const values = Float64Array.from(order, (row) => own.values[row]!);
      const columns = table.columns.with(column, { ...own, values });
      sum += loss(target, fit.predict({ rows: table.rows, columns })) - before;
    }
    return sum / repeats;
  };
  return Object.fromEntries(table.columns.map(({ name }, column) => [name, rise(column)]));
}
