/** Graphs: expressions as a list of named ONNX nodes, still plain data; a value that occurs twice is computed once. */
import { assert } from '../state/errors.ts';
import type { ElementType, Expression, Shape } from './expression.ts';
import type { OperationName } from './operation.ts';
import { operations } from './operations.ts';
import { inOrder } from './traversal.ts';
import type { TensorData } from './values.ts';

/** A node attribute: an integer, a text, a list of integers, or the body of a loop. */
export type AttributeValue = number | string | readonly number[] | Graph;

/** One ONNX node of the default operator set. */
export interface GraphNode {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, AttributeValue>>;
}

/** A value that enters or leaves a graph. */
export interface GraphValue {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: Shape;
}

/** A fixed tensor of a graph. */
export interface Initialised extends GraphValue {
  readonly data: TensorData;
}

/** A graph as ONNX has it; nodes stand after those that they use. */
export interface Graph {
  readonly name: string;
  readonly nodes: readonly GraphNode[];
  readonly initialisers: readonly Initialised[];
  readonly inputs: readonly GraphValue[];
  readonly outputs: readonly GraphValue[];
}

/** Turns expressions into nodes of one graph. */
export interface Emitter {
  /** Says under which name the value of `expression` is found; an input or parameter must be bound before its use. */
  bind(expression: Expression, name: string): void;
  /** Emits what the value of `expression` needs and returns the name under which it is found. */
  emit(expression: Expression): string;
  /** Emits expressions under the names that are their keys. */
  emitAs(expressions: Readonly<Record<string, Expression>>): void;
  /** Adds a node by hand. */
  add(node: GraphNode): void;
  /** Adds a fixed tensor by hand. */
  initialise(tensor: Initialised): void;
  /** All that was emitted, as a graph. */
  finish(name: string, inputs: readonly GraphValue[], outputs: readonly GraphValue[]): Graph;
}

/** What a node computes, written out: nodes with equal keys have equal values. */
function nodeKey({ op, inputs, attributes }: Omit<GraphNode, 'outputs'>): string {
  return JSON.stringify([op, inputs, attributes]);
}

function constantKey({ type, shape, data }: Omit<Initialised, 'name'>): string {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  return `${type} ${shape.join()} ${bytes.toString('base64')}`;
}

/**
 * Starts a graph. Generated names begin with `prefix`. In a loop body, `outer` is the emitter of the graph around it:
 * what depends on nothing bound here is computed there, once, and captured by name.
 */
export function createEmitter(prefix = '', outer?: Emitter): Emitter {
  const nodes: GraphNode[] = [];
  const initialisers: Initialised[] = [];
  const names = new Map<Expression, string>();
  const inside = new Set<Expression>();
  const known = new Map<string, string>();
  const wanted = new Map<Expression, string>();
  const taken = new Set<string>();

  const freshName = (stem: string): string => {
    for (let i = known.size; ; i++) {
      const name = `${prefix}${stem}_${i}`;
      if (taken.has(name)) continue;
      taken.add(name);
      return name;
    }
  };

  const constantName = (tensor: Omit<Initialised, 'name'>): string => {
    const key = constantKey(tensor);
    const name = known.get(key) ?? freshName('constant');
    if (!known.has(key)) initialisers.push({ name, ...tensor });
    known.set(key, name);
    return name;
  };

  const nodeName = (expression: Expression): string => {
    const form = operations[expression.op as OperationName].onnx?.(
      expression.attributes,
      expression,
    );
    const extra = (form?.inputs ?? []).map((values) =>
      constantName({
        type: 'int64',
        shape: [values.length],
        data: BigInt64Array.from(values, (value) => BigInt(value)),
      }),
    );
    const node = {
      op: expression.op,
      inputs: [...expression.inputs.map((x) => names.get(x)!), ...extra],
      attributes: form?.attributes ?? {},
    };
    const key = nodeKey(node);
    const name = known.get(key) ?? wanted.get(expression) ?? freshName(expression.op);
    if (!known.has(key)) nodes.push({ ...node, outputs: [name] });
    known.set(key, name);
    return name;
  };

  const nameOf = (expression: Expression): string => {
    const { op, type, shape, data } = expression;
    if (op === 'Constant') return constantName({ type, shape, data: data! });
    if (expression.inputs.some((x) => inside.has(x))) inside.add(expression);
    else if (outer !== undefined) return outer.emit(expression);
    assert(op !== 'Input' && op !== 'Parameter', `${op} "${expression.name}" is not given`);
    return nodeName(expression);
  };

  const emit = (expression: Expression): string => {
    for (const node of inOrder([expression], names)) names.set(node, nameOf(node));
    return names.get(expression)!;
  };

  return {
    bind(expression, name) {
      names.set(expression, name);
      inside.add(expression);
      taken.add(name);
    },
    emit,
    emitAs(expressions) {
      for (const [name, expression] of Object.entries(expressions)) {
        assert(!taken.has(name), `"${name}" names one value only`);
        taken.add(name);
        wanted.set(expression, name);
      }
      for (const [name, expression] of Object.entries(expressions)) {
        const found = emit(expression);
        if (found === name) continue;
        nodes.push({ op: 'Identity', inputs: [found], outputs: [name], attributes: {} });
      }
    },
    add: (node) => void nodes.push(node),
    initialise: (tensor) => void initialisers.push(tensor),
    finish: (name, inputs, outputs) => ({ name, nodes, initialisers, inputs, outputs }),
  };
}

/** A graph value for an input or parameter. */
export function graphValue({ name, type, shape }: Expression): GraphValue {
  assert(name !== undefined, 'only inputs and parameters have a name');
  return { name, type, shape };
}
