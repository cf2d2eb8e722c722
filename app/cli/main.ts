#!/usr/bin/env node
/** The process around the program: streams, signals, exit code. */
import { createRequire } from 'node:module';
import { runCli } from './cli.ts';
import { interruptionSignal } from './interruption.ts';

const { stdout, stderr } = process;

for (const stream of [stdout, stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    // Whoever read the output has gone, for example `head`: nobody is left to tell anything.
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });
}

const signal = interruptionSignal(
  process,
  (message) => stderr.write(`\n${message}\n`),
  (name) => {
    if (stderr.isTTY) stderr.write('\u001B[?25h');
    process.removeAllListeners(name);
    process.kill(process.pid, name);
  },
);

const { version } = createRequire(import.meta.url)('agentic-forecast/package.json') as {
  version: string;
};

const exitCode = await runCli(process.argv.slice(2), {
  stdout,
  stderr,
  environment: process.env,
  cwd: process.cwd(),
  version,
  signal,
  // A terminal that does not know its width cannot be drawn on.
  liveTerminal: stdout.isTTY && stderr.isTTY && stderr.columns > 0 ? stderr : undefined,
  // Loaded on demand: help and mistyped options need no engine.
  openEngine: async (config) => (await import('../engine.ts')).openEngine(config),
});

// What was written must have left the process before it ends.
await Promise.all(
  [stdout, stderr].map((stream) => new Promise((resolve) => void stream.write('', resolve))),
);
process.exit(exitCode);
