/** Fits one local model to some series, one after the other: the work that a thread is given. */
import { findModel, isLocal } from '../../models/index.ts';
import type { Hyperparameters, LocalContext, LocalModel } from '../../models/model.ts';
import { assert } from '../../state/errors.ts';

/** What is fitted to which histories. */
export interface Histories {
  readonly hyperparameters: Hyperparameters;
  readonly context: LocalContext;
  /** Histories one behind the other; history k is [offsets[k], offsets[k + 1]). */
  readonly values: Float64Array;
  readonly offsets: Uint32Array;
  /** Whether the deviations are wanted as well. */
  readonly deviation: boolean;
}

/** Forecasts of all histories; an empty history has rows of NaN. */
export interface FittedSeries {
  /** [histories * horizon] */
  readonly mean: Float64Array;
  /** [histories * horizon], or empty if not asked for. */
  readonly deviation: Float64Array;
}

/** Fits the model of that name to each history. */
export function fitSeries(task: Histories & { readonly model: string }): FittedSeries {
  const model = findModel(task.model);
  assert(isLocal(model), `${task.model} is local`);
  return fitHistories(model, task);
}

/** Fits `model` to each history. */
export function fitHistories(model: LocalModel, task: Histories): FittedSeries {
  const { values, offsets, context } = task;
  const hyperparameters = model.hyperparameters.parse(task.hyperparameters);
  const histories = offsets.length - 1;
  const mean = new Float64Array(histories * context.horizon).fill(Number.NaN);
  const deviation = new Float64Array(task.deviation ? mean.length : 0).fill(Number.NaN);
  for (let k = 0; k < histories; k++) {
    const history = values.subarray(offsets[k], offsets[k + 1]);
    if (history.length === 0) continue;
    const fit = model.fit(history, context, hyperparameters);
    mean.set(fit.mean, k * context.horizon);
    if (task.deviation) deviation.set(fit.deviation(), k * context.horizon);
  }
  return { mean, deviation };
}
