/** Jobs: what worker threads can be asked to do, by name. */
import { findTabularModel } from '../../models/index.ts';
import type { Panel } from '../../series/panel.ts';
import { describeFit, fitParameters } from '../local/fit-description.ts';
import { type JudgementOrder, judgeClassifier } from '../classification/judgement.ts';
import { fitSeries } from '../local/fit-series.ts';
import { forecastTabular } from '../tabular/prediction.ts';
import { explainTabular } from '../tabular/table-explanation.ts';
import { filesOfTabular } from '../tabular/table-files.ts';
import type { TrainingOrder } from '../tabular/tabular.ts';
import { carryOutTraining } from '../tabular/work.ts';

const now = (): number => performance.now();

/** Every job is a function of one argument that can be copied between threads. */
export const jobs = {
  fitSeries,
  judgeClassifier: (order: JudgementOrder) => judgeClassifier(order, findTabularModel, now),
  trainTable: (order: TrainingOrder) => carryOutTraining(order, findTabularModel, now),
  forecastTable: (given: { bytes: Uint8Array; panel: Panel; origins: Int32Array }) =>
    forecastTabular(findTabularModel, given.bytes, given.panel, given.origins),
  explainTable: (given: { bytes: Uint8Array; panel: Panel; series: number; origin: number }) =>
    explainTabular(findTabularModel, given.bytes, given.panel, given.series, given.origin),
  tableFiles: (given: { bytes: Uint8Array; panel: Panel }) =>
    filesOfTabular(findTabularModel, given.bytes, given.panel),
  describeFit,
  fitParameters,
};

export type JobName = keyof typeof jobs;
export type JobArguments<N extends JobName> = Parameters<(typeof jobs)[N]>[0];
export type JobResult<N extends JobName> = ReturnType<(typeof jobs)[N]>;
