/**
 * Exponential smoothing with an automatic choice of its kind: error (additive, multiplicative), trend (none, additive,
 * damped) and season (none, additive, multiplicative) are those of the least corrected Akaike criterion
 *   AICc = -2 log L + 2 k n / (n - k - 1),  k parameters, n values,
 * among the kinds whose recursions are stable (Hyndman and Khandakar 2008, "Automatic time series forecasting: the forecast
 * package for R", Journal of Statistical Software 27). A season of more than 24 steps is taken off beforehand.
 */
import { z } from 'zod';
import type { LocalModel } from '../model.ts';
import type { EtsOptions } from '../smoothing/ets.ts';
import { type EtsKind, usualKinds } from '../smoothing/kind.ts';
import { fitSmoothing } from '../smoothing/local-fit.ts';

const hyperparameters = z.strictObject({
  errors: z
    .enum(['auto', 'additive', 'multiplicative'])
    .default('auto')
    .describe('Whether errors are of one size or relative to the forecast'),
  trend: z
    .enum(['auto', 'none', 'additive', 'damped'])
    .default('auto')
    .describe('Whether the level has a slope, and whether it levels off'),
  season: z
    .enum(['auto', 'none', 'additive', 'multiplicative'])
    .default('auto')
    .describe('Whether there is a season, and whether it is added or multiplies'),
});

const letters = { none: 'N', additive: 'A', damped: 'Ad', multiplicative: 'M' } as const;

type Word = keyof typeof letters | 'auto';

const admits = (word: Word, letter: EtsKind['trend' | 'season']) =>
  word === 'auto' || letters[word] === letter;

/** The kinds that the settings leave. */
function optionsOf({ errors, trend, season }: z.infer<typeof hyperparameters>): EtsOptions {
  if (errors === 'auto' && trend === 'auto' && season === 'auto') return {};
  const fitting = usualKinds(true, true).filter(
    (kind) => admits(trend, kind.trend) && admits(season, kind.season),
  );
  const kinds = fitting.filter(({ error }) => errors === 'auto' || letters[errors] === error);
  // A multiplicative season is stable with relative errors alone.
  return { kinds: kinds.length > 0 ? kinds : fitting };
}

/** ETS, all of it. */
export const ets: LocalModel<z.infer<typeof hyperparameters>> = {
  name: 'ets',
  family: 'statistical',
  summary: 'Exponential smoothing, its kind of error, trend and season chosen by likelihood',
  source: 'Hyndman, Koehler, Ord and Snyder (2008), Forecasting with Exponential Smoothing',
  hyperparameters,
  searchSpace: {
    trend: { kind: 'choice', values: ['auto', 'none', 'damped'] },
    errors: { kind: 'choice', values: ['auto', 'additive'] },
  },
  minimumLength: () => 8,
  fit: (history, context, settings) => fitSmoothing(history, context, optionsOf(settings)),
};
