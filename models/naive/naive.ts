/** Naive: every future value equals the last one. */
import { z } from 'zod';
import type { LocalModel } from '../model.ts';

/** Forecast of a random walk; the yardstick where there is no season. */
export const naive: LocalModel<Record<string, never>> = {
  name: 'naive',
  family: 'naive',
  summary: 'Repeats the last value',
  source: 'Hyndman and Athanasopoulos, Forecasting: Principles and Practice, section 5.2',
  hyperparameters: z.strictObject({}),
  searchSpace: {},
  minimumLength: () => 1,
  forecast: (history, { horizon }) => new Float64Array(horizon).fill(history.at(-1)!),
};
