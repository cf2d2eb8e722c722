/** Work of table forecasting: the two calls that take long, on plain data, for whichever thread does them. */
import type { TabularModel } from '../../models/model.ts';
import type { Panel } from '../../series/panel.ts';
import { type LearnedForecaster, trainTabular } from './learning.ts';
import { forecastTabular } from './prediction.ts';
import { explainTabular } from './table-explanation.ts';
import { filesOfTabular } from './table-files.ts';
import type { TabularWorker, TrainingOrder } from './tabular.ts';

/** Finds the table model of a name. */
export type FindTabularModel = (name: string) => TabularModel;

/** Trains what `order` asks for; null if it is cancelled. `now` counts milliseconds. Errors as `trainTabular`. */
export function carryOutTraining(
  order: TrainingOrder,
  find: FindTabularModel,
  now: () => number,
): LearnedForecaster | null {
  const { model, cancelled, maxMs, ...task } = order;
  const flag = new Int32Array(cancelled);
  return trainTabular(
    { ...task, model: find(model) },
    { now, ...(maxMs !== undefined && { maxMs }), cancelled: () => Atomics.load(flag, 0) === 1 },
  );
}

/** A worker that works where it is called, so that the event loop waits for it: for tests and small panels. */
export function createLocalWorker(find: FindTabularModel, now: () => number): TabularWorker {
  return {
    threads: 1,
    train: (order) => Promise.resolve().then(() => carryOutTraining(order, find, now)),
    forecast: (bytes: Uint8Array, panel: Panel, origins: Int32Array) =>
      Promise.resolve().then(() => forecastTabular(find, bytes, panel, origins)),
    explain: (bytes, panel, series, origin) =>
      Promise.resolve().then(() => explainTabular(find, bytes, panel, series, origin)),
    files: (bytes, panel) => Promise.resolve().then(() => filesOfTabular(find, bytes, panel)),
  };
}
