/** `explain` on whole runs: as a library and on the command line, with what there is to take apart and without. */
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCli } from '../../app/cli/cli.ts';
import { openEngine, type Engine, type Explanation, type RunSummary } from '../../app/index.ts';
import { temporaryFolder, writeMonthlyPanel } from '../cli-process.ts';
import { recordingHost } from './cli/sample-run.ts';

const { path: home, remove } = temporaryFolder();
const data = writeMonthlyPanel(join(home, 'panel.csv'), 3);
const dataDir = join(home, 'data');
const request = { data, horizon: 6, trials: 1, seed: 3 };
let engine: Engine;
let run: RunSummary;
let naive: RunSummary;

beforeAll(async () => {
  engine = await openEngine({ dataDir });
  run = await engine.run({ ...request, models: ['dlinear'] });
  naive = await engine.run({ ...request, models: ['seasonal-naive'], name: 'naive' });
});
afterAll(async () => {
  await engine.close();
  remove();
});

const cli = async (...args: string[]) => {
  const host = recordingHost({ openEngine, cwd: home });
  const code = await runCli(['explain', ...args, '--data-dir', dataDir], host);
  return { code, ...host.written };
};

describe('a finished run', () => {
  it('is explained by parts that add up to the forecast that was served', async () => {
    expect(run.weights).toEqual([{ model: 'dlinear', weight: 1 }]);
    for (const { id, forecast, times } of run.preview) {
      const found = await engine.explain(run.id, { series: id });
      expect(found).toMatchObject({ run: run.id, series: id, times, forecast, fallback: null });
      const { parts, influence, version } = found.members[0]!;
      expect(version).toEqual(run.modelVersions[0]);
      expect(influence!.length).toBeGreaterThan(0);
      for (const [step, value] of forecast.entries()) {
        const sum = parts!.parts.reduce((total, { values }) => total + values[step]!, 0);
        const logarithm = parts!.scale === 'log';
        expect(logarithm ? Math.exp(sum) : sum).toBeCloseTo(value, 3);
      }
    }
  });

  it('is told of its first series in text, and as JSON in full', async () => {
    const { code, stdout } = await cli(run.id);
    expect(code).toBe(0);
    expect(stdout).toContain(`Forecast of series s0 in run ${run.id}`);
    expect(stdout).toMatch(/time +forecast +.*level +seasonal +trend/);
    expect(stdout).toMatch(/^ +\d+ steps? +20\d\d-\d\d-01 /m);
    const json = await cli(run.id, '--series', 's1', '--json');
    const explanation = JSON.parse(json.stdout) as Explanation;
    expect(explanation).toEqual(await engine.explain(run.id, { series: 's1' }));
  });

  it('names the series and models that there are if others are asked for', async () => {
    const series = await cli(run.id, '--series', 'north');
    expect(series).toMatchObject({ code: 64, stdout: '' });
    expect(series.stderr).toContain('no series "north" in the run; its series are s0, s1, s2.');
    const model = await cli(run.id, '--model', 'tft');
    expect(model).toMatchObject({ code: 64, stdout: '' });
    expect(model.stderr).toContain('does not use "tft"; it is made of dlinear.');
    expect((await cli('nobody')).stderr).toContain('no run "nobody"');
  });
});

describe('a run with a naive forecast', () => {
  it('says that there is nothing to take apart, and what was used', async () => {
    const { members } = await engine.explain(naive.id);
    expect(members).toMatchObject([{ family: 'naive', parts: null, influence: null }]);
    expect(members[0]!.forecast).toEqual(naive.preview[0]!.forecast);
    const { code, stdout } = await cli(naive.id);
    expect(code).toBe(0);
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain('there is nothing to take apart.');
    expect(stdout).toContain('Repeats the last season.');
  });
});

describe('a run with models of tables and of single series', () => {
  it('is explained by features and by fits, and hands both over', async () => {
    const trees = await engine.run({ ...request, models: ['ridge'], name: 'table' });
    expect(trees.weights).toEqual([{ model: expect.stringContaining('ridge'), weight: 1 }]);
    const { forecast, members } = await engine.explain(trees.id, { series: 's1' });
    const { features, fit } = members[0]!;
    expect(fit).toBeNull();
    for (const [step, value] of forecast.entries()) {
      const sum = features!.features.reduce(
        (total, { values }) => total + values[step]!,
        features!.start[step]! + features!.bounds[step]!,
      );
      expect(sum).toBeCloseTo(value, 6);
    }
    expect((await cli(trees.id)).stdout).toMatch(/feature +moves it by/);
    const name = trees.weights[0]!.model;
    expect(trees.files.map((file) => basename(file))).toEqual(
      expect.arrayContaining([`${name}.onnx`, `${name}.json`]),
    );

    const fitted = await engine.run({ ...request, models: ['holt-winters'], name: 'fitted' });
    const explained = await engine.explain(fitted.id, { series: 's1' });
    expect(explained.members).toMatchObject([{ model: 'holt-winters', features: null }]);
    expect(explained.members[0]!.forecast).toEqual(explained.forecast);
    expect((await cli(fitted.id)).stdout).toMatch(/Fitted: kind/);
    const table = fitted.files.find((file) => file.endsWith('holt-winters-parameters.csv'));
    expect(readFileSync(join(fitted.out, basename(table!)), 'utf8')).toMatch(
      /^unique_id,kind,alpha.*\ns0,/,
    );
  });
});

describe('a run that is not finished', () => {
  it('is refused with the way out', async () => {
    const stop = new AbortController();
    const options = { signal: stop.signal, onEvent: () => stop.abort() };
    await expect(engine.run(request, options)).rejects.toMatchObject({ code: 'RUN_CANCELLED' });
    const { id } = engine.runs(1)[0]!;
    const { code, stderr } = await cli(id);
    expect(code).toBe(65);
    expect(stderr).toContain(`Run ${id} is not finished (stopped)`);
    expect(stderr).toContain(`agentic-forecast resume ${id}`);
  });
});
