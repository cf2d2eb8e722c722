/** Attention of the Temporal Fusion Transformer, whose weights can be read. */
import { constant, type Dimension, type Expression } from '../../tensor/expression.ts';
import {
  add,
  matMul,
  mul,
  reduceMean,
  reshape,
  scan,
  softmax,
  transpose,
} from '../../tensor/functions.ts';

/** What attends to what. */
export interface AttentionInputs {
  /** [rows, batch, H]: of the last `rows` steps. */
  readonly queries: Expression;
  /** [steps, batch, H]. */
  readonly keys: Expression;
  /** [steps, batch, H / heads], which all heads share. */
  readonly values: Expression;
}

/** What attention gives. */
export interface Attended {
  /** [rows, batch, H / heads], before the last linear layer. */
  readonly mixed: Expression;
  /** [batch, rows, steps]: mean of the heads' weights, how much each step counts. */
  readonly weights: Expression;
}

/** Most samples whose attention is computed together where their number is known: their arrays stay in the cache. */
const LARGEST_BLOCK = 32;
/** Fewest; where no such number divides the samples, they are taken together. */
const SMALLEST_BLOCK = 8;

/** How many samples to take together, the most of those that divide their number; undefined where all are. */
function blockOf(batch: Dimension): number | undefined {
  if (typeof batch === 'string') return undefined;
  for (let size = LARGEST_BLOCK; size >= SMALLEST_BLOCK; size--) {
    if (batch % size === 0) return size < batch ? size : undefined;
  }
  return undefined;
}

/**
 * Interpretable multi-head attention (section 4.4, equations 13 to 16) of the last steps to all steps up to themselves.
 * Values are the same for all heads, so that one mean of the heads' weights applies. `drop` is the dropout of the
 * weights, the same in every block of samples.
 */
export function interpretableAttention(
  { queries, keys, values }: AttentionInputs,
  heads: number,
  drop: (weights: Expression) => Expression,
): Attended {
  const [rows, batch] = queries.shape as readonly [number, Dimension, number];
  const steps = keys.shape[0] as number;
  const block = blockOf(batch);
  if (block === undefined) return attend({ queries, keys, values }, heads, drop);
  const blocks = [queries, keys, values].map((x) => {
    const [count, , width] = x.shape as readonly number[];
    return transpose(reshape(x, [count!, Number(batch) / block, block, width!]), [1, 0, 2, 3]);
  });
  const each = ([q, k, v]: readonly Expression[]): Attended =>
    attend({ queries: q!, keys: k!, values: v! }, heads, drop);
  const { outputs } = scan(
    [],
    blocks,
    (_, block) => {
      const { mixed, weights } = each(block);
      return { next: [], outputs: [mixed, weights] };
    },
    { memory: 'carries' },
  );
  return {
    mixed: reshape(transpose(outputs[0]!, [1, 0, 2, 3]), [rows, batch, -1]),
    weights: reshape(outputs[1]!, [batch, rows, steps]),
  };
}

function attend(
  { queries, keys, values }: AttentionInputs,
  heads: number,
  drop: (weights: Expression) => Expression,
): Attended {
  const [rows, batch, width] = queries.shape as readonly [number, Dimension, number];
  const steps = keys.shape[0] as number;
  const size = width / heads;
  const byHead = (x: Expression, count: number, axes: readonly number[]): Expression =>
    transpose(reshape(x, [count, batch, heads, size]), axes);
  const rowsOf = mul(byHead(queries, rows, [1, 2, 0, 3]), 1 / Math.sqrt(size));
  const scores = matMul(rowsOf, byHead(keys, steps, [1, 2, 3, 0])); // [batch, heads, rows, steps]
  const weights = softmax(add(scores, causalMask(rows, steps)));
  const mixed = matMul(reduceMean(drop(weights), 1), transpose(values, [1, 0, 2]));
  return { mixed: transpose(mixed, [1, 0, 2]), weights: reduceMean(weights, 1) };
}

/** [rows, steps]: 0 where one of the last `rows` steps may look, far below elsewhere. */
function causalMask(rows: number, steps: number): Expression {
  const entries = Array.from({ length: rows * steps }, (_, i) =>
    (i % steps) - Math.floor(i / steps) <= steps - rows ? 0 : -1e9,
  );
  return constant(entries, [rows, steps]);
}
