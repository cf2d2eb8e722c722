/** `backtest` from data to files: as a process, as a library, stopped in the middle, and on input that cannot be used. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { type BacktestSummary, openEngine } from '../../app/index.ts';
import { runCli, startCli, temporaryFolder, writeMonthlyPanel } from '../cli-process.ts';

const { path: home, remove } = temporaryFolder();
afterAll(remove);
const data = writeMonthlyPanel(join(home, 'panel.csv'), 6);
const dataDir = join(home, 'data');
const cli = (...args: string[]) => runCli(['backtest', ...args, '--data-dir', dataDir]);

/** Without what a clock decides. */
const timeless = ({ models, ...rest }: BacktestSummary): unknown => ({
  ...rest,
  models: models.map((row) => ({ ...row, seconds: 0 })),
});

describe('the command', () => {
  it('prints the table, what differs, and writes the scores of every series', async () => {
    const out = join(home, 'scores');
    const asked = [data, '--horizon', '6', '--models', 'drift', '--windows', '6', '--out', out];
    const { code, stdout, stderr } = await cli(...asked);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain(
      'Compared 3 models on 6 windows of 6 steps, 6 steps apart, for 6 series',
    );
    expect(stdout).toMatch(/^ {2}seasonal-naive \* +\d/m);
    expect(stdout).toMatch(/^ {2}naive +\d.*\+\d+ % /m);
    expect(stdout).toContain('Over 6 series, at 5 %: no two models differ (Friedman test');
    expect(stdout).toMatch(/^ {2}seasonal-naive +1\.667 +a$/m);
    expect(stdout).toContain('Over 6 windows, at 5 %: seasonal-naive has the least mean error');
    const lines = readFileSync(join(out, 'scores.csv'), 'utf8').trimEnd().split('\n');
    expect(lines).toHaveLength(1 + 3 * 6);
    const written = JSON.parse(readFileSync(join(out, 'backtest.json'), 'utf8')) as BacktestSummary;
    expect(written).toMatchObject({
      season: 12,
      series: 6,
      files: ['backtest.json', 'scores.csv'],
    });
    const mean = lines
      .filter((line) => line.startsWith('drift,'))
      .reduce((sum, line) => sum + Number(line.split(',')[2]) / 6, 0);
    expect(written.models.find(({ model }) => model === 'drift')!.mase).toBeCloseTo(mean, 10);
    const json = await cli(...asked, '--json');
    expect(timeless(JSON.parse(json.stdout) as BacktestSummary)).toEqual(timeless(written));
    expect(readdirSync(join(dataDir, 'backtests'))).toEqual([]);
  });

  it.each([
    [['--models', 'nobody'], 64, 'There is no model "nobody"'],
    [['--refit-every', '-1'], 64, '--refit-every: must be at least 0, not -1.'],
    [['--windows', '0'], 64, '--windows: must be at least 1, not 0.'],
    [['--windows', '30'], 65, 'needs a series with at least 182 observations, the longest has 120'],
    [['--target', 'sales'], 65, 'no column "sales"'],
  ])('refuses %j with one line', async (args, code, message) => {
    const refused = await cli(data, '--horizon', '6', ...args);
    expect(refused).toMatchObject({ code, stdout: '' });
    expect(refused.stderr).toContain(message);
    expect(refused.stderr.trim().split('\n')).toHaveLength(1);
  });

  it('compares models that are trained with those that are not', async () => {
    const asked = [data, '--horizon', '6', '--models', 'nlinear,ridge,theta', '--windows', '4'];
    const { stdout } = await cli(...asked, '--refit-every', '2', '--json');
    const { models, refitEvery } = JSON.parse(stdout) as BacktestSummary;
    expect(refitEvery).toBe(2);
    const row = (name: string) => models.find(({ model }) => model === name)!;
    expect([row('nlinear'), row('ridge'), row('theta')].map(({ trainings }) => trainings)).toEqual([
      2, 2, 0,
    ]);
    for (const name of ['nlinear', 'ridge']) {
      expect(row(name).mase!).toBeLessThan(0.5 * row('seasonal-naive').mase!);
    }
    expect(readdirSync(join(dataDir, 'backtests'))).toEqual([]);
    expect(readdirSync(join(dataDir, 'progress'))).toEqual([]);
  });

  it('names what it cannot write to', async () => {
    const file = join(home, 'occupied');
    writeFileSync(file, '');
    const { code, stderr } = await cli(data, '--horizon', '6', '--models', 'naive', '--out', file);
    expect(code).toBe(73);
    expect(stderr).toContain('cannot be written');
  });
});

describe('a backtest that is stopped', () => {
  it('is continued by the same request, in another process, to the same result', async () => {
    const other = join(home, 'stopped');
    const engine = await openEngine({ dataDir: other });
    const request = { data, horizon: 4, models: ['drift'], windows: 5 };
    const stop = new AbortController();
    const told: number[] = [];
    const stopped = engine.backtest(request, {
      signal: stop.signal,
      onEvent: (line) => {
        told.push(Number(line['done']));
        if (line['done'] === 8) stop.abort();
      },
    });
    await expect(stopped).rejects.toMatchObject({ code: 'BACKTEST_STOPPED' });
    await engine.close();
    expect(told).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    const kept = join(other, 'backtests');
    expect(readdirSync(join(kept, readdirSync(kept)[0]!))).toHaveLength(8);
    const args = ['backtest', data, '--horizon', '4', '--models', 'drift', '--windows', '5'];
    const run = async (folder: string): Promise<unknown> => {
      const { stdout } = await runCli([...args, '--json', '--data-dir', folder]);
      return timeless(JSON.parse(stdout) as BacktestSummary);
    };
    expect(await run(other)).toEqual(await run(join(home, 'whole')));
    expect(existsSync(kept) ? readdirSync(kept) : []).toEqual([]);
  });
});

describe('an interrupted backtest', () => {
  const count = 60;
  const many = writeMonthlyPanel(join(home, 'many.csv'), count, 120);
  const kept = (folder: string): number =>
    existsSync(join(folder, 'backtests'))
      ? readdirSync(join(folder, 'backtests'), { recursive: true }).filter((name) =>
          String(name).endsWith('.bin'),
        ).length
      : 0;
  // The two baselines come first; then all threads are in the middle of what is slow.
  const cases = [
    ['SIGTERM', 'arima', 'a fit'],
    ['SIGINT', 'gradient-boosting', 'a training on a table'],
    ['SIGTERM', 'nlinear', 'a training of a network'],
  ] as const;

  it.each(cases)('by %s ends in the middle of %s (%s), and goes on', async (signal, model) => {
    const folder = join(home, `interrupted-${model}`);
    const args = ['backtest', many, '--horizon', '6', '--windows', '3', '--models', model];
    const { child, ended } = startCli([...args, '--data-dir', folder]);
    while (kept(folder) < 6) await sleep(20);
    await sleep(200);
    child.kill(signal);
    const { code, stdout, stderr } = await ended;
    expect({ code, stdout }).toEqual({ code: 130, stdout: '' });
    expect(stderr).toContain('was stopped; the same command goes on from there');
    expect(kept(folder)).toBeLessThan(9);
    const again = await runCli([...args, '--data-dir', folder, '--json']);
    expect(again.code).toBe(0);
    const { models } = JSON.parse(again.stdout) as BacktestSummary;
    expect(models.map((row) => row.series)).toEqual([count, count, count]);
  });
});
