/** Operations that move elements and compute none: views, joins, look-ups. */
import { assert } from '../../state/errors.ts';
import { constant, type Expression, type Shape } from '../expression.ts';
import type { Attributes, Functions, Operation, OperationName } from '../operation.ts';
import { broadcastShapes, formatShape, knownSizes, resolveReshape, sameShape } from '../shapes.ts';

/** Sizes as ONNX Reshape takes them: the symbolic one is what is left. */
const openSizes = (shape: Shape): readonly number[] =>
  shape.map((dimension) => (typeof dimension === 'string' ? -1 : dimension));

const replaced = (shape: Shape, axis: number, by: Shape): Shape => [
  ...shape.slice(0, axis),
  ...by,
  ...shape.slice(axis + 1),
];

const checkIndices = (name: OperationName, x: Expression, indices: Expression): void => {
  assert(indices.type === 'int64', `${name} has indices of ${indices.type}`);
  const shapes = `${formatShape(x.shape)} and ${formatShape(indices.shape)}`;
  assert(name === 'Gather' || x.shape.length === indices.shape.length, `${name} of ${shapes}`);
};

/** d loss / d x of looking up `indices` along `axis`: what was read more than once collects a sum. */
function gatherGradient(
  f: Functions,
  x: Expression,
  indices: Expression,
  gradient: Expression,
  axis: number,
): Expression {
  const count = indices.shape.reduce<number>(
    (product, dimension) => product * knownSizes('Gradient of Gather', [dimension])[0]!,
    1,
  );
  const flat = replaced(x.shape, axis, [count]);
  const aligned = flat.map((dimension, at) => (at === axis ? dimension : 1));
  const positions = f.expand(f.reshape(indices, aligned), flat);
  return f.scatterElements(f.zeros(x.shape), positions, f.reshape(gradient, flat), axis);
}

/** The shape of the ranges that a Slice keeps. */
function slicedShape(shape: Shape, { axes, starts, ends, steps }: Attributes): Shape {
  const sizes = [...shape];
  for (const [i, axis] of axes!.entries()) {
    const [start, end, step] = [starts![i]!, ends![i]!, steps?.[i] ?? 1];
    const size = knownSizes('Slice', [shape[axis]!])[0]!;
    const range = `[${start}, ${end}) of axis ${axis} of ${formatShape(shape)}`;
    const [low, high] = step > 0 ? [start, end] : [end + 1, start + 1];
    assert(low >= 0 && low < high && high <= size, `Slice takes ${range}`);
    assert(Number.isInteger(step) && step >= -1 && step !== 0, `Slice has step ${step}`);
    sizes[axis] = Math.ceil((high - low) / Math.abs(step));
  }
  return sizes;
}

/** d loss / d x of a Slice: the gradient put back where it was read, zeros elsewhere. */
function sliceGradient(
  f: Functions,
  x: Expression,
  gradient: Expression,
  { axes, starts, ends, steps }: Attributes,
): Expression {
  let spread = gradient;
  const before = x.shape.map(() => 0);
  const after = x.shape.map(() => 0);
  for (const [i, axis] of axes!.entries()) {
    const [start, step] = [starts![i]!, steps?.[i] ?? 1];
    before[axis] = step > 0 ? start : ends![i]! + 1;
    if (step < 0) spread = f.flip(spread, axis);
    if (step > 1) spread = spaced(f, spread, axis, step, Number(x.shape[axis]) - start);
    after[axis] = Number(x.shape[axis]) - before[axis] - Number(spread.shape[axis]);
  }
  return f.pad(spread, before, after);
}

/** `x` with `step` - 1 zeros after each entry of `axis`, cut to `length`. */
function spaced(
  f: Functions,
  x: Expression,
  axis: number,
  step: number,
  length: number,
): Expression {
  const none = [...x.shape, 1].map(() => 0);
  const apart = f.pad(f.unsqueeze(x, axis + 1), none, none.with(axis + 1, step - 1));
  const joined = f.reshape(apart, x.shape.with(axis, Number(x.shape[axis]) * step));
  return f.slice(joined, axis, 0, Math.min(length, Number(joined.shape[axis])));
}

/** d loss / d x of the rows of `x` from row `at` [1] on. */
function blockGradient(f: Functions, x: Expression, gradient: Expression, at: Expression) {
  const count = Number(gradient.shape[0]);
  const rows = f.add(
    constant(
      Array.from({ length: count }, (_, row) => row),
      [count],
      'int64',
    ),
    at,
  );
  const positions = f.reshape(
    rows,
    gradient.shape.map((size, axis) => (axis === 0 ? size : 1)),
  );
  return f.scatterElements(f.zeros(x.shape), f.expand(positions, gradient.shape), gradient);
}

const axisAttribute: NonNullable<Operation['onnx']> = ({ axis }) => ({
  attributes: { axis: axis! },
});

const views = {
  Transpose: {
    shape: ([x], { permutation }) => {
      const axes = permutation!.toSorted((a, b) => a - b);
      const valid = axes.length === x!.shape.length && axes.every((axis, i) => axis === i);
      assert(valid, `Transpose of ${formatShape(x!.shape)} by ${formatShape(permutation!)}`);
      return permutation!.map((axis) => x!.shape[axis]!);
    },
    vjp: (f, { gradient, output }) => {
      const { permutation } = output.attributes;
      return [
        f.transpose(
          gradient,
          permutation!.map((_, axis) => permutation!.indexOf(axis)),
        ),
      ];
    },
    onnx: ({ permutation }) => ({ attributes: { perm: permutation! } }),
  },
  Reshape: {
    shape: ([x], { shape }) => resolveReshape(x!.shape, shape!),
    vjp: (f, { gradient, inputs: [x] }) => [f.reshape(gradient, x!.shape)],
    onnx: (_, { shape }) => ({ inputs: [openSizes(shape)] }),
  },
  Expand: {
    shape: ([x], { shape }) => {
      const what = `Expand of ${formatShape(x!.shape)} to ${formatShape(shape!)}`;
      assert(sameShape(broadcastShapes('Expand', x!.shape, shape!), shape!), `${what} shrinks it`);
      const offset = shape!.length - x!.shape.length;
      for (const [axis, dimension] of shape!.entries()) {
        const known = typeof dimension === 'number' || x!.shape[axis - offset] === dimension;
        assert(known, `${what} needs to know ${dimension}`);
      }
      return shape!;
    },
    vjp: (_, { gradient }) => [gradient],
    // Size 1 leaves the symbolic axis, which the input has already, as it is.
    onnx: (_, { shape }) => ({
      inputs: [shape.map((dimension) => (typeof dimension === 'string' ? 1 : dimension))],
    }),
  },
  Slice: {
    shape: ([x, at], attributes) =>
      at === undefined ? slicedShape(x!.shape, attributes) : attributes.shape!,
    vjp: (f, { gradient, inputs: [x, at], output }) =>
      at === undefined
        ? [sliceGradient(f, x!, gradient, output.attributes)]
        : [blockGradient(f, x!, gradient, at), undefined, undefined],
    onnx: ({ starts, ends, axes, steps }, { inputs: [x, at] }) => {
      if (at !== undefined) return { inputs: [axes!] };
      if (steps === undefined) return { inputs: [starts!, ends!, axes!] };
      // An end before the first entry cannot be counted from the front.
      const open = ends!.map((end, i) => (end < 0 ? -1 - Number(x!.shape[axes![i]!]) : end));
      return { inputs: [starts!, open, axes!, steps] };
    },
  },
  Pad: {
    shape: ([x], { before, after }) => {
      const fits = before!.length === x!.shape.length && after!.length === x!.shape.length;
      assert(fits, `Pad of ${formatShape(x!.shape)} by ${before!.length} axes`);
      return x!.shape.map((size, axis) => {
        const extra = before![axis]! + after![axis]!;
        return extra === 0 ? size : knownSizes('Pad', [size])[0]! + extra;
      });
    },
    vjp: (f, { gradient, inputs: [x], output }) => {
      const { before } = output.attributes;
      let inner = gradient;
      for (const [axis, size] of x!.shape.entries()) {
        if (size === output.shape[axis]) continue;
        inner = f.slice(inner, axis, before![axis]!, before![axis]! + Number(size));
      }
      return [inner];
    },
    onnx: ({ before, after }) => ({ inputs: [[...before!, ...after!]] }),
  },
} satisfies Partial<Record<OperationName, Operation>>;

const joins = {
  Concat: {
    shape: (inputs, { axis }) => {
      const [first] = inputs;
      let total = 0;
      for (const { shape, type } of inputs) {
        const both = `${formatShape(first!.shape)} with ${formatShape(shape)} on axis ${axis}`;
        assert(type === first!.type, `Concat of ${first!.type} and ${type}`);
        const aligned = sameShape(replaced(shape, axis!, [0]), replaced(first!.shape, axis!, [0]));
        assert(aligned, `Concat cannot join ${both}`);
        total += knownSizes('Concat', [shape[axis!]!])[0]!;
      }
      return replaced(first!.shape, axis!, [total]);
    },
    onnx: axisAttribute,
    vjp: (f, { gradient, inputs, output }) => {
      const axis = output.attributes.axis!;
      let end = 0;
      return inputs.map(({ shape }) => {
        const start = end;
        end += Number(shape[axis]);
        return f.slice(gradient, axis, start, end);
      });
    },
  },
  Gather: {
    shape: ([x, indices], { axis }) => {
      checkIndices('Gather', x!, indices!);
      return replaced(x!.shape, axis!, indices!.shape);
    },
    onnx: axisAttribute,
    vjp: (f, { gradient, inputs: [x, indices], output }) => [
      gatherGradient(f, x!, indices!, gradient, output.attributes.axis!),
      undefined,
    ],
  },
  GatherElements: {
    shape: ([x, indices]) => {
      checkIndices('GatherElements', x!, indices!);
      return indices!.shape;
    },
    onnx: axisAttribute,
    vjp: (f, { gradient, inputs: [x, indices], output }) => [
      f.scatterElements(f.zeros(x!.shape), indices!, gradient, output.attributes.axis),
      undefined,
    ],
  },
  ScatterElements: {
    shape: ([x, indices, updates]) => {
      checkIndices('ScatterElements', x!, indices!);
      const both = `${formatShape(indices!.shape)} and ${formatShape(updates!.shape)}`;
      assert(sameShape(indices!.shape, updates!.shape), `ScatterElements of ${both}`);
      return x!.shape;
    },
    onnx: ({ axis }) => ({ attributes: { axis: axis!, reduction: 'add' } }),
    vjp: (f, { gradient, inputs: [, indices], output }) => [
      gradient,
      undefined,
      f.gatherElements(gradient, indices!, output.attributes.axis),
    ],
  },
} satisfies Partial<Record<OperationName, Operation>>;

export const shaping = { ...views, ...joins };
