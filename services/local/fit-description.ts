/** Fit description: what a local model estimated, and what it takes a series to be made of; the work that a thread is given. */
import { findModel, isLocal } from '../../models/index.ts';
import type { Hyperparameters, LocalContext, LocalFit } from '../../models/model.ts';
import { assert } from '../../state/errors.ts';
import type { Histories } from './fit-series.ts';

/** One model and one series. */
export interface DescribedSeries {
  readonly model: string;
  readonly hyperparameters: Hyperparameters;
  readonly context: LocalContext;
  readonly history: Float64Array;
}

/** A fit as plain data. */
export interface FitDescription extends Pick<LocalFit, 'mean' | 'parameters'> {
  /** [n] each, NaN where the model says nothing. */
  readonly components: ReturnType<LocalFit['components']>;
}

/** Fits a model to one history, of at least one value, and tells everything of it. */
export function describeFit(task: DescribedSeries): FitDescription {
  const { mean, parameters, components } = fitterOf(task)(task.history);
  return { mean, parameters, components: components() };
}

/** What the model estimates of each history; nothing of an empty one. */
export function fitParameters(
  task: Omit<Histories, 'deviation'> & { readonly model: string },
): LocalFit['parameters'][] {
  const { values, offsets } = task;
  const fit = fitterOf(task);
  return Array.from({ length: offsets.length - 1 }, (_, k) => {
    const history = values.subarray(offsets[k], offsets[k + 1]);
    return history.length === 0 ? {} : fit(history).parameters;
  });
}

function fitterOf(task: Omit<DescribedSeries, 'history'>): (history: Float64Array) => LocalFit {
  const model = findModel(task.model);
  assert(isLocal(model), `${task.model} is local`);
  const hyperparameters = model.hyperparameters.parse(task.hyperparameters);
  return (history) => model.fit(history, task.context, hyperparameters);
}
