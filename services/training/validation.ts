/** Validation: the mean loss of the current weights on the windows that end inside the validation part. */
import type { FoldPlan } from '../../series/folds.ts';
import { type Panel, seriesLength } from '../../series/panel.ts';
import { createProgram } from '../../tensor/program.ts';
import type { Feed, ParameterValues } from '../../tensor/values.ts';
import { buildWindowGraph, type NetworkDefinition } from './network.ts';
import type { TrainingSettings } from './settings.ts';

/** Most windows that one validation looks at. */
const mostWindows = 20_000;
/** Bound on the values that one call gathers. */
const mostValues = 4_000_000;

/**
 * Flat start positions of all windows whose horizon lies inside the validation part, that is between the training part
 * and the first test fold; their look-back may reach into the training part. Every n-th of them where they are very many.
 * Empty if the plan has no validation fold.
 */
export function validationStarts(panel: Panel, plan: FoldPlan, lookBack: number): Float64Array {
  if (!plan.folds.some((fold) => fold.kind === 'validation')) return new Float64Array(0);
  const end = plan.folds.reduce(
    (steps, fold) => (fold.kind === 'test' ? Math.max(steps, fold.stepsFromEnd) : steps),
    0,
  );
  const windowsOf = (i: number): { first: number; count: number } => {
    const length = seriesLength(panel, i);
    const first = Math.max(0, length - plan.trainStepsFromEnd - lookBack);
    return { first, count: Math.max(0, length - end - plan.horizon - lookBack + 1 - first) };
  };
  let total = 0;
  for (let i = 0; i < panel.ids.length; i++) total += windowsOf(i).count;
  const stride = Math.max(1, Math.ceil(total / mostWindows));
  const starts = new Float64Array(Math.ceil(total / stride));
  let written = 0;
  // Windows are numbered through all series; `next` is how many to pass over before the next one taken.
  let next = 0;
  for (let i = 0; i < panel.ids.length; i++) {
    const { first, count } = windowsOf(i);
    let window = next;
    for (; window < count; window += stride) {
      starts[written++] = panel.offsets[i]! + first + window;
    }
    next = window - count;
  }
  return starts;
}

/** Judges weights on fixed windows. */
export interface Validation {
  readonly windows: number;
  /** Mean loss over all windows whose loss is finite; NaN if none is, null if there are no windows. */
  loss(parameters: ParameterValues): Promise<number | null>;
  release(): Promise<void>;
}

/** Compiles the loss of `definition` on the windows at `starts` of `column` once, for many sets of weights. */
export async function createValidation(
  definition: NetworkDefinition,
  loss: TrainingSettings['loss'],
  column: Feed,
  starts: Float64Array,
  threads: number | undefined,
): Promise<Validation> {
  if (starts.length === 0) {
    return { windows: 0, loss: () => Promise.resolve(null), release: () => Promise.resolve() };
  }
  const graph = buildWindowGraph(definition, loss, 'batch');
  const program = await createProgram(
    { losses: graph.losses },
    {
      kept: [graph.series.name!],
      ...(threads === undefined ? {} : { threads }),
    },
  );
  const batch = Math.max(1, Math.floor(mostValues / (definition.lookBack + definition.horizon)));
  const batches: Feed[] = [];
  for (let from = 0; from < starts.length; from += batch) {
    const data = BigInt64Array.from(starts.subarray(from, from + batch), BigInt);
    batches.push({ data, shape: [data.length] });
  }
  return {
    windows: starts.length,
    async loss(parameters) {
      let sum = 0;
      let finite = 0;
      for (const batchStarts of batches) {
        const feeds = { ...parameters, series: column, starts: batchStarts };
        const { losses } = await program.run(feeds);
        for (const value of losses!) {
          if (!Number.isFinite(value)) continue;
          sum += value;
          finite++;
        }
      }
      return sum / finite;
    },
    release: () => program.release(),
  };
}
