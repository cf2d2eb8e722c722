/** Runs the built command line as a real process; tests of whole behaviour go through it. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const entry = resolve(import.meta.dirname, '../dist/app/cli/main.js');

export interface Finished {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Starts `agentic-forecast <args>`; the promise settles when the process has ended. */
export function startCli(
  args: readonly string[],
  options: { cwd?: string; env?: Record<string, string> } = {},
): { child: ChildProcess; ended: Promise<Finished> } {
  const child = spawn(process.execPath, [entry, ...args], {
    cwd: options.cwd ?? process.cwd(),
    env: { ...process.env, NO_COLOR: '1', ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const ended = once(child, 'close').then(([code, signal]) => ({
    code: code as number | null,
    signal: signal as NodeJS.Signals | null,
    stdout,
    stderr,
  }));
  return { child, ended };
}

/** The same, waited for. */
export function runCli(
  args: readonly string[],
  options: { cwd?: string; env?: Record<string, string> } = {},
): Promise<Finished> {
  return startCli(args, options).ended;
}

/** `--json` output of a command, parsed. */
export async function runCliJson<T>(
  args: readonly string[],
  options: { cwd?: string } = {},
): Promise<T> {
  const { stdout } = await runCli([...args, '--json'], options);
  return JSON.parse(stdout) as T;
}

/** A folder of its own and the way to remove it. */
export function temporaryFolder(): { path: string; remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'agentic-forecast-test-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** Writes a small monthly panel in long format: trend, season and a little deterministic noise. */
export function writeMonthlyPanel(path: string, series = 4, length = 120): string {
  const lines = ['unique_id,ds,y'];
  for (let i = 0; i < series; i++) {
    let noise = 17 + i;
    for (let t = 0; t < length; t++) {
      noise = (noise * 1103515245 + 12345) % 2147483648;
      const month = new Date(Date.UTC(2010, t, 1)).toISOString().slice(0, 10);
      const season = 10 * Math.sin((2 * Math.PI * t) / 12 + i);
      const value = 100 * (i + 1) + 0.5 * t + season + 4 * (noise / 2147483648 - 0.5);
      lines.push(`s${i},${month},${value.toFixed(3)}`);
    }
  }
  writeFileSync(path, `${lines.join('\n')}\n`);
  return path;
}
