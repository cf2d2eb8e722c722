/** `backtest` from data to files: as a process, as a library, stopped in the middle, and on input that cannot be used. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { type BacktestSummary, openEngine } from '../../app/index.ts';
import { runCli, temporaryFolder, writeMonthlyPanel } from '../cli-process.ts';

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
    [['--models', 'nlinear'], 64, 'nlinear has to be trained'],
    [['--windows', '0'], 64, '--windows: must be at least 1, not 0.'],
    [['--windows', '30'], 65, 'needs a series with at least 182 observations, the longest has 120'],
    [['--target', 'sales'], 65, 'no column "sales"'],
  ])('refuses %j with one line', async (args, code, message) => {
    const refused = await cli(data, '--horizon', '6', ...args);
    expect(refused).toMatchObject({ code, stdout: '' });
    expect(refused.stderr).toContain(message);
    expect(refused.stderr.trim().split('\n')).toHaveLength(1);
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
