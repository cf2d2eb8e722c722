/** Elementwise operations: one result per (broadcast) element. */
import { assert } from '../../state/errors.ts';
import type { Expression, Shape } from '../expression.ts';
import type { Functions, Operation, OperationName } from '../operation.ts';
import { broadcastShapes } from '../shapes.ts';

const same = ([x]: readonly Expression[]): Shape => x!.shape;

const broadcast =
  (name: OperationName) =>
  ([a, b]: readonly Expression[]): Shape => {
    assert(a!.type === b!.type, `${name} of ${a!.type} and ${b!.type}`);
    return broadcastShapes(name, a!.shape, b!.shape);
  };

/** f(x) with f'(x) given by `derivative` from input and output. */
const unary = (
  derivative: (f: Functions, x: Expression, y: Expression) => Expression,
): Operation => ({
  shape: same,
  vjp: (f, { gradient, inputs, output }) => [f.mul(gradient, derivative(f, inputs[0]!, output))],
});

/** A bool from two numbers; flat, so without a gradient. */
const comparison = (name: OperationName): Operation => ({
  shape: broadcast(name),
  type: () => 'bool',
  vjp: () => [undefined, undefined],
});

const onnxTypes = { float32: 1, int64: 7, bool: 9 } as const;

export const elementwise = {
  Add: { shape: broadcast('Add'), vjp: (_, { gradient }) => [gradient, gradient] },
  Sub: { shape: broadcast('Sub'), vjp: (f, { gradient }) => [gradient, f.neg(gradient)] },
  Mul: {
    shape: broadcast('Mul'),
    vjp: (f, { gradient, inputs: [a, b] }) =>
      a === b
        ? [f.mul(f.mul(gradient, 2), a!), undefined]
        : [f.mul(gradient, b!), f.mul(gradient, a!)],
  },
  Div: {
    shape: broadcast('Div'),
    vjp: (f, { gradient, inputs: [, b], output }) => {
      const ratio = f.div(gradient, b!);
      return [ratio, f.neg(f.mul(ratio, output))];
    },
  },
  Neg: { shape: same, vjp: (f, { gradient }) => [f.neg(gradient)] },
  Abs: unary((f, x) => f.sign(x)),
  Sign: { shape: same, vjp: () => [undefined] },
  Sqrt: { shape: same, vjp: (f, { gradient, output }) => [f.div(gradient, f.mul(output, 2))] },
  Exp: unary((_f, _x, y) => y),
  Log: { shape: same, vjp: (f, { gradient, inputs: [x] }) => [f.div(gradient, x!)] },
  Tanh: unary((f, _, y) => f.sub(1, f.square(y))),
  Sigmoid: unary((f, _, y) => f.mul(y, f.sub(1, y))),
  // As bool, the result says where the input passed.
  Relu: unary((f, _, y) => f.cast(f.cast(y, 'bool'), 'float32')),
  Elu: {
    shape: same,
    vjp: (f, { gradient, inputs: [x], output }) => {
      const slope = f.where(f.greater(x!, 0), 1, f.add(output, output.attributes.alpha!));
      return [f.mul(gradient, slope)];
    },
    onnx: ({ alpha }) => ({ attributes: { alpha: { float: alpha! } } }),
  },
  Softplus: unary((f, x) => f.sigmoid(x)),
  Sin: unary((f, x) => f.cos(x)),
  Cos: unary((f, x) => f.neg(f.sin(x))),
  // 2 / sqrt(pi) e^(-x^2), with the factor in the exponent.
  Erf: unary((f, x) => f.exp(f.sub(Math.log(2 / Math.sqrt(Math.PI)), f.square(x)))),
  Greater: comparison('Greater'),
  Less: comparison('Less'),
  Equal: comparison('Equal'),
  Where: {
    shape: ([condition, a, b]) => {
      assert(condition!.type === 'bool', `Where with a condition of ${condition!.type}`);
      assert(a!.type === b!.type, `Where of ${a!.type} and ${b!.type}`);
      return broadcastShapes(
        'Where',
        condition!.shape,
        broadcastShapes('Where', a!.shape, b!.shape),
      );
    },
    type: ([, a]) => a!.type,
    vjp: (f, { gradient, inputs: [condition] }) => [
      undefined,
      f.where(condition!, gradient, 0),
      f.where(condition!, 0, gradient),
    ],
  },
  Cast: {
    shape: same,
    type: (_, { to }) => to!,
    vjp: () => [undefined],
    onnx: ({ to }) => ({ attributes: { to: onnxTypes[to!] } }),
  },
} satisfies Partial<Record<OperationName, Operation>>;
