/**
 * Broadcasting against arrays whose last axis is narrow: ONNX Runtime's own goes row by row, which takes up to six times
 * as long as a product with ones, of the same value, that first repeats the smaller array.
 */
import { constant, type Expression, type Shape } from './expression.ts';
import { apply } from './operations.ts';
import { sameShape } from './shapes.ts';

/** Rows longer than this are worth their start-up. */
const WIDEST = 8;
/** Fewer rows than this are not worth a product. */
const FEWEST_ROWS = 256;

/**
 * `x` in `shape` where that is narrow and `x` lacks its last axis or all others, else `x` as it is. A row that is to be
 * added to what a `MatMul` gives stays one: both together are one operation of the runtime.
 */
export function widen(x: Expression, shape: Shape, op?: Expression['op']): Expression {
  const width = shape.at(-1);
  const narrow = typeof width === 'number' && width > 1 && width <= WIDEST && shape.length > 1;
  if (x.type !== 'float32' || !narrow) return x;
  const rows = shape.slice(0, -1).reduce<number>((count, size) => count * Number(size), 1);
  if (rows < FEWEST_ROWS) return x;
  if (sameShape(x.shape, [...shape.slice(0, -1), 1])) {
    const column = reshaped(x, [-1, 1]);
    return reshaped(apply('MatMul', [column, ones([1, width])]), shape);
  }
  const isRow = x.shape.at(-1) === width && x.shape.slice(0, -1).every((size) => size === 1);
  if (!isRow || Number.isNaN(rows) || op === 'MatMul') return x;
  return reshaped(apply('MatMul', [ones([rows, 1]), reshaped(x, [1, width])]), shape);
}

function reshaped(x: Expression, shape: Shape): Expression {
  const result = apply('Reshape', [x], { shape });
  return sameShape(result.shape, x.shape) ? x : { ...result, attributes: { shape: result.shape } };
}

function ones(shape: readonly [number, number]): Expression {
  return constant(new Float32Array(shape[0] * shape[1]).fill(1), shape);
}
