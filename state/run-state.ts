/** The shared state of a run: one zod schema per channel, with a reducer where a channel gathers. References and figures only: never a series, never weights. */
import { z } from 'zod';
import { agentNameSchema, decisionSchema } from './decision.ts';
import { presets, runRequestSchema } from './request.ts';

const uriSchema = z.string().regex(/^sha256:[0-9a-f]{64}$/, 'an artifact reference');
const settingSchema = z.union([z.number(), z.string(), z.boolean()]);
const settingsSchema = z.record(z.string(), settingSchema);

/** One repair or remark about the input. */
export const repairSchema = z.object({
  kind: z.string(),
  series: z.int().nonnegative(),
  observations: z.int().nonnegative(),
  detail: z.string(),
});

/** Exogenous columns by kind and name: `future:price`, `historical:rain`, `static:size`, `categories:region`. */
export const exogenousColumnsSchema = z.array(z.string()).max(256);

/** The panel of a run: where it lies and what it looks like. */
export const panelSummarySchema = z.object({
  uri: uriSchema,
  series: z.int().positive(),
  observations: z.int().positive(),
  frequency: z.string(),
  shortest: z.int().nonnegative(),
  longest: z.int().nonnegative(),
  layout: z.string(),
  repairs: z.array(repairSchema).max(32),
  columns: exogenousColumnsSchema
    .optional()
    .describe('What the panel has besides the series; left out if nothing'),
  hierarchy: uriSchema.optional().describe('Which series are sums of which; left out if none is'),
});
export type PanelSummary = z.infer<typeof panelSummarySchema>;

/** How the target is transformed before a network sees it; every recipe is undone on the forecast. */
export const recipes = ['plain', 'log', 'seasonal-difference'] as const;
export const recipeSchema = z.enum(recipes);
export type Recipe = z.infer<typeof recipeSchema>;

/** Calendar positions that join the future columns of a panel. */
export const calendarPlanSchema = z.object({
  positions: z
    .array(z.string())
    .max(8)
    .describe('Such as hour_of_day; each is a sine and a cosine'),
  stepsAhead: z.int().positive().describe('For how many steps behind the end they are given'),
});
export type CalendarPlan = z.infer<typeof calendarPlanSchema>;

/** Which models a run may use. */
export const portfolioSchema = z.object({
  preset: z.enum(presets).nullable().describe('Null where the request names the models'),
  models: z.array(z.string()).min(1).max(64),
  trained: z.int().nonnegative().describe('How many of them are trained on all series'),
});
export type Portfolio = z.infer<typeof portfolioSchema>;

/** What the feature engineer found and chose. */
export const featurePlanSchema = z.object({
  version: z.int().positive().describe('Grows by one at every visit of the feature engineer'),
  uri: uriSchema.describe('Parquet of derived columns'),
  columns: z.array(z.string()).max(64),
  season: z.int().positive(),
  seasons: z
    .array(z.int().min(2))
    .max(4)
    .default([])
    .describe('Season lengths that models may test for, shortest first'),
  recipe: recipeSchema,
  tried: z.array(recipeSchema),
  untried: z.array(recipeSchema),
  trainable: z.int().nonnegative().describe('Series long and varied enough for a network'),
  calendar: calendarPlanSchema
    .nullable()
    .default(null)
    .describe('What every later agent adds to the panel'),
});
export type FeaturePlan = z.infer<typeof featurePlanSchema>;

/** A version in the registry, by name and number. */
export const versionReferenceSchema = z.object({
  model: z.string(),
  version: z.int().positive(),
});
export type VersionReference = z.infer<typeof versionReferenceSchema>;

/** A trained model that can forecast this run's panel. */
export const candidateSchema = z.object({
  name: z.string().describe('Name in score tables, unique in the run'),
  forecaster: z.string().describe('Model of the list it is an instance of'),
  version: versionReferenceSchema,
  artifact: uriSchema.describe('File that forecasts: an ONNX network or a table model'),
  lookBack: z
    .int()
    .positive()
    .describe('Steps of history it looks at; 1 if it takes what there is'),
  steps: z.int().nonnegative().default(0).describe('Steps of its training up to its weights'),
  seconds: z.number().nonnegative().default(0).describe('What its training took'),
  season: z.int().positive(),
  recipe: recipeSchema,
  featuresVersion: z.int().nonnegative(),
  columns: exogenousColumnsSchema
    .optional()
    .describe('What it takes besides the series; left out if nothing'),
});
export type Candidate = z.infer<typeof candidateSchema>;

/** The version in production when the run began, if it fits the run. */
export const championSchema = candidateSchema.extend({
  profile: uriSchema.nullable().describe('Drift profile of the data it was trained on'),
  panel: uriSchema.describe('Panel it was trained on'),
});

/** Outcome of the drift monitor. */
export const driftSummarySchema = z.object({
  drifted: z.boolean(),
  reason: z.string(),
  measures: z.record(z.string(), z.number()),
});

/** What the search found. */
export const studySummarySchema = z.object({
  id: z.string(),
  featuresVersion: z.int().positive(),
  trials: z.int().nonnegative(),
  failed: z.int().nonnegative(),
  best: z
    .array(
      z.object({
        forecaster: z.string(),
        hyperparameters: settingsSchema,
        settings: settingsSchema,
        score: z.number().describe('Validation MASE'),
      }),
    )
    .max(64)
    .describe('Best configuration of each model, best first'),
});
export type StudySummary = z.infer<typeof studySummarySchema>;

/** Scores of one model on one kind of folds; null where nothing could be scored. */
export const scoreRowSchema = z.object({
  model: z.string(),
  kind: z.enum(['validation', 'test']),
  mae: z.number().nullable(),
  rmse: z.number().nullable(),
  mase: z.number().nullable(),
  smape: z.number().nullable(),
  coverage80: z.number().nullable(),
  coverage95: z.number().nullable(),
  msis: z.number().nullable().default(null),
  wql: z.number().nullable().default(null),
});
export type ScoreRow = z.infer<typeof scoreRowSchema>;

/** Share of one model in the served forecast. */
export const weightSchema = z.object({ model: z.string(), weight: z.number().positive() });

/** Outcome of one round of evaluation. */
export const evaluationSummarySchema = z.object({
  round: z.int().positive(),
  featuresVersion: z.int().positive(),
  candidates: z.int().nonnegative().describe('How many networks were judged'),
  uri: uriSchema.describe('Residuals on the rolling origins'),
  scores: z.array(scoreRowSchema).max(128),
  validationFolds: z.int().nonnegative(),
  testFolds: z.int().nonnegative(),
  best: z.string().describe('Best on the validation folds'),
  beatsSeasonalNaive: z.boolean(),
});
export type EvaluationSummary = z.infer<typeof evaluationSummarySchema>;

/** Series that the chosen models could not forecast, and why. */
export const fallbackSchema = z.object({
  reason: z.string(),
  series: z.int().positive(),
  examples: z.array(z.string()).max(10),
});

/** The served forecast: where it lies and what it is made of. */
export const forecastSummarySchema = z.object({
  uri: uriSchema.describe('Forecast table with quantiles'),
  method: z.string().default('best-member').describe('How the weights were found'),
  weights: z
    .array(weightSchema)
    .min(1)
    .describe('Shares for all series; a method per series deviates from them, series by series'),
  scores: z.array(scoreRowSchema).max(2).describe('Scores of the weighted forecast itself'),
  fallbacks: z.array(fallbackSchema).max(8),
});
export type ForecastSummary = z.infer<typeof forecastSummarySchema>;

/** Files handed over, with their digests. */
export const exportSummarySchema = z.object({
  files: z.array(z.object({ name: z.string(), bytes: z.int(), sha256: z.string() })).max(64),
});

const countsSchema = z.record(z.string(), z.int().nonnegative());

/** A channel holds its latest value, or, with `reduce`, what its inputs add up to. */
export interface Channel<S extends z.ZodType = z.ZodType> {
  readonly schema: S;
  readonly reduce?: (current: z.infer<S>, input: z.infer<S>) => z.infer<S>;
}

const latest = <S extends z.ZodType>(schema: S): Channel<S> => ({ schema });

/** Adds counts name by name. */
export function addCounts(
  current: Readonly<Record<string, number>>,
  input: Readonly<Record<string, number>>,
): Record<string, number> {
  const sum: Record<string, number> = { ...current };
  for (const [name, count] of Object.entries(input)) sum[name] = (sum[name] ?? 0) + count;
  return sum;
}

/** Every channel of a run, in one table; the graph, the saver's validation and the docs follow from it. */
export const channels = {
  request: latest(runRequestSchema),
  panel: latest(panelSummarySchema.nullable().default(null)),
  champion: latest(championSchema.nullable().default(null)),
  features: latest(featurePlanSchema.nullable().default(null)),
  portfolio: latest(portfolioSchema.nullable().default(null)),
  drift: latest(driftSummarySchema.nullable().default(null)),
  study: latest(studySummarySchema.nullable().default(null)),
  candidates: latest(z.array(candidateSchema).max(64).default([])),
  scores: latest(evaluationSummarySchema.nullable().default(null)),
  prediction: latest(forecastSummarySchema.nullable().default(null)),
  exports: latest(exportSummarySchema.nullable().default(null)),
  next: latest(z.union([agentNameSchema, z.literal('finish')]).default('orchestrator')),
  decision: latest(decisionSchema.nullable().default(null)),
  visits: {
    schema: countsSchema.default({}),
    reduce: addCounts,
  } satisfies Channel<z.ZodDefault<typeof countsSchema>>,
  elapsedMs: {
    schema: z.number().nonnegative().default(0),
    reduce: (current: number, input: number) => current + input,
  } satisfies Channel<z.ZodDefault<z.ZodNumber>>,
} as const;

export type ChannelName = keyof typeof channels;
export const channelNames = Object.keys(channels) as readonly ChannelName[];
export type RunState = { readonly [K in ChannelName]: z.infer<(typeof channels)[K]['schema']> };

/** What a run starts from. */
export type RunInput = Pick<RunState, 'request'> & Partial<Pick<RunState, 'panel' | 'elapsedMs'>>;
