/** Whole runs with exogenous columns through the command line: they end, and say which columns they used. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { runCli } from '../../app/cli/cli.ts';
import { openEngine, type RunSummary } from '../../app/index.ts';
import { neuralModels } from '../../models/neural/index.ts';
import type { Decision } from '../../state/decision.ts';
import { temporaryFolder } from '../cli-process.ts';
import { readSource } from '../source-tree.ts';
import { recordingHost } from './cli/sample-run.ts';

const { path: home, remove } = temporaryFolder();
afterAll(remove);

const horizon = 4;
const length = 150;

/** Daily sales of two shops: a week, what the price does, and more before a holiday. */
function writeShops(path: string, from: number, to: number): string {
  const lines = ['shop,date,sales,price,holiday,visitors,kind'];
  for (const [i, shop] of ['north', 'south'].entries()) {
    for (let t = from; t < to; t++) {
      const date = new Date(Date.UTC(2023, 0, 1 + t)).toISOString().slice(0, 10);
      const price = 10 + ((t * 7 + i) % 5);
      const holiday = t % 11 === 0;
      const sales = 50 + 10 * Math.sin((2 * Math.PI * t) / 7) - 3 * price + (holiday ? 20 : 0);
      const isPast = t < length;
      lines.push(
        [
          shop,
          date,
          isPast ? sales.toFixed(2) : '',
          price,
          holiday,
          isPast ? t % 13 : '',
          i > 0 ? 'small' : 'large',
        ].join(),
      );
    }
  }
  writeFileSync(path, `${lines.join('\n')}\n`);
  return path;
}

/** The cheapest network that takes columns known ahead. */
const taker = neuralModels.find(({ exogenous }) => exogenous?.includes('future'))!.name;

async function cli(...args: readonly string[]): Promise<string> {
  const host = recordingHost({ openEngine, cwd: home });
  const code = await runCli([...args, '--data-dir', join(home, 'data')], host);
  expect(code, host.written.stderr).toBe(0);
  return host.written.stdout;
}

const columns = ['--future', 'price,holiday', '--historical', 'visitors', '--static', 'kind'];
const options = [
  '--horizon',
  `${horizon}`,
  '--models',
  `seasonal-naive,${taker}`,
  '--trials',
  '1',
  '--time-limit',
  '6',
  ...columns,
];
const named = ['future:price', 'future:holiday', 'historical:visitors', 'categories:kind'];

describe('a run with exogenous columns', () => {
  it('ends, and its decisions, its report and its summary name them', async () => {
    const data = writeShops(join(home, 'shops.csv'), 0, length + horizon);
    const run = JSON.parse(await cli('run', data, ...options, '--json')) as RunSummary;
    expect(run.status).toBe('completed');
    expect(run.columns.slice(0, 4)).toEqual(named);
    expect(run.panel!.repairs).toContain(
      '8 rows behind the last value of the target were taken as the future of 2 series: north, south',
    );
    const decisions = JSON.parse(await cli('decisions', run.id, '--json')) as Decision[];
    const features = decisions.find(({ agent }) => agent === 'feature-engineer')!;
    expect(features.evidence['exogenous']).toEqual(named);
    expect(await cli('show', run.id)).toContain('future price, holiday');
    expect(readFileSync(join(run.out, 'report.html'), 'utf8')).toContain('columns known ahead');
  }, 60_000);

  it('takes the calendar along where a network knows what to do with it', async () => {
    const past = writeShops(join(home, 'past.csv'), 0, length);
    const ahead = writeShops(join(home, 'ahead.csv'), length, length + horizon);
    const run = JSON.parse(
      await cli('run', past, ...options, '--future-data', ahead, '--json'),
    ) as RunSummary;
    expect(run.columns).toEqual([...named, 'calendar:day_of_week']);
    const decisions = JSON.parse(await cli('decisions', run.id, '--json')) as Decision[];
    const { reason, alternatives } = decisions.find(({ agent }) => agent === 'feature-engineer')!;
    expect(reason).toContain(`day_of_week known ahead for ${taker}`);
    expect(alternatives.map(({ action }) => action)).toContain(
      'treat target plain without calendar',
    );
  }, 60_000);

  it('does what the README shows on a file that comes with a dependency', async () => {
    const line = readSource('README.md').lines.find((each) => each.includes('seattle-weather'))!;
    const words = line.trim().split(' ').slice(1);
    const run = JSON.parse(
      await cli(...words, '--models', 'seasonal-naive', '--json'),
    ) as RunSummary;
    expect(run.columns).toEqual([
      'historical:precipitation',
      'historical:wind',
      ...['drizzle', 'fog', 'rain', 'snow', 'sun'].map((label) => `historical:weather=${label}`),
    ]);
  }, 60_000);
});
