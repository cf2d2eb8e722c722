/** Window average: y[n + h] is the mean of the last w values, the forecast of a mean that is constant but for slow changes. */
import { z } from 'zod';
import type { LocalModel } from '../model.ts';
import { fitRunningMean } from '../smoothing/running-mean.ts';

const hyperparameters = z.strictObject({
  window: z.int().min(1).max(100_000).default(8).describe('Values that are averaged'),
});

/** A shorter history gives the mean of all of it. */
export const windowAverage: LocalModel<z.infer<typeof hyperparameters>> = {
  name: 'window-average',
  family: 'statistical',
  summary: 'Repeats the mean of the last values',
  source: 'Hyndman and Athanasopoulos, Forecasting: Principles and Practice, section 5.2',
  hyperparameters,
  searchSpace: { window: { kind: 'choice', values: [2, 4, 8, 16, 32] } },
  minimumLength: () => 1,
  fit: (history, { horizon }, { window }) => fitRunningMean(history, horizon, 1, window),
};
