/** The training step as a graph: forward pass, gradients and Adam, as the body of an ONNX `Loop` over steps. */
import { assert } from '../state/errors.ts';
import { type AdamRates, type AdamSettings, type AdamSlots, adamStep } from './adam.ts';
import { constant, type ElementType, type Expression, input, type Shape } from './expression.ts';
import { concat, gather, reshape } from './functions.ts';
import { gradients } from './gradient.ts';
import { createEmitter, type Emitter, type GraphValue, graphValue } from './graph.ts';
import { encodeModel } from './onnx.ts';
import { groupParameters, type ParameterGroup } from './parameter-groups.ts';

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
  /** Threads that one step may use; all processors unless given. */
  readonly threads?: number;
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
/** Input: a slot of a parameter group before the first step. */
export const startName = (slot: Slot, group: string): string => `${slot}:${group}`;
/** Output: that slot after the last step. */
export const endName = (slot: Slot, group: string): string => `next:${slot}:${group}`;
/** Both, inside the body of the loop. */
const nowName = (slot: Slot, group: string): string => `step/${startName(slot, group)}`;
const nextName = (slot: Slot, group: string): string => `step/${endName(slot, group)}`;

/** The graph of the whole model and that of the loop's body, under construction. */
interface LoopGraphs {
  readonly outer: Emitter;
  readonly body: Emitter;
  /** Inputs of the outer graph. */
  readonly inputs: GraphValue[];
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
  const graphs: LoopGraphs = { outer, body, inputs: [steps], iteration };

  for (const leaf of spec.data) declare(graphs, leaf);
  for (const leaf of spec.batch) {
    body.bind(leaf, body.emit(ofThisStep(graphs, leaf.name!, leaf.type, leaf.shape)));
  }
  const rates = {
    stepSize: ofThisStep(graphs, rateName('stepSize'), 'float32', []),
    epsilon: ofThisStep(graphs, rateName('epsilon'), 'float32', []),
    retained: ofThisStep(graphs, rateName('retained'), 'float32', []),
  };
  const groups = groupParameters(spec.parameters);
  const slots = groups.map((group) => carry(graphs, group));
  const byParameter = new Map<Expression, Expression>();
  for (const [i, gradient] of gradients(spec.loss, spec.parameters).entries()) {
    byParameter.set(spec.parameters[i]!, gradient);
  }
  const results: Record<string, Expression> = { 'step/loss': spec.loss };
  for (const [i, group] of groups.entries()) {
    const next = adamStep(slots[i]!, groupGradient(group, byParameter), rates, spec.adam);
    for (const slot of slotKinds) results[nextName(slot, group.name)] = next[slot];
  }
  body.emitAs(results);
  return closeLoop(graphs, groups);
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

/** Carries a group's slots through the loop and gives its parameters their values; returns the slots in the body. */
function carry(graphs: LoopGraphs, group: ParameterGroup): AdamSlots<Expression> {
  const { body } = graphs;
  const slot = (kind: Slot): Expression => {
    declare(graphs, input(startName(kind, group.name), 'float32', group.shape));
    const now = input(nowName(kind, group.name), 'float32', group.shape);
    body.bind(now, now.name!);
    return now;
  };
  const slots = { parameter: slot('parameter'), first: slot('first'), second: slot('second') };
  const [only, ...more] = group.members;
  if (more.length === 0) {
    body.bind(only!.parameter, slots.parameter.name!);
    return slots;
  }
  const pieces = group.members.map(({ name, size }) =>
    input(`step/flat:${name}`, 'float32', [size]),
  );
  const sizes = constant(
    group.members.map(({ size }) => size),
    [pieces.length],
    'int64',
  );
  body.add({
    op: 'Split',
    inputs: [slots.parameter.name!, body.emit(sizes)],
    outputs: pieces.map(({ name }) => name!),
    attributes: { axis: 0 },
  });
  for (const [i, { parameter, shape }] of group.members.entries()) {
    body.bind(pieces[i]!, pieces[i]!.name!);
    body.bind(parameter, body.emit(reshape(pieces[i]!, shape)));
  }
  return slots;
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
function closeLoop(
  { outer, body, inputs, iteration }: LoopGraphs,
  groups: readonly ParameterGroup[],
): Uint8Array {
  const named = (name: (slot: Slot, group: string) => string): GraphValue[] =>
    groups.flatMap((group) =>
      slotKinds.map((slot) => ({
        name: name(slot, group.name),
        type: 'float32' as const,
        shape: group.shape,
      })),
    );
  const now: GraphValue = { name: 'step/proceed', type: 'bool', shape: [] };
  const next: GraphValue = { ...now, name: 'step/next:proceed' };
  body.add({ op: 'Identity', inputs: [now.name], outputs: [next.name], attributes: {} });
  const loss: GraphValue = { name: 'step/loss', type: 'float32', shape: [] };
  const loop = body.finish(
    'step',
    [graphValue(iteration), now, ...named(nowName)],
    [next, ...named(nextName), loss],
  );
  const results = [...named(endName), { ...loss, name: LOSSES, shape: ['steps'] }];
  outer.add({
    op: 'Loop',
    inputs: [STEPS, '', ...named(startName).map(({ name }) => name)],
    outputs: results.map(({ name }) => name),
    attributes: { body: loop },
  });
  return encodeModel(outer.finish('training', inputs, results));
}
