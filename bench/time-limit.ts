/** Time-limit benchmark: how long commands on real series take that would go on for hours without their limit; needs a build. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeMachine } from './machine.ts';

const limits = [4, 8, 16] as const;
const tasks = [
  { name: 'ETTh1', data: '../shared/data/ett/ETTh1.csv.gz', options: ['--horizon', '96'] },
  {
    name: 'M4 Hourly',
    data: '../shared/data/m4/Hourly-train.csv.gz',
    options: ['--horizon', '48', '--frequency', 'h'],
  },
] as const;

/** Prints, for each limit, the seconds that the command took; `--save` writes bench/results/time-limit.json. */
export function main(args: readonly string[] = process.argv.slice(3)): void {
  const folder = mkdtempSync(join(tmpdir(), 'agentic-forecast-time-limit-'));
  const results: { task: string; limitSeconds: number; seconds: number }[] = [];
  console.log('task, limit in seconds, seconds of the whole command');
  for (const { name, data, options } of tasks) {
    for (const limit of limits) {
      const bounds = ['--trials', '10000', '--time-limit', String(limit)];
      // A folder of its own: a second run would reuse the champion of the first.
      const own = join(folder, name, String(limit));
      const command = ['dist/app/cli/main.js', '--data-dir', own, 'run', data, ...options];
      const startedAt = performance.now();
      execFileSync(process.execPath, [...command, ...bounds], { stdio: 'ignore' });
      const seconds = Number(((performance.now() - startedAt) / 1000).toFixed(1));
      results.push({ task: name, limitSeconds: limit, seconds });
      console.log([name, limit, seconds].join('  '));
    }
  }
  rmSync(folder, { recursive: true, force: true });
  if (!args.includes('--save')) return;
  const machine = describeMachine();
  mkdirSync('bench/results', { recursive: true });
  writeFileSync(
    'bench/results/time-limit.json',
    `${JSON.stringify({ benchmark: 'time-limit', machine, results }, null, 2)}\n`,
  );
}
