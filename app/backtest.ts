/** A backtest from data to written scores: reads, finds the season, compares the models, tells what came out. */
import { join } from 'node:path';
import { graphVersion } from '../graphs/forecasting.ts';
import type { RunOptions } from '../graphs/drive.ts';
import { findModel, isLocal, models } from '../models/index.ts';
import type { Model } from '../models/model.ts';
import { formatFrequency } from '../series/frequency.ts';
import { type Panel, seriesLength } from '../series/panel.ts';
import { writeFileAtomic } from '../services/artifacts/atomic-file.ts';
import type {
  BacktestModel,
  BacktestReport,
  BacktestTask,
} from '../services/evaluation/backtests.ts';
import type { Differences } from '../services/evaluation/differences.ts';
import type { Score } from '../services/evaluation/evaluation.ts';
import { localBacktestModel } from '../services/evaluation/local-backtest-model.ts';
import { formatScoreTable } from '../services/evaluation/score-table.ts';
import { learnedBacktestModel } from '../services/forecasting/learned-backtest-model.ts';
import type { Services } from '../services/index.ts';
import type { BacktestRequest } from '../state/backtest-request.ts';
import { fail } from '../state/errors.ts';
import type { Emit } from '../state/events.ts';
import { defaultQuantiles, runRequestSchema } from '../state/request.ts';

/** One model of a backtest: its measures over all series, and the time it took. */
export interface BacktestRow extends Omit<Score, 'model' | 'kind' | 'folds'> {
  readonly model: string;
  /** How often it was trained; 0 for a model that is fitted to each series anew in every window. */
  readonly trainings: number;
  readonly seconds: number;
}

/** What a backtest found out. */
export interface BacktestSummary {
  readonly data: string;
  readonly horizon: number;
  readonly windows: number;
  readonly step: number;
  /** After how many windows models that are trained were trained anew; 0 for once, before the first. */
  readonly refitEvery: number;
  readonly season: number;
  readonly frequency: string;
  readonly series: number;
  readonly observations: number;
  readonly repairs: readonly string[];
  /** Least mean scaled error first. */
  readonly models: readonly BacktestRow[];
  readonly differences: Differences;
  /** Folder of the written files, null if none was named. */
  readonly out: string | null;
  readonly files: readonly string[];
}

/** The forecasts that any model has to beat. */
const baselines = new Set(['naive', 'seasonal-naive']);

/**
 * Runs the backtest; stopped in the middle, the same request goes on from there. Errors: those of reading data,
 * MODEL_UNKNOWN, BACKTEST_TOO_LONG, BACKTEST_STOPPED, STORE_*, and those of training.
 */
export async function backtest(
  services: Services,
  request: BacktestRequest,
  { signal, onEvent }: RunOptions = {},
): Promise<BacktestSummary> {
  const chosen = chooseModels(request.models);
  if (chosen.some(({ family }) => family === 'neural')) {
    await services.compute.choose(services.config.device);
  }
  const { data, horizon, windows, step = horizon, refitEvery } = request;
  const { frequency, id, time, target } = request;
  const stored = await services.panels.ingest(
    runRequestSchema.parse({ data, horizon, frequency, id, time, target }),
  );
  const panel = await services.panels.get(stored.uri);
  const firstEnd = horizon + (windows - 1) * step;
  checkLength(panel, request, firstEnd);
  const seasons = seasonsOf(services, panel, request, firstEnd);
  const emit: Emit = (event, fields) =>
    onEvent?.({
      level: 'info',
      time: new Date(services.clock()).toISOString(),
      event,
      run: 'backtest',
      ...fields,
    });
  const task: BacktestTask = {
    panel,
    key: `${stored.uri} ${graphVersion} ${services.config.device}`,
    horizon,
    windows,
    step,
    refitEvery,
    season: seasons.season,
    models: chosen.map((model) => prepared(services, request, { model, panel, ...seasons, emit })),
    levels: defaultQuantiles,
    parallel: 1,
    onWindow: (progress) => emit('backtest-progressed', { ...progress }),
    ...(signal && { signal }),
  };
  const report = await services.backtests.run(task).catch((error: unknown) => {
    if (signal?.aborted === true) fail('BACKTEST_STOPPED', { data }, { cause: error });
    throw error;
  });
  const { series, observations, repairs } = stored;
  const summary: BacktestSummary = {
    data,
    horizon,
    windows,
    step,
    refitEvery,
    season: seasons.season,
    series,
    observations,
    frequency: formatFrequency(panel.frequency),
    repairs: repairs.map(({ detail }) => detail),
    models: report.models.map(toRow),
    differences: report.differences,
    out: request.out ?? null,
    files: request.out === undefined ? [] : ['backtest.json', 'scores.csv'],
  };
  await deliver(summary, panel, report);
  await services.backtests.forget(task);
  return summary;
}

/** A model as the backtest takes it, with its own defaults. */
function prepared(
  services: Services,
  { horizon, seed }: BacktestRequest,
  {
    model,
    panel,
    emit,
    ...seasons
  }: {
    readonly model: Model;
    readonly panel: Panel;
    readonly season: number;
    readonly seasons: readonly number[];
    readonly emit: Emit;
  },
): BacktestModel {
  if (isLocal(model)) {
    return localBacktestModel(services.locals, { panel, model, context: { horizon, ...seasons } });
  }
  return learnedBacktestModel(services, { model, panel, horizon, seed, emit, ...seasons });
}

function toRow({ name, score, trainings, seconds }: BacktestReport['models'][number]): BacktestRow {
  const { folds: _folds, ...measures } = score;
  return { model: name, ...measures, trainings, seconds };
}

/** The named models, or those that are quick, always beside the baselines; in the order of the list. */
function chooseModels(names: readonly string[] | undefined): Model[] {
  if (names === undefined) {
    return models.filter((model) => isLocal(model) && model.costly !== true);
  }
  for (const name of names) findModel(name);
  return models.filter(({ name }) => names.includes(name) || baselines.has(name));
}

function checkLength(
  panel: Panel,
  { windows, horizon, step = horizon }: BacktestRequest,
  firstEnd: number,
): void {
  const longest = panel.ids.reduce((most, _, i) => Math.max(most, seriesLength(panel, i)), 0);
  if (longest > firstEnd + 1) return;
  fail('BACKTEST_TOO_LONG', {
    windows: `${windows} windows of ${horizon} steps, ${step} apart,`,
    needed: firstEnd + 2,
    got: longest,
  });
}

/** The season asked for, or those found in what lies before the first window. */
function seasonsOf(
  services: Services,
  panel: Panel,
  { season }: BacktestRequest,
  firstEnd: number,
): { season: number; seasons: readonly number[] } {
  if (season !== undefined) return { season, seasons: [season] };
  const found = services.spectral.detectSeason(panel, firstEnd);
  return { season: found.season, seasons: found.seasons };
}

async function deliver(
  summary: BacktestSummary,
  panel: Panel,
  report: BacktestReport,
): Promise<void> {
  if (summary.out === null) return;
  const scores = formatScoreTable(panel.ids, report.models);
  await writeFileAtomic(join(summary.out, 'scores.csv'), scores);
  await writeFileAtomic(
    join(summary.out, 'backtest.json'),
    `${JSON.stringify(summary, null, 2)}\n`,
  );
}
