/** The example programs do what their first lines say, as processes on real series. */
import { execFile } from 'node:child_process';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, expect, it } from 'vitest';
import { temporaryFolder } from './cli-process.ts';

const { path: home, remove } = temporaryFolder();
afterAll(remove);

const run = async (name: string): Promise<string> => {
  const program = resolve('dist/examples', `${name}.js`);
  const data = resolve('node_modules/vega-datasets/data/us-employment.csv');
  const { stdout } = await promisify(execFile)(process.execPath, [program, data, join(home, name)]);
  return stdout;
};

it('start-and-follow prints the decisions and a forecast', async () => {
  const output = await run('start-and-follow');
  expect(output).toMatch(/feature-engineer: treat target/);
  expect(output).toMatch(/Run \S+ is completed/);
  expect(output).toMatch(/nonfarm at 2016-01-01: \d+/);
});

it('resume-and-fork stops, resumes and forks', async () => {
  const output = await run('resume-and-fork');
  expect(output).toMatch(/was stopped; continue it with/);
  expect(output).toMatch(/is completed after being resumed/);
  expect(output).toMatch(/Instead of "train .*", run \S+ did "train /);
});
