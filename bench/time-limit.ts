/** Time-limit benchmark: how long runs of real series take that would go on for hours without their limit. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEngine } from '../app/index.ts';

const limits = [2, 4, 8, 16, 32] as const;
const tasks = [
  { name: 'ETTh1', data: '../shared/data/ett/ETTh1.csv.gz', horizon: 96, frequency: undefined },
  { name: 'M4 Hourly', data: '../shared/data/m4/Hourly-train.csv.gz', horizon: 48, frequency: 'h' },
] as const;

/** Prints, for each limit, the seconds that a run took. */
export async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'agentic-forecast-time-limit-'));
  const engine = await openEngine({ dataDir: folder });
  console.log('task, limit in seconds, seconds taken, ratio');
  for (const { name, data, horizon, frequency } of tasks) {
    for (const timeLimit of limits) {
      const request = { data, horizon, timeLimit, trials: 10_000, seed: 1 };
      const startedAt = performance.now();
      await engine.run(frequency === undefined ? request : { ...request, frequency });
      const seconds = (performance.now() - startedAt) / 1000;
      console.log(
        [name, timeLimit, seconds.toFixed(1), (seconds / timeLimit).toFixed(2)].join('  '),
      );
    }
  }
  await engine.close();
  rmSync(folder, { recursive: true, force: true });
}
