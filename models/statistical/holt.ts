/**
 * Holt's linear trend (Holt 1957): a level and a slope that both follow the errors:
 *   l[t] = l[t - 1] + b[t - 1] + alpha e[t],  b[t] = b[t - 1] + beta e[t],  y[n + h] = l[n] + h b[n].
 */
import { z } from 'zod';
import type { LocalModel } from '../model.ts';
import { fitSmoothing } from '../smoothing/local-fit.ts';

/** ETS(A,A,N). */
export const holt: LocalModel<Record<string, never>> = {
  name: 'holt',
  family: 'statistical',
  summary: "Holt's exponential smoothing: a level and a slope that follow the values",
  source: 'Hyndman, Koehler, Ord and Snyder (2008), Forecasting with Exponential Smoothing',
  hyperparameters: z.strictObject({}),
  searchSpace: {},
  minimumLength: () => 7,
  fit: (history, context) =>
    fitSmoothing(history, context, { kinds: [{ error: 'A', trend: 'A', season: 'N' }] }),
};
