/** What a person asks of a backtest: data, models and windows. Command-line help and validation derive from it. */
import { z } from 'zod';
import { namesSchema, runRequestSchema } from './request.ts';

const { data, horizon, frequency, id, time, target, seed } = runRequestSchema.shape;

export const backtestRequestSchema = z.object({
  data,
  horizon,
  frequency,
  id,
  time,
  target,
  models: namesSchema
    .optional()
    .describe(
      'Comma-separated models to compare beside naive and seasonal-naive; the quick ones that need no training if left out',
    ),
  refitEvery: z
    .int()
    .min(0)
    .max(1000)
    .default(0)
    .describe(
      'After how many windows models that are trained are trained anew, 0 for once before the first; all others are fitted anew in every window',
    ),
  windows: z
    .int()
    .min(1)
    .max(1000)
    .default(5)
    .describe('How many windows to forecast, the last one at the end of every series'),
  step: z
    .int()
    .min(1)
    .max(10_000)
    .optional()
    .describe('Steps from one window to the next; the horizon if left out'),
  season: z
    .int()
    .min(1)
    .max(100_000)
    .optional()
    .describe('Season length in steps; detected before the first window if left out'),
  seed,
  out: z
    .string()
    .min(1)
    .optional()
    .describe('Folder for backtest.json and the scores of every series in scores.csv'),
});
export type BacktestRequest = z.infer<typeof backtestRequestSchema>;
export type BacktestRequestInput = z.input<typeof backtestRequestSchema>;
