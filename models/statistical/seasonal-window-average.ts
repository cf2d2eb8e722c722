/**
 * Seasonal window average: y[n + h] is the mean of the values at the same place of the last w seasons of m steps, the forecast
 * of a season that repeats itself but for noise.
 */
import { z } from 'zod';
import type { LocalModel } from '../model.ts';
import { fitRunningMean } from '../smoothing/running-mean.ts';

const hyperparameters = z.strictObject({
  window: z.int().min(1).max(10_000).default(4).describe('Seasons that are averaged'),
});

/** A history of fewer seasons gives the mean of those that there are; one shorter than a season, the mean of its last values. */
export const seasonalWindowAverage: LocalModel<z.infer<typeof hyperparameters>> = {
  name: 'seasonal-window-average',
  family: 'statistical',
  summary: 'Repeats the mean of the last seasons',
  source: 'Hyndman and Athanasopoulos, Forecasting: Principles and Practice, section 5.2',
  hyperparameters,
  searchSpace: { window: { kind: 'choice', values: [1, 2, 3, 4, 8] } },
  minimumLength: ({ season }) => season,
  fit: (history, { horizon, season }, { window }) =>
    fitRunningMean(history, horizon, history.length < season ? 1 : season, window),
};
