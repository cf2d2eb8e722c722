/**
 * The whole engine on every task: the compiled command line forecasts the training parts, its files are scored on the test
 * parts, and what it served is compared with the best of its models in hindsight.
 */
import { existsSync, rmSync } from 'node:fs';
import { resolve } from 'node:path';
import { median } from '../series/quantiles.ts';
import { assert } from '../state/errors.ts';
import { owa } from './m4-data.ts';
import { createOptions, given, type Options } from './options.ts';
import {
  type PresetRun,
  readFoldScores,
  readForecasts,
  type RunOutcome,
  runPreset,
} from './preset-run.ts';
import { type Cells, decimals, printTable } from './print-table.ts';
import { openResults } from './results-file.ts';
import { certainForecast, createTally, type IntervalScores } from './scores.ts';
import type { Task } from './task-data/task.ts';
import { loadTask, taskNames } from './tasks.ts';

/** One preset on one task. */
export interface PresetCell {
  readonly task: string;
  readonly preset: string;
  /** Seconds; null if there was no limit. */
  readonly timeLimit: number | null;
  /** How many windows were forecast, each by a run of its own. */
  readonly windows: number;
  readonly scores: IntervalScores | null;
  /** Overall weighted average against the organisers' Naive2; null outside M4. */
  readonly owa: number | null;
  /** Mean over the windows' processes. */
  readonly minutes: number;
  readonly peakMib: number | null;
  /** Weights of what was served, the mean over windows. */
  readonly served: Readonly<Record<string, number>>;
  /** MASE of every judged model on the runs' own test folds, which chose nothing. */
  readonly members: Readonly<Record<string, number>>;
  /** How much the MASE of what was served lies above that of the best model in hindsight, on those folds; null without any. */
  readonly regret: number | null;
  /** Why a run failed. */
  readonly error?: string;
}

type Key = Pick<PresetCell, 'task' | 'preset'>;
const keyOf = ({ task, preset }: Key): string => `${task} ${preset}`;
const what =
  'The command line on the training part of each task, scored on its test part; deciles for WQL are interpolated from the quantiles ' +
  'that it writes; regret is the MASE served by that of the best model in hindsight, less 1, both on the test folds inside the training part';

/** MASE on the runs' own test folds, of what was served and of each model that every run judged; the best model first. */
function scoreFolds(folders: readonly string[]): {
  served: number | null;
  members: Record<string, number>;
} {
  const runs = folders.map(readFoldScores);
  const meanOf = (name: string): number =>
    runs.reduce((sum, scores) => sum + (scores.get(name) ?? Number.NaN), 0) / runs.length;
  const means = [...(runs[0]?.keys() ?? [])].map((name) => [name, meanOf(name)] as const);
  const known = means.filter(([, mase]) => Number.isFinite(mase)).sort(([, x], [, y]) => x - y);
  const served = known.find(([name]) => name === servedName)?.[1] ?? null;
  return { served, members: Object.fromEntries(known.filter(([name]) => name !== servedName)) };
}

/** Name of what was served in a run's table of scores. */
const servedName = 'served forecast';

/** Mean weights over the windows, the heaviest first. */
function meanWeights(outcomes: readonly RunOutcome[]): Record<string, number> {
  const sums = new Map<string, number>();
  for (const { model, weight } of outcomes.flatMap(({ weights }) => weights)) {
    sums.set(model, (sums.get(model) ?? 0) + weight / outcomes.length);
  }
  return Object.fromEntries([...sums].sort(([, a], [, b]) => b - a));
}

function scoreNaive2(task: Task): IntervalScores | undefined {
  if (task.naive2 === undefined) return undefined;
  const tally = createTally(task);
  tally.add(task.windows[0]!, certainForecast(task.naive2));
  return tally.scores();
}

/** Scores what the runs left in `folders`, one for each window. */
function scoreRuns(
  task: Task,
  run: Pick<PresetCell, 'preset' | 'timeLimit'>,
  folders: readonly string[],
  outcomes: readonly RunOutcome[],
): PresetCell {
  const failed = outcomes.find(({ error }) => error !== undefined);
  const memories = outcomes.flatMap(({ peakMib }) => (peakMib === null ? [] : [peakMib]));
  const cell: PresetCell = {
    task: task.name,
    ...run,
    windows: outcomes.length,
    scores: null,
    owa: null,
    minutes: outcomes.reduce((sum, { seconds }) => sum + seconds, 0) / outcomes.length / 60,
    peakMib: memories.length === 0 ? null : Math.max(...memories),
    served: meanWeights(outcomes),
    members: {},
    regret: null,
    ...given('error', failed?.error),
  };
  if (failed !== undefined) return cell;
  const tally = createTally(task);
  for (const [k, window] of task.windows.entries()) {
    tally.add(window, readForecasts(folders[k]!, window));
  }
  const scores = tally.scores();
  const { served, members } = scoreFolds(folders);
  const best = Object.values(members)[0];
  const naive2 = scoreNaive2(task);
  return {
    ...cell,
    scores,
    owa: naive2 === undefined ? null : owa(scores, naive2),
    members,
    regret: best === undefined || served === null ? null : served / best - 1,
  };
}

function print(cells: readonly PresetCell[]): void {
  const rows = cells.map(
    ({ task, preset, scores, owa: average, served, ...cell }): readonly [string, Cells] => [
      `${task} ${preset}`,
      {
        sMAPE: decimals(scores?.smape, 3),
        MASE: decimals(scores?.mase, 3),
        OWA: decimals(average, 3),
        WQL: decimals(scores?.wql, 4),
        MSIS: decimals(scores?.msis, 2),
        '80 %': decimals(scores?.coverage80, 3),
        '95 %': decimals(scores?.coverage95, 3),
        minutes: decimals(cell.minutes, 2),
        'peak MiB': decimals(cell.peakMib, 0),
        'best member': Object.keys(cell.members)[0],
        regret: decimals(cell.regret, 3),
        served: Object.entries(served)
          .map(([model, weight]) => `${weight.toFixed(2)} ${model}`)
          .join(' ')
          .slice(0, 60),
      },
    ],
  );
  printTable(rows);
  for (const preset of new Set(cells.map((cell) => cell.preset))) {
    const regrets = cells.flatMap((cell) =>
      cell.preset === preset && cell.regret !== null ? [cell.regret] : [],
    );
    if (regrets.length === 0) continue;
    const [middle, worst] = [median(regrets), Math.max(...regrets)].map(
      (r) => `${(100 * r).toFixed(1)} %`,
    );
    console.log(`${preset}: regret over ${regrets.length} tasks: median ${middle}, worst ${worst}`);
  }
}

/** Runs all windows of a task with one preset. */
async function measure(name: string, preset: string, options: Options): Promise<PresetCell> {
  const part = {
    ...given('series', options.number('--series')),
    ...given('windows', options.number('--windows')),
  };
  const task = loadTask(name, options.data, part);
  const timeLimit = options.number('--time-limit');
  const work = options.text('--work') ?? 'node_modules/.cache/agentic-forecast-bench/presets';
  const program = resolve(options.text('--program') ?? 'dist/app/cli/main.js');
  const extent = [preset, part.series ?? 'all', timeLimit ?? 'unlimited'].join('-');
  const folderOf = (stepsFromEnd: number): string =>
    resolve(work, name, extent.replaceAll(/[^\w.+-]/g, '-'), String(stepsFromEnd));
  const folders = task.windows.map(({ stepsFromEnd }) => folderOf(stepsFromEnd));
  const outcomes: RunOutcome[] = [];
  for (const [k, window] of task.windows.entries()) {
    const folder = folders[k]!;
    if (options.has('--again')) rmSync(folder, { recursive: true, force: true });
    const run: PresetRun = { preset, program, folder, ...given('timeLimit', timeLimit) };
    outcomes.push(await runPreset(run, task, window));
  }
  return scoreRuns(task, { preset, timeLimit: timeLimit ?? null }, folders, outcomes);
}

/**
 * `--tasks a,b` and `--presets fast,balanced,best,models:x+y` choose; `--time-limit S` goes to every run; `--save` writes
 * bench/results/presets.json after each cell, where cells that were measured before are kept, or measured `--again`;
 * `--program FILE` is the compiled command line; `--work FOLDER` keeps the runs' files, so that windows which are done are not
 * run again; `--series N` takes the first series of each task, for a trial that is not saved; `--windows N` takes its last
 * windows; `--data FOLDER` has the sets.
 */
export async function main(args: readonly string[] = process.argv.slice(3)): Promise<void> {
  const options = createOptions(args);
  const results = openResults<PresetCell, Key>({ benchmark: 'presets', what }, keyOf, {
    save: options.has('--save') && !options.has('--series'),
  });
  assert(existsSync(resolve(options.text('--program') ?? 'dist/app/cli/main.js')), 'it is built');
  const presets = options.list('--presets', ['fast', 'balanced', 'best']);
  const tasks = options.list('--tasks', taskNames);
  for (const task of tasks) {
    for (const preset of presets) {
      if (!options.has('--again') && results.find({ task, preset }) !== undefined) continue;
      const cell = await measure(task, preset, options);
      results.put(cell);
      const outcome = cell.error ?? `MASE ${cell.scores?.mase.toFixed(3)}`;
      console.log(`${keyOf(cell)}: ${outcome} in ${cell.minutes.toFixed(2)} minutes`);
    }
  }
  print(
    results.cells().filter((cell) => tasks.includes(cell.task) && presets.includes(cell.preset)),
  );
}
