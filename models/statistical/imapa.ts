/**
 * IMAPA: the mean of the forecasts from sums over 1, 2, ... steps up to the mean interval between demands, which spares the
 * choice of one level of aggregation (Petropoulos and Kourentzes 2015).
 */
import { z } from 'zod';
import { fitIntermittent } from '../intermittent/fit-intermittent.ts';
import { fitAggregates, meanInterval } from '../intermittent/temporal-aggregation.ts';
import type { LocalModel } from '../model.ts';

/** Levels of aggregation beyond which another one changes nothing. */
const mostLevels = 100;

/** Every level up to the mean interval, or 100 of them. */
export const imapa: LocalModel<Record<string, never>> = {
  name: 'imapa',
  family: 'statistical',
  summary: 'Mean of exponential averages of sums over 1, 2, ... steps',
  source: 'Petropoulos and Kourentzes 2015, Forecast combinations for intermittent demand',
  hyperparameters: z.strictObject({}),
  searchSpace: {},
  minimumLength: () => 2,
  fit: (history, context) =>
    fitIntermittent(history, context, (values) => {
      const count = Math.min(mostLevels, meanInterval(values));
      return fitAggregates(
        values,
        Array.from({ length: count }, (_, k) => k + 1),
      );
    }),
};
