/** Ctrl-C while series are fitted one by one, kill -9 while trees grow: resumed, both end with the same forecasts. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { readRunLog } from '../../services/log/run-log.ts';
import { runCli, startCli, temporaryFolder, writeMonthlyPanel } from '../cli-process.ts';

const { path: home, remove } = temporaryFolder();
afterAll(remove);

const cases = [
  {
    models: 'naive,seasonal-naive,arima',
    agent: 'evaluation',
    signal: 'SIGINT',
    panel: writeMonthlyPanel(join(home, 'fitted.csv'), 16, 120),
  },
  {
    models: 'naive,seasonal-naive,gradient-boosting',
    agent: 'training',
    signal: 'SIGKILL',
    panel: writeMonthlyPanel(join(home, 'grown.csv'), 4, 120),
  },
] as const;

/** Waits until the log of the only run in `dataDir` says that `agent` is at work; the run's id. */
async function atWork(dataDir: string, agent: string): Promise<string> {
  const folder = join(dataDir, 'logs');
  for (;;) {
    const [log] = existsSync(folder) ? readdirSync(folder) : [];
    const lines = log === undefined ? [] : readRunLog(join(folder, log));
    if (lines.some((line) => line.event === 'agent-started' && line['agent'] === agent)) {
      return basename(log!, '.jsonl');
    }
    await sleep(20);
  }
}

describe.each(cases)('$signal while $models are in $agent', ({ models, agent, signal, panel }) => {
  it('leaves a run that resumes to the same forecasts', async () => {
    const request = ['run', panel, '--horizon', '6', '--models', models, '--trials', '1'];
    const place = (name: string) => [
      '--data-dir',
      join(home, agent, name),
      '--out',
      join(home, agent, name, 'out'),
    ];
    const forecasts = (name: string): string =>
      readFileSync(join(home, agent, name, 'out', 'forecasts.csv'), 'utf8');
    expect((await runCli([...request, ...place('whole')])).code).toBe(0);

    const { child, ended } = startCli([...request, ...place('ended')]);
    const dataDir = join(home, agent, 'ended');
    const id = await atWork(dataDir, agent);
    child.kill(signal);
    const { code, stdout } = await ended;
    expect(code).toBe(signal === 'SIGINT' ? 130 : null);
    expect(stdout).not.toContain('Written to');
    const resumed = await runCli(['resume', id, '--data-dir', dataDir]);
    expect(resumed.stderr).toBe('');
    expect(resumed.code).toBe(0);
    expect(forecasts('ended')).toBe(forecasts('whole'));
  });
});
