/** State stays small whatever the data's size, and a run's checkpoints grow with its steps, not with their square. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { openEngine } from '../../app/index.ts';
import { encodeState } from '../../services/checkpoints/codec.ts';
import { createSqliteSaver } from '../../services/checkpoints/sqlite-saver.ts';
import { openDatabase } from '../../services/database/database.ts';
import { temporaryFolder, writeMonthlyPanel } from '../cli-process.ts';

const { path: home, remove } = temporaryFolder();
afterAll(remove);

it('a checkpoint of a run on 1,000 series stays under 32 KB', async () => {
  const data = writeMonthlyPanel(join(home, 'panel.csv'), 1_000, 60);
  const short = Array.from(
    { length: 40 },
    (_, i) => `short${i},2019-01-01,1\nshort${i},2019-02-01,2\n`,
  );
  writeFileSync(data, short.join(''), { flag: 'a' });
  const dataDir = join(home, 'data');
  const engine = await openEngine({ dataDir });
  const run = await engine.run({ data, horizon: 6, trials: 2 });
  await engine.close();
  expect(run.panel?.series).toBe(1_040);

  const database = openDatabase(join(dataDir, 'agentic-forecast.db'));
  const saver = createSqliteSaver(database);
  const sizes: number[] = [];
  for await (const { checkpoint } of saver.list({ configurable: { thread_id: run.id } })) {
    sizes.push(Buffer.byteLength(encodeState(checkpoint.channel_values, 'state')));
  }
  database.close();
  expect(sizes.length).toBeGreaterThan(12);
  expect(Math.max(...sizes)).toBeLessThan(32 * 1024);
});
