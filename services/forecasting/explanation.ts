/** Explanation: what the served forecast of one series is made of, and what the networks behind it show of their inside. */
import { findModel, isLocal } from '../../models/index.ts';
import type { Model } from '../../models/model.ts';
import { formatTime } from '../../series/format-time.ts';
import { seriesLength, seriesValues, type Panel } from '../../series/panel.ts';
import { assert, fail } from '../../state/errors.ts';
import type {
  Candidate,
  ForecastSummary,
  Recipe,
  VersionReference,
} from '../../state/run-state.ts';
import type { Inference } from '../inference/inference.ts';
import type { Registry } from '../registry/registry.ts';
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
  readonly weights: ForecastSummary['weights'];
  /** Networks that the run could use. */
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
  /** Steps at which the average of the models is below zero and 0 was served, as the series was never negative. */
  readonly raisedToZero: number;
  /** Share of each model in the forecast of this series; they add up to 1. */
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
  /** What was registered; null for a naive model. */
  readonly version: VersionReference | null;
  /** In the units of the series. */
  readonly forecast: readonly number[];
  /** How a network's target was transformed; null for a naive model. */
  readonly recipe: Recipe | null;
  /** Null where the model does not take its forecast apart. */
  readonly parts: ForecastParts | null;
  /** How much each variable counts, where the model selects among variables. */
  readonly variables: readonly VariableShares[];
  /** What the forecast looks at, where the model attends to steps of the look-back. */
  readonly attention: AttentionShares | null;
  /** What the forecast owes to each step of the look-back; null for naive models and where a network sees all series at once. */
  readonly influence: readonly LagInfluence[] | null;
  /** Whatever else it shows inside. */
  readonly others: readonly { readonly name: string; readonly shape: readonly number[] }[];
}

/** Takes served forecasts apart. */
export interface Explainer {
  /** Errors: SERIES_UNKNOWN, MODEL_NOT_SERVED; MODEL_VERSION_UNKNOWN and ARTIFACT_MISSING for networks that are gone. */
  explain(task: ExplanationTask): Promise<Explanation>;
}

/** Explanations from the models of `registry`; networks are run by `inference`. */
export function createExplainer(dependencies: {
  inference: Inference;
  learners: Learners;
  registry: Registry;
}): Explainer {
  return {
    async explain(task) {
      const { panel, table } = task;
      const series = findSeries(panel, task.series);
      const { weights, fallback } = servedWeights(task, series);
      const names = weights.map(({ model }) => model);
      if (task.model !== undefined && !names.includes(task.model)) {
        const { run, model } = task;
        return fail('MODEL_NOT_SERVED', { run, model, series: panel.ids[series]!, used: names });
      }
      const members: MemberExplanation[] = [];
      for (const weight of weights) {
        members.push(await explainMember(dependencies, task, series, weight));
      }
      const { horizon } = table;
      const row = [series * horizon, (series + 1) * horizon] as const;
      return {
        run: task.run,
        series: panel.ids[series]!,
        times: Array.from(table.times.subarray(...row), (time) =>
          formatTime(time, panel.frequency),
        ),
        forecast: [...table.point.subarray(...row)],
        raisedToZero: stepsBelowZero(seriesValues(panel, series), members, horizon),
        weights,
        fallback,
        members: members.filter(({ model }) => task.model === undefined || model === task.model),
      };
    },
  };
}

function findSeries({ ids }: Panel, wanted: string | undefined): number {
  if (wanted === undefined) return 0;
  const found = ids.indexOf(wanted);
  return found >= 0 ? found : fail('SERIES_UNKNOWN', { series: wanted, known: ids });
}

/** Weights of the models that served one series, or of the naive one that stood in for them. */
function servedWeights(
  { panel, table, weights }: ExplanationTask,
  series: number,
): Pick<Explanation, 'weights' | 'fallback'> {
  const names = table.models[series]!.split('+');
  const history = seriesValues(panel, series);
  const constant = history.every((value) => value === history[0]);
  const used = weights.filter(({ model }) => names.includes(model));
  if (constant || used.length === 0) {
    const why = constant ? 'the series is constant' : 'it is too short for the chosen models';
    return { weights: [{ model: names[0]!, weight: 1 }], fallback: why };
  }
  const total = used.reduce((sum, { weight }) => sum + weight, 0);
  return {
    weights: used.map(({ model, weight }) => ({ model, weight: weight / total })),
    fallback: null,
  };
}

async function explainMember(
  dependencies: { inference: Inference; learners: Learners; registry: Registry },
  task: ExplanationTask,
  series: number,
  { model: name, weight }: ForecastSummary['weights'][number],
): Promise<MemberExplanation> {
  const network = task.trained.find((candidate) => candidate.name === name);
  const forecaster = network?.forecaster ?? name;
  const { summary, family } = findModel(forecaster);
  const described = { model: name, family, forecaster, summary, weight };
  if (network === undefined) {
    const forecast = localForecast(task, series, name);
    return { ...described, version: null, recipe: null, forecast, ...nothingShown };
  }
  const { panel, table } = task;
  const { horizon } = table;
  const origins = new Int32Array(panel.ids.length).fill(-1);
  origins[series] = seriesLength(panel, series);
  const forecastFrom = dependencies.learners.forecastFrom(network, panel, horizon);
  const values = await forecastFrom(origins);
  const wanted = task.model === undefined || task.model === name;
  return {
    ...described,
    version: network.version,
    recipe: network.recipe,
    forecast: [...values.subarray(series * horizon, (series + 1) * horizon)],
    ...(wanted ? await insideOf(dependencies, task, series, network) : nothingShown),
  };
}

function localForecast({ panel, table, season }: ExplanationTask, series: number, name: string) {
  const model = findModel(name);
  assert(isLocal(model), `${name} is local`);
  const { horizon } = table;
  const hyperparameters = model.hyperparameters.parse({});
  return [...model.fit(seriesValues(panel, series), { horizon, season }, hyperparameters).mean];
}

type Shown = Pick<MemberExplanation, 'parts' | 'variables' | 'attention' | 'others' | 'influence'>;

const nothingShown: Shown = {
  parts: null,
  variables: [],
  attention: null,
  others: [],
  influence: null,
};

async function insideOf(
  { inference, registry }: { inference: Inference; registry: Registry },
  { panel, table }: ExplanationTask,
  series: number,
  network: Candidate,
): Promise<Shown> {
  const { files, hyperparameters } = registry.get(network.version.model, network.version.version);
  const place = { panel, series, horizon: table.horizon, network };
  const model = findModel(network.forecaster);
  if (model.family !== 'neural') return nothingShown;
  const seesAll = model.multivariate?.(hyperparameters) === true;
  const influence = seesAll ? null : await readInfluence(inference, place);
  const file = files.find(({ name }) => name === inspectionFileName);
  if (file === undefined) return { ...nothingShown, influence };
  const parts = await readParts(inference, place, file.uri);
  return { influence, parts, ...(await readInside(inference, place, file.uri)) };
}

function stepsBelowZero(
  history: Float64Array,
  members: readonly MemberExplanation[],
  horizon: number,
): number {
  if (history.some((value) => value < 0)) return 0;
  const averages = Array.from({ length: horizon }, (_, step) =>
    members.reduce((sum, { weight, forecast }) => sum + weight * forecast[step]!, 0),
  );
  return averages.filter((value) => value < 0).length;
}
