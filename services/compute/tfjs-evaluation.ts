/** Evaluates expression graphs with TensorFlow.js, node by node; a scan is a loop in JavaScript. */
import { assert } from '../../state/errors.ts';
import type { Expression } from '../../tensor/expression.ts';
import * as functions from '../../tensor/functions.ts';
import type { OperationName } from '../../tensor/operation.ts';
import { lstmAsScan } from '../../tensor/operations/lstm.ts';
import { inOrder } from '../../tensor/traversal.ts';
import type { TensorData } from '../../tensor/values.ts';
import { type Rule, type ScanOperation, tfjsOperations } from './tfjs-operations.ts';
import type { Tensor, TensorFlow } from './tfjs-package.ts';

/** Values of expressions. */
export interface Scope {
  readonly tf: TensorFlow;
  readonly values: Map<Expression, Tensor>;
  /** Where an expression is looked for that has no value here: around the body of a scan. */
  readonly outer?: Scope;
  readonly scans: Map<Expression, ScanRun>;
}

/** A scan that has been computed. */
interface ScanRun {
  readonly finals: readonly Tensor[];
  /** Values in the body, at the position of the entries that they belong to. */
  readonly steps: readonly Scope[];
}

type ScanRule = (scope: Scope, expression: Expression) => Tensor;

const scanRules: Readonly<Record<ScanOperation, ScanRule>> = {
  LSTM: (scope, { inputs, attributes }) =>
    evaluate(scope, lstmAsScan(functions, inputs, attributes.result!)),
  Scan: (scope, expression) => {
    scope.scans.set(expression, runScan(scope, expression));
    return scope.tf.scalar(0);
  },
  ScanFinal: (scope, { inputs: [scan], attributes: { index } }) =>
    scanOf(scope, scan!).finals[index!]!,
  ScanStack: (scope, { inputs: [scan], attributes: { inner } }) =>
    scope.tf.stack(scanOf(scope, scan!).steps.map((step) => evaluate(step, inner!))),
};

/** A scope without values. */
export function createScope(tf: TensorFlow, outer?: Scope): Scope {
  const scope = { tf, values: new Map<Expression, Tensor>(), scans: new Map() };
  return outer === undefined ? scope : { ...scope, outer };
}

/** The value of `expression`; inputs and parameters must have one in `scope`. */
export function evaluate(scope: Scope, expression: Expression): Tensor {
  const known = { has: (x: Expression): boolean => find(scope, x) !== undefined };
  for (const node of inOrder([expression], known)) scope.values.set(node, compute(scope, node));
  return find(scope, expression)!;
}

/** A tensor of `data`; TensorFlow.js has no int64, so that indices are int32. */
export function toTensor(tf: TensorFlow, data: TensorData, shape: readonly number[]): Tensor {
  if (data instanceof Float32Array) return tf.tensor(data, [...shape], 'float32');
  if (data instanceof BigInt64Array) {
    return tf.tensor(Int32Array.from(data, Number), [...shape], 'int32');
  }
  return tf.tensor(data, [...shape], 'bool');
}

function find(scope: Scope, expression: Expression): Tensor | undefined {
  return scope.values.get(expression) ?? (scope.outer && find(scope.outer, expression));
}

function compute(scope: Scope, node: Expression): Tensor {
  const { op, name, data, shape, inputs, attributes } = node;
  if (op === 'Constant') return toTensor(scope.tf, data!, shape as number[]);
  assert(op !== 'Input' && op !== 'Parameter', `${op} "${name}" is given`);
  if (isScan(op)) return scanRules[op](scope, node);
  const rule: Rule = tfjsOperations[op];
  return rule(
    scope.tf,
    inputs.map((x) => find(scope, x)!),
    attributes,
  );
}

function isScan(op: OperationName): op is ScanOperation {
  return op in scanRules;
}

function scanOf(scope: Scope, scan: Expression): ScanRun {
  const found = scope.scans.get(scan) ?? (scope.outer && scanOf(scope.outer, scan));
  assert(found, 'a scan comes before what is taken from it');
  return found;
}

function runScan(scope: Scope, { inputs, attributes }: Expression): ScanRun {
  const { carries, elements, next, reverse } = attributes.scan!;
  const given = inputs.map((x) => find(scope, x)!);
  const sequences = given.slice(carries.length, carries.length + elements.length);
  const entries = sequences.map((sequence) => scope.tf.unstack(sequence));
  const count = entries[0]!.length;
  const steps: Scope[] = Array.from({ length: count }, () => createScope(scope.tf, scope));
  let state = given.slice(0, carries.length);
  for (let i = 0; i < count; i++) {
    const at = reverse ? count - 1 - i : i;
    const step = steps[at]!;
    for (const [c, carry] of carries.entries()) step.values.set(carry, state[c]!);
    for (const [e, element] of elements.entries()) step.values.set(element, entries[e]![at]!);
    state = next.map((value) => evaluate(step, value));
  }
  return { finals: state, steps };
}
