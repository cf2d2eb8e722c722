/** Side by side: several trainings at once, each with its share of the threads. */
import type { TrainedNetwork, TrainingTask } from './training.ts';

/**
 * Trains all `tasks`, at most `parallel` at a time, and gives the results in their order. The first error, or an abort,
 * stops those under way at their next safe point; it is thrown when all have stopped.
 */
export async function trainSideBySide(
  tasks: readonly TrainingTask[],
  parallel: number,
  train: (task: TrainingTask) => Promise<TrainedNetwork>,
): Promise<TrainedNetwork[]> {
  const stop = new AbortController();
  const results: TrainedNetwork[] = [];
  const waiting = [...tasks.entries()];
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      stop.signal.throwIfAborted();
      const [i, task] = next;
      const signals = task.signal === undefined ? [stop.signal] : [task.signal, stop.signal];
      results[i] = await train({ ...task, signal: AbortSignal.any(signals) });
    }
  };
  const stopOthers = (error: unknown): never => {
    stop.abort(error);
    throw error;
  };
  const workers = Array.from({ length: Math.min(parallel, tasks.length) }, () =>
    work().catch(stopOthers),
  );
  await Promise.allSettled(workers);
  stop.signal.throwIfAborted();
  return results;
}
