/** Settings of a table forecaster: ranges, defaults that follow from the data, and the search space. */
import { z } from 'zod';
import type { Hyperparameters, SearchSpace, TabularModel } from '../../models/model.ts';
import { exogenousPlan } from '../../series/features/exogenous-features.ts';
import type { FeaturePlan } from '../../series/features/feature-plan.ts';
import type { Panel } from '../../series/panel.ts';

const steps = (text: string): boolean =>
  numbersOf(text).every((value) => Number.isInteger(value) && value >= 1 && value <= 100_000);
const weights = (text: string): boolean => numbersOf(text).every((value) => value > 0 && value < 1);
const listOfSteps = z.string().refine(steps, 'must be whole numbers from 1 on, such as 1,2,24');

export const tabularSettingsSchema = z.strictObject({
  strategy: z
    .enum(['recursive', 'direct', 'multi-output'])
    .default('multi-output')
    .describe(
      'How many steps become many forecasts: one model of one step, fed its own forecasts; a model for each block of steps; one model told the step',
    ),
  blockSteps: z
    .int()
    .min(1)
    .max(100_000)
    .default(1)
    .describe('With direct: how many steps in a row one model serves, told the step'),
  lags: listOfSteps.default('1,2,3').describe('Which of the last values are features, 1 the last'),
  changes: listOfSteps
    .default('1')
    .describe('Spans over which the change up to each of the lags is a feature'),
  windows: listOfSteps
    .default('7')
    .describe('Windows whose mean, deviation, least and greatest value are features'),
  seasons: listOfSteps
    .default('')
    .describe('Season lengths whose last values at the place of the target are features'),
  seasonalLags: z.int().min(1).max(100).default(3).describe('How many such values of each season'),
  smoothing: z
    .string()
    .refine(weights, 'must be numbers between 0 and 1')
    .default('')
    .describe('Weights of exponentially weighted means that are features'),
  expanding: z
    .boolean()
    .default(true)
    .describe('Whether the mean of the whole history is a feature'),
  calendar: z
    .enum(['none', 'numeric', 'categorical'])
    .default('numeric')
    .describe('Whether the place of the target in the calendar is a feature, and how'),
  position: z.boolean().default(false).describe('Whether the place in the series is a feature'),
  size: z.boolean().default(false).describe('Whether the size of the series is a feature'),
  exogenousLags: listOfSteps
    .default('')
    .describe('Steps before the target that exogenous columns are read at as well'),
  logarithm: z
    .boolean()
    .default(false)
    .describe('Whether histories that are positive throughout are taken by their logarithm'),
  baseline: z
    .enum(['zero', 'mean', 'last', 'seasonal'])
    .default('mean')
    .describe(
      'What is taken off the target: nothing, the recent mean, the last value (a difference), the last one at its place in the season (a seasonal difference)',
    ),
  scale: z
    .enum(['none', 'level', 'deviation', 'change'])
    .default('deviation')
    .describe(
      'What each row is divided by: nothing, the recent mean absolute value, deviation, or change over a season',
    ),
  scaleWindow: z
    .int()
    .min(2)
    .max(100_000)
    .default(28)
    .describe('How many of the last values level and scale are taken from'),
  season: z
    .int()
    .min(1)
    .max(100_000)
    .default(1)
    .describe('Season length in steps of the seasonal baseline and of the change'),
  tails: z
    .number()
    .min(0)
    .max(0.25)
    .default(0.001)
    .describe('Share of the normalised targets at either end that is set to the bound of the rest'),
  maximumRows: z
    .int()
    .min(100)
    .max(100_000_000)
    .default(200_000)
    .describe('Most rows that one model learns from; of more, an even sample is drawn'),
  validationShare: z
    .number()
    .min(0)
    .max(0.5)
    .default(0.2)
    .describe(
      'Most of the end of each training part that is held out to stop learning early; a horizon is enough, 0 holds out none',
    ),
  rowWeights: z
    .enum(['equal', 'series'])
    .default('equal')
    .describe('Whether each row or each series counts the same'),
});
/** Settings of one training; flat, so that a search may draw them. */
export type TabularSettings = z.infer<typeof tabularSettingsSchema>;

/** The numbers of a text such as `1,2,24`; none for an empty one. */
export function numbersOf(text: string): number[] {
  return text.trim() === '' ? [] : text.split(',').map(Number);
}

/** What defaults and search space follow from. */
export interface TabularData {
  readonly horizon: number;
  /** Season length in steps, 1 if none. */
  readonly season: number;
  /** All season lengths; `season` alone if left out. */
  readonly seasons?: readonly number[];
  readonly family: TabularModel['family'];
}

/**
 * Settings to begin with, by gradient boosting on the last horizon of the training parts of M4 Hourly and Weekly and of a tenth
 * of M5. One model that is told the step was better than one of a single step on both M4 sets; a model for each block of steps
 * was tried on Hourly alone, and as good from as many rows. Seasonal differences in units of recent changes were better than
 * distances from the recent mean on Hourly (MASE 0.80 against 0.88), worse on M5 (0.97 against 0.94). Places in the season are
 * looked up as far back as the longest season reaches, 3 to 7 times: of large trees that know the size of the series, on Hourly,
 * 7 came to a MASE of 0.727 and 3 to 0.735; on tourism monthly 7 years did harm (1.958 against 1.899), so 3 remain there.
 */
export function defaultTabularSettings(data: TabularData): TabularSettings {
  const { season, horizon, family } = data;
  const seasons = seasonsOf(data);
  const window = season > 1 ? season : Math.max(4, Math.min(horizon, 28));
  const longest = seasons.at(-1) ?? 1;
  return tabularSettingsSchema.parse({
    lags: rising([1, 2, 3, 4, 5, 6, 7, ...(season <= 31 ? [season] : [])]).join(','),
    changes: rising([1, ...seasons]).join(','),
    windows: rising([Math.max(2, Math.ceil(window / 4)), window, ...seasons]).join(','),
    seasons: seasons.join(','),
    seasonalLags: Math.max(3, Math.min(7, Math.floor(longest / (seasons[0] ?? 1)))),
    smoothing: '0.1,0.4',
    calendar: family === 'linear' ? 'categorical' : 'numeric',
    baseline: season > 1 ? 'seasonal' : 'last',
    scale: 'change',
    // About a month of days, a week of hours, a year of weeks, two years of months.
    scaleWindow: longest * Math.ceil(24 / longest),
    season,
    blockSteps: Math.max(1, Math.ceil(horizon / 8)),
  });
}

/**
 * Hyper-parameters to begin with where `model` forecasts: absolute errors, which the measures ask for, and large trees. Those
 * came to a lower MASE than 31 leaves of 20 rows on the last two horizons of the training parts of M4 Hourly (0.736 against
 * 0.765), M4 Weekly (2.356, 2.376), a tenth of M5 (0.826, 0.832) and M1 quarterly (1.327, 1.344), to the same on tourism monthly
 * (1.899) and to a higher one on hospital (0.953, 0.947), in up to twice the time.
 */
export function defaultHyperparameters(model: TabularModel): Hyperparameters {
  const general = model.hyperparameters.parse({});
  const isBoosted = 'loss' in general && 'leaves' in general;
  return isBoosted
    ? model.hyperparameters.parse({ loss: 'absolute', leaves: 127, minimumRows: 100 })
    : general;
}

/**
 * What a search tries after the defaults: models that differ in what they see, so that their average is better than each; first
 * the logarithm with the size of the series, then the size alone, slow learning of random parts of the table, blocks of steps.
 *
 * On the last two horizons of the training part of M4 Hourly the defaults came to a MASE of 0.736 and a sMAPE of 9.35, the first
 * two variants to 0.732 and 8.84 and to 0.727 and 9.19, the mean of defaults and first to 0.718 and 8.79. By the first, MASE was
 * lower on Weekly (2.329, 2.356 by the defaults), hospital (0.929, 0.953) and M5 (0.820, 0.826; there with 7 places in the season),
 * higher on tourism monthly (1.931, 1.899) and M1 quarterly (1.487, 1.327), which is why it is left to the search.
 */
export function tabularVariants(model: TabularModel): Hyperparameters[] {
  const small = { leaves: 31, minimumRows: 20 };
  const slow = { learningRate: 0.05, rounds: 400, rowFraction: 0.7, columnFraction: 0.5, ...small };
  const known = model.hyperparameters.parse({});
  const isBoosted = Object.keys(slow).every((name) => name in known);
  const sized = { logarithm: true, size: true };
  return [sized, { size: true }, ...(isBoosted ? [slow] : []), { strategy: 'direct' }];
}

/** How a random search draws settings for the data; what it leaves out keeps its default. */
export function tabularSearchSpace(data: TabularData): SearchSpace {
  const { season } = data;
  const { lags } = defaultTabularSettings(data);
  const few = rising([1, 2, season]).join(',');
  const many = rising(Array.from({ length: Math.min(2 * season, 28) }, (_, k) => k + 1)).join(',');
  return {
    strategy: { kind: 'choice', values: ['multi-output', 'direct', 'recursive'] },
    baseline: {
      kind: 'choice',
      values: season > 1 ? ['seasonal', 'mean', 'last'] : ['last', 'mean'],
    },
    scale: { kind: 'choice', values: ['change', 'deviation', 'level'] },
    logarithm: { kind: 'choice', values: [false, true] },
    size: { kind: 'choice', values: [false, true] },
    lags: { kind: 'choice', values: [...new Set([lags, few, many])] },
  };
}

/** The columns of a table made by `settings` from `panel`; `stepped` if its rows are of several steps. */
export function featurePlanOf(
  settings: TabularSettings,
  panel: Panel,
  stepped: boolean,
): FeaturePlan {
  return {
    lags: rising(numbersOf(settings.lags)),
    changes: rising(numbersOf(settings.changes)),
    windows: rising(numbersOf(settings.windows)),
    seasons: rising(numbersOf(settings.seasons)).filter((season) => season > 1),
    seasonalLags: settings.seasonalLags,
    smoothing: rising(numbersOf(settings.smoothing)),
    expanding: settings.expanding,
    calendar: settings.calendar,
    position: settings.position,
    step: stepped,
    size: settings.size,
    exogenous: exogenousPlan(panel, rising(numbersOf(settings.exogenousLags))),
    normalisation: {
      logarithm: settings.logarithm,
      baseline: settings.baseline,
      scale: settings.scale,
      window: settings.scaleWindow,
      season: settings.season,
    },
  };
}

function seasonsOf({ season, seasons = [season] }: TabularData): number[] {
  return rising([season, ...seasons]).filter((length) => length > 1);
}

const rising = (values: readonly number[]): number[] =>
  [...new Set(values)].toSorted((a, b) => a - b);
