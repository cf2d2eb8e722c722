/** Thread worker: the work of table forecasting on worker threads. */
import type { Workers } from '../workers/workers.ts';
import type { TabularWorker } from './tabular.ts';

/** A worker whose work is done by `workers`, away from the event loop. */
export function createThreadWorker(workers: Workers): TabularWorker {
  return {
    threads: workers.threads,
    train: (order) => workers.run('trainTable', order),
    forecast: (bytes, panel, origins) => workers.run('forecastTable', { bytes, panel, origins }),
    explain: (bytes, panel, series, origin) =>
      workers.run('explainTable', { bytes, panel, series, origin }),
    files: (bytes, panel) => workers.run('tableFiles', { bytes, panel }),
  };
}
