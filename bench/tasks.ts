/**
 * The tasks that statistical models and presets are measured on; `node bench/run.mjs tasks` lists them. Horizons and seasons
 * are those of the published tables; models are told the season that the calendar suggests where a series holds it twice.
 */
import { join } from 'node:path';
import { parseFrequency } from '../series/frequency.ts';
import { seriesLength } from '../series/panel.ts';
import { assert } from '../state/errors.ts';
import { type Period, readM4, readRagged } from './task-data/m-competitions.ts';
import { readTsf } from './task-data/monash.ts';
import { published } from './task-data/published.ts';
import { readM5, readPrices, readSharePrices, readVictoria } from './task-data/tables.ts';
import { cutSeries, type Task, type TaskDefinition, type WholeSeries } from './task-data/task.ts';
import { createOptions } from './options.ts';
import { printTable } from './print-table.ts';
import { type SetName, setDefinitions } from './m4-data.ts';

/** A set and where its series come from. */
interface Source extends TaskDefinition {
  /** Reads the series below `folder`, the folder with all sets. */
  read(folder: string): { series: readonly WholeSeries[]; naive2?: Float64Array };
}

/** What differs from one set to the next; a single window at the end and no season if left out. */
type Facts = Pick<TaskDefinition, 'name' | 'horizon' | 'frequency'> &
  Partial<Pick<TaskDefinition, 'season' | 'seasons' | 'stepsFromEnd'>>;

function define(facts: Facts, read: Source['read']): Source {
  const { name, horizon, season = 1, seasons = [season], stepsFromEnd = [horizon] } = facts;
  return { ...facts, season, seasons, stepsFromEnd, published: published[name] ?? {}, read };
}

/** Origins `step` steps apart, the last one horizon before the end, the earliest first. */
const origins = (horizon: number, count: number, step: number): number[] =>
  Array.from({ length: count }, (_, k) => horizon + (count - 1 - k) * step);

const m4 = (set: SetName, seasons: readonly number[]): Source =>
  define({ name: `m4-${set.toLowerCase()}`, ...setDefinitions[set], seasons }, (folder) =>
    readM4(join(folder, 'm4'), set),
  );

const ragged = (file: 'M1' | 'tourism', period: Period, horizon: number): Source => {
  const { season, frequency } = {
    YEARLY: { season: 1, frequency: 'YS' },
    QUARTERLY: { season: 4, frequency: 'QS' },
    MONTHLY: { season: 12, frequency: 'MS' },
  }[period];
  const name = `${file}-${period}`.toLowerCase();
  return define({ name, horizon, season, frequency }, (folder) => ({
    series: readRagged(join(folder, 'mcomp', `${file}.ragged.csv.gz`), period),
  }));
};

const monash = (file: string, facts: Facts): Source =>
  define(facts, (folder) => ({
    series: readTsf(join(folder, 'monash', `${file}_dataset.tsf.gz`)),
  }));

const sources: readonly Source[] = [
  m4('Hourly', [24, 168]),
  m4('Weekly', [1]),
  m4('Yearly', [1]),
  ragged('M1', 'YEARLY', 6),
  ragged('M1', 'QUARTERLY', 8),
  ragged('M1', 'MONTHLY', 18),
  ragged('tourism', 'YEARLY', 4),
  ragged('tourism', 'QUARTERLY', 8),
  ragged('tourism', 'MONTHLY', 24),
  monash('hospital', { name: 'hospital', horizon: 12, season: 12, frequency: 'MS' }),
  monash('fred_md', { name: 'fred-md', horizon: 12, season: 12, frequency: 'MS' }),
  monash('electricity_weekly', {
    name: 'electricity-weekly',
    horizon: 8,
    seasons: [52],
    frequency: 'W',
  }),
  monash('traffic_weekly', { name: 'traffic-weekly', horizon: 8, frequency: 'W' }),
  // A window in each quarter of the last year.
  define(
    { name: 'sp500', horizon: 10, frequency: 'B', stepsFromEnd: origins(10, 4, 63) },
    (folder) => ({
      series: readSharePrices(
        join(folder, 'finance', 'sp500_ohlcv_dev120_2011_2018.csv.gz'),
        parseFrequency('B'),
      ),
    }),
  ),
  define({ name: 'm5', horizon: 28, season: 7, frequency: 'D' }, (folder) => ({
    series: readM5(join(folder, 'retail', 'm5_dev_items10pct.csv.gz')),
  })),
  // A day in every other month of the last year; 61 days apart, so that weekdays differ.
  define(
    {
      name: 'vic-elec',
      horizon: 48,
      season: 48,
      seasons: [48, 336],
      frequency: '30min',
      stepsFromEnd: origins(48, 6, 61 * 48),
    },
    (folder) => ({ series: readVictoria(join(folder, 'energy', 'vic_elec.csv.gz')) }),
  ),
  // Each day of the last week.
  define(
    {
      name: 'electricity-prices',
      horizon: 24,
      season: 24,
      seasons: [24, 168],
      frequency: 'h',
      stepsFromEnd: origins(24, 7, 24),
    },
    (folder) => ({
      series: readPrices(join(folder, 'energy', 'epf_electricity_short_exog.csv.gz')),
    }),
  ),
];

/** Names of all tasks, in the order of the tables. */
export const taskNames: readonly string[] = sources.map(({ name }) => name);

/** How a task is forecast; its series are not read. */
export function findTask(name: string): TaskDefinition {
  return findSource(name);
}

function findSource(name: string): Source {
  const source = sources.find((each) => each.name === name);
  assert(source !== undefined, `${name} is one of ${taskNames.join(', ')}`);
  return source;
}

/** What of a task is wanted; all if left out. */
export interface TaskPart {
  /** The first so many series. */
  readonly series?: number;
  /** The last so many windows. */
  readonly windows?: number;
  /** So many windows, a horizon apart, of a task that has a single one. */
  readonly origins?: number;
}

/** Reads a task below `folder`, the folder with all sets. */
export function loadTask(name: string, folder: string, part: TaskPart = {}): Task {
  const { read, ...definition } = findSource(name);
  const { series: whole, naive2 } = read(folder);
  const series = whole.slice(0, part.series);
  const { horizon, stepsFromEnd: own } = definition;
  const all = own.length === 1 ? origins(horizon, part.origins ?? 1, horizon) : own;
  const stepsFromEnd = all.slice(-(part.windows ?? Number.MAX_SAFE_INTEGER));
  const frequency = parseFrequency(definition.frequency);
  const windows = stepsFromEnd.map((steps) => cutSeries(series, definition, frequency, steps));
  const task = { ...definition, stepsFromEnd, windows };
  return naive2 === undefined
    ? task
    : { ...task, naive2: naive2.subarray(0, series.length * definition.horizon) };
}

/** Lists the tasks; `--data FOLDER` is the folder with all sets. */
export function main(args: readonly string[] = process.argv.slice(3)): void {
  const options = createOptions(args);
  const rows = options.list('--tasks', taskNames).map((name) => {
    const { horizon, season, seasons, windows } = loadTask(name, options.data);
    const { panel } = windows.at(-1)!;
    const lengths = panel.ids.map((_, i) => seriesLength(panel, i)).sort((a, b) => a - b);
    return [
      name,
      {
        series: panel.ids.length,
        shortest: lengths[0],
        longest: lengths.at(-1),
        horizon,
        season,
        seasons: seasons.join(' '),
        windows: windows.length,
        columns: panel.exogenous?.future.map((column) => column.name).join(' ') ?? '',
      },
    ] as const;
  });
  printTable(rows);
}
