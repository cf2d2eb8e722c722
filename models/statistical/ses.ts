/**
 * Simple exponential smoothing (Brown 1959): the level follows each value by a share alpha of the forecast's error, and the
 * forecast is the level:
 *   l[t] = l[t - 1] + alpha e[t],  e[t] = y[t] - l[t - 1],  y[n + h] = l[n].
 * alpha and l[0] are those of maximum likelihood for errors of one variance.
 */
import { z } from 'zod';
import type { LocalModel } from '../model.ts';
import { fitSmoothing } from '../smoothing/local-fit.ts';

/** ETS(A,N,N). */
export const ses: LocalModel<Record<string, never>> = {
  name: 'ses',
  family: 'statistical',
  summary: 'Simple exponential smoothing: a level that follows the values',
  source: 'Hyndman, Koehler, Ord and Snyder (2008), Forecasting with Exponential Smoothing',
  hyperparameters: z.strictObject({}),
  searchSpace: {},
  minimumLength: () => 5,
  fit: (history, context) =>
    fitSmoothing(history, context, { kinds: [{ error: 'A', trend: 'N', season: 'N' }] }),
};
