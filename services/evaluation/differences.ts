/** Differences: which of the models of a backtest do better than others by more than chance, over series and over time. */
import { compareRanks, dieboldMariano, type TestResult } from '../../series/significance.ts';

/** What is compared: mean scaled errors of every model, [window * series] each, NaN where there is no forecast. */
export interface LossesOfModels {
  readonly models: readonly string[];
  readonly losses: readonly Float64Array[];
  readonly windows: number;
  readonly series: number;
  /** How many windows in a row have targets in common with the first of them. */
  readonly overlap: number;
}

/** Ranks of the models within each series. */
export interface RankDifferences {
  /** Series that every model forecast. */
  readonly series: number;
  /** Least average rank first. */
  readonly ranks: readonly { readonly model: string; readonly rank: number }[];
  /** Whether any two differ at all: the test of Iman and Davenport. */
  readonly test: TestResult;
  /** Average ranks farther apart than this differ (Nemenyi). */
  readonly criticalDifference: number;
  /** Largest sets of models that do not differ; all are one set where the test finds no difference. */
  readonly groups: readonly (readonly string[])[];
}

/** Each model against the best in mean error, from window to window. */
export interface TimeDifferences {
  readonly windows: number;
  readonly best: string;
  /** Diebold-Mariano; p-values are adjusted for how many tests there are (Holm 1979). */
  readonly tests: readonly (TestResult & { readonly model: string })[];
}

/** Everything that is said about differences, at the given significance. */
export interface Differences {
  readonly significance: number;
  /** Mean absolute error in units of each series' scale, over the series and windows that every model forecast; least first. */
  readonly meanErrors: readonly { readonly model: string; readonly error: number | null }[];
  /** Null with fewer than two models or five series. */
  readonly overSeries: RankDifferences | null;
  /** Null with fewer than two models or four windows. */
  readonly overWindows: TimeDifferences | null;
}

/** Fewer say nothing whatever the forecasts are like. */
const fewestSeries = 5;
const fewestWindows = 4;

/** Compares models by the rows that all of them forecast. */
export function findDifferences(given: LossesOfModels, significance = 0.05): Differences {
  const { models, windows, series } = given;
  const common = commonRows(given.losses);
  const bySeries = common.map((losses) => averageWhere(losses, (row) => row % series, series));
  const all = bySeries.map((losses) => averageWhere(losses, () => 0, 1)[0]!);
  const order = models.map((_, m) => m).sort((a, b) => compare(all[a]!, all[b]!));
  const meanErrors = order.map((m) => ({
    model: models[m]!,
    error: Number.isNaN(all[m]!) ? null : all[m]!,
  }));
  const byWindow = common.map((losses) =>
    averageWhere(losses, (row) => Math.floor(row / series), windows),
  );
  return {
    significance,
    meanErrors,
    overSeries: overSeries(models, bySeries, significance),
    overWindows: overWindows(models, byWindow, order, given.overlap),
  };
}

const compare = (a: number, b: number): number => {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
  return a - b;
};

/** The losses, NaN where any model has none. */
function commonRows(losses: readonly Float64Array[]): Float64Array[] {
  return losses.map((own) =>
    own.map((loss, row) => (losses.some((other) => Number.isNaN(other[row]!)) ? Number.NaN : loss)),
  );
}

/** Means of the losses of each of `count` groups, NaN left out; NaN of none. */
function averageWhere(
  losses: Float64Array,
  groupOf: (row: number) => number,
  count: number,
): Float64Array {
  const sums = new Float64Array(count);
  const counts = new Uint32Array(count);
  for (let row = 0; row < losses.length; row++) {
    if (Number.isNaN(losses[row]!)) continue;
    const group = groupOf(row);
    sums[group]! += losses[row]!;
    counts[group]! += 1;
  }
  return sums.map((sum, group) => sum / counts[group]!);
}

function overSeries(
  models: readonly string[],
  losses: readonly Float64Array[],
  significance: number,
): RankDifferences | null {
  if (models.length < 2) return null;
  const { blocks, averageRanks, imanDavenport, criticalDifference, groups } = compareRanks(
    losses,
    significance,
  );
  if (blocks < fewestSeries) return null;
  const ranks = models
    .map((model, m) => ({ model, rank: averageRanks[m]! }))
    .sort((a, b) => a.rank - b.rank);
  const differ = imanDavenport.pValue < significance;
  return {
    series: blocks,
    ranks,
    test: imanDavenport,
    criticalDifference,
    groups: differ
      ? groups.map((group) => group.map((m) => models[m]!))
      : [ranks.map(({ model }) => model)],
  };
}

function overWindows(
  models: readonly string[],
  losses: readonly Float64Array[],
  order: readonly number[],
  overlap: number,
): TimeDifferences | null {
  const [best, ...others] = order;
  const windows = losses[0]?.filter((loss) => !Number.isNaN(loss)).length ?? 0;
  if (best === undefined || others.length === 0 || windows < fewestWindows) return null;
  const tests = others.map((m) => ({
    model: models[m]!,
    ...dieboldMariano(losses[best]!, losses[m]!, overlap),
  }));
  return { windows, best: models[best]!, tests: adjusted(tests) };
}

/** Holm's p-values: the least times the number of tests, the next times one fewer, and never less than one before it. */
function adjusted<T extends TestResult>(tests: readonly T[]): T[] {
  const rising = tests.toSorted((a, b) => compare(a.pValue, b.pValue));
  let least = 0;
  const values = new Map<T, number>();
  for (const [place, test] of rising.entries()) {
    least = Math.max(least, Math.min(1, test.pValue * (tests.length - place)));
    values.set(test, least);
  }
  return tests.map((test) => ({ ...test, pValue: values.get(test)! }));
}
