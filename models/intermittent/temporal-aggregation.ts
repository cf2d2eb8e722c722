/**
 * Temporal aggregation of intermittent demand: exponential averages of sums over several steps, which are less often 0
 * (Nikolopoulos, Syntetos, Boylan, Petropoulos, Assimakopoulos 2011, "An aggregate-disaggregate intermittent demand approach").
 */
import { bestWeight, lastAverage } from './exponential-average.ts';
import { splitDemand } from './croston-method.ts';
import type { IntermittentFit } from './fit-intermittent.ts';

/** One level of aggregation and the weight of the average of its sums. */
interface Level {
  /** Steps in a sum. */
  readonly steps: number;
  readonly alpha: number;
  /** Forecast of one step. */
  readonly forecast: number;
}

/** The mean interval between demands, rounded to whole steps. */
export function meanInterval(values: Float64Array): number {
  const { intervals } = splitDemand(values);
  let sum = 0;
  for (let k = 0; k < intervals.length; k++) sum += intervals[k]!;
  return Math.max(1, Math.round(sum / intervals.length));
}

/** Sums over `steps` values each, the last of which ends with the series; what is left over at its start is left out. */
export function blockSums(values: Float64Array, steps: number): Float64Array {
  const count = Math.floor(values.length / steps);
  const start = values.length - count * steps;
  const sums = new Float64Array(count);
  for (let t = start; t < values.length; t++) sums[Math.floor((t - start) / steps)]! += values[t]!;
  return sums;
}

function fitLevel(values: Float64Array, steps: number): Level {
  const sums = blockSums(values, steps);
  const alpha = bestWeight(sums);
  return { steps, alpha, forecast: lastAverage(sums, alpha) / steps };
}

/** Adds a share of the level's forecasts one step ahead to `fitted`: blocks end just before each time; a plain mean at first. */
function addFitted(
  values: Float64Array,
  { steps, alpha }: Level,
  share: number,
  fitted: Float64Array,
) {
  const n = values.length;
  // Entry t: the average of the sums that end before t, t - steps, ...
  const averages = new Float64Array(n);
  let sum = 0;
  for (let t = 1; t < n; t++) {
    sum += values[t - 1]!;
    if (t > steps) sum -= values[t - 1 - steps]!;
    const before = t >= 2 * steps ? averages[t - steps]! : sum;
    averages[t] = before + alpha * (sum - before);
    fitted[t]! += (share * averages[t]!) / Math.min(t, steps);
  }
}

/** The mean of the forecasts of all `levels` (numbers of steps). */
export function fitAggregates(values: Float64Array, levels: readonly number[]): IntermittentFit {
  const fits = levels.map((steps) => fitLevel(values, steps));
  const share = 1 / fits.length;
  let forecast = 0;
  for (const fit of fits) forecast += share * fit.forecast;
  return {
    forecast,
    parameters: { steps: levels.at(-1)!, alpha: fits.at(-1)!.alpha },
    start: 1,
    paths: () => {
      const fitted = new Float64Array(values.length);
      for (const fit of fits) addFitted(values, fit, share, fitted);
      return { fitted };
    },
  };
}
