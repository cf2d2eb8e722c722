/** Drift: a random walk with drift, the line through the first and the last value. */
import { z } from 'zod';
import { changeDeviation, growingDeviation, laggedForecasts } from '../../series/lagged-changes.ts';
import type { LocalModel } from '../model.ts';

const greatest = Number.MAX_VALUE;

/**
 * y[n + h] = y[n] + h (y[n] - y[1]) / (n - 1), with an error that grows as the root of h (1 + h / (n - 1)); a single
 * observation has no drift.
 */
export const drift: LocalModel<Record<string, never>> = {
  name: 'drift',
  family: 'naive',
  summary: 'Random walk with drift: goes on with the average change',
  source: 'Hyndman and Athanasopoulos, Forecasting: Principles and Practice, sections 5.2 and 5.5',
  hyperparameters: z.strictObject({}),
  searchSpace: {},
  minimumLength: () => 2,
  fit(history, { horizon }) {
    const last = history.at(-1)!;
    const steps = Math.max(1, history.length - 1);
    // Quotients before the difference, and a bound: values near the greatest double must not overflow.
    const slope = last / steps - history[0]! / steps;
    return {
      mean: Float64Array.from({ length: horizon }, (_, h) =>
        Math.min(greatest, Math.max(-greatest, last + slope * (h + 1))),
      ),
      parameters: { drift: slope },
      deviation: () =>
        growingDeviation(changeDeviation(history, 1, slope), horizon, (step) =>
          Math.sqrt(step * (1 + step / steps)),
        ),
      components: () => ({ fitted: laggedForecasts(history, 1, slope) }),
    };
  },
};
