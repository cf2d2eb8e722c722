/** A phase of the Temporal Fusion Transformer, the look-back or the horizon: step by step, or all steps at once. */
import type { Dimension, Expression } from '../../tensor/expression.ts';
import { add, mul, reshape, scan, transpose } from '../../tensor/functions.ts';
import type { LstmState } from '../../tensor/lstm.ts';
import type { LstmLayer } from './tft-lstm.ts';
import { numbersByStep, type Selection } from './tft-selection.ts';

/** What is computed in each step; only the LSTM looks at the step before. */
export interface PhaseLayers {
  /** Numbers [rows, 1], or [variables, rows, 1] of several, to what is selected of them. */
  readonly select: (x: Expression) => Selection;
  readonly lstm: LstmLayer;
  /** The LSTM's outputs and what it was given, both [rows, H], to results [rows, size]. */
  readonly follow: (x: readonly Expression[]) => readonly Expression[];
}

/** What a phase gives. */
export interface PhaseResults {
  /** [steps, batch, size] of each result. */
  readonly results: readonly Expression[];
  /** [steps, batch, variables], as of a selection. */
  readonly weights?: Expression;
  readonly final: LstmState;
}

/**
 * For graphs that train: all that a step computes stays in the cache, and the gradient computes it again rather than
 * keeping it. `columns` [batch, steps, variables].
 */
export function stepByStep(
  { select, lstm, follow }: PhaseLayers,
  columns: Expression,
  start: LstmState,
): PhaseResults {
  const step = ([h, c]: readonly Expression[], [x]: readonly Expression[]) => {
    const { selected: xi, weights } = select(x!);
    const state = lstm.step(xi, { h: h!, c: c! });
    const outputs = [...(weights ? [weights] : []), ...follow([state.h, xi])];
    return { next: [state.h, state.c], outputs };
  };
  const { finals, outputs } = scan([start.h, start.c], [numbersByStep(columns)], step, {
    memory: 'carries',
  });
  const [h, c] = finals;
  const final = { h: h!, c: c! };
  const [first, ...rest] = outputs;
  return columns.shape[2] === 1
    ? { results: outputs, final }
    : { weights: first!, results: rest, final };
}

/** For graphs that only compute: few large nodes instead of many small ones for each step. Same arguments. */
export function allAtOnce(
  { select, lstm, follow }: PhaseLayers,
  columns: Expression,
  start: LstmState,
): PhaseResults {
  const [batch, steps, variables] = columns.shape as readonly [Dimension, number, number];
  const lead = variables === 1 ? [] : [variables];
  const { selected, weights } = select(reshape(transpose(columns, [2, 1, 0]), [...lead, -1, 1]));
  const width = selected.shape[1]!;
  const own = reshape(selected, [steps, batch, width]);
  // Steps that are the same for all samples are repeated for each.
  const xi = batch === 1 ? add(own, mul(start.h, 0)) : own;
  const { outputs, final } = lstm.all(xi, start);
  return {
    results: onRows(follow, [outputs, xi]),
    ...(weights && { weights: reshape(weights, [steps, batch, variables]) }),
    final,
  };
}

/** `layer` of rows [rows, ...] on all entries of `sequences` [steps, batch, ...] at once: [steps, batch, ...]. */
export function onRows(
  layer: (x: readonly Expression[]) => readonly Expression[],
  sequences: readonly Expression[],
): readonly Expression[] {
  const [steps, batch] = sequences[0]!.shape as readonly [number, Dimension];
  const results = layer(sequences.map((x) => reshape(x, [-1, x.shape[2]!])));
  return results.map((x) => reshape(x, [steps, batch, x.shape[1]!]));
}

/** The same, step by step. */
export const onSteps = (
  layer: (x: readonly Expression[]) => readonly Expression[],
  sequences: readonly Expression[],
): readonly Expression[] =>
  scan([], sequences, (_, x) => ({ next: [], outputs: layer(x) }), { memory: 'carries' }).outputs;
