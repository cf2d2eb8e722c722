/** Samples: values, changes and spectra of series in units that make the series of a panel comparable. */
import { seriesScale } from '../../series/accuracy.ts';
import { median, quantile } from '../../series/quantiles.ts';
import { periodogram } from '../../series/spectrum.ts';
import type { Geometry } from './geometry.ts';

/** What one series was like when the reference was taken. */
export interface Yardstick {
  /** Median of its last block. */
  readonly level: number;
  /** Standard deviation of its values, from the quartiles. */
  readonly scale: number;
  /** The same of its changes over one season. */
  readonly change: number;
}

/** Interquartile range of a normal distribution with deviation 1. */
const normalRange = 1.349;
const greatestBands = 24;
const singleBins = 16;

/** Deviation by quartiles, which outliers do not move; where those coincide, `seriesScale`. Never 0. */
function spread(values: Float64Array): number {
  const sorted = values.filter((value) => Number.isFinite(value)).sort();
  const range = (quantile(sorted, 0.75) - quantile(sorted, 0.25)) / normalRange;
  return range > 0 && Number.isFinite(range) ? range : seriesScale(values, 1);
}

/** Changes over one season, [n - season]; none where the series is shorter. */
function seasonalChanges(values: Float64Array, season: number): Float64Array {
  if (values.length <= season) return new Float64Array(0);
  return values.subarray(season).map((value, t) => value - values[t]!);
}

/** To five significant digits, which keeps a profile small. */
export function rounded(value: number): number {
  return Number(value.toPrecision(5));
}

/** What `values` are measured by; of a scale whatever it is, the profile keeps what is used here, to the last digit. */
export function yardstickOf(values: Float64Array, { block, season }: Geometry): Yardstick {
  const changes = seasonalChanges(values, season);
  const scale = rounded(spread(values));
  return {
    level: median(values.subarray(-block)),
    scale,
    change: changes.length > 1 ? rounded(spread(changes)) : scale,
  };
}

/** Values [from, to) less `level`, in units of `scale`. */
export function standardValues(
  values: Float64Array,
  from: number,
  to: number,
  { level, scale }: Pick<Yardstick, 'level' | 'scale'>,
): Float64Array {
  return values.subarray(from, to).map((value) => onGrid((value - level) / scale));
}

/**
 * Sizes of the changes over one season that end in [from, to), in units of the yardstick. Sizes, as a larger spread moves
 * them all one way, and is found with half the data.
 */
export function standardChanges(
  values: Float64Array,
  from: number,
  to: number,
  season: number,
  { change }: Pick<Yardstick, 'change'>,
): Float64Array {
  const changes = seasonalChanges(values.subarray(Math.max(0, from - season), to), season);
  return changes.map((value) => onGrid(Math.abs(value) / change));
}

/** To a thousandth of a deviation: equal values stay equal when a sketch of them is written in few digits. */
function onGrid(value: number): number {
  return Math.round(value * 1000) / 1000;
}

/** Finite numbers of all `parts` in one array. */
export function pool(parts: readonly Float64Array[]): Float64Array {
  const all = new Float64Array(parts.reduce((sum, part) => sum + part.length, 0));
  let count = 0;
  for (const part of parts) {
    for (const value of part) if (Number.isFinite(value)) all[count++] = value;
  }
  return all.subarray(0, count);
}

/**
 * Shares of power by frequency band of one segment (a power of two in length): the 16 lowest frequencies one by one, the
 * others in ever wider bands, at most 24 in all. Undefined where the segment does not vary.
 */
export function bandPower(segment: Float64Array): Float64Array | undefined {
  const power = periodogram(segment);
  if (power === undefined) return undefined;
  const bins = power.length - 1;
  const bands = new Float64Array(Math.min(bins, greatestBands));
  const wide = greatestBands - singleBins;
  for (let k = 1; k <= bins; k++) {
    const place =
      bins <= greatestBands || k <= singleBins
        ? k - 1
        : singleBins +
          Math.floor((wide * Math.log(k / (singleBins + 1))) / Math.log(bins / singleBins));
    bands[Math.min(bands.length - 1, place)]! += power[k]!;
  }
  return bands;
}

/** Means of several band powers; undefined of none. */
export function meanBands(bands: readonly (Float64Array | undefined)[]): Float64Array | undefined {
  const present = bands.filter((band) => band !== undefined);
  const [first, ...others] = present;
  if (first === undefined) return undefined;
  const sum = first.slice();
  for (const band of others) for (let b = 0; b < sum.length; b++) sum[b]! += band[b]!;
  return sum.map((value) => value / present.length);
}
