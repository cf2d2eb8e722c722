/** Expressions: the nodes of a computation graph, immutable, with shape and element type known when they are made. */
import { assert } from '../state/errors.ts';
import type { Attributes, OperationName } from './operation.ts';
import type { TensorData } from './values.ts';

/** What a tensor's elements are; indices are `int64`, conditions `bool`, all else `float32`. */
export type ElementType = 'float32' | 'int64' | 'bool';
/** A size, or the name of one that is known only when the program runs, such as `'batch'`. */
export type Dimension = number | string;
/** Sizes from the outermost axis to the innermost; `[]` is a scalar. At most one is symbolic. */
export type Shape = readonly Dimension[];

/** One node. Two expressions are the same value only if they are the same object. */
export interface Expression {
  readonly op: OperationName | 'Input' | 'Constant' | 'Parameter';
  readonly inputs: readonly Expression[];
  readonly attributes: Attributes;
  readonly shape: Shape;
  readonly type: ElementType;
  /** Name of an input or parameter. */
  readonly name?: string;
  /** Elements of a constant, row-major. */
  readonly data?: TensorData;
}

/** A value given at run time under `name`. */
export function input(name: string, type: ElementType, shape: Shape): Expression {
  assert(name.length > 0, 'an input has a name');
  checkShape(shape, `input "${name}"`);
  return { op: 'Input', inputs: [], attributes: {}, shape, type, name };
}

/** A trainable float32 array; its values live outside the graph, under `name`. */
export function parameter(name: string, shape: readonly number[]): Expression {
  assert(name.length > 0, 'a parameter has a name');
  checkShape(shape, `parameter "${name}"`);
  return { op: 'Parameter', inputs: [], attributes: {}, shape, type: 'float32', name };
}

/** A fixed array, row-major; a number alone is a scalar, an array without `shape` a vector. */
export function constant(
  data: number | ArrayLike<number>,
  shape: readonly number[] = typeof data === 'number' ? [] : [data.length],
  type: ElementType = 'float32',
): Expression {
  const values = typeof data === 'number' ? [data] : data;
  const size = shape.reduce((product, dimension) => product * dimension, 1);
  assert(
    values.length === size,
    `constant has ${values.length} elements for shape [${shape.join(', ')}]`,
  );
  return { op: 'Constant', inputs: [], attributes: {}, shape, type, data: pack(values, type) };
}

function pack(values: ArrayLike<number>, type: ElementType): TensorData {
  if (type === 'float32') return Float32Array.from(values);
  if (type === 'int64') return BigInt64Array.from(values, (value) => BigInt(value));
  return Uint8Array.from(values, (value) => (value === 0 ? 0 : 1));
}

function checkShape(shape: Shape, what: string): void {
  for (const dimension of shape) {
    const valid =
      typeof dimension === 'string'
        ? dimension.length > 0
        : Number.isSafeInteger(dimension) && dimension >= 0;
    assert(valid, `${what} has dimension ${dimension} in [${shape.join(', ')}]`);
  }
  const symbolic = shape.filter((dimension) => typeof dimension === 'string');
  assert(
    symbolic.length <= 1,
    `${what} has more than one symbolic dimension in [${shape.join(', ')}]`,
  );
}
