/** Tests of interrupted trainings: whatever stopped them, the end is the same to the bit. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { TrainedNetwork, TrainingTask } from '../../../services/training/training.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { richTask } from './rich-network.ts';
import { outcomeOf, smallTask, trainingIn } from './training-tasks.ts';

const folder = temporaryFolder('resume');
const maxSteps = 3000;

let whole: TrainedNetwork;
beforeAll(async () => {
  whole = await trainingIn(join(folder, 'whole')).train(smallTask({ maxSteps }));
});

async function resume(progress: string) {
  let resumedAt = -1;
  const emit: TrainingTask['emit'] = (event, fields) => {
    if (event === 'training-resumed') resumedAt = Number(fields?.['step']);
  };
  const trained = await trainingIn(progress).train(smallTask({ maxSteps }, { emit }));
  return { trained, resumedAt };
}

describe('an interrupted training', () => {
  it('keeps its progress and throws the reason when its signal aborts, again and again', async () => {
    const progress = join(folder, 'aborted');
    for (const validations of [1, 3, 2]) {
      const controller = new AbortController();
      let seen = 0;
      const emit: TrainingTask['emit'] = (event) => {
        if (event !== 'training-progressed' || ++seen < validations) return;
        controller.abort(new Error('stopped by a person'));
      };
      const task = smallTask({ maxSteps }, { emit, signal: controller.signal });
      await expect(trainingIn(progress).train(task)).rejects.toThrow('stopped by a person');
    }
    const { trained, resumedAt } = await resume(progress);
    expect(resumedAt).toBe(120);
    expect(outcomeOf(trained)).toEqual(outcomeOf(whole));
  });

  it('begins anew, to the same end, where its progress is damaged or of another task', async () => {
    const progress = join(folder, 'damaged');
    const other = smallTask({ maxSteps: 40 }, { seed: 8 });
    await trainingIn(progress).train(other);
    expect((await resume(progress)).resumedAt).toBe(-1);
    writeFileSync(join(progress, 'run', 'training.bin'), 'not progress at all');
    const { trained, resumedAt } = await resume(progress);
    expect(resumedAt).toBe(-1);
    expect(outcomeOf(trained)).toEqual(outcomeOf(whole));
  });
});

describe('an interrupted training with dropout, statistics, gaps, exogenous columns and a one-cycle schedule', () => {
  it('ends the same', async () => {
    const settings = { maxSteps: 200 };
    const expected = await trainingIn(join(folder, 'rich')).train(richTask(settings));
    const progress = join(folder, 'rich-aborted');
    for (const validations of [1, 2]) {
      const controller = new AbortController();
      let seen = 0;
      const emit: TrainingTask['emit'] = (event) => {
        if (event !== 'training-progressed' || ++seen < validations) return;
        controller.abort(new Error('stopped by a person'));
      };
      const task = richTask(settings, { emit, signal: controller.signal });
      await expect(trainingIn(progress).train(task)).rejects.toThrow('stopped by a person');
    }
    const resumed = await trainingIn(progress).train(richTask(settings));
    expect(outcomeOf(resumed)).toEqual(outcomeOf(expected));
    expect(expected.parameters['mean']!.data[0]).not.toBe(0);
  });
});
