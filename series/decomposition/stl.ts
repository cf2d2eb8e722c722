/**
 * STL: seasonal-trend decomposition by loess (Cleveland, Cleveland, McRae and Terpenning 1990, Journal of Official Statistics 6).
 */
import { median } from '../quantiles.ts';
import { type LoessOptions, smooth, smoothBeyond } from './loess.ts';

/** The smoothers and loops of one decomposition; see `stlOptions` for the usual ones. */
export interface StlOptions {
  /** Smooths the values of each position of the season over the years. */
  readonly seasonal: LoessOptions;
  readonly trend: LoessOptions;
  /** Takes what is left of the trend out of the seasonal part. */
  readonly lowPass: LoessOptions;
  /** Passes of smoothing with given robustness weights. */
  readonly inner: number;
  /** Times that weights are made from the remainder, so that outliers count less; 0 for none. */
  readonly outer: number;
}

/** Parts of a series [n] each; they add up to it. */
export interface Decomposition {
  readonly trend: Float64Array;
  readonly seasonal: Float64Array;
  readonly remainder: Float64Array;
}

function nextOdd(x: number): number {
  const whole = Math.ceil(x);
  return whole % 2 === 0 ? whole + 1 : whole;
}

/** The paper's choices for a season of `period` steps and a seasonal window, constant locally as in R's stl. */
export function stlOptions(period: number, window: number, robust = false): StlOptions {
  const seasonalWindow = nextOdd(window);
  const jumpOf = (window: number): number => Math.ceil(window / 10);
  const trendWindow = nextOdd((1.5 * period) / (1 - 1.5 / seasonalWindow));
  const lowPassWindow = nextOdd(period);
  return {
    seasonal: { window: seasonalWindow, degree: 0, jump: jumpOf(seasonalWindow) },
    trend: { window: trendWindow, degree: 1, jump: jumpOf(trendWindow) },
    lowPass: { window: lowPassWindow, degree: 1, jump: jumpOf(lowPassWindow) },
    inner: robust ? 1 : 2,
    outer: robust ? 15 : 0,
  };
}

/** Moving average of `length` values: n - length + 1 of them, into `out`. */
function movingAverage(values: Float64Array, n: number, length: number, out: Float64Array): void {
  let sum = 0;
  for (let i = 0; i < length; i++) sum += values[i]!;
  out[0] = sum / length;
  for (let i = length; i < n; i++) {
    sum += values[i]! - values[i - length]!;
    out[i - length + 1] = sum / length;
  }
}

/** Arrays of the inner loop. */
interface Space {
  readonly detrended: Float64Array;
  /** The values of one position of the season, and their weights. */
  readonly subseries: Float64Array;
  readonly subweights: Float64Array;
  readonly subsmooth: Float64Array;
  /** The seasonal part with one more season at each end [n + 2 period]. */
  readonly extended: Float64Array;
  readonly average: Float64Array;
  readonly lowPass: Float64Array;
}

/** Smooths the values of each position of the season, one season beyond both ends. */
function smoothSubseries(
  space: Space,
  n: number,
  period: number,
  options: LoessOptions,
  weights: Float64Array | undefined,
): void {
  const { detrended, subseries, subweights, subsmooth, extended } = space;
  for (let position = 0; position < period; position++) {
    const count = Math.floor((n - 1 - position) / period) + 1;
    for (let k = 0; k < count; k++) {
      subseries[k] = detrended[position + k * period]!;
      if (weights !== undefined) subweights[k] = weights[position + k * period]!;
    }
    const given = weights === undefined ? undefined : subweights;
    smooth(subseries, given, 0, count, options, subsmooth, 0);
    const before = smoothBeyond(subseries, given, 0, count, options, -1);
    const after = smoothBeyond(subseries, given, 0, count, options, count);
    extended[position] = before ?? subsmooth[0]!;
    for (let k = 0; k < count; k++) extended[position + (k + 1) * period] = subsmooth[k]!;
    extended[position + (count + 1) * period] = after ?? subsmooth[count - 1]!;
  }
}

/** One pass: detrend, smooth each position, take the low frequencies out, deseasonalise, smooth the trend. */
function pass(
  values: Float64Array,
  period: number,
  options: StlOptions,
  weights: Float64Array | undefined,
  space: Space,
  parts: { trend: Float64Array; seasonal: Float64Array },
): void {
  const n = values.length;
  const { trend, seasonal } = parts;
  const { detrended, extended, average, lowPass } = space;
  for (let t = 0; t < n; t++) detrended[t] = values[t]! - trend[t]!;
  smoothSubseries(space, n, period, options.seasonal, weights);
  const whole = n + 2 * period;
  movingAverage(extended, whole, period, average);
  movingAverage(average, whole - period + 1, period, lowPass);
  movingAverage(lowPass, whole - 2 * period + 2, 3, average);
  smooth(average, undefined, 0, n, options.lowPass, lowPass, 0);
  for (let t = 0; t < n; t++) {
    seasonal[t] = extended[t + period]! - lowPass[t]!;
    detrended[t] = values[t]! - seasonal[t]!;
  }
  smooth(detrended, weights, 0, n, options.trend, trend, 0);
}

/** Bisquare weights of the remainder: 1 within a thousandth of six median sizes, 0 beyond all of it. */
function robustnessOf(
  values: Float64Array,
  trend: Float64Array,
  seasonal: Float64Array,
): Float64Array {
  const sizes = values.map((value, t) => Math.abs(value - trend[t]! - seasonal[t]!));
  const scale = 6 * median(sizes.slice().sort());
  return sizes.map((size) => {
    if (size <= 0.001 * scale) return 1;
    if (size > 0.999 * scale) return 0;
    const ratio = size / scale;
    return (1 - ratio * ratio) ** 2;
  });
}

/** Decomposes `values` [n], n >= 2 period, period >= 2. Remainder is what is left, so that the parts add up. */
export function stl(values: Float64Array, period: number, options: StlOptions): Decomposition {
  const n = values.length;
  const trend = new Float64Array(n);
  const seasonal = new Float64Array(n);
  const years = Math.ceil(n / period);
  const space: Space = {
    detrended: new Float64Array(n),
    subseries: new Float64Array(years),
    subweights: new Float64Array(years),
    subsmooth: new Float64Array(years),
    extended: new Float64Array(n + 2 * period),
    average: new Float64Array(n + 2 * period),
    lowPass: new Float64Array(n + 2 * period),
  };
  let weights: Float64Array | undefined;
  for (let outer = 0; outer <= options.outer; outer++) {
    if (outer > 0) weights = robustnessOf(values, trend, seasonal);
    for (let inner = 0; inner < options.inner; inner++) {
      pass(values, period, options, weights, space, { trend, seasonal });
    }
  }
  const remainder = values.map((value, t) => value - trend[t]! - seasonal[t]!);
  return { trend, seasonal, remainder };
}
