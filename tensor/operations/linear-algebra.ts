/** Matrix products. */
import { assert } from '../../state/errors.ts';
import type { Expression } from '../expression.ts';
import type { Functions, Operation, OperationName } from '../operation.ts';
import { broadcastShapes, formatShape } from '../shapes.ts';

/** The last two axes exchanged. */
function adjoint(f: Functions, x: Expression): Expression {
  const rank = x.shape.length;
  const axes = x.shape.map((_, axis) => axis);
  return f.transpose(x, [...axes.slice(0, rank - 2), rank - 1, rank - 2]);
}

/** All axes but the last made one: a stack of matrices against one matrix is one tall matrix. */
function tall(f: Functions, x: Expression): Expression {
  return f.reshape(x, [-1, x.shape.at(-1)!]);
}

/** d loss / d weights for `x` [rows, from] and the gradient [rows, to] of what they made of it. */
function weightGradient(f: Functions, x: Expression, gradient: Expression): Expression {
  const [from, to] = [Number(x.shape[1]), Number(gradient.shape[1])];
  // The runtime computes narrow products up to twice as fast the other way round, except single columns.
  return to > 1 && to < 32 && to < from
    ? f.transpose(f.matMul(adjoint(f, gradient), x))
    : f.matMul(adjoint(f, x), gradient);
}

export const linearAlgebra = {
  MatMul: {
    shape: ([a, b]) => {
      const both = `${formatShape(a!.shape)} x ${formatShape(b!.shape)}`;
      assert(a!.type === 'float32' && b!.type === 'float32', `MatMul of ${a!.type} and ${b!.type}`);
      assert(a!.shape.length >= 2 && b!.shape.length >= 2, `MatMul needs matrices, not ${both}`);
      assert(a!.shape.at(-1) === b!.shape.at(-2), `MatMul does not fit: ${both}`);
      const stack = broadcastShapes('MatMul', a!.shape.slice(0, -2), b!.shape.slice(0, -2));
      return [...stack, a!.shape.at(-2)!, b!.shape.at(-1)!];
    },
    vjp: (f, { gradient, inputs: [a, b] }) => {
      const first = f.matMul(gradient, adjoint(f, b!));
      const second =
        b!.shape.length === 2
          ? weightGradient(f, tall(f, a!), tall(f, gradient))
          : f.matMul(adjoint(f, a!), gradient);
      return [first, second];
    },
  },
} satisfies Partial<Record<OperationName, Operation>>;
