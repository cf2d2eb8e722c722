/** The program as a process: it needs a build, which `npm test` makes first. */
import { existsSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { runCli, startCli } from '../../cli-process.ts';
import { readSource } from '../../source-tree.ts';

beforeAll(() => {
  if (!existsSync('dist')) throw new Error('There is no dist/; run npm run build first.');
});

describe('the program', () => {
  it('tells the version of its package', async () => {
    const { version } = JSON.parse(readSource('package.json').text) as { version: string };
    expect(await runCli(['--version'])).toMatchObject({
      code: 0,
      stdout: `${version}\n`,
      stderr: '',
    });
  });

  it('helps without loading the engine', async () => {
    const { code, stdout } = await runCli(['run', '--help']);
    expect(code).toBe(0);
    expect(stdout).toContain('--horizon <number>');
  });

  it('ends wrong usage with 64 and one line on stderr', async () => {
    const { code, stdout, stderr } = await runCli(['run', 'a.csv']);
    expect({ code, stdout }).toEqual({ code: 64, stdout: '' });
    expect(stderr).toBe('error: --horizon: is missing.\n');
  });

  it('ends quietly when nobody reads what it writes', async () => {
    const { child, ended } = startCli(['--help']);
    child.stdout?.destroy();
    const { code, stderr } = await ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });
});
