/** The checkpoint saver under kill -9: the store stays whole, and the run goes on as if nothing had happened. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createSqliteSaver } from '../../../services/checkpoints/sqlite-saver.ts';
import { openDatabase } from '../../../services/database/database.ts';
import { childProgram, finish } from '../child-program.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const folder = temporaryFolder('crash');
const thread = { configurable: { thread_id: 't', checkpoint_ns: '' } };

async function checkStore(path: string): Promise<void> {
  const database = openDatabase(path);
  const whole = database.prepare<{ integrity_check: string }>('PRAGMA integrity_check').all();
  expect(whole).toEqual([{ integrity_check: 'ok' }]);
  const steps = new Map<string, number>();
  const parents: (string | undefined)[] = [];
  for await (const tuple of createSqliteSaver(database).list(thread)) {
    steps.set(tuple.checkpoint.id, tuple.metadata!.step);
    parents.push(tuple.parentConfig?.configurable?.['checkpoint_id']);
  }
  // One line of checkpoints: every step once, each one's parent the step before it.
  const found = [...steps.values()];
  expect(found).toEqual(Array.from(found, (_, i) => found.length - 2 - i));
  expect(parents.map((id) => id && steps.get(id))).toEqual([...found.slice(1), undefined]);
  database.close();
}

describe('a run that is killed again and again', () => {
  it('leaves a whole store every time, and ends in the state of a run that never was', async () => {
    const program = await childProgram('test/services/checkpoints/run-until-killed.ts');
    const path = join(folder, 'killed.sqlite');
    for (const delayMs of [0, 5, 14, 30]) {
      const child = program.start(path);
      child.stdout!.once('data', () => {
        setTimeout(() => child.kill('SIGKILL'), delayMs);
      });
      expect((await finish(child)).signal).toBe('SIGKILL');
      await checkStore(path);
    }
    expect((await program.run(path)).code).toBe(0);
    await checkStore(path);

    const database = openDatabase(path);
    const values = (await createSqliteSaver(database).getTuple(thread))?.checkpoint.channel_values;
    // Each of 40 steps n adds n + 2n + 3n.
    expect(values).toMatchObject({ n: 40, sum: 6 * ((40 * 41) / 2) });
    expect(values?.['payload']).toEqual(Array.from({ length: 2000 }, (_, i) => Math.sin(i + 39)));
    database.close();
  });
});
