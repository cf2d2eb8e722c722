/** Graphs: expressions as a list of named ONNX nodes, still plain data; a value that occurs twice is computed once. */
import { assert } from '../state/errors.ts';
import type { ElementType, Expression, Shape } from './expression.ts';
import type { FloatValue, OperationName } from './operation.ts';
import { operations } from './operations.ts';
import { inOrder } from './traversal.ts';
import type { TensorData } from './values.ts';

/** A node attribute: an integer, a float, a text, a list of integers, or the body of a loop. */
export type AttributeValue = number | FloatValue | string | readonly number[] | Graph;

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
  /** The same for a value that leaves this graph: under a name that no other has and that is given here. */
  emitResult(expression: Expression): string;
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

/** A graph under construction. */
interface Scope {
  readonly prefix: string;
  readonly outer: Pick<Emitter, 'emit'> | undefined;
  readonly nodes: (GraphNode | OpenScan)[];
  readonly initialisers: Initialised[];
  /** Names of what has been emitted or bound. */
  readonly names: Map<Expression, string>;
  /** Names asked for. */
  readonly wanted: Map<Expression, string>;
  /** Expressions that are bound here or depend on one that is. */
  readonly inside: Set<Expression>;
  /** Names by what is computed under them. */
  readonly known: Map<string, string>;
  readonly taken: Set<string>;
  /** Names under which values leave. */
  readonly results: Set<string>;
  readonly scans: Map<Expression, OpenScan>;
}

/** A Scan among the nodes, to whose body outputs are added as they are asked for. */
interface OpenScan {
  readonly name: string;
  readonly expression: Expression;
  readonly inputs: readonly string[];
  readonly body: Emitter;
  /** Values that are stacked, with their name in the body. */
  readonly stacks: Map<Expression, GraphValue>;
}

/**
 * Starts a graph. Generated names begin with `prefix`. In a loop body, `outer` is the emitter of the graph around it:
 * what depends on nothing bound here is computed there, once, and captured by name.
 */
export function createEmitter(prefix = '', outer?: Pick<Emitter, 'emit'>): Emitter {
  const scope: Scope = {
    prefix,
    outer,
    nodes: [],
    initialisers: [],
    names: new Map(),
    wanted: new Map(),
    inside: new Set(),
    known: new Map(),
    taken: new Set(),
    results: new Set(),
    scans: new Map(),
  };
  const { nodes, initialisers } = scope;
  return {
    bind(expression, name) {
      scope.names.set(expression, name);
      scope.inside.add(expression);
      scope.taken.add(name);
    },
    emit: (expression) => emit(scope, expression),
    emitResult(expression) {
      const found = emit(scope, expression);
      const computed = scope.inside.has(expression) && expression.inputs.length > 0;
      const name = computed && !scope.results.has(found) ? found : freshName(scope, 'result');
      if (name !== found) copy(scope, found, name);
      scope.results.add(name);
      return name;
    },
    emitAs(expressions) {
      for (const [name, expression] of Object.entries(expressions)) {
        assert(!scope.taken.has(name), `"${name}" names one value only`);
        scope.taken.add(name);
        scope.wanted.set(expression, name);
      }
      for (const [name, expression] of Object.entries(expressions)) {
        const found = emit(scope, expression);
        if (found !== name) copy(scope, found, name);
        scope.results.add(name);
      }
    },
    add: (node) => void nodes.push(node),
    initialise: (tensor) => void initialisers.push(tensor),
    finish: (name, inputs, outputs) => ({
      name,
      nodes: nodes.map((node) => ('body' in node ? closeScan(node) : node)),
      initialisers,
      inputs,
      outputs,
    }),
  };
}

function copy({ nodes }: Scope, from: string, to: string): void {
  nodes.push({ op: 'Identity', inputs: [from], outputs: [to], attributes: {} });
}

function emit(scope: Scope, expression: Expression): string {
  for (const node of inOrder([expression], scope.names)) {
    if (node.op !== 'Constant') scope.names.set(node, nameOf(scope, node));
  }
  return valueName(scope, expression);
}

/** The name of what has been emitted; a constant is, in each graph that uses it, on its first use. */
function valueName(scope: Scope, expression: Expression): string {
  const { type, shape, data } = expression;
  const name = scope.names.get(expression) ?? constantName(scope, { type, shape, data: data! });
  scope.names.set(expression, name);
  return name;
}

function nameOf(scope: Scope, expression: Expression): string {
  if (expression.inputs.some((x) => scope.inside.has(x))) scope.inside.add(expression);
  else if (scope.outer !== undefined) return scope.outer.emit(expression);
  const { op, name } = expression;
  const computed = op !== 'Input' && op !== 'Parameter' && op !== 'Constant';
  assert(computed, `${op} "${name}" is not given`);
  return nodeName(scope, expression, op);
}

function nodeName(scope: Scope, expression: Expression, op: OperationName): string {
  const { inputs, attributes } = expression;
  if (op === 'Scan') return openScan(scope, expression);
  if (op === 'ScanFinal') return carryName(scope.scans.get(inputs[0]!)!.name, attributes.index!);
  if (op === 'ScanStack') return stackName(scope.scans.get(inputs[0]!)!, attributes.inner!);
  const form = operations[op].onnx?.(attributes, expression);
  const extra = (form?.inputs ?? []).map((values) => {
    const data = BigInt64Array.from(values, (value) => BigInt(value));
    return constantName(scope, { type: 'int64', shape: [values.length], data });
  });
  const given = [...inputs.map((x) => valueName(scope, x)), ...extra];
  const node = {
    op,
    inputs: form?.absent === undefined ? given : given.toSpliced(form.absent, 0, ''),
    attributes: form?.attributes ?? {},
  };
  const results = form?.results;
  const wanted = results === undefined ? scope.wanted.get(expression) : undefined;
  const key = nodeKey(node);
  const name = scope.known.get(key) ?? wanted ?? freshName(scope, op);
  const resultName = (index: number): string => `${name}:result_${index}`;
  if (!scope.known.has(key)) {
    const several = Array.from({ length: results?.count ?? 0 }, (_, i) => resultName(i));
    scope.nodes.push({ ...node, outputs: results === undefined ? [name] : several });
  }
  scope.known.set(key, name);
  return results === undefined ? name : resultName(results.index);
}

/** Begins the node of a Scan, and its body with what the next step needs. */
function openScan(scope: Scope, expression: Expression): string {
  const { carries, elements, next } = expression.attributes.scan!;
  const name = freshName(scope, 'Scan');
  const body = createEmitter(`${name}/`, { emit: (outside) => emit(scope, outside) });
  for (const [i, leaf] of carries.entries()) body.bind(leaf, `${name}/carry_${i}`);
  for (const [i, leaf] of elements.entries()) body.bind(leaf, `${name}/element_${i}`);
  body.emitAs(Object.fromEntries(next.map((value, i) => [`${name}/next_${i}`, value])));
  const given = expression.inputs.slice(0, carries.length + elements.length);
  const inputs = given.map((x) => valueName(scope, x));
  const scan = { name, expression, inputs, body, stacks: new Map() };
  scope.scans.set(expression, scan);
  scope.nodes.push(scan);
  return name;
}

const carryName = (scan: string, index: number): string => `${scan}:carry_${index}`;

/** The name of what `inner` was in all steps, outside the body. */
function stackName({ name, body, stacks }: OpenScan, inner: Expression): string {
  if (!stacks.has(inner)) {
    const { type, shape } = inner;
    stacks.set(inner, { name: body.emitResult(inner), type, shape });
  }
  return `${name}:stack_${[...stacks.keys()].indexOf(inner)}`;
}

function closeScan({ name, expression, inputs, body, stacks }: OpenScan): GraphNode {
  const { carries, elements, next, reverse } = expression.attributes.scan!;
  const value = (stem: string, { type, shape }: Expression, i: number): GraphValue => ({
    name: `${name}/${stem}_${i}`,
    type,
    shape,
  });
  const graph = body.finish(
    name,
    [
      ...carries.map((leaf, i) => value('carry', leaf, i)),
      ...elements.map((leaf, i) => value('element', leaf, i)),
    ],
    [...next.map((leaf, i) => value('next', leaf, i)), ...stacks.values()],
  );
  const direction = reverse ? 1 : 0;
  return {
    op: 'Scan',
    inputs,
    outputs: [
      ...carries.map((_, i) => carryName(name, i)),
      ...Array.from(stacks, (_, i) => `${name}:stack_${i}`),
    ],
    attributes: {
      body: graph,
      num_scan_inputs: elements.length,
      scan_input_directions: elements.map(() => direction),
      ...(stacks.size > 0 && { scan_output_directions: Array.from(stacks, () => direction) }),
    },
  };
}

function constantName(scope: Scope, tensor: Omit<Initialised, 'name'>): string {
  const key = constantKey(tensor);
  const name = scope.known.get(key) ?? freshName(scope, 'constant');
  if (!scope.known.has(key)) scope.initialisers.push({ name, ...tensor });
  scope.known.set(key, name);
  return name;
}

function freshName({ prefix, known, taken }: Scope, stem: string): string {
  for (let i = known.size; ; i++) {
    const name = `${prefix}${stem}_${i}`;
    if (taken.has(name)) continue;
    taken.add(name);
    return name;
  }
}

/** A graph value for an input or parameter. */
export function graphValue({ name, type, shape }: Expression): GraphValue {
  assert(name !== undefined, 'only inputs and parameters have a name');
  return { name, type, shape };
}
