/** Jobs: what worker threads can be asked to do, by name. */
import { fitSeries } from '../local/fit-series.ts';

/** Every job is a function of one argument that can be copied between threads. */
export const jobs = { fitSeries };

export type JobName = keyof typeof jobs;
export type JobArguments<N extends JobName> = Parameters<(typeof jobs)[N]>[0];
export type JobResult<N extends JobName> = Awaited<ReturnType<(typeof jobs)[N]>>;
