/**
 * Every local model on every task: accuracy, intervals from the model's own deviations as normal quantiles, seconds on one
 * thread, memory; each cell in a process of its own.
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { models } from '../models/index.ts';
import { compileJob } from './peers/processes.ts';
import { createOptions, given } from './options.ts';
import { type Cells, decimals, printTable } from './print-table.ts';
import { openResults } from './results-file.ts';
import type { StatisticalCell, StatisticalJob } from './statistical-job.ts';
import { findTask, taskNames } from './tasks.ts';

const start = promisify(execFile);

const what =
  'One local model on one task: fitted to each series by itself on one thread; quantiles are normal around the mean with the ' +
  "model's own deviations; models see the last 4,000 values; published scores are those of others";

type Key = Pick<StatisticalCell, 'task' | 'model'>;
const keyOf = ({ task, model }: Key): string => `${task} ${model}`;

/** Rows of a task: published scores, then ours by MASE. */
function printTask(task: string, cells: readonly StatisticalCell[]): void {
  const own = cells.filter((cell) => cell.task === task).sort((a, b) => a.mase - b.mase);
  if (own.length === 0) return;
  const rows = own.map((cell): readonly [string, Cells] => [
    cell.model,
    {
      sMAPE: decimals(cell.smape, 3),
      MASE: decimals(cell.mase, 3),
      OWA: decimals(cell.owa, 3),
      WQL: decimals(cell.wql, 4),
      MSIS: decimals(cell.msis, 2),
      '80 %': decimals(cell.coverage80, 3),
      '95 %': decimals(cell.coverage95, 3),
      seconds: decimals(cell.seconds, 1),
      'peak MiB': decimals(cell.peakMib, 0),
    },
  ]);
  const others = Object.entries(findTask(task).published).map(
    ([name, scores]): readonly [string, Cells] => [
      `(${name})`,
      {
        sMAPE: decimals(scores.smape, 3),
        MASE: decimals(scores.mase, 3),
        OWA: decimals(scores.owa, 3),
        WQL: decimals(scores.wql, 4),
        MSIS: decimals(scores.msis, 2),
      },
    ],
  );
  const { forecasts, unscaled } = own[0]!;
  console.log(`\n${task}: ${forecasts} forecasts, ${unscaled} of them without a scale`);
  printTable([...others, ...rows]);
}

/**
 * `--tasks a,b` and `--models x,y` choose cells; `--save` writes bench/results/statistical.json after each, where cells that
 * were measured before are kept, or measured `--again`; `--jobs N` runs N at once; `--limit S` gives up a cell after S seconds;
 * `--series N` and `--windows N` take a part of each task, for a trial that is not saved; `--data FOLDER` has the sets.
 */
export async function main(args: readonly string[] = process.argv.slice(3)): Promise<void> {
  const options = createOptions(args);
  const local = models.filter(({ family }) => family === 'naive' || family === 'statistical');
  const names = options.list(
    '--models',
    local.map(({ name }) => name),
  );
  const part = {
    ...given('series', options.number('--series')),
    ...given('windows', options.number('--windows')),
  };
  const results = openResults<StatisticalCell, Key>({ benchmark: 'statistical', what }, keyOf, {
    save: options.has('--save') && Object.keys(part).length === 0,
  });
  const tasks = options.list('--tasks', taskNames);
  const waiting = tasks
    .flatMap((task) =>
      names.map((model): StatisticalJob => ({ task, model, data: options.data, part })),
    )
    .filter((job) => options.has('--again') || results.find(job) === undefined);
  const script = await compileJob('statistical-job.ts');
  const folder = mkdtempSync(join(tmpdir(), 'agentic-forecast-statistical-'));
  const limitMs = (options.number('--limit') ?? 7200) * 1000;
  const serve = async (): Promise<void> => {
    for (let job = waiting.shift(); job !== undefined; job = waiting.shift()) {
      const path = join(folder, `${keyOf(job)}.json`);
      writeFileSync(path, JSON.stringify(job));
      const cell = await runJob(script, path, limitMs);
      if (cell === undefined) console.log(`${keyOf(job)}: not done within ${limitMs / 1000} s`);
      else {
        results.put(cell);
        console.log(
          `${keyOf(job)}: MASE ${decimals(cell.mase, 3)} in ${decimals(cell.seconds, 1)} s`,
        );
      }
    }
  };
  await Promise.all(Array.from({ length: options.number('--jobs') ?? 1 }, serve));
  rmSync(folder, { recursive: true, force: true });
  for (const task of tasks) printTask(task, results.cells());
}

/** Undefined where the time is over. */
async function runJob(
  script: string,
  path: string,
  limitMs: number,
): Promise<StatisticalCell | undefined> {
  try {
    const { stdout } = await start(process.execPath, [script, path], { timeout: limitMs });
    return JSON.parse(stdout) as StatisticalCell;
  } catch (error) {
    if (error instanceof Error && 'killed' in error && error.killed === true) return undefined;
    throw error;
  }
}
