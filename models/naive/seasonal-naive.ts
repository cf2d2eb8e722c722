/** Seasonal naive: every future value equals the last one of the same position in the season. */
import { z } from 'zod';
import { changeDeviation, growingDeviation, laggedForecasts } from '../../series/lagged-changes.ts';
import type { LocalModel } from '../model.ts';

/**
 * y[n + h] = y[n + h - m k] with the smallest k that leads into the history, m the season; the error grows with the root
 * of k. A history shorter than one season repeats its last value.
 */
export const seasonalNaive: LocalModel<Record<string, never>> = {
  name: 'seasonal-naive',
  family: 'naive',
  summary: 'Repeats the last season',
  source: 'Hyndman and Athanasopoulos, Forecasting: Principles and Practice, section 5.2',
  hyperparameters: z.strictObject({}),
  searchSpace: {},
  minimumLength: ({ season }) => season,
  fit(history, { horizon, season }) {
    const period = history.length < season ? 1 : season;
    const start = history.length - period;
    return {
      mean: Float64Array.from({ length: horizon }, (_, h) => history[start + (h % period)]!),
      parameters: { season: period },
      deviation: () =>
        growingDeviation(changeDeviation(history, period), horizon, (step) =>
          Math.sqrt(Math.ceil(step / period)),
        ),
      components: () => ({ fitted: laggedForecasts(history, period) }),
    };
  },
};
