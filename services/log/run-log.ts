/** The log of one run: one JSON line an event, on the disk before `emit` returns, told to listeners as it is written. */
import {
  appendFileSync,
  closeSync,
  existsSync,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
} from 'node:fs';
import { join } from 'node:path';
import { pino } from 'pino';
import { assert, fail } from '../../state/errors.ts';
import { type Emit, type LogLine, logLineSchema } from '../../state/events.ts';
import { guardFile } from '../artifacts/file-errors.ts';
import { redact } from './redaction.ts';

/** An open log; close it when the run ends. */
export interface RunLog {
  readonly emit: Emit;
  /** `<folder>/<run>.jsonl`. */
  readonly path: string;
  close(): void;
}

/** What a log needs to know about the world. */
export interface RunLogOptions {
  /** Epoch milliseconds. */
  readonly clock: () => number;
  /** Called with every line after it is written. */
  readonly listeners?: readonly ((line: LogLine) => void)[];
}

const runPattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;
const lineEnd = 0x0a;
const ownNames = ['level', 'time', 'event', 'run'];

/**
 * Opens the log of `run` in `folder`, going on where an earlier process stopped; what that one died writing is cut off.
 * Errors of opening and of `emit`: STORE_FULL, STORE_UNWRITABLE.
 */
export function createRunLog(folder: string, run: string, options: RunLogOptions): RunLog {
  assert(runPattern.test(run), `"${run}" is a run id`);
  const { clock, listeners = [] } = options;
  const path = join(folder, `${run}.jsonl`);
  const file = guardFile(path, () => openLog(folder, path));
  const write = (text: string): void => {
    guardFile(path, () => appendFileSync(file, text));
    const line = logLineSchema.parse(JSON.parse(text));
    for (const listener of listeners) listener(line);
  };
  const logger = pino(
    {
      base: null,
      timestamp: () => `,"time":"${new Date(clock()).toISOString()}"`,
      formatters: { level: (level) => ({ level }) },
    },
    { write },
  );
  return {
    emit: (event, fields = {}) => {
      const taken = ownNames.find((name) => Object.hasOwn(fields, name));
      assert(taken === undefined, `the log itself says "${taken}"`);
      const line = { event, run, ...(redact(fields) as object) };
      if (event === 'run-failed') logger.error(line);
      else logger.info(line);
    },
    path,
    close: () => closeSync(file),
  };
}

/** Lines of the log at `path`, none if there is no log; a torn last line is left out. Error: STORE_CORRUPT elsewhere. */
export function readRunLog(path: string): LogLine[] {
  if (!existsSync(path)) return [];
  const lines = guardFile(path, () => readFileSync(path, 'utf8')).split('\n');
  // After the last line end there is nothing, or what a dying process has left.
  return lines.slice(0, -1).map((text, i) => {
    const parsed = logLineSchema.safeParse(parseJson(text));
    const problem = `line ${i + 1} is no event`;
    return parsed.success ? parsed.data : fail('STORE_CORRUPT', { path, problem });
  });
}

function openLog(folder: string, path: string): number {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = openSync(path, 'a+', 0o600);
  const text = new Uint8Array(fstatSync(file).size);
  readSync(file, text, 0, text.length, 0);
  const whole = text.lastIndexOf(lineEnd) + 1;
  if (whole < text.length) ftruncateSync(file, whole);
  return file;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
