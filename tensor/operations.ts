/** The table of operations; leaving one out, or naming one that does not exist, does not compile. */
import type { Expression } from './expression.ts';
import type { Attributes, Operation, OperationName } from './operation.ts';
import { elementwise } from './operations/elementwise.ts';
import { linearAlgebra } from './operations/linear-algebra.ts';
import { lstm } from './operations/lstm.ts';
import { recurrent } from './operations/recurrent.ts';
import { reduction } from './operations/reduction.ts';
import { shaping } from './operations/shape.ts';

/** Every operation: its shape rule, its gradient, its ONNX form. A missing one does not compile. */
export const operations: Readonly<Record<OperationName, Operation>> = {
  ...elementwise,
  ...reduction,
  ...shaping,
  ...linearAlgebra,
  ...recurrent,
  ...lstm,
};

/** Makes the node of `op`; its shape and type follow from the table. */
export function apply(
  op: OperationName,
  inputs: readonly Expression[],
  attributes: Attributes = {},
): Expression {
  const operation = operations[op];
  const shape = operation.shape(inputs, attributes);
  const type = operation.type?.(inputs, attributes) ?? inputs[0]!.type;
  return { op, inputs, attributes, shape, type };
}
