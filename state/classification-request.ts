/** What a person asks of a classification: data, what is told apart, and how it is judged. Command-line help derives from it. */
import { z } from 'zod';
import { namesSchema, runRequestSchema } from './request.ts';

const { data, horizon, frequency, id, time, target } = runRequestSchema.shape;

export const classificationRequestSchema = z.object({
  data,
  horizon,
  frequency,
  id,
  time,
  target,
  label: z
    .enum(['direction', 'event', 'regime'])
    .default('direction')
    .describe(
      'What is told about the next steps: whether the value goes up or down; whether any value crosses a threshold; whether they are calm or volatile',
    ),
  threshold: z
    .number()
    .optional()
    .describe(
      'Of a direction: moves up to this are flat (none are if left out); of an event: the bound (the quantile 0.9 if left out)',
    ),
  unit: z
    .enum(['percent', 'deviations', 'value', 'quantile'])
    .optional()
    .describe(
      'What the threshold is in: percent (the default of a direction) or deviations of its moves; the value itself (the default of an event) or a quantile of the values so far',
    ),
  side: z
    .enum(['above', 'below'])
    .default('above')
    .describe('On which side of the threshold an event lies'),
  models: namesSchema
    .optional()
    .describe('Comma-separated models beside the naive ones; all that learn classes if left out'),
  folds: z.int().min(1).max(50).default(5).describe('Blocks of time that are judged on'),
  validation: z
    .enum(['time', 'k-fold'])
    .default('time')
    .describe('Whether only what lies before a block is learned from, or both sides of it'),
  season: z
    .int()
    .min(1)
    .max(100_000)
    .optional()
    .describe('Season length in steps; detected before the first block if left out'),
  out: z
    .string()
    .min(1)
    .optional()
    .describe('Folder for report.json and the latest class of every series in predictions.csv'),
});
export type ClassificationRequest = z.infer<typeof classificationRequestSchema>;
export type ClassificationRequestInput = z.input<typeof classificationRequestSchema>;
