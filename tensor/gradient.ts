/** Reverse-mode differentiation: gradients are expressions in the same operations as what they are gradients of. */
import { assert } from '../state/errors.ts';
import { accumulate } from './accumulation.ts';
import { constant, type Expression, type Shape } from './expression.ts';
import * as functions from './functions.ts';
import type { OperationName } from './operation.ts';
import { operations } from './operations.ts';
import { broadcastShapes, formatShape, sameShape } from './shapes.ts';
import { dependents, inOrder } from './traversal.ts';

/** d `loss` / d x for each x of `wrt`, in its shape; zeros where the scalar `loss` does not depend on it. */
export function gradients(loss: Expression, wrt: readonly Expression[]): Expression[] {
  assert(loss.shape.length === 0, `a loss is a scalar, not ${formatShape(loss.shape)}`);
  assert(loss.type === 'float32', `a loss is float32, not ${loss.type}`);
  return propagate([loss], [constant(1)], wrt);
}

/**
 * d loss / d x for each x of `wrt`, where d loss / d output for each of `outputs` is the one of `given`, and where one of
 * `wrt` counts as fixed when another changes.
 */
function pullback(
  outputs: readonly Expression[],
  given: readonly Expression[],
  wrt: readonly Expression[],
): Expression[] {
  return propagate(outputs, given, wrt, new Set(wrt));
}

function propagate(
  outputs: readonly Expression[],
  given: readonly Expression[],
  wrt: readonly Expression[],
  ends: ReadonlySet<Expression> = new Set(),
): Expression[] {
  const order = inOrder(outputs);
  const onPath = dependents(order, new Set(wrt));
  const needs = (x: Expression): boolean => onPath.has(x);
  const arrived = new Map<Expression, readonly Expression[]>();
  const parts = new Map<Expression, { part: Expression; gradient: Expression }[]>();
  const arrive = (x: Expression, gradient: Expression): void => {
    arrived.set(x, [...(arrived.get(x) ?? []), gradient]);
  };
  const total = (x: Expression): Expression | undefined => {
    const shares = arrived.get(x);
    return shares && accumulate(shares);
  };
  for (const [i, output] of outputs.entries()) arrive(output, given[i]!);
  for (const output of order.toReversed()) {
    const { op, inputs } = output;
    if (inputs.length === 0 || !onPath.has(output) || ends.has(output)) continue;
    // A Scan is no value: gradients arrive at what was taken from it.
    const gradient = parts.has(output) ? constant(0) : total(output);
    if (gradient === undefined) continue;
    if (op === 'ScanStack' || op === 'ScanFinal') {
      const scan = inputs[0]!;
      parts.set(scan, [...(parts.get(scan) ?? []), { part: output, gradient }]);
      continue;
    }
    const shares = operations[op as OperationName].vjp(functions, {
      gradient,
      inputs,
      output,
      parts: parts.get(output) ?? [],
      needs,
      pullback,
    });
    for (const [i, target] of inputs.entries()) {
      const share = shares[i];
      if (share === undefined || !onPath.has(target)) continue;
      arrive(target, sumTo(share, target.shape));
    }
  }
  return wrt.map((x) => total(x) ?? functions.zeros(x.shape));
}

/** Undoes broadcasting: `x` summed over the axes along which `shape` was repeated. */
function sumTo(x: Expression, shape: Shape): Expression {
  if (sameShape(x.shape, shape)) return x;
  // The sign changes where there are fewer elements.
  if (x.op === 'Neg') return functions.neg(sumTo(x.inputs[0]!, shape));
  const full = broadcastShapes('gradient', x.shape, shape);
  assert(
    sameShape(full, x.shape),
    `gradient ${formatShape(x.shape)} does not cover ${formatShape(shape)}`,
  );
  const added = x.shape.length - shape.length;
  const axes = x.shape.flatMap((size, axis) =>
    axis < added || (shape[axis - added] === 1 && size !== 1) ? [axis] : [],
  );
  const leads = axes.every((axis, i) => axis === i);
  return functions.reshape(leads ? sumOfRows(x, axes.length) : functions.reduceSum(x, axes), shape);
}

/** `x` summed over its first `count` axes: a product with a row of ones, which runs faster than the reduction. */
function sumOfRows(x: Expression, count: number): Expression {
  const rows = x.shape.slice(0, count).reduce<number>((product, size) => product * Number(size), 1);
  if (count === x.shape.length || Number.isNaN(rows))
    return functions.reduceSum(x, axesUpTo(count));
  const ones = constant(new Float32Array(rows).fill(1), [1, rows]);
  return functions.matMul(ones, functions.reshape(x, [rows, -1]));
}

const axesUpTo = (count: number): readonly number[] => Array.from({ length: count }, (_, i) => i);
