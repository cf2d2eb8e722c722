/** The training step as a graph: forward pass, gradients and Adam, as the body of an ONNX `Loop` over steps. */
import { assert } from '../state/errors.ts';
import {
  type AdamRates,
  type AdamSettings,
  type AdamSlots,
  adamStep,
  clipGradients,
} from './adam.ts';
import { constant, type ElementType, type Expression, input, type Shape } from './expression.ts';
import { concat, gather, reshape } from './functions.ts';
import { gradients } from './gradient.ts';
import { createEmitter, type Emitter, type GraphValue, graphValue } from './graph.ts';
import { encodeModel } from './onnx.ts';
import { groupParameters, type ParameterGroup } from './parameter-groups.ts';
import type { Provider } from './session.ts';

/** What is trained, and on which inputs. */
export interface TrainingLoopSpec {
  /** Inputs that are the same in every step, such as all series in one flat tensor. */
  readonly data: readonly Expression[];
  /** Inputs that each step gets its own value of, such as the start positions of its windows. */
  readonly batch: readonly Expression[];
  /** The scalar to minimise. */
  readonly loss: Expression;
  readonly parameters: readonly Expression[];
  readonly adam: AdamSettings;
  /** Which parameters, by name, weight decay acts on; all unless given. */
  readonly decays?: (parameterName: string) => boolean;
  /** Parameters that are not trained but take a value computed in each step, such as running means. */
  readonly statistics?: readonly Statistic[];
  /** Threads that one step may use; all processors unless given. */
  readonly threads?: number;
  /** Who computes, the first choice first; the processor alone unless given. */
  readonly providers?: readonly Provider[];
  /** Beginning of the path of a file with the times of all nodes, written on release; none unless given. */
  readonly profile?: string;
}

/** A value that follows the training: in each step, all expressions see `value`; after it, `next` takes its place. */
export interface Statistic {
  /** A parameter, not among those that are trained. */
  readonly value: Expression;
  readonly next: Expression;
}

/** One of the three arrays that are kept per group of parameters. */
export type Slot = keyof AdamSlots<unknown>;
export const slotKinds: readonly Slot[] = ['parameter', 'first', 'second'];
export const rateKinds: readonly (keyof AdamRates<unknown>)[] = ['stepSize', 'epsilon', 'retained'];

// Names in the graph; the colon keeps them apart from a model's own names.

/** Input: how many steps to take, an int64 scalar. */
export const STEPS = 'loop:steps';
/** Output `[steps]`: the loss of each step, before it is taken. */
export const LOSSES = 'loop:losses';
/** Input `[steps]`: a rate of Adam. */
export const rateName = (kind: keyof AdamRates<unknown>): string => `loop:${kind}`;
/** Input: a slot of a parameter group, or a statistic, before the first step. */
export const startName = (kind: Slot | 'statistic', name: string): string => `${kind}:${name}`;
/** Output: the same after the last step. */
export const endName = (kind: Slot | 'statistic', name: string): string => `next:${kind}:${name}`;

/** An array that goes from step to step. */
interface Carried {
  readonly kind: Slot | 'statistic';
  readonly name: string;
  readonly shape: Shape;
}
/** Its names inside the body of the loop, before and after the step. */
const nowName = ({ kind, name }: Omit<Carried, 'shape'>): string => `step/${startName(kind, name)}`;
const nextName = ({ kind, name }: Omit<Carried, 'shape'>): string => `step/${endName(kind, name)}`;

/** The graph of the whole model and that of the loop's body, under construction. */
interface LoopGraphs {
  readonly outer: Emitter;
  readonly body: Emitter;
  /** Inputs of the outer graph. */
  readonly inputs: GraphValue[];
  readonly carried: Carried[];
  /** Position in the loop, an int64 scalar of the body. */
  readonly iteration: Expression;
}

/** The training steps of `spec` as an ONNX file, with inputs and outputs of the names above and those of `spec`. */
export function emitTrainingLoop(spec: TrainingLoopSpec): Uint8Array {
  const outer = createEmitter();
  const body = createEmitter('step/', outer);
  const iteration = input('step/iteration', 'int64', []);
  body.bind(iteration, iteration.name!);
  const steps: GraphValue = { name: STEPS, type: 'int64', shape: [] };
  const graphs: LoopGraphs = { outer, body, inputs: [steps], carried: [], iteration };

  for (const leaf of spec.data) declare(graphs, leaf);
  for (const leaf of spec.batch) {
    body.bind(leaf, body.emit(ofThisStep(graphs, leaf.name!, leaf.type, leaf.shape)));
  }
  const rates = {
    stepSize: ofThisStep(graphs, rateName('stepSize'), 'float32', []),
    epsilon: ofThisStep(graphs, rateName('epsilon'), 'float32', []),
    retained: ofThisStep(graphs, rateName('retained'), 'float32', []),
  };
  const groups = groupsOf(spec);
  const slots = groups.map((group) => carryGroup(graphs, group));
  const statistics = spec.statistics ?? [];
  for (const { value } of statistics) {
    body.bind(value, carry(graphs, 'statistic', value.name!, value.shape).name!);
  }
  const byParameter = new Map<Expression, Expression>();
  for (const [i, gradient] of gradients(spec.loss, spec.parameters).entries()) {
    byParameter.set(spec.parameters[i]!, gradient);
  }
  const grouped = groups.map((group) => groupGradient(group, byParameter));
  const results: Record<string, Expression> = { 'step/loss': spec.loss };
  for (const [i, gradient] of clipGradients(grouped, spec.adam).entries()) {
    const { name, decays } = groups[i]!;
    const next = adamStep(slots[i]!, gradient, rates, spec.adam, decays);
    for (const kind of slotKinds) results[nextName({ kind, name })] = next[kind];
  }
  for (const { value, next } of statistics) {
    results[nextName({ kind: 'statistic', name: value.name! })] = next;
  }
  body.emitAs(results);
  return closeLoop(graphs);
}

/** How the parameters of `spec` are laid out for its optimiser. */
export function groupsOf({
  parameters,
  adam,
  decays,
}: TrainingLoopSpec): readonly ParameterGroup[] {
  const none = adam.weightDecay === undefined || adam.weightDecay === 0;
  return groupParameters(parameters, none ? () => false : (decays ?? (() => true)));
}

/** Makes `leaf` an input of the outer graph. */
function declare({ inputs, outer }: LoopGraphs, leaf: Expression): Expression {
  const value = graphValue(leaf);
  assert(!inputs.some(({ name }) => name === value.name), `"${value.name}" is given once`);
  inputs.push(value);
  outer.bind(leaf, value.name);
  return leaf;
}

/** This step's entry of an input that has a leading axis of steps. */
function ofThisStep(graphs: LoopGraphs, name: string, type: ElementType, shape: Shape): Expression {
  return gather(declare(graphs, input(name, type, ['steps', ...shape])), graphs.iteration);
}

/** Carries an array from step to step; returns its value before the step. */
function carry(graphs: LoopGraphs, kind: Carried['kind'], name: string, shape: Shape): Expression {
  declare(graphs, input(startName(kind, name), 'float32', shape));
  graphs.carried.push({ kind, name, shape });
  const now = input(nowName({ kind, name }), 'float32', shape);
  graphs.body.bind(now, now.name!);
  return now;
}

/** Carries a group's slots through the loop and gives its parameters their values; returns the slots in the body. */
function carryGroup(graphs: LoopGraphs, group: ParameterGroup): AdamSlots<Expression> {
  const { body } = graphs;
  const slot = (kind: Slot): Expression => carry(graphs, kind, group.name, group.shape);
  const slots = { parameter: slot('parameter'), first: slot('first'), second: slot('second') };
  const [only, ...more] = group.members;
  if (more.length === 0) {
    body.bind(only!.parameter, slots.parameter.name!);
    return slots;
  }
  const pieces = group.members.map(({ name, size }) =>
    input(`step/flat:${name}`, 'float32', [size]),
  );
  split(body, slots.parameter.name!, pieces);
  for (const [i, { parameter, shape }] of group.members.entries()) {
    body.bind(pieces[i]!, pieces[i]!.name!);
    body.bind(parameter, body.emit(reshape(pieces[i]!, shape)));
  }
  return slots;
}

/** Most arrays that a node makes: WebGPU promises no more than eight per kernel, of which one is read. */
const mostPieces = 7;

/** Cuts the vector `name` into `pieces`, a few at a time. */
function split(body: Emitter, name: string, pieces: readonly Expression[]): void {
  const span = Math.ceil(pieces.length / mostPieces);
  const parts: Expression[][] = [];
  for (let i = 0; i < pieces.length; i += span) parts.push(pieces.slice(i, i + span));
  const sizes = parts.map((part) => part.reduce((sum, { shape }) => sum + Number(shape[0]), 0));
  const names = parts.map(([first], i) => (span === 1 ? first!.name! : `${name}/${i}`));
  body.add({
    op: 'Split',
    inputs: [name, body.emit(constant(sizes, [sizes.length], 'int64'))],
    outputs: names,
    attributes: { axis: 0 },
  });
  if (span > 1) for (const [i, part] of parts.entries()) split(body, names[i]!, part);
}

/** The gradients of a group's parameters, laid out as the group is. */
function groupGradient(
  { members }: ParameterGroup,
  byParameter: ReadonlyMap<Expression, Expression>,
): Expression {
  const all = members.map(({ parameter }) => byParameter.get(parameter)!);
  return all.length === 1
    ? all[0]!
    : concat(
        all.map((gradient) => reshape(gradient, [-1])),
        0,
      );
}

/** Puts the finished body into its loop. */
function closeLoop({ outer, body, inputs, carried, iteration }: LoopGraphs): Uint8Array {
  const named = (nameOf: (array: Carried) => string): GraphValue[] =>
    carried.map((array) => ({ name: nameOf(array), type: 'float32', shape: array.shape }));
  const start = named(({ kind, name }) => startName(kind, name));
  const end = named(({ kind, name }) => endName(kind, name));
  const now: GraphValue = { name: 'step/proceed', type: 'bool', shape: [] };
  const next: GraphValue = { ...now, name: 'step/next:proceed' };
  body.add({ op: 'Identity', inputs: [now.name], outputs: [next.name], attributes: {} });
  const loss: GraphValue = { name: 'step/loss', type: 'float32', shape: [] };
  const loop = body.finish(
    'step',
    [graphValue(iteration), now, ...named(nowName)],
    [next, ...named(nextName), loss],
  );
  const results = [...end, { ...loss, name: LOSSES, shape: ['steps'] }];
  outer.add({
    op: 'Loop',
    inputs: [STEPS, '', ...start.map(({ name }) => name)],
    outputs: results.map(({ name }) => name),
    attributes: { body: loop },
  });
  return encodeModel(outer.finish('training', inputs, results));
}
