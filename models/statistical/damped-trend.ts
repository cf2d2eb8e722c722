/**
 * Damped trend (Gardner and McKenzie 1985): Holt's slope, of which each step keeps the share phi, so that forecasts level off:
 *   l[t] = l[t - 1] + phi b[t - 1] + alpha e[t],  b[t] = phi b[t - 1] + beta e[t],
 *   y[n + h] = l[n] + (phi + ... + phi^h) b[n].
 */
import { z } from 'zod';
import type { LocalModel } from '../model.ts';
import { fitSmoothing } from '../smoothing/local-fit.ts';

/** ETS(A,Ad,N). */
export const dampedTrend: LocalModel<Record<string, never>> = {
  name: 'damped-trend',
  family: 'statistical',
  summary: 'Exponential smoothing with a trend that levels off',
  source: 'Gardner and McKenzie (1985), Forecasting Trends in Time Series, Management Science 31',
  hyperparameters: z.strictObject({}),
  searchSpace: {},
  minimumLength: () => 8,
  fit: (history, context) =>
    fitSmoothing(history, context, { kinds: [{ error: 'A', trend: 'Ad', season: 'N' }] }),
};
