/** Tests of several trainings at once. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../temporary-folder.ts';
import { smallTask, trainingIn } from './training-tasks.ts';

const folder = temporaryFolder('side-by-side');
const taskOf = (seed: number, changes: object = {}) =>
  smallTask({ maxSteps: 40 }, { seed, progressKey: `run/${seed}`, ...changes });

describe('trainings side by side', () => {
  it('give the results of each alone, in their order', async () => {
    const together = await trainingIn(join(folder, 'all')).trainAll(
      [1, 2, 3].map((seed) => taskOf(seed)),
      2,
    );
    for (const [i, trained] of together.entries()) {
      const alone = await trainingIn(join(folder, 'alone')).train(taskOf(i + 1));
      expect(trained.parameters).toEqual(alone.parameters);
    }
  });

  it('stop all where one of them fails, and where they are aborted', async () => {
    const broken = taskOf(2, { horizon: 500 });
    const long = taskOf(1);
    const tasks = [{ ...long, settings: { ...long.settings, maxSteps: 1e6 } }, broken, taskOf(3)];
    const failed = trainingIn(join(folder, 'failed')).trainAll(tasks, 2);
    await expect(failed).rejects.toMatchObject({ code: 'SERIES_TOO_SHORT' });
    const signal = AbortSignal.abort(new Error('stopped by a person'));
    const aborted = trainingIn(join(folder, 'aborted')).trainAll([taskOf(1, { signal })], 2);
    await expect(aborted).rejects.toThrow('stopped by a person');
  });
});
