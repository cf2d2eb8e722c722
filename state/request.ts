/** What a person asks for: the settings of one forecasting run. Command-line help and validation derive from it. */
import { z } from 'zod';

/** Names as an array, or as text with commas between them. */
export const namesSchema = z
  .union([z.string(), z.array(z.string())])
  .transform((value) => (typeof value === 'string' ? value.split(',') : value))
  .refine((names) => names.length > 0 && names.every((name) => name.trim() !== ''), {
    error: 'has a name that is empty',
  });

/** Named columns of the input; what is left out is detected. */
export const columnsSchema = z.object({
  id: namesSchema.optional().describe('Column or comma-separated columns that identify a series'),
  time: z
    .string()
    .min(1)
    .optional()
    .describe('Column that holds the timestamps, or comma-separated ones such as date,hour'),
  target: namesSchema
    .optional()
    .describe('Column to forecast; for wide data the comma-separated series columns'),
  future: namesSchema
    .optional()
    .describe('Comma-separated columns that are known ahead, such as prices and holidays'),
  historical: namesSchema
    .optional()
    .describe('Comma-separated columns that are known up to the last observation only'),
  static: namesSchema
    .optional()
    .describe('Comma-separated columns that belong to a series as a whole'),
  futureData: z
    .string()
    .min(1)
    .optional()
    .describe(
      'File with the future columns for the horizon; if left out, rows of the data without a target',
    ),
});

/** The columns that a request names besides series, time and target, and where those known ahead are. */
export type NamedExogenous = Pick<
  z.infer<typeof columnsSchema>,
  'future' | 'historical' | 'static' | 'futureData'
>;

/** How much a run may try: seconds, minutes, or as long as its time limit allows. */
export const presets = ['fast', 'balanced', 'best'] as const;
export type Preset = (typeof presets)[number];

/** How the forecasts of a hierarchy are made to add up; those from above go by forecast proportions if not said otherwise. */
export const reconciliationMethods = [
  'bottom-up',
  'top-down',
  'average-proportions',
  'proportions-of-averages',
  'middle-out',
  'ols',
  'wls-structural',
  'wls',
  'mint',
] as const;
export type ReconciliationMethod = (typeof reconciliationMethods)[number];

/** Trials of a search where the request does not say. */
const presetTrials: Readonly<Record<Preset, number>> = { fast: 6, balanced: 16, best: 60 };

/** How many configurations a run may try. */
export function trialsOf({ trials, preset }: Pick<RunRequest, 'trials' | 'preset'>): number {
  return trials ?? presetTrials[preset];
}

/** Default quantile levels: the median and central 50 %, 80 % and 95 % intervals. */
export const defaultQuantiles = [0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975] as const;

export const runRequestSchema = z.object({
  data: z
    .string()
    .min(1)
    .describe('CSV, Parquet or JSON-lines file, plain or compressed (.gz, .zst)'),
  horizon: z.int().min(1).max(10_000).describe('How many steps ahead to forecast'),
  frequency: z
    .string()
    .min(1)
    .optional()
    .describe('Sampling frequency such as 15min, h, D, B, W, MS, QS, YS; detected if left out'),
  ...columnsSchema.shape,
  hierarchy: namesSchema
    .optional()
    .describe(
      'Columns of a hierarchy from top to bottom, such as state,store; a semicolon begins another that crosses it',
    ),
  reconcile: z
    .enum(reconciliationMethods)
    .optional()
    .describe('How the forecasts of a hierarchy are made to add up; mint if left out'),
  models: namesSchema
    .optional()
    .describe(
      'Comma-separated models to consider; those that the preset chooses for the data if left out',
    ),
  preset: z
    .enum(presets)
    .default('fast')
    .describe('How much to try: fast (seconds), balanced (minutes), best (up to the time limit)'),
  timeLimit: z.number().positive().optional().describe('Bound on the whole run, in seconds'),
  trials: z
    .int()
    .min(1)
    .max(10_000)
    .optional()
    .describe('How many configurations the search may try; 6, 16 or 60 by the preset if left out'),
  seed: z.int().min(0).max(2_147_483_647).default(1).describe('Seed of everything random'),
  name: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/, 'use letters, digits, dots, dashes and underscores')
    .optional()
    .describe('Name of the registered model; from the file name and horizon if left out'),
  out: z.string().min(1).optional().describe('Folder for forecasts, report and decisions'),
});
export type RunRequest = z.infer<typeof runRequestSchema>;
export type RunRequestInput = z.input<typeof runRequestSchema>;

/** Name under which a run registers its models: the given one, or file name and horizon. */
export function registeredName(request: Pick<RunRequest, 'name' | 'data' | 'horizon'>): string {
  if (request.name !== undefined) return request.name;
  const file = request.data.split(/[\\/]/).pop() ?? '';
  const stem = (file.split('.')[0] ?? '').replaceAll(/[^A-Za-z0-9_-]+/g, '-').replace(/^[-_]+/, '');
  return `${stem.slice(0, 80) || 'series'}-h${request.horizon}`;
}
