/** Column bins: at most 255 classes of values per column, by quantiles or by category, and one more for missing. */
import type { TableColumn } from '../../series/table.ts';
import { createRandom } from '../../tensor/random.ts';
import { sortFloats } from './float-sort.ts';

/** Most bins that hold values; with the one for missing values an index fits one byte. */
export const MAXIMUM_BINS = 255;

/** Rows that quantiles are taken from. */
const SAMPLE_ROWS = 65_536;

/** How one column is cut into bins 0 to `values` - 1; a missing value is in bin `values`. */
export interface ColumnBins {
  /** Bins that hold values. */
  readonly values: number;
  /** Whether a row of the training table has no value here. */
  readonly hasMissing: boolean;
  /** Numeric column: [values - 1] float32 thresholds, ascending; a value is in the first bin whose threshold it does not exceed. */
  readonly thresholds: Float64Array;
  /** Categorical column: the code [values] of each bin; codes without a bin count as missing. */
  readonly codes: Int32Array | undefined;
}

/** Whether a split can tell rows of the training table apart by this column. */
export function isInformative({ values, hasMissing }: ColumnBins): boolean {
  return values > 1 || (values === 1 && hasMissing);
}

/** Cuts a column into at most `maximum` bins of values; values count as float32, as they do in a prediction. */
export function cutColumn(column: TableColumn, maximum: number, seed: number): ColumnBins {
  return column.categories === undefined
    ? cutNumeric(column, maximum, seed)
    : cutCategorical(column.values, column.categories, maximum);
}

function cutNumeric({ name, values }: TableColumn, maximum: number, seed: number): ColumnBins {
  const sample = new Float32Array(Math.min(values.length, SAMPLE_ROWS));
  const random = createRandom(seed, 'bins', name);
  const stride = values.length / sample.length;
  let known = 0;
  for (let i = 0; i < sample.length; i++) {
    const row = stride === 1 ? i : Math.floor((i + random.uniform()) * stride);
    const value = values[row]!;
    if (!Number.isNaN(value)) sample[known++] = value;
  }
  const sorted = sortFloats(sample.subarray(0, known));
  const hasMissing = known < sample.length || hasNaN(values);
  const thresholds = quantileThresholds(sorted, maximum);
  const bins = known === 0 ? 0 : thresholds.length + 1;
  return { values: bins, hasMissing, thresholds, codes: undefined };
}

function hasNaN(values: Float64Array): boolean {
  for (let row = 0; row < values.length; row++) {
    if (Number.isNaN(values[row]!)) return true;
  }
  return false;
}

/**
 * Float32 thresholds between neighbouring distinct values of `sorted`: all of them if `maximum` bins are enough, else
 * such that each bin holds about as many values, a frequent value having its own.
 */
export function quantileThresholds(sorted: Float32Array, maximum: number): Float64Array {
  const ends: number[] = []; // Position after the last of each distinct value.
  for (let i = 1; i <= sorted.length; i++) {
    if (i === sorted.length || sorted[i]! > sorted[i - 1]!) ends.push(i);
  }
  const cuts: number[] = [];
  let begin = 0;
  for (let d = 0; d + 1 < ends.length; d++) {
    const left = maximum - cuts.length;
    if (left <= 1) break;
    const share = (sorted.length - begin) / left;
    const nextCount = ends[d + 1]! - ends[d]!;
    const isFull = ends[d]! - begin >= share;
    // A value that fills a bin by itself is not put into one with smaller values.
    const isBeforeFrequent = nextCount >= share && ends[d]! - begin >= share / 2;
    if (ends.length <= maximum || isFull || isBeforeFrequent) {
      cuts.push(between(sorted[ends[d]! - 1]!, sorted[ends[d]!]!));
      begin = ends[d]!;
    }
  }
  return Float64Array.from(cuts);
}

/** A float32 t with low <= t < high, in the middle if there is one. */
function between(low: number, high: number): number {
  const middle = Math.fround(low / 2 + high / 2);
  return middle >= low && middle < high ? middle : low;
}

function cutCategorical(values: Float64Array, categories: number, maximum: number): ColumnBins {
  const counts = new Float64Array(categories);
  for (const value of values) {
    if (value >= 0 && value < categories) counts[value]!++;
  }
  const present = Array.from(counts.keys()).filter((code) => counts[code]! > 0);
  const kept = present
    .toSorted((a, b) => counts[b]! - counts[a]! || a - b)
    .slice(0, maximum)
    .sort((a, b) => a - b);
  const inBins = kept.reduce((total, code) => total + counts[code]!, 0);
  return {
    values: kept.length,
    hasMissing: inBins < values.length,
    thresholds: new Float64Array(0),
    codes: Int32Array.from(kept),
  };
}

/** Writes the bin of each of `values` to `target` [rows]. */
export function writeBins(bins: ColumnBins, values: Float64Array, target: Uint8Array): void {
  if (bins.codes === undefined) writeNumericBins(bins, values, target);
  else writeCategoryBins(bins.codes, values, target);
}

function writeCategoryBins(codes: Int32Array, values: Float64Array, target: Uint8Array): void {
  const bins = new Map<number, number>();
  for (const [bin, code] of codes.entries()) bins.set(code, bin);
  for (let row = 0; row < values.length; row++) {
    target[row] = bins.get(values[row]!) ?? codes.length;
  }
}

/**
 * The upper half of a float32's bits, made to ascend with its value, finds the few bins that come into question in a
 * table; most values need no search after that.
 */
function writeNumericBins(
  { thresholds, values: missingBin }: ColumnBins,
  values: Float64Array,
  target: Uint8Array,
): void {
  const floats = new Float32Array(values);
  const bits = new Int32Array(floats.buffer);
  const table = prefixTable(thresholds);
  for (let row = 0; row < floats.length; row++) {
    const value = floats[row]!;
    const raw = bits[row]!;
    const prefix = ((raw ^ ((raw >> 31) & 0x7fffffff)) >> 16) + 32768;
    let low = table[prefix]!;
    let high = table[prefix + 1]!;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (value > thresholds[middle]!) low = middle + 1;
      else high = middle;
    }
    target[row] = value === value ? low : missingBin;
  }
}

/** [65537]: at prefix p the first bin that a value with this prefix can be in, at p + 1 the last. */
function prefixTable(thresholds: Float64Array): Uint8Array {
  const table = new Uint8Array(65_537).fill(thresholds.length);
  const bits = new Int32Array(1);
  const float = new Float32Array(bits.buffer);
  let filled = 0;
  for (let bin = 0; bin < thresholds.length; bin++) {
    float[0] = thresholds[bin]!;
    const raw = bits[0]!;
    const prefix = ((raw ^ ((raw >> 31) & 0x7fffffff)) >> 16) + 32768;
    if (prefix + 1 > filled) table.fill(bin, filled, prefix + 1);
    filled = Math.max(filled, prefix + 1);
  }
  return table;
}
