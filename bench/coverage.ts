/**
 * Coverage of the served intervals over several origins: one window of series that miss together is a single event and says
 * little of intervals, so tasks with one window get more, a horizon apart. Windows before the last lie inside the training part.
 */
import { existsSync, rmSync } from 'node:fs';
import { resolve } from 'node:path';
import { seriesLength } from '../series/panel.ts';
import { assert } from '../state/errors.ts';
import { createOptions } from './options.ts';
import { readForecasts, runPreset } from './preset-run.ts';
import { decimals, printTable } from './print-table.ts';
import { openResults } from './results-file.ts';
import { createTally } from './scores.ts';
import type { Task, TaskWindow } from './task-data/task.ts';
import { loadTask, taskNames } from './tasks.ts';

/** What was inside the intervals of one window, or of all. */
interface Coverage {
  readonly coverage80: number;
  readonly coverage95: number;
  readonly msis: number;
}

/** One preset on one task. */
export interface CoverageCell extends Coverage {
  readonly task: string;
  readonly preset: string;
  /** The earliest first; the means over them are the cell's own. */
  readonly windows: readonly (Coverage & { readonly stepsFromEnd: number })[];
}

type Key = Pick<CoverageCell, 'task' | 'preset'>;
const keyOf = ({ task, preset }: Key): string => `${task} ${preset}`;
const what =
  'Shares of actual values inside the served central intervals of 80 % and 95 %, and MSIS at 95 %: the command line run at ' +
  'several origins of each task, the last of them that of the published protocol; means over the windows';

/** Origins a horizon apart that half of all series reach with two horizons of history. */
function reached({ windows, horizon }: Task): readonly TaskWindow[] {
  const all = windows.at(-1)!.panel.ids.length;
  return windows.filter(({ panel }) => {
    const long = panel.ids.filter((_, i) => seriesLength(panel, i) >= 2 * horizon);
    return long.length >= all / 2;
  });
}

const meanOf = (windows: readonly Coverage[], name: keyof Coverage): number =>
  windows.reduce((sum, window) => sum + window[name], 0) / windows.length;

/**
 * `--tasks a,b`; `--presets fast,balanced`; `--origins N` (default 4) for tasks that have one window; `--save` writes
 * bench/results/coverage.json after each task; `--work FOLDER` keeps the runs' files, `--again` runs them again; `--program
 * FILE` is the compiled command line; `--data FOLDER` has the sets.
 */
export async function main(args: readonly string[] = process.argv.slice(3)): Promise<void> {
  const options = createOptions(args);
  const program = resolve(options.text('--program') ?? 'dist/app/cli/main.js');
  assert(existsSync(program), 'it is built');
  const work = options.text('--work') ?? 'node_modules/.cache/agentic-forecast-bench/coverage';
  const results = openResults<CoverageCell, Key>({ benchmark: 'coverage', what }, keyOf, {
    save: options.has('--save'),
  });
  for (const name of options.list('--tasks', taskNames)) {
    const task = loadTask(name, options.data, { origins: options.number('--origins') ?? 4 });
    for (const preset of options.list('--presets', ['fast'])) {
      if (!options.has('--again') && results.find({ task: name, preset }) !== undefined) continue;
      const windows: CoverageCell['windows'][number][] = [];
      for (const window of reached(task)) {
        const folder = resolve(work, name, `${preset}-all-unlimited`, String(window.stepsFromEnd));
        if (options.has('--again')) rmSync(folder, { recursive: true, force: true });
        const { error } = await runPreset({ preset, program, folder }, task, window);
        assert(error === undefined, `${name} ${window.stepsFromEnd}: ${error}`);
        const tally = createTally(task);
        tally.add(window, readForecasts(folder, window));
        const { coverage80, coverage95, msis } = tally.scores();
        windows.push({ stepsFromEnd: window.stepsFromEnd, coverage80, coverage95, msis });
      }
      results.put({
        task: name,
        preset,
        coverage80: meanOf(windows, 'coverage80'),
        coverage95: meanOf(windows, 'coverage95'),
        msis: meanOf(windows, 'msis'),
        windows,
      });
      print(results.cells().slice(-1));
    }
  }
  print(results.cells());
}

function print(cells: readonly CoverageCell[]): void {
  const percent = (share: number): string => (100 * share).toFixed(1);
  printTable(
    cells.map(({ task, preset, windows, ...mean }) => [
      `${task} ${preset}`,
      {
        '80 %': percent(mean.coverage80),
        '95 %': percent(mean.coverage95),
        MSIS: decimals(mean.msis, 2),
        'windows, 80 / 95 %': windows
          .map((one) => `${percent(one.coverage80)} / ${percent(one.coverage95)}`)
          .join(', '),
      },
    ]),
  );
}
