/** Concrete tensors: what is fed to a program and what parameters hold, plain typed arrays with a shape. */

/** Elements, row-major: float32, int64, or bool as one byte each. */
export type TensorData = Float32Array | BigInt64Array | Uint8Array;

/** A value for an input. */
export interface Feed {
  readonly data: TensorData;
  readonly shape: readonly number[];
}

/** A float32 array with its shape. */
export interface ArrayValue {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** Parameters by name. */
export type ParameterValues = Record<string, ArrayValue>;

/** Number of elements of a shape. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, dimension) => product * dimension, 1);
}
