/** Sample data: a panel as the columns and the numbered samples that a training draws from. */
import type { NeuralModel } from '../../models/model.ts';
import type { FoldPlan } from '../../series/folds.ts';
import { type Panel, seriesLength, seriesTimes, seriesValues } from '../../series/panel.ts';
import { fail } from '../../state/errors.ts';
import type { Feed } from '../../tensor/values.ts';
import {
  type ColumnContent,
  type ColumnLayout,
  createColumn,
  createTable,
  layOutColumn,
} from './column.ts';
import { feedExogenous, layOutExogenous } from './exogenous-columns.ts';
import {
  createSampleIndex,
  type IndexedSeries,
  lastAtMost,
  type SampleIndex,
} from './sample-index.ts';
import type { ColumnPlan, SampleLayout } from './sample-layout.ts';

/** What decides how a panel becomes samples. */
export interface SampleTask {
  readonly model: NeuralModel;
  readonly panel: Panel;
  readonly plan: FoldPlan;
  readonly horizon: number;
  readonly lookBack: number;
  readonly padShort: boolean;
  /** Whether a sample holds all series at one time. */
  readonly multivariate: boolean;
  readonly content: ColumnContent;
  /** One weight per observation; all 1 if left out. */
  readonly weights?: Float64Array;
}

/** A panel made ready. */
export interface SampleData {
  readonly layout: SampleLayout;
  readonly columns: ColumnPlan;
  /** Values of the graph's data inputs. */
  readonly feeds: Readonly<Record<string, Feed>>;
  /** Samples of the training part, and those whose horizon lies in the validation part. */
  readonly training: SampleIndex;
  readonly validation: SampleIndex;
  /** Series that take part, and those that do not. */
  readonly seriesUsed: number;
  readonly seriesSkipped: number;
  /** Numbers of the series that samples at `starts` are of; what input `owners` takes. */
  ownersOf(starts: BigInt64Array): BigInt64Array;
}

/** Errors: SERIES_NOT_ALIGNED where samples of all series are wanted and their times differ. */
export function createSampleData(task: SampleTask): SampleData {
  const { panel, plan, lookBack, horizon, multivariate, weights } = task;
  const { trainStepsFromEnd: stepsFromEnd } = plan;
  if (multivariate) checkAligned(task.model.name, panel);
  const rule = { ...task, stepsFromEnd, padShort: task.padShort && !multivariate };
  const columns = layOutColumn(panel, rule);
  const ranges = multivariate
    ? [rangeOfAll(panel, columns)]
    : panel.ids.map((_, i) => rangeOf(panel, columns, i));
  const sampled = (from: (length: number) => number, to: (length: number) => number) =>
    createSampleIndex(
      ranges.map((range) => {
        const first = Math.max(0, from(range.length) - lookBack);
        const end = to(range.length) - horizon - lookBack + 1;
        return spanned(range, first, end, lookBack + horizon);
      }),
      lookBack,
      horizon,
    );
  const training = sampled(
    () => 0,
    (length) => length - stepsFromEnd,
  );
  const tested = testSteps(plan);
  const validation = sampled(
    (length) => length - (tested === undefined ? 0 : stepsFromEnd),
    (length) => length - (tested ?? length),
  );
  const each = multivariate ? panel.ids.map((_, i) => rangeOf(panel, columns, i)) : ranges;
  const masked = each.some((range) => hasGap(range, lookBack + horizon, stepsFromEnd, tested));
  const data = createColumn(panel, stepsFromEnd, task.content, columns);
  const exogenous = layOutExogenous(task.model, panel, stepsFromEnd);
  const channels = multivariate ? panel.ids.length : null;
  const seriesUsed = multivariate ? panel.ids.length : training.seriesCount;
  return {
    layout: { channels, masked, ...exogenous },
    columns: { seriesLength: multivariate ? seriesLength(panel, 0) : 0, weighted: !!weights },
    feeds: {
      series: { data, shape: [data.length] },
      ...feedExogenous(panel, exogenous, columns),
      ...(weights && weightFeed(panel, weights, columns)),
    },
    training,
    validation,
    seriesUsed,
    seriesSkipped: panel.ids.length - seriesUsed,
    ownersOf: (starts) =>
      multivariate
        ? new BigInt64Array(starts.length)
        : starts.map((start) => BigInt(lastAtMost(columns.offsets, Number(start)))),
  };
}

function weightFeed(panel: Panel, weights: Float64Array, columns: ColumnLayout) {
  const data = createTable(panel, [{ values: weights, level: 0, spread: 1 }], columns);
  return { weights: { data, shape: [data.length] } };
}

/** Steps from the end of a series that belong to test folds; undefined where the plan has no validation fold. */
function testSteps({ folds }: FoldPlan): number | undefined {
  if (!folds.some(({ kind }) => kind === 'validation')) return undefined;
  return folds.reduce(
    (steps, { kind, stepsFromEnd }) => (kind === 'test' ? Math.max(steps, stepsFromEnd) : steps),
    0,
  );
}

/** A series, or all of them as one, in its column. */
interface SeriesRange {
  readonly offset: number;
  readonly length: number;
  readonly isObserved: (k: number) => boolean;
  /** Whether no place is empty, which is common and saves looking at each. */
  readonly whole: boolean;
}

function rangeOf(panel: Panel, { offsets, padding }: ColumnLayout, i: number): SeriesRange {
  const values = seriesValues(panel, i);
  const before = padding[i]!;
  return {
    offset: offsets[i]!,
    length: offsets[i + 1]! - offsets[i]!,
    isObserved: (k) => k >= before && Number.isFinite(values[k - before]),
    whole: before === 0 && values.every(Number.isFinite),
  };
}

/** All series as one: a place is observed where any of them is. */
function rangeOfAll(panel: Panel, columns: ColumnLayout): SeriesRange {
  const all = panel.ids.map((_, i) => rangeOf(panel, columns, i));
  return {
    offset: 0,
    length: all[0]?.length ?? 0,
    isObserved: (k) => all.some(({ isObserved }) => isObserved(k)),
    whole: all.every(({ whole }) => whole),
  };
}

function spanned(range: SeriesRange, first: number, end: number, steps: number): IndexedSeries {
  const { offset, length, whole, isObserved } = range;
  const bound = Math.min(end, length - steps + 1);
  return { offset, first, end: bound, ...(whole ? {} : { isObserved }) };
}

/** Whether a value is missing where samples lie; a series without any value has none. */
function hasGap(
  range: SeriesRange,
  steps: number,
  stepsFromEnd: number,
  tested: number | undefined,
): boolean {
  if (range.whole || range.length - stepsFromEnd < steps) return false;
  const seen = range.length - (tested ?? stepsFromEnd);
  let observed = 0;
  for (let k = 0; k < seen; k++) if (range.isObserved(k)) observed++;
  return observed > 0 && observed < seen;
}

function checkAligned(model: string, panel: Panel): void {
  const times = seriesTimes(panel, 0);
  for (let i = 1; i < panel.ids.length; i++) {
    const other = seriesTimes(panel, i);
    const same = other.length === times.length && other.every((time, k) => time === times[k]);
    if (!same) fail('SERIES_NOT_ALIGNED', { model, first: panel.ids[0]!, other: panel.ids[i]! });
  }
}
