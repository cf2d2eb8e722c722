/** Networks that cannot be used on the data: a run says why and forecasts with what is left. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openEngine, type Engine } from '../../app/index.ts';
import { temporaryFolder, writeMonthlyPanel } from '../cli-process.ts';

const { path: home, remove } = temporaryFolder();
const request = { data: writeUnevenPanel(join(home, 'uneven.csv')), horizon: 6 };
let engine: Engine;

/** The monthly panel, whose second series ends a year before the others. */
function writeUnevenPanel(path: string): string {
  const rows = readFileSync(writeMonthlyPanel(path), 'utf8').split('\n');
  writeFileSync(path, rows.filter((row) => !row.startsWith('s1,2019')).join('\n'));
  return path;
}

beforeAll(async () => {
  engine = await openEngine({ dataDir: join(home, 'data') });
});
afterAll(async () => {
  await engine.close();
  remove();
});

describe('a network that cannot be used on the data', () => {
  const searchOf = (run: string) =>
    engine.decisions(run).find(({ agent }) => agent === 'hyperparameter-search')!;

  it('is left out with the reason where others serve', async () => {
    const run = await engine.run({
      ...request,
      models: ['itransformer', 'nlinear'],
      trials: 2,
    });
    expect(run.weights).toEqual([{ model: 'nlinear', weight: 1 }]);
    expect(searchOf(run.id).action).toBe('prefer nlinear');
    expect(searchOf(run.id).reason).toContain('itransformer was not used');
    expect(searchOf(run.id).reason).toContain('different times');
  });
  it('gives way to the naive forecast where it is the only one named', async () => {
    const run = await engine.run({ ...request, models: ['itransformer'], trials: 1 });
    expect(run.weights).toEqual([{ model: 'seasonal-naive', weight: 1 }]);
    expect(searchOf(run.id).reason).toContain('different times');
    const forecast = engine.decisions(run.id).find(({ agent }) => agent === 'forecast')!;
    expect(forecast.reason).toContain(
      'none of the models that the request names was trained and judged',
    );
  });
});
