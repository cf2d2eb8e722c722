/** Summaries of runs: what a person or a program wants to know of a run, from its record, its state and its stored forecast. */
import { formatTime } from '../series/format-time.ts';
import { parseFrequency } from '../series/frequency.ts';
import { seriesValues } from '../series/panel.ts';
import { summaryFiles } from '../services/forecasting/delivery.ts';
import type { Services } from '../services/index.ts';
import type { RunRecord, RunStatus } from '../services/runs/runs.ts';
import type { RunRequest } from '../state/request.ts';
import type {
  FeaturePlan,
  ForecastSummary,
  PanelSummary,
  RunState,
  ScoreRow,
  VersionReference,
} from '../state/run-state.ts';

/** One line of the list of runs. */
export interface RunListItem {
  readonly id: string;
  readonly status: RunStatus;
  readonly data: string;
  readonly horizon: number;
  readonly createdAt: string;
  readonly elapsedMs: number;
  readonly forkOf: string | null;
}

/** The forecast of one series, with a piece of its past. */
export interface SeriesPreview {
  readonly id: string;
  readonly model: string;
  readonly history: number[];
  readonly times: string[];
  readonly forecast: number[];
  readonly lower80: number[];
  readonly upper80: number[];
}

/** Everything about a run that fits on a page. */
export interface RunSummary {
  readonly id: string;
  readonly status: RunStatus;
  readonly request: RunRequest;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly elapsedMs: number;
  /** Where its graph stands; `next` is empty at the end. */
  readonly position: { next: string[]; step: number; visits: Record<string, number> };
  readonly forkOf: RunRecord['forkOf'];
  readonly panel: {
    series: number;
    observations: number;
    frequency: string;
    shortest: number;
    longest: number;
    repairs: string[];
  } | null;
  readonly season: number | null;
  /** Columns beside the series, as `future:price`; the calendar's are positions, as `calendar:day_of_week`. */
  readonly columns: string[];
  readonly scores: ScoreRow[];
  readonly weights: ForecastSummary['weights'];
  readonly modelVersions: VersionReference[];
  readonly fallbacks: ForecastSummary['fallbacks'];
  readonly preview: SeriesPreview[];
  readonly out: string;
  readonly files: string[];
  readonly error: RunRecord['error'];
}

const previewed = 3;
const tail = 36;

/** The list line of a record. */
export function listItem(record: RunRecord): RunListItem {
  const { id, status, request, createdAt, elapsedMs, forkOf } = record;
  return {
    id,
    status,
    data: request.data,
    horizon: request.horizon,
    createdAt,
    elapsedMs,
    forkOf: forkOf?.run ?? null,
  };
}

/** Joins record and state; a run without a checkpoint yet has an empty middle part. */
export async function summarise(
  services: Services,
  record: RunRecord,
  at: { state: RunState; next: readonly string[]; step: number } | undefined,
): Promise<RunSummary> {
  const state = at?.state;
  const panel = state?.panel ?? null;
  const prediction = state?.prediction ?? null;
  return {
    id: record.id,
    status: record.status,
    request: record.request,
    createdAt: record.createdAt,
    updatedAt: record.updatedAt,
    elapsedMs: state?.elapsedMs ?? record.elapsedMs,
    position: { next: [...(at?.next ?? [])], step: at?.step ?? -1, visits: { ...state?.visits } },
    forkOf: record.forkOf,
    panel:
      panel === null
        ? null
        : {
            series: panel.series,
            observations: panel.observations,
            frequency: panel.frequency,
            shortest: panel.shortest,
            longest: panel.longest,
            repairs: panel.repairs.map(({ detail }) => detail),
          },
    season: state?.features?.season ?? null,
    columns: columnsOf(panel, state?.features ?? null),
    scores: [...(prediction?.scores ?? []), ...(state?.scores?.scores ?? [])],
    weights: prediction?.weights ?? [],
    modelVersions: (state?.candidates ?? []).map(({ version }) => version),
    fallbacks: prediction?.fallbacks ?? [],
    preview: state === undefined ? [] : await previewOf(services, state),
    out: record.out,
    files: [
      ...(state?.exports?.files ?? []).map(({ name }) => name),
      ...(record.status === 'completed' ? summaryFiles : []),
    ],
    error: record.error,
  };
}

/** What networks of a run are offered beside the series. */
function columnsOf(panel: PanelSummary | null, features: FeaturePlan | null): string[] {
  const positions = features?.calendar?.positions ?? [];
  return [...(panel?.columns ?? []), ...positions.map((position) => `calendar:${position}`)];
}

async function previewOf(services: Services, state: RunState): Promise<SeriesPreview[]> {
  if (state.prediction === null || state.panel === null) return [];
  const table = await services.forecaster.readTable(state.prediction.uri);
  const panel = await services.panels.get(state.panel.uri);
  const { horizon, levels } = table;
  const frequency = parseFrequency(state.panel.frequency);
  const quantile = (i: number, level: number): number[] => {
    const at = levels.indexOf(level);
    return Array.from(
      { length: horizon },
      (_, k) => table.quantiles[(i * horizon + k) * levels.length + at]!,
    );
  };
  return table.ids.slice(0, previewed).map((id, i) => ({
    id,
    model: table.models[i]!,
    history: [...seriesValues(panel, i).subarray(-tail)],
    times: [...table.times.subarray(i * horizon, (i + 1) * horizon)].map((time) =>
      formatTime(time, frequency),
    ),
    forecast: [...table.point.subarray(i * horizon, (i + 1) * horizon)],
    lower80: quantile(i, 0.1),
    upper80: quantile(i, 0.9),
  }));
}
