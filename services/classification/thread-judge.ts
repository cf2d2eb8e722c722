/** Thread judge: classifiers judged on worker threads. */
import type { Workers } from '../workers/workers.ts';
import type { Judge } from './classification.ts';

/** A judge that works away from the event loop. */
export const createThreadJudge =
  (workers: Workers): Judge =>
  (order, signal) =>
    workers.run('judgeClassifier', order, signal);
