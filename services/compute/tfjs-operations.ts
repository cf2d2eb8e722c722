/** The operations of the tensor engine in TensorFlow.js; leaving one out does not compile. */
import type { Attributes, OperationName } from '../../tensor/operation.ts';
import { sizeOf } from '../../tensor/values.ts';
import type { Tensor, TensorFlow } from './tfjs-package.ts';

/** Computes an operation whose value follows from its inputs and attributes alone. */
export type Rule = (tf: TensorFlow, inputs: readonly Tensor[], attributes: Attributes) => Tensor;

/** Operations whose value is found in the run of a scan; the evaluation has rules for them. */
export type ScanOperation = 'LSTM' | 'Scan' | 'ScanFinal' | 'ScanStack';

type Unary = (x: Tensor) => Tensor;
type Binary = (a: Tensor, b: Tensor) => Tensor;

const unary =
  (pick: (tf: TensorFlow) => Unary): Rule =>
  (tf, [x]) =>
    pick(tf)(x!);
const binary =
  (pick: (tf: TensorFlow) => Binary): Rule =>
  (tf, [a, b]) =>
    pick(tf)(a!, b!);

type Reduction = (x: Tensor, axes?: number[], keepDims?: boolean) => Tensor;
const reduction =
  (pick: (tf: TensorFlow) => Reduction): Rule =>
  (tf, [x], { axes, keepDims }) =>
    axes!.length === 0 ? tf.clone(x!) : pick(tf)(x!, [...axes!], keepDims);

const types = { float32: 'float32', int64: 'int32', bool: 'bool' } as const;

/** Positions in the flat array of `shape` of entry 0 along `axis`, for every element of `picked`; flat. */
function basePositions(
  shape: readonly number[],
  axis: number,
  picked: readonly number[],
): Int32Array {
  const strides = shape.map((_, at) => sizeOf(shape.slice(at + 1)));
  const positions = new Int32Array(sizeOf(picked));
  for (let i = 0; i < positions.length; i++) {
    let rest = i;
    for (let at = picked.length - 1; at >= 0; at--) {
      const coordinate = rest % picked[at]!;
      rest = (rest - coordinate) / picked[at]!;
      if (at !== axis) positions[i]! += coordinate * strides[at]!;
    }
  }
  return positions;
}

/** Where in the flat `x` the elements lie that `indices` name along `axis`; flat. */
function flatPositions(tf: TensorFlow, x: Tensor, indices: Tensor, axis: number): Tensor {
  const stride = sizeOf(x.shape.slice(axis + 1));
  const base = tf.tensor1d(basePositions(x.shape, axis, indices.shape), 'int32');
  return tf.add(base, tf.mul(tf.reshape(indices, [-1]), tf.scalar(stride, 'int32')));
}

const elementwise = {
  Abs: unary((tf) => tf.abs),
  Add: binary((tf) => tf.add),
  Cast: (tf, [x], { to }) => tf.cast(x!, types[to!]),
  Cos: unary((tf) => tf.cos),
  Div: binary((tf) => tf.div),
  Elu: (tf, [x], { alpha }) =>
    tf.where(tf.greater(x!, 0), x!, tf.mul(tf.sub(tf.exp(tf.minimum(x!, 0)), 1), alpha!)),
  Equal: binary((tf) => tf.equal),
  Erf: unary((tf) => tf.erf),
  Exp: unary((tf) => tf.exp),
  Greater: binary((tf) => tf.greater),
  Less: binary((tf) => tf.less),
  Log: unary((tf) => tf.log),
  Mul: binary((tf) => tf.mul),
  Neg: unary((tf) => tf.neg),
  Relu: unary((tf) => tf.relu),
  Sigmoid: unary((tf) => tf.sigmoid),
  Sign: unary((tf) => tf.sign),
  Sin: unary((tf) => tf.sin),
  Softplus: unary((tf) => tf.softplus),
  Sqrt: unary((tf) => tf.sqrt),
  Sub: binary((tf) => tf.sub),
  Tanh: unary((tf) => tf.tanh),
  Where: (tf, [condition, a, b]) => tf.where(condition!, a!, b!),
} satisfies Partial<Record<OperationName, Rule>>;

const arithmetic = {
  MatMul: binary((tf) => tf.matMul),
  ReduceMax: reduction((tf) => tf.max),
  ReduceMean: reduction((tf) => tf.mean),
  ReduceMin: reduction((tf) => tf.min),
  ReduceSum: reduction((tf) => tf.sum),
  Softmax: (tf, [x], { axis }) => {
    const shifted = tf.exp(tf.sub(x!, tf.max(x!, axis, true)));
    return tf.div(shifted, tf.sum(shifted, axis, true));
  },
} satisfies Partial<Record<OperationName, Rule>>;

const shaping = {
  Concat: (tf, inputs, { axis }) => tf.concat([...inputs], axis),
  Expand: (tf, [x], { shape }) => {
    const offset = shape!.length - x!.shape.length;
    // A symbolic size is one that the input has already.
    const sizes = shape!.map((d, axis) => (typeof d === 'string' ? x!.shape[axis - offset]! : d));
    return tf.broadcastTo(x!, sizes);
  },
  Gather: (tf, [x, indices], { axis }) => {
    const picked = tf.gather(x!, tf.cast(tf.reshape(indices!, [-1]), 'int32'), axis);
    return tf.reshape(picked, x!.shape.toSpliced(axis!, 1, ...indices!.shape));
  },
  GatherElements: (tf, [x, indices], { axis }) => {
    const positions = flatPositions(tf, x!, indices!, axis!);
    return tf.reshape(tf.gather(tf.reshape(x!, [-1]), tf.cast(positions, 'int32')), indices!.shape);
  },
  Pad: (tf, [x], { before, after }) =>
    tf.pad(
      x!,
      before!.map((count, axis): [number, number] => [count, after![axis]!]),
    ),
  Reshape: (tf, [x], { shape }) =>
    tf.reshape(
      x!,
      shape!.map((d) => (typeof d === 'string' ? -1 : d)),
    ),
  ScatterElements: (tf, [x, indices, updates], { axis }) => {
    const positions = tf.reshape(flatPositions(tf, x!, indices!, axis!), [-1, 1]);
    const size = [sizeOf(x!.shape)];
    // Entries that are named more than once are summed.
    const sums = tf.scatterND(tf.cast(positions, 'int32'), tf.reshape(updates!, [-1]), size);
    return tf.add(x!, tf.reshape(sums, x!.shape));
  },
  Slice: (tf, [x, at], { axes, starts, ends, steps, shape }) => {
    // Rows from a position that is computed.
    if (at !== undefined) {
      return tf.gather(x!, tf.add(tf.range(0, Number(shape![0]), 1, 'int32'), at));
    }
    let result = x!;
    for (const [i, axis] of axes!.entries()) {
      const [start, end, step] = [starts![i]!, ends![i]!, steps?.[i] ?? 1];
      const count = Math.ceil((end - start) / step);
      const kept = Int32Array.from({ length: count }, (_, at) => start + at * step);
      result = tf.gather(result, tf.tensor1d(kept, 'int32'), axis);
    }
    return result;
  },
  Transpose: (tf, [x], { permutation }) => tf.transpose(x!, [...permutation!]),
} satisfies Partial<Record<OperationName, Rule>>;

/** How each operation is computed. */
export const tfjsOperations: Readonly<Record<Exclude<OperationName, ScanOperation>, Rule>> = {
  ...elementwise,
  ...arithmetic,
  ...shaping,
};
