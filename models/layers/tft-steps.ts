/** Steps of a sequence as rows of the layers of the Temporal Fusion Transformer: all of them, or some at a time. */
import { constant, type Dimension, type Expression } from '../../tensor/expression.ts';
import { expand, mul, reshape, scan, transpose } from '../../tensor/functions.ts';
import { leadOf } from './tft-layers.ts';

/** Rows whose arrays stay in the cache and outweigh what it takes to begin an operation on them. */
const FITTING_ROWS = 1024;

/** How many of `steps` a training computes together: the most, of those that divide them, that fit. */
export function stepsTogether(steps: number, batch: Dimension): number {
  const most = typeof batch === 'number' ? Math.min(steps, Math.floor(FITTING_ROWS / batch)) : 1;
  for (let count = most; count > 1; count--) if (steps % count === 0) return count;
  return 1;
}

/**
 * Columns [batch, steps, variables] as numbers, so many steps together: [steps / together, variables, together * batch, 1],
 * without the axis of variables where there is one.
 */
export function numbersByStep(columns: Expression, together = 1): Expression {
  const [batch, steps, variables] = columns.shape as readonly [Dimension, number, number];
  const groups = steps / together;
  const rows = together === 1 ? batch : together * Number(batch);
  const parts = transpose(reshape(columns, [batch, groups, together, variables]), [1, 3, 2, 0]);
  return reshape(parts, [groups, ...leadOf(variables), rows, 1]);
}

/** `layer` of rows [rows, ...] on all entries of `sequences` [steps, batch, ...] at once: [steps, batch, ...]. */
export function onRows(
  layer: (x: readonly Expression[]) => readonly Expression[],
  sequences: readonly Expression[],
): readonly Expression[] {
  const [steps, batch] = sequences[0]!.shape as readonly [number, Dimension];
  const results = layer(sequences.map((x) => reshape(x, [-1, x.shape[2]!])));
  return results.map((x) => reshape(x, [steps, batch, x.shape[1]!]));
}

/** The same for graphs that train, as many steps at a time as fit. */
export function onSteps(
  layer: (x: readonly Expression[]) => readonly Expression[],
  sequences: readonly Expression[],
): readonly Expression[] {
  const [steps, batch] = sequences[0]!.shape as readonly [number, Dimension];
  const together = stepsTogether(steps, batch);
  const rows = together === 1 ? batch : together * Number(batch);
  const groups = sequences.map((x) => reshape(x, [steps / together, rows, x.shape[2]!]));
  const group = (_: readonly Expression[], x: readonly Expression[]) => ({
    next: [],
    outputs: layer(x),
  });
  const { outputs } = scan([], groups, group, { memory: 'carries' });
  return outputs.map((x) => reshape(x, [steps, batch, x.shape[2]!]));
}

/**
 * `drop` of x [..., rows, H] that drops the same in all steps, where the rows are those of several steps of `batch` samples
 * one after the other.
 */
export function alikeInSteps(
  x: Expression,
  batch: Dimension,
  drop: (x: Expression) => Expression,
): Expression {
  const [rows, width] = x.shape.slice(-2) as [Dimension, Dimension];
  if (typeof rows !== 'number' || typeof batch !== 'number' || rows <= batch) return drop(x);
  const lead = x.shape.slice(0, -2);
  const factors = drop(expand(constant(1), [...lead, 1, batch, width]));
  return reshape(mul(reshape(x, [...lead, rows / batch, batch, width]), factors), x.shape);
}
