/** Tests of killed trainings: kill -9 in the middle, and every network ends the same to the bit. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { neuralModels } from '../../../models/neural/index.ts';
import { type ChildProgram, childProgram, finish } from '../child-program.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { networkTask, outcomeOf, trainingIn } from './training-tasks.ts';

const folder = temporaryFolder('killed');
const maxSteps = 160;

let program: ChildProgram;
beforeAll(async () => {
  program = await childProgram('test/services/training/interrupted-program.ts');
});

it.each(neuralModels.map(({ name }) => name))(
  '%s ends the same where its process was killed',
  async (name) => {
    const progress = join(folder, name, 'killed');
    const child = program.start(progress, name, String(maxSteps));
    const ended = finish(child);
    child.stdout!.on('data', () => {
      if (existsSync(join(progress, 'run', 'training.bin'))) child.kill('SIGKILL');
    });
    expect((await ended).signal).toBe('SIGKILL');

    let resumedAt = -1;
    const emit = (event: string, fields?: Readonly<Record<string, unknown>>): void => {
      if (event === 'training-resumed') resumedAt = Number(fields?.['step']);
    };
    const resumed = await trainingIn(progress).train(networkTask(name, { maxSteps }, { emit }));
    expect(resumedAt).toBeGreaterThan(0);
    expect(resumedAt).toBeLessThan(maxSteps);
    const whole = await trainingIn(join(folder, name, 'whole')).train(
      networkTask(name, { maxSteps }),
    );
    expect(outcomeOf(resumed)).toEqual(outcomeOf(whole));
  },
);
