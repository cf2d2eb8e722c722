/** Naive: every future value equals the last one. */
import { z } from 'zod';
import { changeDeviation, growingDeviation, laggedForecasts } from '../../series/lagged-changes.ts';
import type { LocalModel } from '../model.ts';

/** Forecast of a random walk, whose error grows with the root of the step; the yardstick where there is no season. */
export const naive: LocalModel<Record<string, never>> = {
  name: 'naive',
  family: 'naive',
  summary: 'Repeats the last value',
  source: 'Hyndman and Athanasopoulos, Forecasting: Principles and Practice, section 5.2',
  hyperparameters: z.strictObject({}),
  searchSpace: {},
  minimumLength: () => 1,
  fit: (history, { horizon }) => ({
    mean: new Float64Array(horizon).fill(history.at(-1)!),
    parameters: {},
    deviation: () => growingDeviation(changeDeviation(history, 1), horizon, Math.sqrt),
    components: () => ({ fitted: laggedForecasts(history, 1) }),
  }),
};
