/** A phase of the Temporal Fusion Transformer, the look-back or the horizon: some steps at a time, or all steps at once. */
import type { Dimension, Expression } from '../../tensor/expression.ts';
import { add, mul, reshape, scan, transpose } from '../../tensor/functions.ts';
import type { LstmState } from '../../tensor/lstm.ts';
import type { LstmLayer } from './tft-lstm.ts';
import type { Selection } from './tft-selection.ts';
import { numbersByStep, onRows, onSteps, stepsTogether } from './tft-steps.ts';

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
 * For graphs that train: arrays that stay in the cache, of one step or of several of a small batch, which the gradient
 * computes again rather than keeping them. `columns` [batch, steps, variables].
 */
export function stepByStep(
  phase: PhaseLayers,
  columns: Expression,
  start: LstmState,
): PhaseResults {
  const [own, steps] = columns.shape as readonly [Dimension, number];
  const batch = start.h.shape[0]!;
  const together = stepsTogether(steps, batch);
  return together === 1
    ? oneByOne(phase, columns, start)
    : inGroups(phase, columns, start, own === batch ? together : 1);
}

/** All of a step before the next. */
function oneByOne(
  { select, lstm, follow }: PhaseLayers,
  columns: Expression,
  start: LstmState,
): PhaseResults {
  const step = ([h, c]: readonly Expression[], [x]: readonly Expression[]) => {
    const { selected: xi, weights } = select(x!);
    const state = lstm.step(lstm.lines(xi), { h: h!, c: c! });
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

/** The selections of `together` steps at a time, then the LSTM step by step, then what follows in groups again. */
function inGroups(
  { select, lstm, follow }: PhaseLayers,
  columns: Expression,
  start: LstmState,
  together: number,
): PhaseResults {
  const [own, steps] = columns.shape as readonly [number, number];
  const group = (_: readonly Expression[], [x]: readonly Expression[]) => {
    const { selected: xi, weights } = select(x!);
    return { next: [], outputs: [xi, ...lstm.lines(xi), ...(weights ? [weights] : [])] };
  };
  const memory = 'carries';
  const [xi, ...more] = scan([], [numbersByStep(columns, together)], group, { memory }).outputs.map(
    (x) => reshape(x, [steps, own, x.shape[2]!]),
  );
  const lines = more.slice(0, 4);
  const weights = more[4];
  const step = ([h, c]: readonly Expression[], x: readonly Expression[]) => {
    const state = lstm.step(x, { h: h!, c: c! });
    return { next: [state.h, state.c], outputs: [state.h] };
  };
  const { finals, outputs } = scan([start.h, start.c], lines, step, { memory });
  const [h, c] = finals;
  return {
    results: onSteps(follow, [outputs[0]!, forAll(xi!, outputs[0]!)]),
    ...(weights && { weights }),
    final: { h: h!, c: c! },
  };
}

/** Steps that are the same for all samples, [steps, 1, H], repeated for each sample of `like`. */
const forAll = (x: Expression, like: Expression): Expression =>
  x.shape[1] === like.shape.at(-2) ? x : add(x, mul(like, 0));

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
  const xi = forAll(reshape(selected, [steps, batch, width]), start.h);
  const { outputs, final } = lstm.all(xi, start);
  return {
    results: onRows(follow, [outputs, xi]),
    ...(weights && { weights: reshape(weights, [steps, batch, variables]) }),
    final,
  };
}
