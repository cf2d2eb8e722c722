/** Tests of several trainings at once. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { nhits } from '../../../models/neural/nhits.ts';
import { nlinear } from '../../../models/neural/nlinear.ts';
import { createTraining } from '../../../services/training/training.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { smallTask, trainingIn } from './training-tasks.ts';

const folder = temporaryFolder('side-by-side');
const clock = (): number => performance.now();
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

  it('take a thread each where networks are small, and all threads where they are deep', () => {
    const of = (threads: number) => createTraining({ progressFolder: folder, clock, threads });
    expect(of(6).sideBySide(nlinear)).toBe(6);
    expect(of(6).sideBySide(nhits)).toBe(1);
    expect(of(1).sideBySide(nlinear)).toBe(1);
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
