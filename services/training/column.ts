/** The flat columns that networks train on: every series brought to the scale of its own training part, one after the other. */
import { type Panel, seriesLength, seriesValues } from '../../series/panel.ts';
import { missingMark } from './masked.ts';

/** Level and spread of some values. */
export interface Scale {
  readonly level: number;
  /** Above zero, also for constant values. */
  readonly spread: number;
}

/** Where series lie in the flat columns of a training; short ones have places without a value before them. */
export interface ColumnLayout {
  /** [series + 1]: series i, its places before it included, is the range [offsets[i], offsets[i + 1]). */
  readonly offsets: Float64Array;
  /** [series]: how many places without a value come before series i. */
  readonly padding: Uint32Array;
}

/** What places short series get before them. */
export interface PaddingRule {
  readonly lookBack: number;
  readonly horizon: number;
  /** The training part of a series of n observations is [0, n - stepsFromEnd). */
  readonly stepsFromEnd: number;
  readonly padShort: boolean;
}

/**
 * Lays out all series of `panel`. With `padShort`, a series whose training part is shorter than one window, but longer
 * than the horizon, gets lookBack - 1 places before it, so that it has windows with one observation and more.
 */
export function layOutColumn(panel: Panel, rule: PaddingRule): ColumnLayout {
  const { lookBack, horizon, stepsFromEnd, padShort } = rule;
  const series = panel.ids.length;
  const offsets = new Float64Array(series + 1);
  const padding = new Uint32Array(series);
  for (let i = 0; i < series; i++) {
    const length = seriesLength(panel, i);
    const training = length - stepsFromEnd;
    const short = training < lookBack + horizon && training >= horizon + 1;
    if (short && padShort) padding[i] = lookBack - 1;
    offsets[i + 1] = offsets[i]! + length + padding[i]!;
  }
  return { offsets, padding };
}

/**
 * What of the values reaches a network: their shape (value - median) / deviation, so that 1e12 and 1e-9 fit float32
 * alike; proportions, value / deviation, where zero means something; the values themselves, where their unit does.
 */
export type ColumnContent = 'shape' | 'zero' | 'units';

/**
 * All observations as one float32 column in `layout`, `missingMark` where there is no finite value. Median and deviation
 * are those of the observed part of the training part of each series, in double precision.
 */
export function createColumn(
  panel: Panel,
  stepsFromEnd: number,
  content: ColumnContent,
  { offsets, padding }: ColumnLayout,
): Float32Array {
  const series = panel.ids.length;
  const column = new Float32Array(offsets[series]!);
  for (let i = 0; i < series; i++) {
    const values = seriesValues(panel, i);
    const training = values.subarray(0, Math.max(0, values.length - stepsFromEnd));
    const { level, spread } = content === 'units' ? unscaled : centreOf(training);
    const shift = content === 'shape' ? level : 0;
    const from = offsets[i]! + padding[i]!;
    column.fill(missingMark, offsets[i], from);
    for (let k = 0; k < values.length; k++) {
      const value = values[k]!;
      column[from + k] = Number.isFinite(value) ? (value - shift) / spread : missingMark;
    }
  }
  return column;
}

const unscaled: Scale = { level: 0, spread: 1 };

/** Median and standard deviation of the finite values. */
function centreOf(values: Float64Array): Scale {
  const sorted = finiteOf(values).slice().sort();
  if (sorted.length === 0) return unscaled;
  return { level: sorted[sorted.length >> 1]!, spread: scaleOf(sorted).spread };
}

/** The finite ones of `values`; `values` itself if all are. */
export function finiteOf(values: Float64Array): Float64Array {
  return values.every(Number.isFinite) ? values : values.filter(Number.isFinite);
}

/** One value per observation of `panel`, row by row, in `layout`; 0 where a series has no value yet. */
export function createTable(
  panel: Panel,
  columns: readonly {
    readonly values: Float64Array;
    readonly level: number;
    readonly spread: number;
  }[],
  { offsets, padding }: ColumnLayout,
): Float32Array {
  const width = columns.length;
  const table = new Float32Array(offsets[panel.ids.length]! * width);
  for (let i = 0; i < panel.ids.length; i++) {
    const from = panel.offsets[i]!;
    const length = seriesLength(panel, i);
    for (const [j, { values, level, spread }] of columns.entries()) {
      let at = (offsets[i]! + padding[i]!) * width + j;
      for (let k = 0; k < length; k++, at += width) {
        table[at] = (values[from + k]! - level) / spread;
      }
    }
  }
  return table;
}

/** Deviation below which values count as constant, relative to their level: rounding in double precision. */
const rounding = 1e-14;

/**
 * Mean and standard deviation of `values`, which are finite and at least one. Where the deviation is nothing but
 * rounding, the spread is the size of the mean, or 1.
 */
export function scaleOf(values: Float64Array): Scale {
  let level = 0;
  for (const value of values) level += value / values.length;
  let largest = 0;
  for (const value of values) largest = Math.max(largest, Math.abs(value - level));
  // Relative to the largest deviation, so that no square leaves the range of a double.
  let squares = 0;
  if (largest > 0) for (const value of values) squares += ((value - level) / largest) ** 2;
  const deviation = largest * Math.sqrt(squares / values.length);
  const size = Math.abs(level);
  return { level, spread: deviation > rounding * size ? deviation : size || 1 };
}
