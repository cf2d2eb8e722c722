/** Random uses of every operation, for properties that all operations have; leaving one out does not compile. */
import * as fc from 'fast-check';
import { constant, type Expression } from '../../tensor/expression.ts';
import * as f from '../../tensor/functions.ts';
import { lstm } from '../../tensor/lstm.ts';
import type { OperationName } from '../../tensor/operation.ts';
import type { ScanStep } from '../../tensor/scan.ts';

/** One use of an operation: shapes of its float inputs, and what it builds from them. */
export interface Sample {
  readonly shapes: readonly (readonly number[])[];
  readonly build: (...inputs: readonly Expression[]) => Expression;
  /** Whether the inputs are to be positive. */
  readonly positive?: boolean;
}

type Arbitrary = fc.Arbitrary<Sample>;
type Unary = (x: Expression) => Expression;
type Binary = (a: Expression, b: Expression) => Expression;

const size = fc.integer({ min: 1, max: 4 });
const shapeOf = (minLength: number, maxLength: number): fc.Arbitrary<number[]> =>
  fc.array(size, { minLength, maxLength });
const anyShape = shapeOf(0, 3);

const unary = (apply: Unary, positive = false): Arbitrary =>
  anyShape.map((shape) => ({ shapes: [shape], build: (x) => apply(x), positive }));

/** Two shapes that broadcast: leading axes left out, other axes set to 1, on either side. */
const broadcastPair = fc
  .tuple(
    shapeOf(0, 2),
    fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 2, maxLength: 2 }),
    fc.nat(2),
  )
  .map(([full, ones, dropped]): [number[], number[]] => [
    full.map((d, axis) => (ones[axis] === 1 ? 1 : d)),
    full.map((d, axis) => (ones[axis] === 2 ? 1 : d)).slice(Math.min(dropped, full.length)),
  ]);

const binary = (apply: Binary, positive = false): Arbitrary =>
  fc.tuple(broadcastPair, fc.boolean()).map(([[a, b], swap]) => ({
    shapes: swap ? [b, a] : [a, b],
    build: (x, y) => apply(x, y),
    positive,
  }));

/** A shape with one of its axes. */
const withAxis = shapeOf(1, 3).chain((shape) =>
  fc.integer({ min: -shape.length, max: shape.length - 1 }).map((axis) => ({ shape, axis })),
);

const reduction = (
  apply: (x: Expression, axes?: number[], keep?: boolean) => Expression,
): Arbitrary =>
  shapeOf(1, 3).chain((shape) =>
    fc.tuple(fc.subarray(shape.map((_, axis) => axis)), fc.boolean()).map(([axes, keep]) => ({
      shapes: [shape],
      build: (x) => apply(x, axes.length === 0 ? undefined : axes, keep),
    })),
  );

const replaced = (shape: readonly number[], axis: number, by: number): number[] =>
  shape.with(axis, by);

const indicesBelow = (limit: number, shape: readonly number[]): fc.Arbitrary<Expression> => {
  const count = shape.reduce((a, b) => a * b, 1);
  return fc
    .array(fc.nat(limit - 1), { minLength: count, maxLength: count })
    .map((values) => constant(values, shape, 'int64'));
};

const elementwise = {
  Abs: unary(f.abs),
  Add: binary(f.add),
  Cos: unary(f.cos),
  Cast: unary((x) => f.mul(f.cast(f.greater(x, 0), 'float32'), x)),
  Div: binary(f.div, true),
  Elu: fc.constantFrom(1, 0.5).chain((alpha) => unary((x) => f.elu(x, alpha))),
  Equal: binary((a, b) => f.where(f.equal(f.sign(a), f.sign(b)), a, b)),
  Erf: unary(f.erf),
  Exp: unary(f.exp),
  Greater: binary((a, b) => f.where(f.greater(a, b), a, b)),
  Less: binary((a, b) => f.where(f.less(a, b), a, b)),
  Log: unary(f.log, true),
  Mul: binary(f.mul),
  Neg: unary(f.neg),
  Relu: unary(f.relu),
  Sigmoid: unary(f.sigmoid),
  Sign: unary((x) => f.mul(f.sign(x), x)),
  Sin: unary(f.sin),
  Softplus: unary(f.softplus),
  Sqrt: unary(f.sqrt, true),
  Sub: binary(f.sub),
  Tanh: unary(f.tanh),
  Where: binary((a, b) => f.where(f.greater(a, b), f.square(a), b)),
} satisfies Partial<Record<OperationName, Arbitrary>>;

const reductions = {
  ReduceMax: reduction(f.reduceMax),
  ReduceMin: reduction(f.reduceMin),
  ReduceMean: reduction(f.reduceMean),
  ReduceSum: reduction(f.reduceSum),
  Softmax: withAxis.map(({ shape, axis }) => ({
    shapes: [shape],
    build: (x) => f.softmax(x, axis),
  })),
  MatMul: fc.tuple(broadcastPair, size, size, size).map(([[a, b], m, k, n]) => ({
    shapes: [
      [...a, m, k],
      [...b, k, n],
    ],
    build: (x, y) => f.matMul(x, y),
  })),
} satisfies Partial<Record<OperationName, Arbitrary>>;

const shaping = {
  Concat: fc.tuple(withAxis, size, size).map(([{ shape, axis }, second, third]) => ({
    shapes: [shape, replaced(shape, axis, second), replaced(shape, axis, third)],
    build: (...xs) => f.concat(xs, axis),
  })),
  Expand: broadcastPair.map(([a, b]) => ({
    shapes: [b],
    build: (x) =>
      f.expand(
        x,
        a.map((d, axis) => Math.max(d, b[axis - a.length + b.length] ?? 1)),
      ),
  })),
  Gather: fc.tuple(shapeOf(2, 3), shapeOf(0, 2), fc.nat(1)).chain(([shape, picked, axis]) =>
    indicesBelow(shape[axis]!, picked).map((indices) => ({
      shapes: [shape],
      build: (x) => f.gather(x, indices, axis),
    })),
  ),
  GatherElements: withAxis.chain(({ shape, axis }) =>
    size.chain((picked) =>
      indicesBelow(shape.at(axis)!, replaced(shape, axis, picked)).map((indices) => ({
        shapes: [shape],
        build: (x) => f.gatherElements(x, indices, axis),
      })),
    ),
  ),
  ScatterElements: withAxis.chain(({ shape, axis }) =>
    size.chain((picked) =>
      indicesBelow(shape.at(axis)!, replaced(shape, axis, picked)).map((indices) => ({
        shapes: [shape, replaced(shape, axis, picked)],
        build: (x, updates) => f.scatterElements(x, indices, updates, axis),
      })),
    ),
  ),
  Pad: shapeOf(1, 3).chain((shape) =>
    fc
      .array(fc.nat(2), { minLength: 2 * shape.length, maxLength: 2 * shape.length })
      .map((sizes) => ({
        shapes: [shape],
        build: (x) => f.pad(x, sizes.slice(0, shape.length), sizes.slice(shape.length).with(0, 1)),
      })),
  ),
  Reshape: fc.tuple(size, size, size).map(([a, b, c]) => ({
    shapes: [[a, b * c]],
    build: (x) => f.reshape(x, [c, -1, 1, b]),
  })),
  Slice: withAxis.chain(({ shape, axis }) =>
    fc.nat(shape.at(axis)! - 1).chain((start) =>
      fc
        .tuple(
          fc.integer({ min: start + 1, max: shape.at(axis)! }),
          fc.integer({ min: 1, max: 3 }),
          fc.constantFrom('range', 'reversed', 'run-time start'),
        )
        .map(([end, step, kind]) => ({
          shapes: [shape],
          build: (x): Expression => {
            if (kind === 'range') return f.slice(x, axis, start, end, step);
            if (kind === 'reversed') return f.flip(f.slice(x, axis, start, end, step), axis);
            const count = Math.min(end, shape[0]!);
            return f.sliceAt(x, constant(shape[0]! - count, [], 'int64'), count);
          },
        })),
    ),
  ),
  Transpose: shapeOf(3, 4).chain((shape) => {
    const axes = shape.map((_, axis) => axis);
    return fc.shuffledSubarray(axes, { minLength: axes.length }).map((permutation) => ({
      shapes: [shape],
      build: (x) => f.transpose(x, permutation),
    }));
  }),
} satisfies Partial<Record<OperationName, Arbitrary>>;

/** A recurrence with all that a scan has: a carry, a sequence, a captured matrix, a stack and a final value. */
const scan: Arbitrary = fc
  .tuple(size, size, size, fc.boolean(), fc.constantFrom('all', 'products', 'carries'))
  .map(([steps, rows, width, reverse, memory]) => ({
    shapes: [
      [rows, width],
      [steps, rows, width],
      [width, width],
    ],
    build: (start, xs, weight) => {
      const step = ([h]: readonly Expression[], [x]: readonly Expression[]): ScanStep => {
        const next = f.tanh(f.add(f.matMul(h!, weight), f.slice(x!, 1, 0)));
        return { next: [next], outputs: [f.mul(next, f.relu(x!))] };
      };
      const { finals, outputs } = f.scan([start], [xs], step, { reverse, memory });
      return f.add(outputs[0]!, finals[0]!);
    },
  }));

const recurrence: Arbitrary = fc
  .record({
    steps: fc.integer({ min: 1, max: 3 }),
    batch: size,
    from: size,
    width: fc.integer({ min: 1, max: 3 }),
  })
  .map(({ steps, batch, from, width }) => ({
    shapes: [
      [steps, batch, from],
      [from, 4 * width],
      [width, 4 * width],
      [4 * width],
      [batch, width],
      [batch, width],
    ],
    build: (x, own, past, bias, h, c) => {
      const weights = { input: own, recurrent: past, bias };
      const { outputs, cell } = lstm(x, weights, { h, c });
      return f.add(outputs, cell);
    },
  }));

/** Random uses of each operation; every one of them is differentiable in all its inputs, away from kinks. */
export const operationSamples: Readonly<Record<OperationName, Arbitrary>> = {
  ...elementwise,
  ...reductions,
  ...shaping,
  LSTM: recurrence,
  Scan: scan,
  ScanFinal: scan,
  ScanStack: scan,
};
