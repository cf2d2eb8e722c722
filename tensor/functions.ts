/** Functions that build expressions, named after their operations; a plain number stands for a scalar constant. */
import { constant, type ElementType, type Expression, type Shape } from './expression.ts';
import { widen } from './narrow-broadcast.ts';
import { apply } from './operations.ts';
import {
  broadcastShapes,
  formatShape,
  knownSizes,
  resolveAxis,
  resolveReshape,
  sameShape,
} from './shapes.ts';
import { assert } from '../state/errors.ts';

export { scan, scanStack } from './scan.ts';

/** An argument; a number takes the element type of the other argument. */
export type Operand = number | Expression;

// Elementwise, with NumPy broadcasting.

/** a + b. */
export const add = (a: Operand, b: Operand): Expression => binary('Add', a, b);
/** a - b. */
export const sub = (a: Operand, b: Operand): Expression => binary('Sub', a, b);
/** a b. */
export const mul = (a: Operand, b: Operand): Expression => binary('Mul', a, b);
/** a / b. */
export const div = (a: Operand, b: Operand): Expression => binary('Div', a, b);
/** -x. */
export const neg = (x: Expression): Expression => apply('Neg', [x]);
/** |x|; its gradient at 0 is 0. */
export const abs = (x: Expression): Expression => apply('Abs', [x]);
/** -1, 0 or 1; without a gradient. */
export const sign = (x: Expression): Expression => apply('Sign', [x]);
/** Square root. */
export const sqrt = (x: Expression): Expression => apply('Sqrt', [x]);
/** x squared. */
export const square = (x: Expression): Expression => mul(x, x);
/** e to the x. */
export const exp = (x: Expression): Expression => apply('Exp', [x]);
/** Natural logarithm. */
export const log = (x: Expression): Expression => apply('Log', [x]);
/** Hyperbolic tangent. */
export const tanh = (x: Expression): Expression => apply('Tanh', [x]);
/** 1 / (1 + e^-x). */
export const sigmoid = (x: Expression): Expression => apply('Sigmoid', [x]);
/** max(x, 0); its gradient at 0 is 0. */
export const relu = (x: Expression): Expression => apply('Relu', [x]);
/** Gauss error function. */
export const erf = (x: Expression): Expression => apply('Erf', [x]);
/** ln(1 + e^x). */
export const softplus = (x: Expression): Expression => apply('Softplus', [x]);
/** x where x > 0, alpha (e^x - 1) elsewhere (Clevert et al. 2016, arXiv:1511.07289). */
export const elu = (x: Expression, alpha = 1): Expression => apply('Elu', [x], { alpha });
/** x times the standard normal distribution function of x, exactly (Hendrycks and Gimpel 2016, arXiv:1606.08415). */
export const gelu = (x: Expression): Expression =>
  mul(x, mul(add(erf(mul(x, Math.SQRT1_2)), 1), 0.5));
/** Sine of radians. */
export const sin = (x: Expression): Expression => apply('Sin', [x]);
/** Cosine of radians. */
export const cos = (x: Expression): Expression => apply('Cos', [x]);
/** ln Gamma(x) for x > 0: Stirling's series at x + 3, from which the recurrence leads back. */
export const logGamma = (x: Expression): Expression => {
  const z = add(x, 3);
  const inverse = div(1, z);
  const squared = square(inverse);
  const tail = sub(1 / 12, mul(squared, sub(1 / 360, mul(squared, 1 / 1260))));
  const stirling = add(sub(mul(sub(z, 0.5), log(z)), z), mul(inverse, tail));
  const shift = add(log(x), log(mul(add(x, 1), add(x, 2))));
  return add(sub(stirling, shift), 0.5 * Math.log(2 * Math.PI));
};
/** The smaller of a and b; between equals the gradient goes to b. */
export const minimum = (a: Operand, b: Operand): Expression => {
  const [left, right] = operands(a, b);
  return where(less(left, right), left, right);
};
/** The larger of a and b; between equals the gradient goes to b. */
export const maximum = (a: Operand, b: Operand): Expression => {
  const [left, right] = operands(a, b);
  return where(greater(left, right), left, right);
};
/** Whether a > b, as bool. */
export const greater = (a: Operand, b: Operand): Expression => binary('Greater', a, b);
/** Whether a < b, as bool. */
export const less = (a: Operand, b: Operand): Expression => binary('Less', a, b);
/** Whether a = b, as bool. */
export const equal = (a: Operand, b: Operand): Expression => binary('Equal', a, b);
/** `a` where the bool `condition` holds, `b` elsewhere. */
export const where = (condition: Expression, a: Operand, b: Operand): Expression =>
  apply('Where', [condition, ...operands(a, b)]);
/** The same values in another element type. */
export const cast = (x: Expression, to: ElementType): Expression =>
  x.type === to ? x : apply('Cast', [x], { to });

// Reductions; all axes unless some are named.

/** Sum over `axes`. */
export const reduceSum = (x: Expression, axes?: number | readonly number[], keepDims = false) =>
  reduce('ReduceSum', x, axes, keepDims);
/** Mean over `axes`. */
export const reduceMean = (x: Expression, axes?: number | readonly number[], keepDims = false) =>
  reduce('ReduceMean', x, axes, keepDims);
/** Maximum over `axes`; equals share the gradient. */
export const reduceMax = (x: Expression, axes?: number | readonly number[], keepDims = false) =>
  reduce('ReduceMax', x, axes, keepDims);
/** Minimum over `axes`; equals share the gradient. */
export const reduceMin = (x: Expression, axes?: number | readonly number[], keepDims = false) =>
  reduce('ReduceMin', x, axes, keepDims);
/**
 * The last `axisCount` axes together brought to mean 0 and variance 1, then scaled and shifted (Ba et al. 2016,
 * arXiv:1607.06450); `scale` and `bias` broadcast against x.
 */
export const layerNorm = (
  x: Expression,
  scale: Expression,
  bias: Expression,
  axisCount = 1,
  epsilon = 1e-5,
): Expression => {
  const axes = Array.from({ length: axisCount }, (_, i) => x.shape.length - axisCount + i);
  const centred = sub(x, reduceMean(x, axes, true));
  const variance = reduceMean(square(centred), axes, true);
  return add(mul(div(centred, sqrt(add(variance, epsilon))), scale), bias);
};
/** e^x / sum of e^x along `axis`. */
export const softmax = (x: Expression, axis = -1): Expression =>
  apply('Softmax', [x], { axis: resolveAxis('Softmax', axis, x.shape.length) });

// Linear algebra.

/** Matrix product of the last two axes; axes before them broadcast. `[..., m, k] x [..., k, n] -> [..., m, n]`. */
export const matMul = (a: Expression, b: Expression): Expression => apply('MatMul', [a, b]);

// Shape.

/** Axes reordered: output axis i is input axis `permutation[i]`; reversed unless given. */
export const transpose = (x: Expression, permutation?: readonly number[]): Expression =>
  apply('Transpose', [x], {
    permutation: permutation ?? x.shape.map((_, i, all) => all.length - 1 - i),
  });
/** The same elements in another shape, of which one size may be -1: what is left. */
export const reshape = (x: Expression, shape: Shape): Expression => {
  const resolved = resolveReshape(x.shape, shape);
  return sameShape(resolved, x.shape) ? x : apply('Reshape', [x], { shape: resolved });
};
/** A new axis of size 1 at `axis` of the result. */
export const unsqueeze = (x: Expression, axis: number): Expression => {
  const at = resolveAxis('unsqueeze', axis, x.shape.length + 1);
  return reshape(x, x.shape.toSpliced(at, 0, 1));
};
/** Without `axis`, whose size is 1. */
export const squeeze = (x: Expression, axis: number): Expression => {
  const at = resolveAxis('squeeze', axis, x.shape.length);
  assert(x.shape[at] === 1, `squeeze of axis ${axis} of ${formatShape(x.shape)}`);
  return reshape(x, x.shape.toSpliced(at, 1));
};
/** Every `step`-th entry of the range [start, end) of `axis`; both may count from the end as negative numbers. */
export const slice = (
  x: Expression,
  axis: number,
  start: number,
  end?: number,
  step = 1,
): Expression => {
  const at = resolveAxis('Slice', axis, x.shape.length);
  const size = knownSizes('Slice', [x.shape[at]!])[0]!;
  const position = (index: number): number => (index < 0 ? index + size : index);
  const range = { axes: [at], starts: [position(start)], ends: [position(end ?? size)] };
  assert(step > 0, `slice has step ${step}; flip reverses an axis`);
  return apply('Slice', [x], step === 1 ? range : { ...range, steps: [step] });
};
/** `axis` in reverse order. */
export const flip = (x: Expression, axis: number): Expression => {
  const at = resolveAxis('flip', axis, x.shape.length);
  const size = knownSizes('flip', [x.shape[at]!])[0]!;
  return apply('Slice', [x], { axes: [at], starts: [size - 1], ends: [-1], steps: [-1] });
};
/** The `size` entries of axis 0 from `start`, an int64 scalar that is known only at run time, on. */
export const sliceAt = (x: Expression, start: Expression, size: number): Expression => {
  const from = reshape(start, [1]);
  const shape = [size, ...x.shape.slice(1)];
  return apply('Slice', [x, from, add(from, size)], { axes: [0], shape });
};
/** Consecutive pieces of `axis` of the given sizes, which add up to it. */
export const split = (x: Expression, sizes: readonly number[], axis: number): Expression[] => {
  const at = resolveAxis('split', axis, x.shape.length);
  const total = sizes.reduce((sum, size) => sum + size, 0);
  assert(total === x.shape[at], `split of ${formatShape(x.shape)} into ${formatShape(sizes)}`);
  let end = 0;
  return sizes.map((size) => {
    end += size;
    return slice(x, at, end - size, end);
  });
};
/** Joined along `axis`. */
export const concat = (xs: readonly Expression[], axis: number): Expression =>
  apply('Concat', xs, { axis: resolveAxis('Concat', axis, xs[0]!.shape.length) });
/** Arrays of one shape, joined along a new axis at `axis` of the result. */
export const stack = (xs: readonly Expression[], axis: number): Expression =>
  concat(
    xs.map((x) => unsqueeze(x, axis)),
    axis,
  );
/** Entries of `axis` at int64 `indices`, whose axes take its place. */
export const gather = (x: Expression, indices: Expression, axis = 0): Expression => {
  const at = resolveAxis('Gather', axis, x.shape.length);
  if (x.shape.length > 1 || indices.shape.length === 0)
    return apply('Gather', [x, indices], { axis: at });
  // Single numbers: ONNX Runtime's GatherElements moves them nine times as fast as its Gather.
  return reshape(gatherElements(x, reshape(indices, [-1])), indices.shape);
};
/** Entry by entry: `indices` says where along `axis` each result lies; all other positions stay. */
export const gatherElements = (x: Expression, indices: Expression, axis = 0): Expression =>
  apply('GatherElements', [x, indices], {
    axis: resolveAxis('GatherElements', axis, x.shape.length),
  });
/** `x` with each of `updates` added at its index along `axis`. */
export const scatterElements = (
  x: Expression,
  indices: Expression,
  updates: Expression,
  axis = 0,
): Expression =>
  apply('ScatterElements', [x, indices, updates], {
    axis: resolveAxis('ScatterElements', axis, x.shape.length),
  });
/** Broadcast to `shape`. */
export const expand = (x: Expression, shape: Shape): Expression => {
  if (sameShape(x.shape, shape)) return x;
  const widened = widen(x, shape);
  return widened === x ? apply('Expand', [x], { shape }) : widened;
};
/** Zeros put before and after each axis. */
export const pad = (
  x: Expression,
  before: readonly number[],
  after: readonly number[],
): Expression =>
  [...before, ...after].every((count) => count === 0) ? x : apply('Pad', [x], { before, after });
/** Zeros. */
export const zeros = (shape: Shape, type: ElementType = 'float32'): Expression =>
  expand(constant(0, [], type), shape);

function operands(a: Operand, b: Operand): [Expression, Expression] {
  const typed = typeof a === 'number' ? b : a;
  assert(typeof typed !== 'number', 'one of two operands is an expression');
  const of = (x: Operand): Expression => (typeof x === 'number' ? constant(x, [], typed.type) : x);
  return [of(a), of(b)];
}

type BinaryName = 'Add' | 'Sub' | 'Mul' | 'Div' | 'Greater' | 'Less' | 'Equal';

/** Operands that were expanded meet unexpanded, and only the result is expanded, which is rarely needed then. */
function binary(name: BinaryName, a: Operand, b: Operand): Expression {
  const [left, right] = operands(a, b);
  const source = (x: Expression): Expression => (x.op === 'Expand' ? x.inputs[0]! : x);
  const [first, second] = [source(left), source(right)];
  const result = apply(name, [
    widen(first, second.shape, second.op),
    widen(second, first.shape, first.op),
  ]);
  return expand(result, broadcastShapes(name, left.shape, right.shape));
}

function reduce(
  name: 'ReduceSum' | 'ReduceMean' | 'ReduceMax' | 'ReduceMin',
  x: Expression,
  axes: number | readonly number[] | undefined,
  keepDims: boolean,
): Expression {
  const named = typeof axes === 'number' ? [axes] : (axes ?? x.shape.map((_, axis) => axis));
  const resolved = named
    .map((axis) => resolveAxis(name, axis, x.shape.length))
    .sort((a, b) => a - b);
  return apply(name, [x], { axes: resolved, keepDims });
}
