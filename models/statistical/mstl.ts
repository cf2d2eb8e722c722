/**
 * MSTL: every season taken out by loess, the rest forecast by exponential smoothing without a season, the last cycle of each
 * season repeated (Bandara, Hyndman and Bergmeir 2021).
 *
 *   y[t] = T[t] + S1[t] + ... + SK[t] + R[t],   y^[n + h] = ETS(T + R)[h] + sum over k of Sk[n + h - m(k) j]
 *
 * T: trend; Sk: season of m(k) steps; R: remainder; j: the fewest cycles that lead into the history.
 */
import { z } from 'zod';
import {
  mstl as decompose,
  type MstlOptions,
  type MultipleDecomposition,
} from '../../series/decomposition/mstl.ts';
import type { LocalModel } from '../model.ts';
import { binaryScale, rescale } from '../numerics/scaling.ts';
import { fitEts } from '../smoothing/ets.ts';

const hyperparameters = z.strictObject({
  robust: z.boolean().default(false).describe('Whether outliers count less in the decomposition'),
  rounds: z
    .int()
    .min(1)
    .max(10)
    .default(2)
    .describe('Rounds over the seasons, if there are several'),
  shortestWindow: z
    .int()
    .min(7)
    .max(61)
    .default(11)
    .describe(
      'Cycles that the shortest season is smoothed over; longer seasons take four more each',
    ),
});

/** Settings of the decomposition. */
export type MstlHyperparameters = z.infer<typeof hyperparameters>;

/** Steps at the end of the history whose seasons are forecast again, and how many cycles these are at most. */
const stepsJudged = 24;
const mostCycles = 4;

/**
 * Variances that the seasons add to the forecast error [seasons], one cycle ahead: how much larger the mean square of the
 * remainder is if a season is forecast from the history before the cycle instead of taken from the whole. Where there are not
 * enough cycles to leave one out, the variance of the remainder.
 */
function seasonalVariances(
  values: Float64Array,
  { seasons: parts, remainder }: MultipleDecomposition,
  options: MstlOptions,
): number[] {
  const n = values.length;
  const longest = Math.max(0, ...parts.map(({ period }) => period));
  return parts.map(({ period, values: whole }, k) => {
    let sum = 0;
    let count = 0;
    const cycles = Math.min(mostCycles, Math.ceil(stepsJudged / period));
    for (let cycle = 1; cycle <= cycles && n - cycle * period > 2 * longest; cycle++) {
      const end = n - cycle * period;
      const periods = parts.map((part) => part.period);
      const before = decompose(values.subarray(0, end), periods, options).seasons[k]!.values;
      for (let t = end; t < end + period; t++) {
        const error = whole[t]! - before[t - period]!;
        sum += error * (error + 2 * remainder[t]!);
        count++;
      }
    }
    if (count > 0) return Math.max(0, sum / count);
    return remainder.reduce((total, value) => total + (value * value) / n, 0);
  });
}

/** Decomposition with several seasons, and exponential smoothing of the rest. */
export const mstl: LocalModel<MstlHyperparameters> = {
  name: 'mstl',
  family: 'statistical',
  summary:
    'Takes several seasons out by loess, smooths the rest exponentially, puts the seasons back',
  source: 'Bandara, Hyndman and Bergmeir 2021, MSTL: a seasonal-trend decomposition algorithm',
  hyperparameters,
  searchSpace: {
    robust: { kind: 'choice', values: [false, true] },
    shortestWindow: { kind: 'choice', values: [7, 11, 15, 25] },
  },
  minimumLength: ({ season }) => 2 * season + 1,
  fit(history, { horizon, season, seasons = [season] }, options) {
    const n = history.length;
    const scale = binaryScale(history);
    const scaled = history.map((value) => value / scale);
    const decomposition = decompose(scaled, seasons, options);
    const { trend, seasons: parts, remainder } = decomposition;
    const rest = trend.map((value, t) => value + remainder[t]!);
    const smoothed = fitEts(rest, 1);
    const mean = smoothed.mean(horizon).map((value, h) => {
      let sum = value;
      for (const { period, values } of parts) sum += values[n - period + (h % period)]!;
      return sum;
    });
    return {
      mean: rescale(mean, scale),
      parameters: {
        seasons: parts.map(({ period }) => period).join(', ') || 'none',
        rest: `ETS(${smoothed.kind.error},${smoothed.kind.trend},${smoothed.kind.season})`,
        ...(parts.length === 0 ? { reason: 'no season has two cycles in the history' } : {}),
      },
      deviation: () => {
        const variances = seasonalVariances(scaled, decomposition, options);
        const deviation = smoothed.deviation(horizon).map((value, h) => {
          let variance = value * value;
          // Each further cycle is one more step of a season that changes.
          for (const [k, { period }] of parts.entries())
            variance += variances[k]! * (Math.floor(h / period) + 1);
          return Math.sqrt(variance);
        });
        return rescale(deviation, scale);
      },
      components: () => {
        const fitted = smoothed.states().fitted.map((value, t) => {
          let sum = value;
          for (const { values } of parts) sum += values[t]!;
          return sum;
        });
        return {
          fitted: rescale(fitted, scale),
          trend: rescale(trend, scale),
          ...Object.fromEntries(
            parts.map(({ period, values }) => [`season-${period}`, rescale(values, scale)]),
          ),
          remainder: rescale(remainder, scale),
        };
      },
    };
  },
};
