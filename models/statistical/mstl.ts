/**
 * MSTL: every season taken out by loess, the rest forecast by exponential smoothing without a season, the last cycle of each
 * season repeated (Bandara, Hyndman and Bergmeir 2021).
 *
 *   y[t] = T[t] + S1[t] + ... + SK[t] + R[t],   y^[n + h] = ETS(T + R)[h] + sum over k of Sk[n + h - m(k) j]
 *
 * T: trend; Sk: season of m(k) steps; R: remainder; j: the fewest cycles that lead into the history.
 */
import { z } from 'zod';
import { mstl as decompose } from '../../series/decomposition/mstl.ts';
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
    const { trend, seasons: parts, remainder } = decompose(scaled, seasons, options);
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
      deviation: () => rescale(smoothed.deviation(horizon), scale),
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
