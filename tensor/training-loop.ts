/** Training as one native call: many optimiser steps inside one ONNX `Loop`, without a return to JavaScript between them. */
import { assert } from '../state/errors.ts';
import { type AdamRates, adamRates } from './adam.ts';
import type { Expression } from './expression.ts';
import { packGroup, type ParameterGroup, unpackGroup } from './parameter-groups.ts';
import { createSession } from './session.ts';
import { formatShape } from './shapes.ts';
import {
  emitTrainingLoop,
  endName,
  groupsOf,
  LOSSES,
  rateKinds,
  rateName,
  type Slot,
  slotKinds,
  STEPS,
  startName,
  type Statistic,
  type TrainingLoopSpec,
} from './training-graph.ts';
import type { ArrayValue, Feed, ParameterValues } from './values.ts';

export type { AdamSettings } from './adam.ts';
export type { Statistic, TrainingLoopSpec } from './training-graph.ts';

/** All that the next step depends on beside its inputs; plain arrays, so that it can be stored and resumed exactly. */
export interface OptimiserState {
  /** Steps taken so far. */
  readonly step: number;
  /** Values of the trained parameters and of the statistics. */
  readonly parameters: ParameterValues;
  /** Adam's weighted sums of past gradients and of their squares. */
  readonly first: ParameterValues;
  readonly second: ParameterValues;
}

/** A compiled training step. */
export interface TrainingLoop {
  /**
   * Takes `learningRates.length` steps from `state`, which it does not change. `data` by input name (arrays that must
   * not be modified while the loop lives: an array seen before is not read again); `batches` by input name, each
   * `[steps, ...shape]`. Cutting the steps into several calls does not change a bit of the result. A loss that is not
   * finite is returned like any other.
   */
  run(
    state: OptimiserState,
    data: Readonly<Record<string, Feed>>,
    batches: Readonly<Record<string, Feed>>,
    learningRates: Float32Array,
  ): Promise<{ state: OptimiserState; losses: Float32Array }>;
  /** Frees the native session. */
  release(): Promise<void>;
}

/** Where the three arrays of a trained parameter lie in the state. */
const stateKeys = { parameter: 'parameters', first: 'first', second: 'second' } as const;

/** Compiles the training step of `spec`. */
export async function createTrainingLoop(spec: TrainingLoopSpec): Promise<TrainingLoop> {
  const { statistics = [] } = spec;
  const groups = groupsOf(spec);
  const session = await createSession(emitTrainingLoop(spec), {
    kept: spec.data.map(({ name }) => name!),
    ...(spec.threads === undefined ? {} : { threads: spec.threads }),
    ...(spec.providers === undefined ? {} : { providers: spec.providers }),
    ...(spec.profile === undefined ? {} : { profile: spec.profile }),
  });
  return {
    async run(state, data, batches, learningRates) {
      const steps = learningRates.length;
      assert(steps > 0, 'a call takes at least one step');
      const outputs = await session.run({
        [STEPS]: { data: BigInt64Array.of(BigInt(steps)), shape: [] },
        ...rateFeeds(adamRates(spec.adam, state.step, learningRates)),
        ...inputFeeds(spec.data, data, []),
        ...inputFeeds(spec.batch, batches, [steps]),
        ...stateFeeds(groups, state),
        ...statisticFeeds(statistics, state),
      });
      const { parameters, first, second } = stateFrom(groups, outputs);
      Object.assign(parameters, statisticsFrom(statistics, outputs));
      return {
        state: { step: state.step + steps, parameters, first, second },
        losses: outputs[LOSSES]!.data as Float32Array,
      };
    },
    release: () => session.release(),
  };
}

type Feeds = Record<string, Feed>;

function rateFeeds(rates: AdamRates<Float32Array>): Feeds {
  const feeds: Feeds = {};
  for (const kind of rateKinds) {
    feeds[rateName(kind)] = { data: rates[kind], shape: [rates[kind].length] };
  }
  return feeds;
}

function inputFeeds(
  leaves: readonly Expression[],
  given: Readonly<Feeds>,
  leading: readonly number[],
): Feeds {
  const feeds: Feeds = {};
  for (const leaf of leaves) {
    const name = leaf.name!;
    const shape = [...leading, ...leaf.shape];
    const feed = given[name];
    assert(feed, `input "${name}" is given`);
    const fits = shape.every((d, axis) => typeof d === 'string' || d === feed.shape[axis]);
    assert(
      fits && feed.shape.length === shape.length,
      `input "${name}" has shape ${formatShape(shape)}, given was ${formatShape(feed.shape)}`,
    );
    feeds[name] = feed;
  }
  return feeds;
}

function stateFeeds(groups: readonly ParameterGroup[], state: OptimiserState): Feeds {
  const feeds: Feeds = {};
  for (const group of groups) {
    for (const slot of slotKinds) {
      feeds[startName(slot, group.name)] = packGroup(group, state[stateKeys[slot]]);
    }
  }
  return feeds;
}

function stateFrom(
  groups: readonly ParameterGroup[],
  outputs: Readonly<Feeds>,
): Omit<OptimiserState, 'step'> {
  const slot = (kind: Slot): ParameterValues => {
    const values: ParameterValues = {};
    for (const group of groups) {
      const output = outputs[endName(kind, group.name)] as ArrayValue;
      Object.assign(values, unpackGroup(group, output));
    }
    return values;
  };
  return { parameters: slot('parameter'), first: slot('first'), second: slot('second') };
}

function statisticFeeds(statistics: readonly Statistic[], { parameters }: OptimiserState): Feeds {
  const feeds: Feeds = {};
  for (const { value } of statistics) {
    const given = parameters[value.name!];
    assert(given, `statistic "${value.name}" has a value`);
    feeds[startName('statistic', value.name!)] = given;
  }
  return feeds;
}

function statisticsFrom(
  statistics: readonly Statistic[],
  outputs: Readonly<Feeds>,
): ParameterValues {
  const values: ParameterValues = {};
  for (const { value } of statistics) {
    const output = outputs[endName('statistic', value.name!)] as ArrayValue;
    values[value.name!] = { shape: output.shape, data: output.data };
  }
  return values;
}
