/** Stopping a run while native code computes: a process that ended then would crash. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { openEngine } from '../../app/index.ts';
import { temporaryFolder, writeMonthlyPanel } from '../cli-process.ts';

const { path: home, remove } = temporaryFolder();
const data = writeMonthlyPanel(join(home, 'panel.csv'));
afterAll(remove);

describe('a run that is stopped in the middle of a training', () => {
  it('is left only once the training has kept its progress, so that no native call outlives it', async () => {
    const stop = new AbortController();
    const dataDir = join(home, 'stopped-in-training');
    const engine = await openEngine({ dataDir });
    await expect(
      engine.run(
        { data, horizon: 6, models: ['nhits'], trials: 1 },
        {
          signal: stop.signal,
          // Whether the training is being prepared or computes by then, it keeps its progress where it stops.
          onEvent: ({ event, agent }) => {
            if (event !== 'agent-started' || agent !== 'hyperparameter-search') return;
            setTimeout(() => stop.abort(), 100);
          },
        },
      ),
    ).rejects.toMatchObject({ code: 'RUN_CANCELLED' });
    const kept = readdirSync(join(dataDir, 'progress'), { recursive: true });
    expect(kept.length).toBeGreaterThan(0);
    await engine.close();
  });
});
