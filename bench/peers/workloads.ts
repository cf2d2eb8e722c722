/** What the two sides are compared on: public series, and models of one shape with one training. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { Job } from './job.ts';

/** Series one after the other, and how the end of each is held out. */
export interface SeriesSet {
  readonly name: string;
  readonly values: Float64Array;
  readonly lengths: readonly number[];
  readonly season: number;
}

const linesOf = (path: string): string[][] =>
  gunzipSync(readFileSync(path))
    .toString('utf8')
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.replaceAll('"', '').split(','));

function seriesSet(name: string, series: readonly (readonly number[])[]): SeriesSet {
  return {
    name,
    values: Float64Array.from(series.flat()),
    lengths: series.map(({ length }) => length),
    season: 24,
  };
}

/** ETTh1 whole: 7 channels of 17,420 hours, each a series. */
function readEtth1(folder: string): SeriesSet {
  const rows = linesOf(join(folder, 'ett', 'ETTh1.csv.gz'));
  const channels = Array.from({ length: 7 }, (_, c) => rows.map((row) => Number(row[c + 1])));
  return seriesSet('ETTh1', channels);
}

/** M4 Hourly: 414 series of 700 or 960 hours, and the 48 hours of the competition's test after them. */
function readM4Hourly(folder: string): SeriesSet {
  const [train, test] = ['train', 'test'].map((part) =>
    linesOf(join(folder, 'm4', `Hourly-${part}.csv.gz`)).map((row) =>
      row
        .slice(1)
        .filter((cell) => cell.trim() !== '')
        .map(Number),
    ),
  );
  const series = train!.map((values, i) => [...values, ...test![i]!]);
  return seriesSet('M4 Hourly', series);
}

/** One comparison, without the files of a run of it. */
export type Workload = Omit<
  Job,
  'values' | 'lengths' | 'forecasts' | 'latencyCalls' | 'threads'
> & {
  readonly set: 'etth1' | 'm4-hourly';
};

const readers = { etth1: readEtth1, 'm4-hourly': readM4Hourly };

/** Reads the set of a workload from a folder with `ett/` and `m4/`. */
export const readSet = ({ set }: Workload, folder: string): SeriesSet => readers[set](folder);

/** What every workload shares: neuralforecast's defaults of N-HiTS where they concern the training. */
const training = {
  hyperparameters: {},
  windowsInStep: 1024,
  learningRate: 1e-3,
  learningRateDecay: 3,
  scaler: 'none',
  seed: 1,
  validationFolds: 0,
  phase: false,
} as const;
/** Eight test horizons of two years of hours; the competition's single one. */
const etth1 = { set: 'etth1', folds: 8 } as const;
const m4Hourly = { set: 'm4-hourly', folds: 1 } as const;
const peerOf = (model: string, hyperparameters: Record<string, unknown> = {}): Job['peer'] => ({
  model,
  seriesInStep: 32,
  hyperparameters,
});

/** N-HiTS: look-back of five horizons, 1,000 steps. */
const nhits = { ...training, model: 'nhits', steps: 1000, peer: peerOf('NHITS') };
/** The linear networks, with the training of N-HiTS so that a step does the same as there. */
const nlinear = { ...training, model: 'nlinear', steps: 1000, peer: peerOf('NLinear') };
const dlinear = { ...training, model: 'dlinear', steps: 1000, peer: peerOf('DLinear') };
/**
 * TFT of half the default width; look-backs short enough for its attention over 1,024 windows to fit into memory. The
 * column known ahead makes both networks the same: without one, neuralforecast feeds the series twice.
 */
const tft = {
  ...training,
  model: 'tft',
  hyperparameters: { hidden: 64 },
  steps: 50,
  phase: true,
  learningRateDecay: 0,
  peer: peerOf('TFT', { hidden_size: 64 }),
};

/** All comparisons, the cheap ones first. */
export const workloads: readonly Workload[] = [
  { ...nlinear, ...etth1, horizon: 96, lookBack: 480 },
  { ...nlinear, ...m4Hourly, horizon: 48, lookBack: 240 },
  { ...dlinear, ...etth1, horizon: 96, lookBack: 480 },
  { ...dlinear, ...m4Hourly, horizon: 48, lookBack: 240 },
  { ...nhits, ...etth1, horizon: 96, lookBack: 480 },
  { ...nhits, ...m4Hourly, horizon: 48, lookBack: 240 },
  { ...tft, ...etth1, horizon: 24, lookBack: 96 },
  { ...tft, ...m4Hourly, horizon: 48, lookBack: 96 },
];

/** Writes what both sides read into `folder`, and says which files those are. */
export function writeSeries(
  { values, lengths }: SeriesSet,
  folder: string,
): Pick<Job, 'values' | 'lengths' | 'forecasts'> {
  const path = join(folder, 'values.f64');
  writeFileSync(path, values);
  return { values: path, lengths, forecasts: join(folder, 'forecasts.f64') };
}
