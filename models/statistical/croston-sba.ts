/**
 * Croston with Syntetos and Boylan's correction: the ratio of two averages is too high by about 1 / (1 - alpha / 2), by
 * which it is divided (Syntetos and Boylan 2005, "The accuracy of intermittent demand estimates").
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

/** (1 - alpha / 2) z / p, with the averages of croston. */
export const crostonSba: LocalModel<z.infer<typeof hyperparameters>> = {
  name: 'croston-sba',
  family: 'statistical',
  summary: 'Croston with the correction of its bias by Syntetos and Boylan',
  source: 'Syntetos and Boylan 2005, The accuracy of intermittent demand estimates',
  hyperparameters,
  searchSpace: {
    alpha: { kind: 'uniform', low: 0.05, high: 0.3 },
    optimised: { kind: 'choice', values: [false, true] },
  },
  minimumLength: () => 2,
  fit: (history, context, settings) =>
    fitIntermittent(history, context, (values) =>
      fitCroston(values, { ...settings, factor: (alpha) => 1 - alpha / 2 }),
    ),
};
