/** Profiles: one row of figures for each series of a panel, from its history alone. */
import { seriesValues, type Panel } from '../../series/panel.ts';
import { mean, variance } from '../../series/statistics.ts';

/** One figure of every series, [series]; NaN where a series is too short for it. */
export interface ProfileColumn {
  readonly name: string;
  readonly values: Float64Array;
}

/** Width of the moving average that stands for the trend where there is no season. */
const plainTrendWidth = 5;

/**
 * Length, mean, deviation, share of zeros and the strengths of trend and season of every series. Never reads the last
 * `stepsFromEnd` values, which evaluation may hold out.
 */
export function profileSeries(panel: Panel, season: number, stepsFromEnd: number): ProfileColumn[] {
  const names = [
    'length',
    'mean',
    'deviation',
    'zero_share',
    'trend_strength',
    'seasonal_strength',
  ];
  const columns = names.map((name) => ({ name, values: new Float64Array(panel.ids.length) }));
  for (let i = 0; i < panel.ids.length; i++) {
    const all = seriesValues(panel, i);
    const values = all.subarray(0, Math.max(0, all.length - stepsFromEnd));
    const { trend, seasonal } = strengths(values, season);
    let zeros = 0;
    for (const value of values) if (value === 0) zeros++;
    const isEmpty = values.length === 0;
    const row = [
      values.length,
      isEmpty ? Number.NaN : mean(values),
      isEmpty ? Number.NaN : Math.sqrt(variance(values)),
      isEmpty ? Number.NaN : zeros / values.length,
      trend,
      seasonal,
    ];
    for (const [c, column] of columns.entries()) column.values[i] = row[c]!;
  }
  return columns;
}

/**
 * Strengths of trend and season from 0 to 1: how much of what trend (season) and remainder vary together is not the
 * remainder's, after a classical additive decomposition (Hyndman and Athanasopoulos, Forecasting: Principles and
 * Practice, 3rd edition, sections 3.4 and 4.3). NaN with fewer than two seasons (or trend widths) of values.
 */
export function strengths(
  values: Float64Array,
  season: number,
): { readonly trend: number; readonly seasonal: number } {
  const width = season > 1 ? season : plainTrendWidth;
  if (values.length < 2 * width) return { trend: Number.NaN, seasonal: Number.NaN };
  const half = width >> 1;
  const trend = movingAverage(values, width);
  const detrended = trend.map((level, k) => values[k + half]! - level);
  const pattern = season > 1 ? seasonalPattern(detrended, season) : Float64Array.of(0);
  const seasonal = detrended.map((_, k) => pattern[k % pattern.length]!);
  const remainder = detrended.map((value, k) => value - seasonal[k]!);
  const share = (part: Float64Array): number => {
    const together = variance(part.map((value, k) => value + remainder[k]!));
    return together > 0 ? Math.min(1, Math.max(0, 1 - variance(remainder) / together)) : 0;
  };
  return { trend: share(trend), seasonal: season > 1 ? share(seasonal) : 0 };
}

/** Centred average over one width (an even width takes half of both end values), without `width >> 1` values at each end. */
function movingAverage(values: Float64Array, width: number): Float64Array {
  const half = width >> 1;
  const isEven = width % 2 === 0;
  return Float64Array.from({ length: values.length - 2 * half }, (_, k) => {
    let sum = 0;
    for (let j = k; j <= k + 2 * half; j++) {
      const isEnd = j === k || j === k + 2 * half;
      sum += isEven && isEnd ? values[j]! / 2 : values[j]!;
    }
    return sum / width;
  });
}

/** Mean of every position in the season, [season], around zero. */
function seasonalPattern(detrended: Float64Array, season: number): Float64Array {
  const sums = new Float64Array(season);
  const counts = new Float64Array(season);
  for (const [k, value] of detrended.entries()) {
    sums[k % season]! += value;
    counts[k % season]! += 1;
  }
  const means = sums.map((sum, k) => sum / counts[k]!);
  const centre = mean(means);
  return means.map((value) => value - centre);
}
