/** What a benchmark task is: series cut at an origin, what followed, and how others count. */
import {
  type Exogenous,
  emptyExogenous,
  type FutureColumn,
  type HistoricalColumn,
} from '../../series/exogenous.ts';
import { addSteps, type Frequency } from '../../series/frequency.ts';
import { createPanel, type Panel } from '../../series/panel.ts';
import { assert } from '../../state/errors.ts';

/** How a set is forecast. */
export interface TaskDefinition {
  /** Kebab-case, unique. */
  readonly name: string;
  readonly horizon: number;
  /** Season of the scale of MASE and MSIS, as in the published tables. */
  readonly season: number;
  /** Season lengths that models are told, shortest first; `[1]` where there is none. */
  readonly seasons: readonly number[];
  /** Canonical name of the sampling frequency. */
  readonly frequency: string;
  /** How many steps before the end of the series the origins lie, the earliest first. */
  readonly stepsFromEnd: readonly number[];
  /** What others reached, by method, and where that is published. */
  readonly published: Readonly<Record<string, PublishedScores>>;
}

/** Scores as published, on the scales of this benchmark. */
export interface PublishedScores {
  readonly mase?: number;
  readonly smape?: number;
  readonly owa?: number;
  readonly msis?: number;
  readonly wql?: number;
}

/** The series cut at one origin. */
export interface TaskWindow {
  readonly stepsFromEnd: number;
  /** What is known at the origin; future columns are known for the horizon. */
  readonly panel: Panel;
  /** What followed, [series * horizon]. */
  readonly test: Float64Array;
}

/** A set with all its windows. */
export interface Task extends TaskDefinition {
  readonly windows: readonly TaskWindow[];
  /** Forecasts of Naive2 [series * horizon] by the organisers of M4; absent elsewhere. */
  readonly naive2?: Float64Array;
}

/** One series from its first observation to its last, training and test part together. */
export interface WholeSeries {
  readonly id: string;
  /** No value is missing. */
  readonly values: Float64Array;
  /** Epoch milliseconds of the first value. */
  readonly start: number;
  /** Columns known ahead, by name, one value each for each of `values`. */
  readonly future?: Readonly<Record<string, Float64Array>>;
}

/** Time of the first of `count` values that end at `last`. */
export function startBefore(last: number, frequency: Frequency, count: number): number {
  return addSteps(last, frequency, 1 - count);
}

/** Cuts all series `stepsFromEnd` before their ends; one that has no observation before it is left out. */
export function cutSeries(
  all: readonly WholeSeries[],
  { horizon }: Pick<TaskDefinition, 'horizon'>,
  frequency: Frequency,
  stepsFromEnd: number,
): TaskWindow {
  assert(stepsFromEnd >= horizon, 'the target lies inside the series');
  const series = all.filter(({ values }) => values.length > stepsFromEnd);
  const offsets = new Uint32Array(series.length + 1);
  for (const [i, { values }] of series.entries()) {
    offsets[i + 1] = offsets[i]! + values.length - stepsFromEnd;
  }
  const y = new Float64Array(offsets[series.length]!);
  const time = new Float64Array(y.length);
  const test = new Float64Array(series.length * horizon);
  for (const [i, { values, start }] of series.entries()) {
    const origin = values.length - stepsFromEnd;
    y.set(values.subarray(0, origin), offsets[i]);
    for (let k = 0; k < origin; k++) time[offsets[i]! + k] = addSteps(start, frequency, k);
    test.set(values.subarray(origin, origin + horizon), i * horizon);
  }
  const ids = series.map(({ id }) => id);
  const columns = { ids, offsets, time, y, frequency };
  const exogenous = cutColumns(series, horizon, stepsFromEnd);
  const panel = createPanel(exogenous === undefined ? columns : { ...columns, exogenous });
  return { stepsFromEnd, panel, test };
}

/** The future columns of the series up to the end of the horizon; undefined where there are none. */
function cutColumns(
  series: readonly WholeSeries[],
  horizon: number,
  stepsFromEnd: number,
): Exogenous | undefined {
  const names = Object.keys(series[0]?.future ?? {});
  if (names.length === 0) return undefined;
  const future = names.map((name): FutureColumn => {
    const known: Float64Array[] = [];
    const ahead = new Float64Array(series.length * horizon);
    for (const [i, { id, values, future: columns }] of series.entries()) {
      const column = columns?.[name];
      assert(column?.length === values.length, `${id} has column ${name}`);
      const origin = values.length - stepsFromEnd;
      known.push(column.subarray(0, origin));
      ahead.set(column.subarray(origin, origin + horizon), i * horizon);
    }
    return { name, values: joined(known), ahead };
  });
  return { ...emptyExogenous, stepsAhead: horizon, future };
}

function joined(parts: readonly Float64Array[]): HistoricalColumn['values'] {
  const whole = new Float64Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
