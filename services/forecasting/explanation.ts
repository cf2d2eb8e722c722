/** Explanation: what the served forecast of one series is made of, and what the models behind it show of their inside. */
import { findModel, isLocal } from '../../models/index.ts';
import type { LocalModel, Model } from '../../models/model.ts';
import { combineAt, type CombinationRule } from '../../series/ensemble/member.ts';
import { formatTime } from '../../series/format-time.ts';
import { seriesLength, seriesValues, type Panel } from '../../series/panel.ts';
import { assert, fail } from '../../state/errors.ts';
import type {
  Candidate,
  ForecastSummary,
  Recipe,
  VersionReference,
} from '../../state/run-state.ts';
import type { Artifacts } from '../artifacts/artifacts.ts';
import type { Inference } from '../inference/inference.ts';
import type { LocalForecasts } from '../local/local-forecasts.ts';
import type { Registry } from '../registry/registry.ts';
import type { Tabular } from '../tabular/tabular.ts';
import { ruleOf } from './combination-rule.ts';
import { type FeatureShares, readFeatures } from './feature-shares.ts';
import { type FittedParts, readFit } from './fitted-parts.ts';
import type { StoredForecast } from './forecaster.ts';
import { type LagInfluence, readInfluence } from './influence.ts';
import { type AttentionShares, readInside, type VariableShares } from './inner-values.ts';
import type { Learners } from './learners.ts';
import { inspectionFileName } from './network-learner.ts';
import { type ForecastParts, readParts } from './parts.ts';

/** A finished run, and what of it is to be explained. */
export interface ExplanationTask {
  readonly run: string;
  /** The panel that the run forecast, calendar columns included. */
  readonly panel: Panel;
  readonly table: StoredForecast;
  readonly season: number;
  /** Seasons that the statistical models were told of, shortest first; `season` alone if left out. */
  readonly seasons?: readonly number[];
  /** Method that combined the models; one that averages if left out. */
  readonly method?: string;
  /** Trained models that the run could use. */
  readonly trained: readonly Candidate[];
  /** Name of a series; the first one if left out. */
  readonly series?: string | undefined;
  /** Name of a model in the served forecast; all of them if left out. */
  readonly model?: string | undefined;
}

/** What the served forecast of one series is made of. All lists of figures have one entry for each step of the horizon. */
export interface Explanation {
  readonly run: string;
  readonly series: string;
  readonly times: readonly string[];
  /** As it was served. */
  readonly forecast: readonly number[];
  /** Steps at which the models together are below zero and 0 was served, as the series was never negative. */
  readonly raisedToZero: number;
  /** What was put in or taken off afterwards at each step, so that series and their totals agree; 0 where nothing was. */
  readonly moved: readonly number[];
  /** How the forecasts of the models became one. */
  readonly rule: CombinationRule;
  /** Share of each model in the forecast of this series, the greatest first; they add up to 1. */
  readonly weights: ForecastSummary['weights'];
  /** Why the models of the run could not serve this series, and a naive one did; null where they did. */
  readonly fallback: string | null;
  /** The models that were asked for. */
  readonly members: readonly MemberExplanation[];
}

/** One model of a served forecast. */
export interface MemberExplanation {
  /** Name in the run, as in its weights. */
  readonly model: string;
  readonly family: Model['family'];
  /** Model of the list that it is an instance of, and that model in one line. */
  readonly forecaster: string;
  readonly summary: string;
  readonly weight: number;
  /** What was registered; null for a model that is fitted to each series. */
  readonly version: VersionReference | null;
  /** In the units of the series. */
  readonly forecast: readonly number[];
  /** How a trained model's target was transformed; null for a model that is fitted to each series. */
  readonly recipe: Recipe | null;
  /** Parameters and components of a model that is fitted to each series; null for a trained one. */
  readonly fit: FittedParts | null;
  /** What the forecast owes to the features of a table model; null for all others. */
  readonly features: FeatureShares | null;
  /** Null where the model is no network, or does not take its forecast apart. */
  readonly parts: ForecastParts | null;
  /** How much each variable counts, where the model selects among variables. */
  readonly variables: readonly VariableShares[];
  /** What the forecast looks at, where the model attends to steps of the look-back. */
  readonly attention: AttentionShares | null;
  /** What the forecast owes to each step of the look-back; null where the model is no network, or sees all series at once. */
  readonly influence: readonly LagInfluence[] | null;
  /** Whatever else it shows inside. */
  readonly others: readonly { readonly name: string; readonly shape: readonly number[] }[];
}

/** Takes served forecasts apart. */
export interface Explainer {
  /** Errors: SERIES_UNKNOWN, MODEL_NOT_SERVED; MODEL_VERSION_UNKNOWN and ARTIFACT_MISSING for trained models that are gone. */
  explain(task: ExplanationTask): Promise<Explanation>;
}

/** Who does the work. */
export interface ExplainerServices {
  readonly artifacts: Artifacts;
  readonly inference: Inference;
  readonly learners: Learners;
  readonly locals: LocalForecasts;
  readonly registry: Registry;
  readonly tabular: Tabular;
}

/** Explanations from the models of the registry; those that are fitted to each series are fitted again. */
export function createExplainer(services: ExplainerServices): Explainer {
  return {
    async explain(task) {
      const { panel, table } = task;
      const rule = ruleOf(task.method);
      const series = findSeries(panel, task.series);
      const { weights, fallback } = servedWeights(task, series);
      const names = weights.map(({ model }) => model);
      if (task.model !== undefined && !names.includes(task.model)) {
        const { run, model } = task;
        return fail('MODEL_NOT_SERVED', { run, model, series: panel.ids[series]!, used: names });
      }
      const members: MemberExplanation[] = [];
      for (const weight of weights) {
        members.push(await explainMember(services, task, series, weight));
      }
      const { horizon } = table;
      const row = [series * horizon, (series + 1) * horizon] as const;
      const served = table.point.subarray(...row);
      const combined = combinedOf(members, rule, horizon);
      const isNegative = seriesValues(panel, series).some((value) => value < 0);
      const isRaised = (value: number): boolean => !isNegative && value < 0;
      return {
        run: task.run,
        series: panel.ids[series]!,
        times: Array.from(table.times.subarray(...row), (time) =>
          formatTime(time, panel.frequency),
        ),
        forecast: [...served],
        raisedToZero: combined.filter(isRaised).length,
        moved: movesOf(served, combined, isRaised),
        rule,
        weights,
        fallback,
        members: members.filter(({ model }) => task.model === undefined || model === task.model),
      };
    },
  };
}

/** Networks forecast one series a little differently from many at once, relative to its size. */
const sameWithin = 1e-4;

function findSeries({ ids }: Panel, wanted: string | undefined): number {
  if (wanted === undefined) return 0;
  const found = ids.indexOf(wanted);
  return found >= 0 ? found : fail('SERIES_UNKNOWN', { series: wanted, known: ids });
}

/** Weights of the models that served one series, or of the naive one that stood in for them. */
function servedWeights(
  { panel, table: { members, shares, models } }: ExplanationTask,
  series: number,
): Pick<Explanation, 'weights' | 'fallback'> {
  const weights = members
    .map((model, m) => ({ model, weight: shares[series * members.length + m]! }))
    .filter(({ weight }) => weight > 0)
    .toSorted((a, b) => b.weight - a.weight);
  if (weights.length > 0) return { weights, fallback: null };
  const history = seriesValues(panel, series);
  const constant = history.every((value) => value === history[0]);
  const why = constant ? 'the series is constant' : 'the chosen models have no usable forecast';
  return { weights: [{ model: models[series]!, weight: 1 }], fallback: why };
}

async function explainMember(
  services: ExplainerServices,
  task: ExplanationTask,
  series: number,
  { model: name, weight }: ForecastSummary['weights'][number],
): Promise<MemberExplanation> {
  const trained = task.trained.find((candidate) => candidate.name === name);
  const forecaster = trained?.forecaster ?? name;
  const model = findModel(forecaster);
  const { summary, family } = model;
  const described = { model: name, family, forecaster, summary, weight };
  if (isLocal(model)) {
    const fitted = await explainLocal(services, task, series, model);
    return { ...described, version: null, recipe: null, ...nothingShown, ...fitted };
  }
  assert(trained, `${name} was trained`);
  const { panel, table } = task;
  const { horizon } = table;
  const origins = new Int32Array(panel.ids.length).fill(-1);
  origins[series] = seriesLength(panel, series);
  const values = await services.learners.forecastFrom(trained, panel, horizon)(origins);
  return {
    ...described,
    version: trained.version,
    recipe: trained.recipe,
    forecast: [...values.subarray(series * horizon, (series + 1) * horizon)],
    ...(isWanted(task, name) ? await insideOf(services, task, series, trained) : nothingShown),
  };
}

const isWanted = (task: ExplanationTask, name: string): boolean =>
  task.model === undefined || task.model === name;

function explainLocal(
  { locals }: ExplainerServices,
  { panel, table: { horizon }, season, seasons }: ExplanationTask,
  series: number,
  model: LocalModel,
): Promise<Pick<MemberExplanation, 'forecast' | 'fit'>> {
  const place = { panel, series, horizon, season, ...(seasons && { seasons }) };
  return readFit(locals, place, model);
}

type Shown = Pick<
  MemberExplanation,
  'fit' | 'features' | 'parts' | 'variables' | 'attention' | 'others' | 'influence'
>;

const nothingShown: Shown = {
  fit: null,
  features: null,
  parts: null,
  variables: [],
  attention: null,
  others: [],
  influence: null,
};

async function insideOf(
  services: ExplainerServices,
  { panel, table }: ExplanationTask,
  series: number,
  network: Candidate,
): Promise<Shown> {
  const { inference, registry } = services;
  const place = { panel, series, horizon: table.horizon, network };
  const model = findModel(network.forecaster);
  if (model.family !== 'neural') {
    return { ...nothingShown, features: await readFeatures(services, place) };
  }
  const { files, hyperparameters } = registry.get(network.version.model, network.version.version);
  const seesAll = model.multivariate?.(hyperparameters) === true;
  const influence = seesAll ? null : await readInfluence(inference, place);
  const file = files.find(({ name }) => name === inspectionFileName);
  if (file === undefined) return { ...nothingShown, influence };
  const parts = await readParts(inference, place, file.uri);
  return { ...nothingShown, influence, parts, ...(await readInside(inference, place, file.uri)) };
}

/** What the members combine to at each step. */
function combinedOf(
  members: readonly MemberExplanation[],
  rule: CombinationRule,
  horizon: number,
): number[] {
  const forecasts = members.map(({ forecast }) => Float64Array.from(forecast));
  const shares = Float64Array.from(members, ({ weight }) => weight);
  const scratch = new Float64Array(members.length);
  return Array.from({ length: horizon }, (_, step) =>
    combineAt(forecasts, step, shares, rule, scratch),
  );
}

/** What was served in place of what the members combine to; 0 where the difference is one of rounding. */
function movesOf(
  served: Float64Array,
  combined: readonly number[],
  isRaised: (value: number) => boolean,
): number[] {
  return combined.map((value, step) => {
    const move = served[step]! - (isRaised(value) ? 0 : value);
    const size = Math.max(Math.abs(served[step]!), Math.abs(value));
    return Math.abs(move) <= sameWithin * size ? 0 : move;
  });
}
