/** Forecaster: the weighted forecast of every series with conformal intervals, and what falls back to the naive family. */
import { z } from 'zod';
import type { LocalModel } from '../../models/model.ts';
import { seriesScale } from '../../series/accuracy.ts';
import type { FoldPlan } from '../../series/folds.ts';
import { futureTimes } from '../../series/frequency.ts';
import { seriesLength, seriesTimes, seriesValues, type Panel } from '../../series/panel.ts';
import { assert } from '../../state/errors.ts';
import type { Candidate, ForecastSummary, ScoreRow } from '../../state/run-state.ts';
import { decodeArrays, encodeArrays } from '../artifacts/arrays.ts';
import type { Artifacts } from '../artifacts/artifacts.ts';
import type { Evaluation } from '../evaluation/evaluation.ts';
import { applyOffsets } from '../evaluation/intervals.ts';
import type { ForecastTable } from '../export/forecast-tables.ts';
import type { LocalForecasts } from '../local/local-forecasts.ts';
import { intervalOffsets, scoreCombination } from './combination.ts';
import type { Residuals } from './judging.ts';
import type { Learners } from './learners.ts';
import { seasonsFor } from './local-seasons.ts';

/** What is forecast, by which models in which weights. */
export interface ForecastTask {
  readonly panel: Panel;
  readonly plan: FoldPlan;
  readonly horizon: number;
  readonly season: number;
  /** Seasons that the statistical models are told of, shortest first; `season` alone if left out. */
  readonly seasons?: readonly number[];
  readonly weights: ForecastSummary['weights'];
  readonly locals: readonly LocalModel[];
  readonly trained: readonly Candidate[];
  readonly residuals: Residuals;
  readonly levels: readonly number[];
  readonly signal: AbortSignal;
}

/** A forecast table as it is stored; its frequency is the panel's. */
export type StoredForecast = Omit<ForecastTable, 'frequency'>;

/** A stored forecast and what is to be said of it. */
export interface ForecastMade {
  readonly uri: string;
  readonly fallbacks: ForecastSummary['fallbacks'];
  readonly residualsUsed: number;
  readonly scores: ScoreRow[];
}

/** Makes and reads the served forecast. */
export interface Forecaster {
  /** Forecasts beyond the end of every series and stores the table. */
  forecast(task: ForecastTask): Promise<ForecastMade>;
  readTable(uri: string): Promise<StoredForecast>;
}

const metaSchema = z.object({
  ids: z.array(z.string()),
  horizon: z.int(),
  levels: z.array(z.number()),
  models: z.array(z.string()),
});

/** Forecasts into the given store. */
export function createForecaster(dependencies: {
  evaluation: Evaluation;
  learners: Learners;
  locals: LocalForecasts;
  artifacts: Artifacts;
}): Forecaster {
  const { evaluation, learners, locals, artifacts } = dependencies;
  return {
    async forecast(task) {
      const members = await memberForecasts(task, learners, locals);
      const { point, models, fallbacks } = combine(task, members);
      const { quantiles, residualsUsed } = withIntervals(task, point);
      const table = {
        times: timesOf(task.panel, task.horizon),
        point,
        quantiles,
      };
      const meta = {
        ids: [...task.panel.ids],
        horizon: task.horizon,
        levels: [...task.levels],
        models,
      };
      const uri = await artifacts.put(encodeArrays(meta, table));
      return { uri, fallbacks, residualsUsed, scores: await scoreCombination(evaluation, task) };
    },
    async readTable(uri) {
      const { meta, columns } = decodeArrays(await artifacts.get(uri));
      return {
        ...metaSchema.parse(meta),
        ...(columns as Pick<StoredForecast, 'times' | 'point' | 'quantiles'>),
      };
    },
  };
}

type MemberForecast = {
  readonly name: string;
  readonly weight: number;
  readonly values: Float64Array;
};

async function memberForecasts(
  task: ForecastTask,
  learners: Learners,
  locals: LocalForecasts,
): Promise<MemberForecast[]> {
  const { panel, horizon } = task;
  const ends = Int32Array.from(panel.ids, (_, i) => seriesLength(panel, i));
  const made: MemberForecast[] = [];
  for (const { model, weight } of task.weights) {
    task.signal.throwIfAborted();
    const local = task.locals.find(({ name }) => name === model);
    const candidate = task.trained.find(({ name }) => name === model);
    assert(local !== undefined || candidate !== undefined, `weighted model ${model} is known`);
    const values =
      local === undefined
        ? await learners.forecastFrom(candidate!, panel, horizon)(ends)
        : await localForecasts(task, locals, local, ends);
    made.push({ name: model, weight, values });
  }
  return made;
}

async function localForecasts(
  task: ForecastTask,
  locals: LocalForecasts,
  model: LocalModel,
  origins: Int32Array,
): Promise<Float64Array> {
  const { panel, horizon, signal } = task;
  const context = { horizon, ...seasonsFor(model, task) };
  return (await locals.forecast({ panel, model, context, origins, signal })).mean;
}

/** Weighted average per series; a series that no member can forecast, and a constant one, falls back to the naive family. */
function combine(task: ForecastTask, members: readonly MemberForecast[]) {
  const { panel, horizon, season } = task;
  const point = new Float64Array(panel.ids.length * horizon);
  const models: string[] = [];
  const reasons = new Map<string, string[]>();
  for (let i = 0; i < panel.ids.length; i++) {
    const history = seriesValues(panel, i);
    const constant = isConstant(history);
    const able = members.filter(({ values }) => Number.isFinite(values[i * horizon]!));
    if (constant || able.length === 0) {
      const { model, name } = safest(task, history, constant);
      point.set(
        model.fit(history, { horizon, season }, model.hyperparameters.parse({})).mean,
        i * horizon,
      );
      models.push(name);
      const reason = constant
        ? `constant series keep their value (${name})`
        : `too short for the chosen models (${name})`;
      reasons.set(reason, [...(reasons.get(reason) ?? []), panel.ids[i]!]);
      continue;
    }
    const total = able.reduce((sum, { weight }) => sum + weight, 0);
    for (const { values, weight } of able) {
      for (let k = i * horizon; k < (i + 1) * horizon; k++)
        point[k]! += (weight / total) * values[k]!;
    }
    models.push(able.map(({ name }) => name).join('+'));
    keepSign(history, point.subarray(i * horizon, (i + 1) * horizon));
  }
  const fallbacks = [...reasons].map(([reason, ids]) => ({
    reason,
    series: ids.length,
    examples: ids.slice(0, 10),
  }));
  return { point, models, fallbacks };
}

function isConstant(history: Float64Array): boolean {
  return history.every((value) => value === history[0]);
}

/** Seasonal-naive where a whole season is known, else the last value. */
function safest(task: ForecastTask, history: Float64Array, constant: boolean) {
  const name = !constant && history.length >= task.season ? 'seasonal-naive' : 'naive';
  const model = task.locals.find((local) => local.name === name);
  assert(model !== undefined, `${name} is always among the local models`);
  return { model, name };
}

/** What was never negative is not forecast to be. */
function keepSign(history: Float64Array, values: Float64Array): void {
  if (history.some((value) => value < 0)) return;
  for (let k = 0; k < values.length; k++) values[k] = Math.max(0, values[k]!);
}

function withIntervals(task: ForecastTask, point: Float64Array) {
  const { panel, horizon, levels, season } = task;
  const { offsets, residualsUsed } = intervalOffsets(task);
  // What never moved is given no interval.
  const scales = Float64Array.from(panel.ids, (_, i) => {
    const history = seriesValues(panel, i);
    return isConstant(history) ? 0 : seriesScale(history, season);
  });
  const quantiles = applyOffsets(point, scales, offsets, horizon, levels);
  const width = horizon * levels.length;
  for (let i = 0; i < panel.ids.length; i++) {
    keepSign(seriesValues(panel, i), quantiles.subarray(i * width, (i + 1) * width));
  }
  return { quantiles, residualsUsed };
}

function timesOf(panel: Panel, horizon: number): Float64Array {
  const times = new Float64Array(panel.ids.length * horizon);
  for (let i = 0; i < panel.ids.length; i++) {
    const last = seriesTimes(panel, i).at(-1)!;
    times.set(futureTimes(last, panel.frequency, horizon), i * horizon);
  }
  return times;
}
