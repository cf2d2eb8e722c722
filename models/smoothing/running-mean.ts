/** Means of the last values at a lag, and the errors that they would have made. */
import type { LocalFit } from '../model.ts';
import { binaryScale, rescale } from '../numerics/scaling.ts';

/**
 * The mean of up to `window` values `lag` steps apart before each place [n + lag], by running sums; NaN for the first `lag`
 * places, before which there are none.
 */
function meansBefore(y: Float64Array, lag: number, window: number): Float64Array {
  const sums = new Float64Array(y.length);
  const means = new Float64Array(y.length + lag).fill(Number.NaN);
  for (let t = lag; t < means.length; t++) {
    const last = t - lag;
    const before = last - window * lag;
    sums[last] = y[last]! + (last >= lag ? sums[last - lag]! : 0);
    const count = Math.min(window, Math.floor(t / lag));
    means[t] = (sums[last] - (before >= 0 ? sums[before]! : 0)) / count;
  }
  return means;
}

/**
 * Forecasts the mean of the last `window` values that lie `lag` steps apart: of each place of a season of `lag` <= n steps, or
 * of the last values for a lag of 1. Fewer values give the mean of those that there are. The deviation is that of the errors
 * of such forecasts in the past, the same at all steps, for values that vary around a constant mean.
 */
export function fitRunningMean(
  history: Float64Array,
  horizon: number,
  lag: number,
  window: number,
): LocalFit {
  const n = history.length;
  const scale = binaryScale(history);
  const y = history.map((value) => value / scale);
  const means = meansBefore(y, lag, window);
  const mean = Float64Array.from({ length: horizon }, (_, h) => means[n + (h % lag)]!);
  return {
    mean: rescale(mean, scale),
    parameters: { window: Math.min(window, Math.ceil(n / lag)), lag },
    deviation() {
      let squares = 0;
      for (let t = lag; t < n; t++) squares += (y[t]! - means[t]!) ** 2;
      const deviation = Math.sqrt(squares / Math.max(1, n - lag));
      return rescale(new Float64Array(horizon).fill(deviation), scale);
    },
    components: () => ({ fitted: rescale(means.subarray(0, n), scale) }),
  };
}
