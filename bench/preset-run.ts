/** One run of the command line on one window of a task: its files, the process, and what it leaves. */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatTime } from '../series/format-time.ts';
import { futureTimes } from '../series/frequency.ts';
import { seriesTimes } from '../series/panel.ts';
import { assert } from '../state/errors.ts';
import { peakMibOf } from './peers/peak-memory.ts';
import { interpolateQuantiles, type WindowForecast } from './scores.ts';
import type { TaskDefinition, TaskWindow } from './task-data/task.ts';

/** What is run. */
export interface PresetRun {
  /** `fast`, `balanced` or `best`, or `models:` and names with plus signs between them. */
  readonly preset: string;
  /** Seconds; none if left out. */
  readonly timeLimit?: number;
  /** The compiled command line. */
  readonly program: string;
  /** Where everything of this run is kept. */
  readonly folder: string;
}

/** What the command line is told of a task. */
type Sampled = Pick<TaskDefinition, 'horizon' | 'frequency'>;

/** What a run that ended says. */
export interface RunOutcome {
  /** Seconds of the whole process. */
  readonly seconds: number;
  /** Largest resident memory; null where it cannot be read. */
  readonly peakMib: number | null;
  /** What was served. */
  readonly weights: readonly { readonly model: string; readonly weight: number }[];
  /** Why it failed; absent if it did not. */
  readonly error?: string;
}

/** Writes `train.csv` and, where there are columns known ahead, `future.csv`: one row for each series and time. */
export function writeWindow(folder: string, { panel, test }: TaskWindow): void {
  const { ids, offsets, y, frequency, exogenous } = panel;
  const columns = exogenous?.future ?? [];
  const horizon = test.length / ids.length;
  const header = ['id', 'time', ...columns.map(({ name }) => name)];
  const training = [[...header, 'value'].join(',')];
  const future = [header.join(',')];
  for (const [i, id] of ids.entries()) {
    const times = seriesTimes(panel, i);
    for (const [k, time] of times.entries()) {
      const at = offsets[i]! + k;
      const cells = columns.map(({ values }) => values[at]);
      training.push([id, formatTime(time, frequency), ...cells, y[at]].join(','));
    }
    for (const [k, time] of futureTimes(times.at(-1)!, frequency, horizon).entries()) {
      const cells = columns.map(({ ahead }) => ahead[i * horizon + k]);
      future.push([id, formatTime(time, frequency), ...cells].join(','));
    }
  }
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'train.csv'), `${training.join('\n')}\n`);
  if (columns.length > 0) writeFileSync(join(folder, 'future.csv'), `${future.join('\n')}\n`);
}

function argumentsOf(run: PresetRun, task: Sampled, window: TaskWindow): string[] {
  const { folder, preset, timeLimit, program } = run;
  const columns = window.panel.exogenous?.future.map(({ name }) => name) ?? [];
  const wanted: Readonly<Record<string, string>> = {
    horizon: String(task.horizon),
    frequency: task.frequency,
    id: 'id',
    time: 'time',
    target: 'value',
    ...(columns.length > 0 && {
      future: columns.join(','),
      'future-data': join(folder, 'future.csv'),
    }),
    ...(preset.startsWith('models:')
      ? { models: preset.slice('models:'.length).replaceAll('+', ',') }
      : { preset }),
    ...(timeLimit !== undefined && { 'time-limit': String(timeLimit) }),
    out: join(folder, 'out'),
    'data-dir': join(folder, 'store'),
  };
  const options = Object.entries(wanted).flatMap(([name, value]) => [`--${name}`, value]);
  return [program, 'run', join(folder, 'train.csv'), ...options, '--json'];
}

/** Runs the command line, or takes the outcome of an earlier run in the same folder that ended well. */
export async function runPreset(
  run: PresetRun,
  task: Sampled,
  window: TaskWindow,
): Promise<RunOutcome> {
  const kept = join(run.folder, 'outcome.json');
  if (existsSync(kept)) return JSON.parse(readFileSync(kept, 'utf8')) as RunOutcome;
  rmSync(run.folder, { recursive: true, force: true });
  writeWindow(run.folder, window);
  const before = performance.now();
  const { stdout, stderr, code, peakMib } = await measured(argumentsOf(run, task, window));
  const seconds = (performance.now() - before) / 1000;
  // Models and checkpoints are of no use any more and may be large; the input can be written again.
  for (const name of ['store', 'train.csv']) {
    rmSync(join(run.folder, name), { recursive: true, force: true });
  }
  if (code !== 0) return { seconds, peakMib, weights: [], error: errorOf(stdout, stderr) };
  const { weights } = JSON.parse(stdout) as Pick<RunOutcome, 'weights'>;
  const outcome = { seconds, peakMib, weights };
  writeFileSync(kept, JSON.stringify(outcome));
  return outcome;
}

/** What the command line says of its error: the document on its output, or the last lines of its messages. */
function errorOf(stdout: string, stderr: string): string {
  if (stdout.trim() === '') return stderr.trim().split('\n').slice(-3).join('\n');
  return JSON.stringify((JSON.parse(stdout) as { error: unknown }).error);
}

/** Runs Node with `args`, looking at its memory ten times a second. */
async function measured(args: readonly string[]) {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let peakMib: number | null = null;
  const timer = setInterval(() => {
    if (child.pid !== undefined) peakMib = peakMibOf(child.pid) ?? peakMib;
  }, 100);
  const text = { stdout: '', stderr: '' };
  child.stdout.on('data', (piece: Buffer) => (text.stdout += piece.toString('utf8')));
  child.stderr.on('data', (piece: Buffer) => (text.stderr += piece.toString('utf8')));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  clearInterval(timer);
  return { ...text, code, peakMib };
}

/** Rows of a CSV file whose cells hold no commas: the header, and the cells of each line. */
function readCsv(path: string): { header: string[]; rows: string[][] } {
  const [header, ...rows] = readFileSync(path, 'utf8')
    .trim()
    .split('\n')
    .map((line) => line.split(','));
  return { header: header!, rows };
}

/** Where each series of the window stands, by its identifier. */
const placesOf = ({ panel }: TaskWindow): ReadonlyMap<string, number> =>
  new Map(panel.ids.map((id, i) => [id, i]));

/** The forecasts in `out/forecasts.csv` of a run's folder. */
export function readForecasts(folder: string, window: TaskWindow): WindowForecast {
  const { header, rows } = readCsv(join(folder, 'out', 'forecasts.csv'));
  const places = placesOf(window);
  const horizon = window.test.length / places.size;
  const columns = header.flatMap((name, column) => (/^q0\.\d+$/.test(name) ? [column] : []));
  const known = columns.map((column) => Number(header[column]!.slice(1)));
  const mean = new Float64Array(window.test.length).fill(Number.NaN);
  const given = new Float64Array(mean.length * known.length).fill(Number.NaN);
  const next = new Uint32Array(places.size);
  const point = header.indexOf('forecast');
  for (const cells of rows) {
    const i = places.get(cells[0]!);
    assert(i !== undefined && next[i]! < horizon, `${cells[0]} is a series of the task`);
    const at = i * horizon + next[i]!++;
    mean[at] = Number(cells[point]);
    for (const [q, column] of columns.entries())
      given[at * known.length + q] = Number(cells[column]);
  }
  return { mean, quantiles: interpolateQuantiles(given, known) };
}

/** MASE on the run's own test folds, which chose nothing, by model, from `out/run.json`; what was served is `served forecast`. */
export function readFoldScores(folder: string): Map<string, number> {
  const { scores } = JSON.parse(readFileSync(join(folder, 'out', 'run.json'), 'utf8')) as {
    scores: readonly { model: string; kind: string; mase: number | null }[];
  };
  return new Map(
    scores.flatMap(({ model, kind, mase }) =>
      kind === 'test' && mase !== null ? [[model, mase] as const] : [],
    ),
  );
}
