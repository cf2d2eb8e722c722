/** Forecaster: the weighted forecast of every series with conformal intervals, and what falls back to the naive family. */
import { z } from 'zod';
import type { LocalModel } from '../../models/model.ts';
import { seriesScale } from '../../series/accuracy.ts';
import { combineForecasts, type MemberForecast } from '../../series/ensemble/combination.ts';
import { type EnsembleWeights, sharesOf, weightedMembers } from '../../series/ensemble/member.ts';
import { plausibleRange } from '../../series/ensemble/plausibility.ts';
import type { FoldPlan } from '../../series/folds.ts';
import { futureTimes } from '../../series/frequency.ts';
import { seriesLength, seriesTimes, seriesValues, type Panel } from '../../series/panel.ts';
import { assert } from '../../state/errors.ts';
import type { ReconciliationMethod } from '../../state/request.ts';
import type { Candidate, ForecastSummary, ScoreRow } from '../../state/run-state.ts';
import { decodeArrays, encodeArrays } from '../artifacts/arrays.ts';
import type { Artifacts } from '../artifacts/artifacts.ts';
import type { Evaluation } from '../evaluation/evaluation.ts';
import { applyOffsets } from '../evaluation/intervals.ts';
import type { ForecastTable } from '../export/forecast-tables.ts';
import { decodeHierarchy } from '../hierarchy/hierarchy-codec.ts';
import { type ReconciliationMade, reconcileServed } from '../hierarchy/served-hierarchy.ts';
import type { LocalForecasts } from '../local/local-forecasts.ts';
import { honestResiduals, scoreCombination, servedIntervals } from './combination.ts';
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
  readonly weights: EnsembleWeights;
  readonly locals: readonly LocalModel[];
  readonly trained: readonly Candidate[];
  readonly residuals: Residuals;
  /** Artifact of the hierarchy that the forecasts are made to add up in, and how; none if left out. */
  readonly hierarchy?: { readonly uri: string; readonly method: ReconciliationMethod } | undefined;
  readonly levels: readonly number[];
  readonly signal: AbortSignal;
}

/** A forecast table as it is stored; its frequency is the panel's. */
export interface StoredForecast extends Omit<ForecastTable, 'frequency'> {
  /** Names that shares are given for. */
  readonly members: readonly string[];
  /** Share of each member in the forecast of each series, [series * members]; all 0 where a naive one stood in. */
  readonly shares: Float64Array;
}

/** A stored forecast and what is to be said of it. */
export interface ForecastMade {
  readonly uri: string;
  readonly fallbacks: ForecastSummary['fallbacks'];
  readonly residualsUsed: number;
  /** How intervals were made, in words. */
  readonly intervals: string;
  /** For how many series a member's forecast was left out as absurd. */
  readonly leftOut: readonly { readonly model: string; readonly series: number }[];
  readonly scores: ScoreRow[];
  /** What was done to make the forecasts add up; left out where there is no hierarchy. */
  readonly reconciliation?: ReconciliationMade;
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
  members: z.array(z.string()),
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
      const { point, models, shares, fallbacks, leftOut } = combine(task, members);
      const { served, made } = await reconcile(artifacts, task, point);
      const { quantiles, residualsUsed, variant } = withIntervals(served, point);
      const table = { times: timesOf(task.panel, task.horizon), point, quantiles, shares };
      const meta = {
        ids: [...task.panel.ids],
        horizon: task.horizon,
        levels: [...task.levels],
        models,
        members: [...task.weights.members],
      };
      const uri = await artifacts.put(encodeArrays(meta, table));
      const scores = await scoreCombination(evaluation, served);
      return {
        uri,
        fallbacks,
        leftOut,
        residualsUsed,
        intervals: variant,
        scores,
        ...(made && { reconciliation: made }),
      };
    },
    async readTable(uri) {
      const { meta, columns } = decodeArrays(await artifacts.get(uri));
      return {
        ...metaSchema.parse(meta),
        ...(columns as Pick<StoredForecast, 'times' | 'point' | 'quantiles' | 'shares'>),
      };
    },
  };
}

/** Makes `point` add up in the task's hierarchy, if it has one; what follows is told of the forecasts as they are served. */
async function reconcile(
  artifacts: Artifacts,
  task: ForecastTask,
  point: Float64Array,
): Promise<{ served: ForecastTask; made: ReconciliationMade | null }> {
  if (task.hierarchy === undefined) return { served: task, made: null };
  const { uri, method } = task.hierarchy;
  const hierarchy = decodeHierarchy(await artifacts.get(uri));
  return reconcileServed({ hierarchy, method }, task, point, (kind) => honestResiduals(task, kind));
}

async function memberForecasts(
  task: ForecastTask,
  learners: Learners,
  locals: LocalForecasts,
): Promise<MemberForecast[]> {
  const { panel, horizon } = task;
  const ends = Int32Array.from(panel.ids, (_, i) => seriesLength(panel, i));
  const made: MemberForecast[] = [];
  for (const model of weightedMembers(task.weights)) {
    task.signal.throwIfAborted();
    const local = task.locals.find(({ name }) => name === model);
    const candidate = task.trained.find(({ name }) => name === model);
    assert(local !== undefined || candidate !== undefined, `weighted model ${model} is known`);
    const values =
      local === undefined
        ? await learners.forecastFrom(candidate!, panel, horizon)(ends)
        : await localForecasts(task, locals, local, ends);
    made.push({ name: model, values });
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

/** The ensemble's forecast; a series that no member can forecast, and a constant one, falls back to the naive family. */
function combine(task: ForecastTask, forecasts: readonly MemberForecast[]) {
  const { panel, horizon, season, weights } = task;
  const { members } = weights;
  const combined = combineForecasts(forecasts, weights, horizon, (i) =>
    plausibleRange(seriesValues(panel, i), horizon),
  );
  const { point, tookPart } = combined;
  const shares = new Float64Array(panel.ids.length * members.length);
  const models: string[] = [];
  const reasons = new Map<string, string[]>();
  for (let i = 0; i < panel.ids.length; i++) {
    const history = seriesValues(panel, i);
    const constant = isConstant(history);
    const part = tookPart.subarray(i * members.length, (i + 1) * members.length);
    if (!constant && part.some((one) => one === 1)) {
      shares.set(sharesTaken(weights, i, part), i * members.length);
      models.push(members.filter((_, m) => part[m] === 1).join('+'));
      keepSign(history, point.subarray(i * horizon, (i + 1) * horizon));
      continue;
    }
    const { model, name } = safest(task, history, constant);
    point.set(
      model.fit(history, { horizon, season }, model.hyperparameters.parse({})).mean,
      i * horizon,
    );
    models.push(name);
    const reason = constant
      ? `constant series keep their value (${name})`
      : `the chosen models have no usable forecast (${name})`;
    reasons.set(reason, [...(reasons.get(reason) ?? []), panel.ids[i]!]);
  }
  const fallbacks = [...reasons].map(([reason, ids]) => ({
    reason,
    series: ids.length,
    examples: ids.slice(0, 10),
  }));
  const leftOut = members
    .map((model, m) => ({ model, series: combined.leftOut[m]! }))
    .filter(({ series }) => series > 0);
  return { point, models, shares, fallbacks, leftOut };
}

/** Shares [members] of those that took part in series `i`; all alike where a median was taken. */
function sharesTaken(weights: EnsembleWeights, i: number, part: Uint8Array): Float64Array {
  const wanted = sharesOf(weights, i);
  const isAverage = weights.rule === 'average' && wanted.some((share, m) => share * part[m]! > 0);
  const taken = Float64Array.from(part, (one, m) => (isAverage ? one * wanted[m]! : one));
  const total = taken.reduce((sum, share) => sum + share, 0);
  return taken.map((share) => share / total);
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
  const { offsets, spreads, residualsUsed, variant } = servedIntervals(task);
  // What never moved is given no interval.
  const scales = Float64Array.from(panel.ids, (_, i) => {
    const history = seriesValues(panel, i);
    return isConstant(history) ? 0 : spreads[i]! * seriesScale(history, season);
  });
  const quantiles = applyOffsets(point, scales, offsets, horizon, levels);
  const width = horizon * levels.length;
  for (let i = 0; i < panel.ids.length; i++) {
    keepSign(seriesValues(panel, i), quantiles.subarray(i * width, (i + 1) * width));
  }
  return { quantiles, residualsUsed, variant };
}

function timesOf(panel: Panel, horizon: number): Float64Array {
  const times = new Float64Array(panel.ids.length * horizon);
  for (let i = 0; i < panel.ids.length; i++) {
    const last = seriesTimes(panel, i).at(-1)!;
    times.set(futureTimes(last, panel.frequency, horizon), i * horizon);
  }
  return times;
}
