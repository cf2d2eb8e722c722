/** Reductions over axes, and softmax, which normalises along one. */
import { assert } from '../../state/errors.ts';
import type { Expression, Shape } from '../expression.ts';
import type {
  Attributes,
  Functions,
  GradientContext,
  OnnxForm,
  Operation,
  OperationName,
} from '../operation.ts';
import { formatShape, knownSizes } from '../shapes.ts';

const kept = (shape: Shape, axes: readonly number[]): Shape =>
  shape.map((dimension, axis) => (axes.includes(axis) ? 1 : dimension));

const reduced =
  (name: OperationName) =>
  ([x]: readonly Expression[], { axes, keepDims }: Attributes): Shape => {
    assert(x!.type !== 'bool', `${name} of bool`);
    assert(new Set(axes).size === axes!.length, `${name} names an axis twice: ${axes!.join(', ')}`);
    return keepDims ? kept(x!.shape, axes!) : x!.shape.filter((_, axis) => !axes!.includes(axis));
  };

const onnx = ({ axes, keepDims }: Attributes): OnnxForm => ({
  inputs: [axes!],
  attributes: { keepdims: keepDims ? 1 : 0 },
});

/** `reducedValue` with its reduced axes back at size 1, so that it broadcasts against the input. */
const withAxes = (f: Functions, reducedValue: Expression, { inputs, output }: GradientContext) =>
  f.reshape(reducedValue, kept(inputs[0]!.shape, output.attributes.axes!));

const count = (shape: Shape, axes: readonly number[]): number => {
  const sizes = axes.map((axis) => shape[axis]!);
  return knownSizes(`Gradient of a mean of ${formatShape(shape)}`, sizes).reduce(
    (a, b) => a * b,
    1,
  );
};

/** The largest or smallest entry; those that equal it share the gradient. */
const extremum = (name: OperationName): Operation => ({
  shape: reduced(name),
  onnx,
  vjp: (f, context) => {
    const { gradient, inputs, output } = context;
    const hits = f.cast(f.equal(inputs[0]!, withAxes(f, output, context)), 'float32');
    const share = f.div(
      withAxes(f, gradient, context),
      f.reduceSum(hits, output.attributes.axes, true),
    );
    return [f.mul(hits, share)];
  },
});

export const reduction = {
  ReduceSum: {
    shape: reduced('ReduceSum'),
    onnx,
    vjp: (f, context) => [
      f.expand(withAxes(f, context.gradient, context), context.inputs[0]!.shape),
    ],
  },
  ReduceMean: {
    shape: reduced('ReduceMean'),
    onnx,
    vjp: (f, context) => {
      const { shape } = context.inputs[0]!;
      const share = f.mul(context.gradient, 1 / count(shape, context.output.attributes.axes!));
      return [f.expand(withAxes(f, share, context), shape)];
    },
  },
  ReduceMax: extremum('ReduceMax'),
  ReduceMin: extremum('ReduceMin'),
  Softmax: {
    shape: ([x]) => x!.shape,
    onnx: ({ axis }) => ({ attributes: { axis: axis! } }),
    vjp: (f, { gradient, output }) => {
      const inner = f.reduceSum(f.mul(gradient, output), output.attributes.axis, true);
      return [f.mul(output, f.sub(gradient, inner))];
    },
  },
} satisfies Partial<Record<OperationName, Operation>>;
