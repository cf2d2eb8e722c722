/** Tally: sums over the forecasts of each series, and the measures that follow from them, per series and in all. */
import type { Score } from './evaluation.ts';

/** Sums over points, [series] each. */
const sumNames = [
  'points',
  'absolute',
  'squared',
  /** Forecast less actual. */
  'error',
  'size',
  /** Mean of the actual values, and the sum of their squared distances from it. */
  'centre',
  'spread',
  /** The series' scale at its first fold, in which series are added up that are measured in different units. */
  'unit',
  'intervals',
  'inside80',
  'inside95',
  'width80',
  'width95',
  'quantiles',
  'quantileSize',
  'pinball',
  'crps',
] as const;
type SumName = (typeof sumNames)[number];

/** Measures that are made of each row by itself and averaged over the folds of a series. */
const averageNames = ['mase', 'rmsse', 'smape', 'mape', 'msis'] as const;
type AverageName = (typeof averageNames)[number];

/** Every measure that a series has for itself. */
export const measureNames = [
  ...averageNames,
  'mae',
  'rmse',
  'r2',
  'bias',
  'relativeBias',
  'wql',
  'crps',
  'coverage80',
  'coverage95',
  'width80',
  'width95',
] as const;
export type MeasureName = (typeof measureNames)[number];

/** Measures [series] each, NaN where undefined; what they mean is told by `Score`. */
export type SeriesScores = Readonly<Record<MeasureName, Float64Array>>;

type Columns<N extends string> = Readonly<Record<N, Float64Array>>;

/** Sums and averages of each series. */
export interface Tally {
  readonly sums: Columns<SumName>;
  /** Counts `value` in an average of series `i`; NaN is left out. */
  addToAverage(name: AverageName, i: number, value: number): void;
  /** [series]; NaN where nothing was counted. */
  average(name: AverageName): Float64Array;
}

function columns<N extends string>(names: readonly N[], size: number): Columns<N> {
  return Object.fromEntries(names.map((name) => [name, new Float64Array(size)])) as Columns<N>;
}

/** A tally of `series` series, all zero. */
export function createTally(series: number): Tally {
  const sums = columns(sumNames, series);
  const totals = columns(averageNames, series);
  const counts = columns(averageNames, series);
  return {
    sums,
    addToAverage(name, i, value) {
      if (Number.isNaN(value)) return;
      totals[name][i]! += value;
      counts[name][i]! += 1;
    },
    average: (name) => totals[name].map((total, i) => total / counts[name][i]!),
  };
}

/** The measures of every series. */
export function seriesScoresOf({ sums, average }: Tally): SeriesScores {
  const per = (above: SumName, below: SumName): Float64Array =>
    sums[above].map((sum, i) => sum / sums[below][i]!);
  return {
    mase: average('mase'),
    rmsse: average('rmsse'),
    smape: average('smape'),
    mape: average('mape'),
    msis: average('msis'),
    mae: per('absolute', 'points'),
    rmse: per('squared', 'points').map(Math.sqrt),
    r2: sums.squared.map((squared, i) => explained(squared, sums.spread[i]!)),
    bias: per('error', 'points'),
    relativeBias: sums.error.map((error, i) => share(error, sums.size[i]!)),
    wql: sums.pinball.map((loss, i) => share(2 * loss, sums.quantileSize[i]!)),
    crps: per('crps', 'quantiles'),
    coverage80: per('inside80', 'intervals'),
    coverage95: per('inside95', 'intervals'),
    width80: per('width80', 'intervals'),
    width95: per('width95', 'intervals'),
  };
}

const explained = (squared: number, spread: number): number =>
  spread > 0 ? 1 - squared / spread : Number.NaN;
const share = (part: number, whole: number): number => (whole > 0 ? part / whole : Number.NaN);

/** The measures of all series together. */
export function totalsOf(
  { sums }: Tally,
  perSeries: SeriesScores,
): Omit<Score, 'model' | 'kind' | 'folds'> {
  const total = (name: SumName): number => sums[name].reduce((sum, value) => sum + value, 0);
  const per = (above: SumName, below: SumName): number => total(above) / total(below);
  const inUnits = (name: SumName): number =>
    sums[name].reduce((sum, value, i) => sum + (value > 0 ? value / sums.unit[i]! ** 2 : 0), 0);
  const averaged = (name: AverageName) => averageOf(perSeries[name]);
  return {
    mae: per('absolute', 'points'),
    rmse: Math.sqrt(per('squared', 'points')),
    mase: averaged('mase').value,
    smape: averaged('smape').value ?? Number.NaN,
    mape: averaged('mape').value,
    rmsse: averaged('rmsse').value,
    r2: known(explained(inUnits('squared'), inUnits('spread'))),
    bias: known(per('error', 'points')),
    relativeBias: known(share(total('error'), total('size'))),
    coverage80: known(per('inside80', 'intervals')),
    coverage95: known(per('inside95', 'intervals')),
    width80: known(per('width80', 'intervals')),
    width95: known(per('width95', 'intervals')),
    wql: known(share(2 * total('pinball'), total('quantileSize'))),
    crps: known(per('crps', 'quantiles')),
    msis: averaged('msis').value,
    series: averaged('smape').series,
    skippedSeries: sums.points.length - averaged('mase').series,
  };
}

const known = (value: number): number | null => (Number.isFinite(value) ? value : null);

/** Mean over the series that have a value, and how many do. */
function averageOf(values: Float64Array): { value: number | null; series: number } {
  let sum = 0;
  let series = 0;
  for (const value of values) {
    if (Number.isNaN(value)) continue;
    sum += value;
    series++;
  }
  return { value: series === 0 ? null : sum / series, series };
}
