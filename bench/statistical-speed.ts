/**
 * Our statistical models beside those of statsforecast and of R's forecast: the same series of M4, each side on one core in a
 * process of its own, in turns. `bench/peers/README.md` says how to make the peers' environments.
 */
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { models } from '../models/index.ts';
import { seriesLength } from '../series/panel.ts';
import { median } from '../series/quantiles.ts';
import { assert } from '../state/errors.ts';
import { type M4Set, readSet, type SetName } from './m4-data.ts';
import { createOptions, type Options } from './options.ts';
import { compileJob, peerPython, peersFolder } from './peers/processes.ts';
import type { SpeedJob, SpeedMeasurement } from './peers/speed-measurement.ts';
import { type Cells, printTable } from './print-table.ts';
import { openResults } from './results-file.ts';
import { certainForecast, createTally } from './scores.ts';

const start = promisify(execFile);

/** Who is measured. */
type Side = 'ours' | 'statsforecast' | 'r';

/** What the sides call the same method, ours first. */
const methods: readonly (Partial<Record<Side, string>> & { readonly ours: string })[] = [
  { ours: 'ses', statsforecast: 'SimpleExponentialSmoothingOptimized', r: 'ses' },
  { ours: 'holt', statsforecast: 'Holt', r: 'holt' },
  { ours: 'theta', statsforecast: 'Theta', r: 'thetaf' },
  { ours: 'optimised-theta', statsforecast: 'OptimizedTheta' },
  { ours: 'dynamic-theta', statsforecast: 'DynamicOptimizedTheta' },
  { ours: 'ets', statsforecast: 'AutoETS', r: 'ets' },
  { ours: 'ces', statsforecast: 'AutoCES' },
  { ours: 'arima', statsforecast: 'AutoARIMA', r: 'auto.arima' },
];

/** How many series of each set; peers take seconds for the ARIMA of a weekly series and minutes for that of an hourly one. */
const counts: Readonly<Record<SetName, Readonly<Record<'arima' | 'other', number>>>> = {
  Yearly: { arima: 1000, other: 1000 },
  Weekly: { arima: 100, other: 359 },
  Hourly: { arima: 5, other: 100 },
};

/** Medians over the runs of one side, with the accuracy of its forecasts. */
interface SideFigures extends Omit<SpeedMeasurement, 'loadedMib'> {
  readonly model: string;
  readonly secondsOfEach: readonly number[];
  readonly mase: number;
  readonly smape: number;
}

interface Comparison {
  readonly set: SetName;
  readonly method: string;
  readonly series: number;
  readonly sides: Partial<Record<Side, SideFigures>>;
  /** Medians over pairs of the peer's seconds by ours: warm, and from the start of the process. Above one, ours is faster. */
  readonly ratios: Partial<Record<Side, { readonly warm: number; readonly cold: number }>>;
}

type Key = Pick<Comparison, 'set' | 'method'>;
const keyOf = ({ set, method }: Key): string => `${set} ${method}`;
const what =
  'Seconds to fit and forecast the first series of M4 sets, each side on one core, medians of runs in turns; cold adds loading and ' +
  'the first fit; forecasts without intervals';

/** Runs one job and gives what it measured. */
type Run = (job: SpeedJob) => Promise<SpeedMeasurement>;

/** One thread, and on Linux one core. */
function runOn(core: string | undefined, program: string, script: string, folder: string): Run {
  const threads = Object.fromEntries(
    ['OMP', 'OPENBLAS', 'MKL', 'NUMBA'].map((library) => [`${library}_NUM_THREADS`, '1']),
  );
  const command = core === undefined ? [program] : ['taskset', '-c', core, program];
  return async (job) => {
    const path = join(folder, 'job.json');
    writeFileSync(path, JSON.stringify(job));
    const { stdout } = await start(command[0]!, [...command.slice(1), script, path], {
      env: { ...process.env, ...threads },
      maxBuffer: 2 ** 26,
    });
    return JSON.parse(stdout.trim().split('\n').at(-1)!) as SpeedMeasurement;
  };
}

async function findSides(options: Options, folder: string): Promise<Partial<Record<Side, Run>>> {
  const core = process.platform === 'linux' ? (options.text('--core') ?? '0') : undefined;
  const on = (program: string, script: string): Run => runOn(core, program, script, folder);
  const rscript = process.env['PEERS_RSCRIPT'] ?? '/usr/bin/Rscript';
  const sides: Partial<Record<Side, Run>> = {
    ours: on(process.execPath, await compileJob('speed-job.ts')),
  };
  if (existsSync(peerPython)) {
    sides.statsforecast = on(peerPython, join(peersFolder, 'statsforecast-job.py'));
  }
  if (existsSync(rscript)) sides.r = on(rscript, join(peersFolder, 'r-forecast-job.R'));
  const wanted = options.list('--sides', Object.keys(sides));
  return Object.fromEntries(Object.entries(sides).filter(([side]) => wanted.includes(side)));
}

/** The first `series` of a set, written for the jobs. */
function writeJob(set: M4Set, series: number, folder: string): Omit<SpeedJob, 'model'> {
  const { panel, horizon, season } = set;
  const lengths = panel.ids.slice(0, series).map((_, i) => seriesLength(panel, i));
  const values = join(folder, 'values.f64');
  writeFileSync(values, panel.y.subarray(0, panel.offsets[lengths.length]));
  return { horizon, season, values, lengths, forecasts: join(folder, 'forecasts.f64') };
}

/** MASE and sMAPE of the forecasts in a file. */
function scoreFile(set: M4Set, { forecasts, lengths }: Pick<SpeedJob, 'forecasts' | 'lengths'>) {
  const bytes = readFileSync(forecasts);
  const mean = new Float64Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 8);
  assert(mean.length === lengths.length * set.horizon, 'all series are forecast');
  const tally = createTally(set);
  const { y, offsets, ids, time } = set.panel;
  const ends = offsets.subarray(0, lengths.length + 1);
  const panel = { ...set.panel, ids: ids.slice(0, lengths.length), offsets: ends, y, time };
  tally.add({ stepsFromEnd: set.horizon, panel, test: set.test }, certainForecast(mean));
  const { mase, smape } = tally.scores();
  return { mase, smape };
}

async function compare(
  set: M4Set,
  method: (typeof methods)[number],
  runs: Partial<Record<Side, Run>>,
  { series, pairs, folder }: { series: number; pairs: number; folder: string },
): Promise<Comparison> {
  const job = writeJob(set, series, folder);
  const present = (Object.keys(runs) as Side[]).filter((side) => method[side] !== undefined);
  const measured: Partial<Record<Side, SpeedMeasurement[]>> = {};
  const accuracy: Partial<Record<Side, { mase: number; smape: number }>> = {};
  for (let turn = 0; turn < pairs; turn++) {
    // In every other turn the order is reversed.
    for (const side of turn % 2 === 0 ? present : present.toReversed()) {
      const measurement = await runs[side]!({ ...job, model: method[side]! });
      (measured[side] ??= []).push(measurement);
      accuracy[side] ??= scoreFile(set, job);
    }
  }
  const figures = (side: Side): SideFigures => {
    const all = measured[side]!;
    const middle = (name: 'importSeconds' | 'firstSeconds' | 'seconds' | 'peakMib'): number =>
      median(all.map((each) => each[name]));
    return {
      model: method[side]!,
      versions: all[0]!.versions,
      importSeconds: middle('importSeconds'),
      firstSeconds: middle('firstSeconds'),
      seconds: middle('seconds'),
      secondsOfEach: all.map(({ seconds }) => seconds),
      peakMib: middle('peakMib'),
      ...accuracy[side]!,
    };
  };
  const coldOf = (m: SpeedMeasurement): number => m.importSeconds + m.firstSeconds + m.seconds;
  const ratio = (side: Side, of: (m: SpeedMeasurement) => number): number =>
    median(measured[side]!.map((each, k) => of(each) / of(measured.ours![k]!)));
  return {
    set: set.name,
    method: method.ours,
    series: job.lengths.length,
    sides: Object.fromEntries(present.map((side) => [side, figures(side)])),
    ratios: Object.fromEntries(
      present
        .filter((side) => side !== 'ours' && measured.ours !== undefined)
        .map((side) => [side, { warm: ratio(side, (m) => m.seconds), cold: ratio(side, coldOf) }]),
    ),
  };
}

const digits = (value: number | undefined): number | undefined =>
  value === undefined ? undefined : Number(value.toPrecision(4));

function print({ set, method, series, sides, ratios }: Comparison): void {
  console.log(`\n${method}, ${series} series of M4 ${set}`);
  const rows = Object.entries(sides).map(([side, figures]): readonly [string, Cells] => [
    `${side} (${figures.model})`,
    {
      'loaded s': digits(figures.importSeconds),
      'first s': digits(figures.firstSeconds),
      'all s': digits(figures.seconds),
      'by ours, warm': digits(ratios[side as Side]?.warm),
      'by ours, cold': digits(ratios[side as Side]?.cold),
      'peak MiB': Math.round(figures.peakMib),
      MASE: digits(figures.mase),
      sMAPE: digits(figures.smape),
    },
  ]);
  printTable(rows);
}

/**
 * `--sets Yearly,Weekly,Hourly`, `--models a,b` (our names) and `--sides ours,statsforecast,r` choose; `--pairs N` (3),
 * `--series N`, `--core N` (0) change; `--save` writes bench/results/statistical-speed.json after each method and keeps what
 * is there unless `--again`.
 */
export async function main(args: readonly string[] = process.argv.slice(3)): Promise<void> {
  const options = createOptions(args);
  const results = openResults<Comparison, Key>({ benchmark: 'statistical-speed', what }, keyOf, {
    save: options.has('--save'),
  });
  const folder = mkdtempSync(join(tmpdir(), 'agentic-forecast-speed-'));
  const runs = await findSides(options, folder);
  console.log(`Sides: ${Object.keys(runs).join(', ')}`);
  const wanted = options.list(
    '--models',
    methods.map(({ ours }) => ours),
  );
  const chosen = methods.filter(
    ({ ours }) => wanted.includes(ours) && models.some(({ name }) => name === ours),
  );
  for (const name of options.list('--sets', Object.keys(counts)) as SetName[]) {
    const set = readSet(join(options.data, 'm4'), name);
    for (const method of chosen) {
      const earlier = results.find({ set: name, method: method.ours });
      if (earlier !== undefined && !options.has('--again')) {
        print(earlier);
        continue;
      }
      const usual = counts[name][method.ours === 'arima' ? 'arima' : 'other'];
      const series = options.number('--series') ?? usual;
      const pairs = options.number('--pairs') ?? 3;
      const comparison = await compare(set, method, runs, { series, pairs, folder });
      print(comparison);
      results.put(comparison);
    }
  }
  rmSync(folder, { recursive: true, force: true });
}
