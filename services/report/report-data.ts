/** Report data: everything that the report of a run tells, as plain data. */
import { basename } from 'node:path';
import { findModel } from '../../models/index.ts';
import type { Model } from '../../models/model.ts';
import type { CombinationRule } from '../../series/ensemble/member.ts';
import { type Panel, seriesLength, seriesTimes, seriesValues } from '../../series/panel.ts';
import type { Frequency } from '../../series/frequency.ts';
import type { Decision } from '../../state/decision.ts';
import type { RunRequest } from '../../state/request.ts';
import type {
  Candidate,
  ForecastSummary,
  PanelSummary,
  RunState,
  ScoreRow,
} from '../../state/run-state.ts';
import { ruleOf } from '../forecasting/combination-rule.ts';
import type { SummaryDelivery } from '../forecasting/delivery.ts';
import type { StoredForecast } from '../forecasting/forecaster.ts';
import type { RunRecord } from '../runs/runs.ts';

/** The central `level` % interval of a forecast; both bounds have [horizon] values. */
interface ReportBand {
  readonly level: number;
  readonly lower: readonly number[];
  readonly upper: readonly number[];
}

/** One series as it is drawn; times are epoch milliseconds, or positions where there is no time. */
export interface ReportSeries {
  readonly id: string;
  readonly model: string;
  /** The end of the observations; null where one is missing. */
  readonly history: {
    readonly times: readonly number[];
    readonly values: readonly (number | null)[];
  };
  readonly times: readonly number[];
  readonly point: readonly number[];
  /** From the widest to the narrowest. */
  readonly bands: readonly ReportBand[];
}

/** A model of the forecast, with what is known of it. */
export interface ReportModel {
  readonly name: string;
  /** What it is an instance of, where its name does not say so. */
  readonly kind: string | null;
  readonly family: Family;
  readonly weight: number;
  /** `name@version` in the registry; null for a model without weights of its own. */
  readonly version: string | null;
  readonly settings: Readonly<Record<string, number | string | boolean>>;
}

type Family = Model['family'];

/** What a report is made of. */
export interface ReportData {
  readonly run: Pick<RunRecord, 'id' | 'createdAt' | 'forkOf' | 'graphVersion'> & {
    readonly elapsedMs: number;
  };
  readonly request: RunRequest;
  /** File name of the input without its folder. */
  readonly source: string;
  readonly frequency: Frequency;
  readonly season: number | null;
  readonly recipe: string | null;
  /** Calendar positions that networks are offered beside the panel's columns. */
  readonly calendar: readonly string[];
  readonly panel: PanelSummary;
  readonly folds: Readonly<Record<ScoreRow['kind'], number>>;
  /** Of the delivered forecast, at most one row a kind. */
  readonly served: readonly ScoreRow[];
  /** Of every model that was judged. */
  readonly scores: readonly ScoreRow[];
  /** Family of every model that was judged, by its name in the scores. */
  readonly families: Readonly<Record<string, Family>>;
  /** How the forecasts of the models became one. */
  readonly rule: CombinationRule;
  /** The models of the forecast, the greatest weight first. */
  readonly models: readonly ReportModel[];
  readonly fallbacks: ForecastSummary['fallbacks'];
  readonly series: readonly ReportSeries[];
  readonly decisions: readonly Decision[];
  readonly files: NonNullable<RunState['exports']>['files'];
}

const drawnSeries = 12;
const drawnPoints = 400;

/** Gathers the report of a run that is over; at most 12 series, evenly spaced. */
export function reportDataOf(delivery: SummaryDelivery): ReportData {
  const { record, state, decisions, forecast, panel } = delivery;
  const { request, features, scores, prediction } = state;
  return {
    run: {
      id: record.id,
      createdAt: record.createdAt,
      forkOf: record.forkOf,
      graphVersion: record.graphVersion,
      elapsedMs: state.elapsedMs,
    },
    request,
    source: basename(request.data),
    frequency: panel.frequency,
    season: features?.season ?? null,
    recipe: features?.recipe ?? null,
    calendar: features?.calendar?.positions ?? [],
    panel: state.panel ?? record.panel,
    folds: { test: scores?.testFolds ?? 0, validation: scores?.validationFolds ?? 0 },
    served: prediction?.scores ?? [],
    scores: scores?.scores ?? [],
    families: Object.fromEntries(
      (scores?.scores ?? []).map(({ model }) => [model, familyOf(model, state)]),
    ),
    rule: ruleOf(prediction?.method),
    models: (prediction?.weights ?? [])
      .map((weight) => modelOf(weight, state))
      .toSorted((a, b) => b.weight - a.weight),
    fallbacks: prediction?.fallbacks ?? [],
    series: evenlySpaced(panel.ids.length, drawnSeries).map((place) =>
      seriesOf(panel, forecast, place, features?.season ?? 1),
    ),
    decisions,
    files: state.exports?.files ?? [],
  };
}

type Known = Pick<RunState, 'candidates' | 'champion'>;

const trainedAs = (name: string, { candidates, champion }: Known): Candidate | undefined =>
  [...candidates, ...(champion ? [champion] : [])].find((candidate) => candidate.name === name);

const familyOf = (name: string, known: Known): Family =>
  findModel(trainedAs(name, known)?.forecaster ?? name).family;

function modelOf(
  { model, weight }: ForecastSummary['weights'][number],
  { candidates, champion, study }: RunState,
): ReportModel {
  const known = { candidates, champion };
  const family = familyOf(model, known);
  const trained = trainedAs(model, known);
  if (!trained) return { name: model, kind: null, family, weight, version: null, settings: {} };
  const tried = candidates.includes(trained)
    ? study?.best.find(({ forecaster }) => forecaster === trained.forecaster)
    : undefined;
  const { lookBack, recipe } = trained;
  return {
    name: model,
    kind: model.startsWith(trained.forecaster) ? null : trained.forecaster,
    family,
    weight,
    version: `${trained.version.model}@${trained.version.version}`,
    settings: {
      ...tried?.hyperparameters,
      ...tried?.settings,
      // A table model looks at what there is.
      ...(family === 'neural' && { lookBack }),
      recipe,
    },
  };
}

/** At most `limit` of the positions 0 to count - 1, first and last among them. */
export function evenlySpaced(count: number, limit: number): number[] {
  if (count <= limit) return Array.from({ length: count }, (_, i) => i);
  return Array.from({ length: limit }, (_, i) => Math.round((i * (count - 1)) / (limit - 1)));
}

function seriesOf(
  panel: Panel,
  forecast: StoredForecast,
  place: number,
  season: number,
): ReportSeries {
  const { horizon, levels } = forecast;
  const tail = Math.min(Math.max(4 * horizon, 2 * season), drawnPoints);
  const start = Math.max(0, seriesLength(panel, place) - tail);
  const steps = [place * horizon, (place + 1) * horizon] as const;
  const quantile = (level: number): number[] | undefined => {
    const column = levels.findIndex((each) => Math.abs(each - level) < 1e-9);
    if (column < 0) return undefined;
    const row = (_: unknown, step: number): number =>
      forecast.quantiles[(steps[0] + step) * levels.length + column]!;
    return Array.from({ length: horizon }, row);
  };
  return {
    id: panel.ids[place]!,
    model: forecast.models[place]!,
    history: {
      times: [...seriesTimes(panel, place).subarray(start)],
      values: Array.from(seriesValues(panel, place).subarray(start), (value) =>
        Number.isFinite(value) ? value : null,
      ),
    },
    times: [...forecast.times.subarray(...steps)],
    point: [...forecast.point.subarray(...steps)],
    bands: [95, 80, 50].flatMap((level) => {
      const lower = quantile(0.5 - level / 200);
      const upper = quantile(0.5 + level / 200);
      return lower && upper ? [{ level, lower, upper }] : [];
    }),
  };
}
