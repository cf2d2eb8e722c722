/** Bad input: one named error in one line, or a repair that is reported; never a stack trace, never a lost earlier run. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCli, startCli, temporaryFolder, writeMonthlyPanel } from '../cli-process.ts';

const { path: home, remove } = temporaryFolder();
const dataDir = join(home, 'data');
const days = Array.from({ length: 28 }, (_, d) => `2020-01-${String(d + 1).padStart(2, '0')}`);
const header = 'unique_id,ds,y\n';
const daily = (value: (d: number) => string | number, id = 'a'): string =>
  days.map((day, d) => `${id},${day},${value(d)}\n`).join('');
const monthly = (scale: number): string =>
  Array.from({ length: 120 }, (_, m) => {
    const month = new Date(Date.UTC(2000, m, 1)).toISOString().slice(0, 10);
    return `a,${month},${scale * (1 + 0.1 * Math.sin((m * Math.PI) / 6) + m / 100)}\n`;
  }).join('');

interface Outcome {
  error?: { code: string; message: string };
  status: string;
  panel: { repairs: string[]; series: number };
  fallbacks: { reason: string }[];
  weights: { model: string }[];
  preview: { forecast: number[] }[];
}

async function runOn(name: string, content: string | Uint8Array): Promise<Outcome> {
  const path = join(home, name);
  writeFileSync(path, content);
  const { stdout, stderr } = await runCli([
    'run',
    path,
    '--horizon',
    '5',
    '--trials',
    '2',
    '--json',
    '--data-dir',
    dataDir,
  ]);
  expect(stdout + stderr).not.toMatch(/\n\s+at /);
  return JSON.parse(stdout) as Outcome;
}

afterAll(remove);

describe('input that cannot be forecast', () => {
  const latin = Buffer.from(header + daily((d) => d, 'caf\u00e9'), 'latin1');
  const cases: [string, string | Uint8Array, string, RegExp][] = [
    ['empty.csv', '', 'INPUT_EMPTY', /no data/],
    ['header.csv', header, 'INPUT_EMPTY', /no rows|only a header|no data/],
    ['one.csv', `${header}a,2020-01-01,1\n`, 'INPUT_EMPTY', /one row/],
    [
      'columns.csv',
      'foo,bar,baz\na,b,c\nd,e,f\n',
      'COLUMNS_UNDETECTED',
      /foo, bar, baz; name it with --time, or add one that numbers the rows/,
    ],
    [
      'text.csv',
      header + daily((d) => (d === 6 ? 'seven' : d)),
      'TARGET_NOT_NUMERIC',
      /"seven" in data row 7/,
    ],
    [
      'time.csv',
      `${header}a,yesterday,1\na,today,2\na,tomorrow,3\n`,
      'TIME_UNREADABLE',
      /yesterday/,
    ],
    ['nothing.csv', header + daily(() => 'NaN'), 'NO_USABLE_SERIES', /no series/],
    ['latin.csv', latin, 'INPUT_ENCODING', /UTF-8/],
    ['data.xyz', 'a', 'INPUT_FORMAT_UNKNOWN', /\.csv/],
  ];
  it.each(cases)('%s', async (name, content, code, message) => {
    const { error } = await runOn(name, content);
    expect(error?.code).toBe(code);
    expect(error?.message).toMatch(message);
    expect(error?.message).not.toContain('\n');
  });
  it('a folder, a missing file and a missing column are named', async () => {
    mkdirSync(join(home, 'folder.csv'));
    const folder = await runCli([
      'run',
      join(home, 'folder.csv'),
      '--horizon',
      '5',
      '--data-dir',
      dataDir,
    ]);
    expect(folder.code).toBe(66);
    expect(folder.stderr).toContain('is a folder');
    const missing = await runCli([
      'run',
      join(home, 'nowhere.csv'),
      '--horizon',
      '5',
      '--data-dir',
      dataDir,
    ]);
    expect(missing.code).toBe(66);
    expect(missing.stderr.trim().split('\n')).toHaveLength(1);
    const panel = writeMonthlyPanel(join(home, 'panel.csv'));
    const column = await runCli([
      'run',
      panel,
      '--horizon',
      '5',
      '--target',
      'sales',
      '--data-dir',
      dataDir,
    ]);
    expect(column.code).toBe(65);
    expect(column.stderr).toContain('found: unique_id, ds, y');
  });
});

describe('a folder that results cannot be written to', () => {
  it('is refused before the run begins', async () => {
    const panel = writeMonthlyPanel(join(home, 'refused.csv'));
    const args = ['run', panel, '--horizon', '5', '--data-dir', dataDir, '--out', panel];
    const { code, stdout, stderr } = await runCli(args);
    expect(code).toBe(73);
    expect(stderr).toContain(`${panel} cannot be written`);
    expect(stdout).toBe('');
  });
});

describe('input that is repaired, and says so', () => {
  const yearly = Array.from({ length: 20 }, (_, t) => `b,${2000 + t}-01-01,${t}\n`).join('');
  const cases: [string, string, RegExp][] = [
    ['constant.csv', header + daily(() => 5), /one and the same value/],
    [
      'short.csv',
      header +
        daily((d) => d)
          .split('\n')
          .slice(0, 4)
          .join('\n'),
      /shorter than/,
    ],
    ['duplicates.csv', header + daily((d) => d % 7) + daily((d) => d % 7), /shared a timestamp/],
    [
      'mixed.csv',
      header + daily((d) => d % 7) + daily((d) => d % 5, 'c') + yearly,
      /another frequency/,
    ],
    ['partly.csv', header + daily(() => 'NaN') + daily((d) => d % 7, 'c'), /no value at all/],
    ['gaps.csv', header + daily((d) => (d === 10 ? 'NaN' : d % 7)), /interpolated/],
    [
      'unsorted.csv',
      header +
        daily((d) => d % 7)
          .trim()
          .split('\n')
          .toReversed()
          .join('\n'),
      /sorted/,
    ],
  ];
  it.each(cases)('%s', async (name, content, repair) => {
    const { status, panel, preview } = await runOn(name, content);
    expect(status).toBe('completed');
    expect(panel.repairs.join('\n')).toMatch(repair);
    expect(preview[0]!.forecast.every(Number.isFinite)).toBe(true);
  });
  it('a constant series keeps its value', async () => {
    const { preview, fallbacks } = await runOn('constant.csv', header + daily(() => 5));
    expect(preview[0]!.forecast).toEqual([5, 5, 5, 5, 5]);
    expect(fallbacks[0]!.reason).toContain('constant');
  });
  it.each([1e12, 1e-9])('values of size %f keep their precision', async (scale) => {
    const { preview, weights } = await runOn(`scale-${scale}.csv`, header + monthly(scale));
    const next = preview[0]!.forecast[0]! / scale;
    expect(Math.abs(next - (1 + 0.1 * Math.sin((120 * Math.PI) / 6) + 1.2))).toBeLessThan(0.05);
    expect(weights.length).toBeGreaterThan(0);
  });
});

describe('a store in trouble', () => {
  let earlier: string;
  beforeAll(async () => {
    await runOn('earlier.csv', header + daily((d) => d % 7));
    earlier = (await runCli(['runs', '--json', '--data-dir', dataDir])).stdout;
  });

  it('an unknown run is named with those there are', async () => {
    const { code, stderr } = await runCli(['show', 'nobody', '--data-dir', dataDir]);
    expect(code).toBe(66);
    expect(stderr).toContain('no run "nobody"');
  });
  it('a locked database is said to be locked', async () => {
    const database = new Database(join(dataDir, 'agentic-forecast.db'));
    database.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
    const { code, stderr } = await runCli(['runs', '--data-dir', dataDir]);
    database.exec('ROLLBACK');
    database.close();
    expect(code).toBe(75);
    expect(stderr).toContain('locked by another process');
  }, 30_000);
  it('a full disk stops the run with its name, and earlier runs stay', async (context) => {
    const small = join(home, 'small');
    mkdirSync(small);
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=600k', 'tmpfs', small], {
        stdio: 'ignore',
      });
    } catch {
      context.skip('a small file system cannot be mounted here');
      return;
    }
    try {
      const panel = writeMonthlyPanel(join(home, 'panel.csv'), 30, 400);
      const { code, stderr } = await runCli([
        'run',
        panel,
        '--horizon',
        '5',
        '--data-dir',
        join(small, 'd'),
      ]);
      expect(code).toBe(74);
      expect(stderr).toContain('No space left');
      expect(stderr).not.toMatch(/\n\s+at /);
    } finally {
      execFileSync('umount', ['-l', small]);
    }
    expect((await runCli(['runs', '--json', '--data-dir', dataDir])).stdout).toBe(earlier);
  });
  it('Ctrl-C stops at a safe point, says how to go on, and the run is resumable', async () => {
    const where = join(home, 'interrupted');
    const panel = writeMonthlyPanel(join(home, 'panel.csv'));
    const { child, ended } = startCli([
      'run',
      panel,
      '--horizon',
      '5',
      '--trials',
      '300',
      '--data-dir',
      where,
    ]);
    child.stdout!.on('data', (chunk: Buffer) => {
      if (chunk.toString().includes('hyperparameter-search')) child.kill('SIGINT');
    });
    const { code, stderr } = await ended;
    expect(code).toBe(130);
    expect(stderr).toMatch(/agentic-forecast resume/);
    const listed = JSON.parse((await runCli(['runs', '--json', '--data-dir', where])).stdout) as {
      status: string;
    }[];
    expect(listed[0]!.status).toBe('stopped');
  });
});
