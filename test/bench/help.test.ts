/** `--help` of the benchmarks: what a file's comments say, and nothing is measured. */
import { execFileSync } from 'node:child_process';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';

it.each(['presets', 'time-limit'])('%s says what it measures and takes', (name) => {
  const program = resolve(import.meta.dirname, '../../bench/run.mjs');
  const text = execFileSync(process.execPath, [program, name, '--help'], { encoding: 'utf8' });
  expect(text).toMatch(/^[A-Z]/u);
  expect(text).toContain('`--save`');
  expect(text).not.toContain('/**');
});
