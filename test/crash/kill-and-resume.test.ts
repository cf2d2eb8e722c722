/** kill -9 at any moment, then resume: the same forecasts to the byte, nothing registered twice, no finished work redone. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readRunLog } from '../../services/log/run-log.ts';
import {
  runCli,
  runCliJson,
  startCli,
  temporaryFolder,
  writeMonthlyPanel,
} from '../cli-process.ts';

/** How many moments to kill at; continuous integration asks for 30. */
const moments = Number(process.env['CRASH_MOMENTS'] ?? 6);

interface Listed {
  id: string;
  status: string;
}
interface Shown {
  id: string;
  status: string;
  out: string;
  position: { step: number; next: string[] };
}

const { path: home, remove } = temporaryFolder();
const data = writeMonthlyPanel(join(home, 'panel.csv'));
const request = ['run', data, '--horizon', '6', '--trials', '2', '--seed', '3'];
let reference: { forecasts: string; versions: number; durationMs: number };

const forecastsOf = (out: string): string => readFileSync(join(out, 'forecasts.csv'), 'utf8');
const versionsIn = (dataDir: string): number =>
  readdirSync(join(dataDir, 'models'), { recursive: true }).filter((name) =>
    String(name).endsWith('version.json'),
  ).length;
/** Nothing yet where the kill came before the first line; a line that it tore is left out. */
const logOf = (dataDir: string, run: string) =>
  readRunLog(join(dataDir, 'logs', `${run}.jsonl`)) as { event: string; step?: number }[];

async function expectSameAfterKill(dataDir: string, afterMs: number): Promise<void> {
  const where = ['--data-dir', dataDir];
  const { child, ended } = startCli([...request, ...where]);
  await sleep(afterMs);
  child.kill('SIGKILL');
  await ended;
  let [run] = await runCliJson<Listed[]>(['runs', ...where]);
  if (run === undefined) {
    await runCli([...request, ...where]);
    [run] = await runCliJson<Listed[]>(['runs', ...where]);
  }
  const atKill = await runCliJson<Shown>(['show', run!.id, ...where]);
  const linesBefore = logOf(dataDir, run!.id).length;
  const resumed = await runCli(['resume', run!.id, ...where]);
  expect(resumed.stderr).toBe('');
  expect(resumed.code).toBe(0);

  const done = await runCliJson<Shown>(['show', run!.id, ...where]);
  expect(done.status).toBe('completed');
  expect(forecastsOf(done.out)).toBe(reference.forecasts);
  expect(versionsIn(dataDir)).toBe(reference.versions);
  const redone = logOf(dataDir, run!.id)
    .slice(linesBefore)
    .filter((line) => line.event === 'agent-started')
    .filter((line) => line.step! < atKill.position.step);
  expect(redone).toEqual([]);
}

beforeAll(async () => {
  const dataDir = join(home, 'reference');
  const begun = Date.now();
  const finished = await runCli([...request, '--data-dir', dataDir]);
  if (finished.code !== 0) throw new Error(finished.stderr);
  const durationMs = Date.now() - begun;
  const [run] = await runCliJson<Listed[]>(['runs', '--data-dir', dataDir]);
  const { out } = await runCliJson<Shown>(['show', run!.id, '--data-dir', dataDir]);
  reference = { forecasts: forecastsOf(out), versions: versionsIn(dataDir), durationMs };
});
afterAll(remove);

describe('a killed run', () => {
  it('has a reference to be compared with', () => {
    expect(reference.forecasts.split('\n').length).toBe(4 * 6 + 2);
    expect(reference.versions).toBeGreaterThan(0);
  });
  it.each(Array.from({ length: moments }, (_, k) => k))(
    'gives the same forecasts after kill %i and a resume',
    async (k) => {
      // Spread evenly and jittered by a fixed hash, so that no part of a run is left out.
      const jitter = ((k * 2654435761) % 1000) / 1000;
      const afterMs = ((k + jitter) / moments) * reference.durationMs;
      await expectSameAfterKill(join(home, `killed-${k}`), afterMs);
    },
    120_000,
  );
});
