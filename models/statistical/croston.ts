/**
 * Croston: the forecast of sporadic demand is its average size over the average interval between demands (Croston 1972).
 *
 *   at a demand y[t], q steps after the last:  z = z + alpha (y[t] - z),  p = p + alpha (q - p);   forecast z / p
 */
import { z } from 'zod';
import { fitCroston } from '../intermittent/croston-method.ts';
import { fitIntermittent } from '../intermittent/fit-intermittent.ts';
import type { LocalModel } from '../model.ts';

const hyperparameters = z.strictObject({
  alpha: z.number().gt(0).max(1).default(0.1).describe('Weight of the newest size and interval'),
  optimised: z
    .boolean()
    .default(false)
    .describe('Whether size and interval have the weights of the least squared errors in 0.1..0.3'),
});

/** The classic method; its forecast is a little too high (see croston-sba). */
export const croston: LocalModel<z.infer<typeof hyperparameters>> = {
  name: 'croston',
  family: 'statistical',
  summary: 'Average size of sporadic demands over the average interval between them',
  source: 'Croston 1972, Forecasting and stock control for intermittent demands',
  hyperparameters,
  searchSpace: {
    alpha: { kind: 'uniform', low: 0.05, high: 0.3 },
    optimised: { kind: 'choice', values: [false, true] },
  },
  minimumLength: () => 2,
  fit: (history, context, settings) =>
    fitIntermittent(history, context, (values) =>
      fitCroston(values, { ...settings, factor: () => 1 }),
    ),
};
