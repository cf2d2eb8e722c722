/** Jobs: what worker threads can be asked to do, by name. */
import { findTabularModel } from '../../models/index.ts';
import type { Panel } from '../../series/panel.ts';
import { fitSeries } from '../local/fit-series.ts';
import { forecastTabular } from '../tabular/prediction.ts';
import type { TrainingOrder } from '../tabular/tabular.ts';
import { carryOutTraining } from '../tabular/work.ts';

const now = (): number => performance.now();

/** Every job is a function of one argument that can be copied between threads. */
export const jobs = {
  fitSeries,
  trainTable: (order: TrainingOrder) => carryOutTraining(order, findTabularModel, now),
  forecastTable: (given: { bytes: Uint8Array; panel: Panel; origins: Int32Array }) =>
    forecastTabular(findTabularModel, given.bytes, given.panel, given.origins),
};

export type JobName = keyof typeof jobs;
export type JobArguments<N extends JobName> = Parameters<(typeof jobs)[N]>[0];
export type JobResult<N extends JobName> = Awaited<ReturnType<(typeof jobs)[N]>>;
