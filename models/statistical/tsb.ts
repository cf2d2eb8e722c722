/**
 * TSB: average size of a demand times the average probability that there is one, the latter brought up to date at every
 * step, so that the forecast falls when demand stops (Teunter, Syntetos, Babai 2011).
 *
 *   every step: p = p + beta (d - p), d = 1 at a demand, else 0;   at a demand: z = z + alpha (y - z);   forecast p z
 */
import { z } from 'zod';
import { fitIntermittent } from '../intermittent/fit-intermittent.ts';
import { fitTsb } from '../intermittent/tsb-method.ts';
import type { LocalModel } from '../model.ts';

const weight = z.number().gt(0).max(1);
const hyperparameters = z.strictObject({
  sizeWeight: weight.default(0.1).describe('Weight alpha of the newest size'),
  probabilityWeight: weight.default(0.1).describe('Weight beta of whether there is a demand'),
  optimised: z
    .boolean()
    .default(false)
    .describe('Whether the weights are those of the least squared errors, searched from these'),
});

/** For demand that may become obsolete. */
export const tsb: LocalModel<z.infer<typeof hyperparameters>> = {
  name: 'tsb',
  family: 'statistical',
  summary: 'Average size of sporadic demands times their average probability',
  source: 'Teunter, Syntetos, Babai 2011, Intermittent demand: linking forecasting to inventory',
  hyperparameters,
  searchSpace: {
    sizeWeight: { kind: 'uniform', low: 0.05, high: 0.3 },
    probabilityWeight: { kind: 'uniform', low: 0.02, high: 0.3 },
    optimised: { kind: 'choice', values: [false, true] },
  },
  minimumLength: () => 2,
  fit: (history, context, { sizeWeight, probabilityWeight, optimised }) =>
    fitIntermittent(history, context, (values) =>
      fitTsb(values, { size: sizeWeight, probability: probabilityWeight }, optimised),
    ),
};
