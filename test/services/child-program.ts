/** Runs a TypeScript program of the tests in processes of its own, for what only processes can show: races and kills. */
import { type ChildProcess, spawn } from 'node:child_process';
import { join, resolve } from 'node:path';
import { build } from 'vite';
import { writeFileAtomic } from '../../services/artifacts/atomic-file.ts';

/** A program that can be started many times. */
export interface ChildProgram {
  /** Starts the program with `args`; its standard output is piped. */
  start(...args: string[]): ChildProcess;
  /** Starts it and waits for its end. */
  run(...args: string[]): Promise<ChildEnd>;
}

/** How a process ended, and what it printed. */
export interface ChildEnd {
  readonly code: number | null;
  readonly signal: string | null;
  readonly output: string;
}

/** Bundles the program at `source`, relative to the repository, into one file that plain Node runs. */
export async function childProgram(source: string): Promise<ChildProgram> {
  const bundle = await build({
    configFile: false,
    logLevel: 'error',
    build: { ssr: resolve(source), write: false, minify: false },
  });
  const code = [bundle]
    .flat()
    .flatMap((made) => ('output' in made ? made.output : []))
    .find((made) => made.type === 'chunk' && made.isEntry);
  if (code?.type !== 'chunk') throw new Error(`${source} has no bundle`);
  // Below node_modules, so that the bundle finds the packages that it imports.
  const folder = resolve('node_modules/.cache/agentic-forecast-test');
  const path = join(folder, `${source.replaceAll(/\W+/g, '-')}.mjs`);
  await writeFileAtomic(path, code.code);
  const start = (...args: string[]): ChildProcess =>
    spawn(process.execPath, [path, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  return { start, run: (...args) => finish(start(...args)) };
}

/** Waits for the end of `child`; called before that can have come. */
export async function finish(child: ChildProcess): Promise<ChildEnd> {
  let output = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  return await new Promise((settle) => {
    child.on('close', (code, signal) => settle({ code, signal, output }));
  });
}
