/** Runs with a hierarchy, as the guide to hierarchies shows them: all forecasts add up, and the decision says how. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { runCli } from '../../app/cli/cli.ts';
import { openEngine, type RunSummary } from '../../app/index.ts';
import type { Decision } from '../../state/decision.ts';
import { reconciliationMethods } from '../../state/request.ts';
import { temporaryFolder } from '../cli-process.ts';
import { readSource } from '../source-tree.ts';
import { recordingHost } from './cli/sample-run.ts';

const { path: home, remove } = temporaryFolder();
afterAll(remove);

/** Daily sales of three items in three stores of two states; what a series lacks is never sold. */
function writeSales(path: string): string {
  const lines = ['store,item,state,category,date,units'];
  for (const [s, store] of ['CA_1', 'CA_2', 'TX_1'].entries()) {
    for (const [i, item] of ['tea', 'soap', 'milk'].entries()) {
      let noise = 17 + 3 * s + i;
      for (let t = 0; t < 90; t++) {
        noise = (noise * 1103515245 + 12345) % 2147483648;
        const date = new Date(Date.UTC(2024, 0, 1 + t)).toISOString().slice(0, 10);
        const week = 6 * Math.sin((2 * Math.PI * (t + i)) / 7);
        const units = Math.round(20 + 5 * s + week + (8 * noise) / 2147483648);
        const category = item === 'soap' ? 'care' : 'food';
        lines.push([store, item, store.slice(0, 2), category, date, units].join());
      }
    }
  }
  writeFileSync(path, `${lines.join('\n')}\n`);
  return path;
}

const data = writeSales(join(home, 'sales.csv'));
const dataDir = join(home, 'data');

async function cli(...args: readonly string[]): Promise<string> {
  const host = recordingHost({ openEngine, cwd: home });
  const code = await runCli([...args, '--data-dir', dataDir], host);
  expect(code, host.written.stderr).toBe(0);
  return host.written.stdout;
}

/** The arguments of the guide's commands; quoted ones are one argument. */
const commands = [
  ...readSource('docs/hierarchies.md').text.matchAll(/^agentic-forecast (.*)$/gm),
].map(([, text]) =>
  [...text!.matchAll(/"([^"]*)"|\S+/g)].map(([whole, quoted]) => quoted ?? whole),
);
const quick = ['--models', 'naive,seasonal-naive', '--trials', '1'];

async function forecastsOf(run: RunSummary): Promise<Map<string, Map<string, number>>> {
  const [head, ...rows] = readFileSync(join(run.out, 'forecasts.csv'), 'utf8').trim().split('\n');
  const names = head!.split(',');
  const [id, time, point] = ['unique_id', 'ds', 'forecast'].map((name) => names.indexOf(name));
  const byTime = new Map<string, Map<string, number>>();
  for (const row of rows.map((line) => line.split(','))) {
    const step = byTime.get(row[time!]!) ?? new Map<string, number>();
    byTime.set(row[time!]!, step.set(row[id!]!, Number(row[point!])));
  }
  return byTime;
}

async function run(args: readonly string[]): Promise<RunSummary> {
  const here = args.map((arg) => (arg === 'sales.csv' ? data : arg));
  return JSON.parse(await cli(...here, ...quick, '--json')) as RunSummary;
}

describe('the guide to hierarchies', () => {
  it('shows runs whose forecasts add up, and what was decided', async () => {
    const [nested, crossed, decisions] = commands;
    const made = await run(nested!);
    expect(made.panel!.series).toBe(9 + 6);
    expect(made.columns).toEqual([]);
    const steps = await forecastsOf(made);
    expect(steps.size).toBe(7);
    for (const step of steps.values()) {
      const sum = (prefix: string): number =>
        [...step].reduce(
          (all, [id, y]) => all + (/^\w+\/\w+$/.test(id) && id.startsWith(prefix) ? y : 0),
          0,
        );
      expect(step.get('total')).toBeCloseTo(sum(''), 6);
      expect(step.get('state=CA')).toBeCloseTo(sum('CA'), 6);
      expect(step.get('state=CA/store=CA_2')).toBeCloseTo(sum('CA_2/'), 6);
    }
    const told = await cli(...decisions!.map((arg) => (arg === 'RUN' ? made.id : arg)), '--json');
    const decision = (JSON.parse(told) as Decision[]).find(({ agent }) => agent === 'forecast')!;
    expect(decision.evidence).toMatchObject({ reconciliation: 'mint', sums: 6 });
    expect(decision.evidence).toHaveProperty('largestIncoherence');

    const other = await run(crossed!);
    expect(other.panel!.series).toBe(9 + 6 + 2);
    for (const step of (await forecastsOf(other)).values()) {
      expect(step.get('category=care')! + step.get('category=food')!).toBeCloseTo(
        step.get('total')!,
        6,
      );
    }
  });

  it('lists the methods', () => {
    const rows = readSource('docs/hierarchies.md').text.matchAll(/^\| `([a-z-]+)` \|/gm);
    expect([...rows].map(([, name]) => name)).toEqual([...reconciliationMethods]);
  });
});
