/**
 * Complex exponential smoothing: level and trend are not told apart, but are the real and the imaginary part of one complex
 * level, smoothed by one complex weight (Svetunkov, Kourentzes, Ord 2022).
 *
 *   l[t] + i c[t]: level and information potential; alpha0 + i alpha1: weight; the season is none, simple (l and c of a
 *   season ago), partial (a real season beside them) or full (a complex one), by the corrected Akaike criterion.
 */
import { z } from 'zod';
import { fitCes, shortestCes } from '../complex-smoothing/fit-ces.ts';
import type { LocalModel } from '../model.ts';

const hyperparameters = z.strictObject({
  season: z
    .enum(['auto', 'none', 'simple', 'partial', 'full'])
    .default('auto')
    .describe('How the season enters; auto: chosen by the corrected Akaike criterion'),
});

/** CES with its season chosen by AICc; stationary, trending and seasonal series by one process. */
export const ces: LocalModel<z.infer<typeof hyperparameters>> = {
  name: 'ces',
  family: 'statistical',
  summary: 'Complex exponential smoothing, the season chosen by AICc',
  source:
    'Svetunkov, Kourentzes, Ord 2022, Complex exponential smoothing, Naval Research Logistics',
  hyperparameters,
  searchSpace: { season: { kind: 'choice', values: ['auto', 'none'] } },
  minimumLength: () => shortestCes,
  fit: (history, context, { season }) => fitCes(history, context, season),
};
