/**
 * Holt-Winters (Winters 1960): Holt's level and slope with a season of m steps that is added to the level, or multiplies it:
 *   y[n + h] = l[n] + h b[n] + s[n + h - m k]   or   (l[n] + h b[n]) s[n + h - m k].
 * Errors are of one variance where the season is added, and relative to the forecast where it multiplies.
 */
import { z } from 'zod';
import type { LocalModel } from '../model.ts';
import { fitSmoothing } from '../smoothing/local-fit.ts';

const hyperparameters = z.strictObject({
  season: z
    .enum(['additive', 'multiplicative'])
    .default('additive')
    .describe('Whether the season is added to the level or multiplies it'),
});

/** ETS(A,A,A), or ETS(M,A,M) for series of positive values. */
export const holtWinters: LocalModel<z.infer<typeof hyperparameters>> = {
  name: 'holt-winters',
  family: 'statistical',
  summary: 'Exponential smoothing with a trend and a season',
  source:
    'Winters (1960), Forecasting Sales by Exponentially Weighted Moving Averages, Management Science 6',
  hyperparameters,
  searchSpace: { season: { kind: 'choice', values: ['additive', 'multiplicative'] } },
  minimumLength: ({ season }) => 7 + (season > 1 ? 2 * season : 0),
  fit: (history, context, { season }) =>
    fitSmoothing(history, context, {
      kinds: [
        season === 'additive'
          ? { error: 'A', trend: 'A', season: 'A' }
          : { error: 'M', trend: 'A', season: 'M' },
      ],
    }),
};
