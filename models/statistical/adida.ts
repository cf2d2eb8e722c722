/**
 * ADIDA: sums over as many steps as lie between two demands on average are seldom 0; their exponential average, shared
 * evenly among the steps, is the forecast (Nikolopoulos, Syntetos, Boylan, Petropoulos, Assimakopoulos 2011).
 */
import { z } from 'zod';
import { fitIntermittent } from '../intermittent/fit-intermittent.ts';
import { fitAggregates, meanInterval } from '../intermittent/temporal-aggregation.ts';
import type { LocalModel } from '../model.ts';

/** Aggregates to the mean interval between demands, and disaggregates evenly. */
export const adida: LocalModel<Record<string, never>> = {
  name: 'adida',
  family: 'statistical',
  summary: 'Exponential average of sums over the mean interval between demands',
  source: 'Nikolopoulos et al. 2011, An aggregate-disaggregate intermittent demand approach',
  hyperparameters: z.strictObject({}),
  searchSpace: {},
  minimumLength: () => 2,
  fit: (history, context) =>
    fitIntermittent(history, context, (values) => fitAggregates(values, [meanInterval(values)])),
};
