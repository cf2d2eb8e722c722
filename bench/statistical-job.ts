/** One local model on one task, in a process of its own: `statistical-job.js job.json` prints scores, seconds and memory. */
import { readFileSync } from 'node:fs';
import { findModel } from '../models/index.ts';
import { type Panel, seriesValues } from '../series/panel.ts';
import { fitHistories, type Histories } from '../services/local/fit-series.ts';
import { assert } from '../state/errors.ts';
import { owa } from './m4-data.ts';
import { peakMib } from './peers/peak-memory.ts';
import { certainForecast, createTally, type IntervalScores, normalQuantiles } from './scores.ts';
import type { Task } from './task-data/task.ts';
import { loadTask, type TaskPart } from './tasks.ts';

/** What is measured. */
export interface StatisticalJob {
  readonly task: string;
  readonly model: string;
  /** The folder with all sets. */
  readonly data: string;
  readonly part: TaskPart;
}

/** What came of it. */
export interface StatisticalCell extends IntervalScores {
  readonly task: string;
  readonly model: string;
  /** Overall weighted average against the organisers' Naive2; null where there is none. */
  readonly owa: number | null;
  /** Fitting and forecasting all series with their deviations, on one thread. */
  readonly seconds: number;
  /** Largest resident memory once the series were read, and at the end. */
  readonly loadedMib: number;
  readonly peakMib: number;
}

/** Models see at most so many of a series' last observations. */
const longestHistory = 4000;

/** The histories of `panel`, one behind the other. */
function historiesOf(panel: Panel, { horizon, seasons }: Task): Histories {
  const histories = panel.ids.map((_, i) => seriesValues(panel, i).slice(-longestHistory));
  const offsets = new Uint32Array(histories.length + 1);
  for (const [i, { length }] of histories.entries()) offsets[i + 1] = offsets[i]! + length;
  const values = new Float64Array(offsets[histories.length]!);
  for (const [i, history] of histories.entries()) values.set(history, offsets[i]);
  const context = { horizon, season: seasons[0]!, seasons };
  return { hyperparameters: {}, context, values, offsets, deviation: true };
}

/** OWA of `scores` by the scores of the organisers' Naive2. */
function weightedAverage(task: Task, scores: IntervalScores): number | null {
  const { naive2, windows } = task;
  if (naive2 === undefined) return null;
  const tally = createTally(task);
  tally.add(windows[0]!, certainForecast(naive2));
  return owa(scores, tally.scores());
}

function run({ task: name, model: modelName, data, part }: StatisticalJob): StatisticalCell {
  const model = findModel(modelName);
  assert(model.family === 'naive' || model.family === 'statistical', `${modelName} is local`);
  const task = loadTask(name, data, part);
  const loadedMib = peakMib();
  const tally = createTally(task);
  let seconds = 0;
  for (const window of task.windows) {
    const histories = historiesOf(window.panel, task);
    const before = performance.now();
    const { mean, deviation } = fitHistories(model, histories);
    seconds += (performance.now() - before) / 1000;
    tally.add(window, { mean, quantiles: normalQuantiles(mean, deviation) });
  }
  const scores = tally.scores();
  return {
    task: name,
    model: modelName,
    ...scores,
    owa: weightedAverage(task, scores),
    seconds,
    loadedMib,
    peakMib: peakMib(),
  };
}

const job = JSON.parse(readFileSync(process.argv[2]!, 'utf8')) as StatisticalJob;
console.log(JSON.stringify(run(job)));
