/** Runs a TypeScript program of the tests in processes of its own, for what only processes can show: races and kills. */
import { type ChildProcess, spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { onTestFinished } from 'vitest';
import { build } from 'vite';

export interface ChildProgram {
  /** Starts the program with `args`; its standard output is piped. */
  start(...args: string[]): ChildProcess;
  /** Starts it and waits for its end. */
  run(...args: string[]): Promise<{ code: number | null; signal: string | null; output: string }>;
}

/** Bundles the program at `source`, relative to the repository, into one file that plain Node runs while the test lasts. */
export async function childProgram(source: string): Promise<ChildProgram> {
  const folder = resolve(
    'node_modules/.cache',
    `agentic-forecast-test-${process.pid}-${basename(source, '.ts')}`,
  );
  const name = basename(source, '.ts');
  await build({
    configFile: false,
    logLevel: 'error',
    build: {
      ssr: resolve(source),
      outDir: folder,
      emptyOutDir: false,
      minify: false,
      rolldownOptions: { output: { entryFileNames: `${name}.mjs` } },
    },
  });
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const start = (...args: string[]): ChildProcess =>
    spawn(process.execPath, [join(folder, `${name}.mjs`), ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
  return { start, run: (...args) => finish(start(...args)) };
}

/** Waits for the end of `child` and gathers what it printed. */
export async function finish(
  child: ChildProcess,
): Promise<{ code: number | null; signal: string | null; output: string }> {
  let output = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  return await new Promise((settle) => {
    child.on('close', (code, signal) => settle({ code, signal, output }));
  });
}
