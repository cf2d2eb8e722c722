/** A backtest from data to written scores: reads, finds the season, compares the models, tells what came out. */
import { graphVersion } from '../graphs/forecasting.ts';
import type { RunOptions } from '../graphs/drive.ts';
import { findModel, isLocal, models } from '../models/index.ts';
import type { Model } from '../models/model.ts';
import type { Panel } from '../series/panel.ts';
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
import { defaultQuantiles } from '../state/request.ts';
import { openStudy, type StudyFacts } from './study.ts';

/** One model of a backtest: its measures over all series, and the time it took. */
export interface BacktestRow extends Omit<Score, 'model' | 'kind' | 'folds'> {
  readonly model: string;
  /** How often it was trained; 0 for a model that is fitted to each series anew in every window. */
  readonly trainings: number;
  readonly seconds: number;
}

/** What a backtest found out. */
export interface BacktestSummary extends StudyFacts {
  readonly horizon: number;
  readonly windows: number;
  readonly step: number;
  /** After how many windows models that are trained were trained anew; 0 for once, before the first. */
  readonly refitEvery: number;
  readonly season: number;
  /** Least mean scaled error first. */
  readonly models: readonly BacktestRow[];
  readonly differences: Differences;
  readonly files: readonly string[];
}

const names = { run: 'backtest', stopped: 'BACKTEST_STOPPED' } as const;

/** The forecasts that any model has to beat. */
const baselines = new Set(['naive', 'seasonal-naive']);

/**
 * Runs the backtest; stopped in the middle, the same request goes on from there. Errors: those of reading data,
 * MODEL_UNKNOWN, BACKTEST_TOO_LONG, BACKTEST_STOPPED, STORE_*, and those of training.
 */
export async function backtest(
  services: Services,
  request: BacktestRequest,
  options: RunOptions = {},
): Promise<BacktestSummary> {
  const chosen = chooseModels(request.models);
  if (chosen.some(({ family }) => family === 'neural')) {
    await services.compute.choose(services.config.device);
  }
  const study = await openStudy(services, request, names, options);
  const { panel, emit, facts } = study;
  const { horizon, windows, step = horizon, refitEvery } = request;
  const judged = horizon + (windows - 1) * step;
  checkLength(study.longest, request, judged);
  const { season, seasons } = study.seasons(judged);
  const task: BacktestTask = {
    panel,
    key: `${study.uri} ${graphVersion} ${services.config.device}`,
    horizon,
    windows,
    step,
    refitEvery,
    season,
    models: chosen.map((model) =>
      prepared(services, request, { model, panel, season, seasons, emit }),
    ),
    levels: defaultQuantiles,
    parallel: 1,
    onWindow: (progress) => emit('backtest-progressed', { ...progress }),
    ...(options.signal && { signal: options.signal }),
  };
  const report = await study.untilStopped(services.backtests.run(task));
  const summary: BacktestSummary = {
    ...facts,
    horizon,
    windows,
    step,
    refitEvery,
    season,
    models: report.models.map(toRow),
    differences: report.differences,
    files: facts.out === null ? [] : ['backtest.json', 'scores.csv'],
  };
  await study.deliver({
    'scores.csv': formatScoreTable(panel.ids, report.models),
    'backtest.json': `${JSON.stringify(summary, null, 2)}\n`,
  });
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
  longest: number,
  { windows, horizon, step = horizon }: BacktestRequest,
  judged: number,
): void {
  if (longest > judged + 1) return;
  fail('BACKTEST_TOO_LONG', {
    windows: `${windows} windows of ${horizon} steps, ${step} apart,`,
    needed: judged + 2,
    got: longest,
  });
}
