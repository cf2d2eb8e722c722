/** The composition root of all services: one configuration chooses every implementation. */
import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { join, resolve } from 'node:path';
import type { LogLine } from '../state/events.ts';
import type { RunRequest } from '../state/request.ts';
import {
  channels,
  type ChannelName,
  type PanelSummary,
  type RunState,
} from '../state/run-state.ts';
import { fail } from '../state/errors.ts';
import type { Artifacts } from './artifacts/artifacts.ts';
import { createLocalArtifacts } from './artifacts/local.ts';
import { createSqliteSaver, type SqliteSaver } from './checkpoints/sqlite-saver.ts';
import {
  createClassification,
  type ClassificationService,
} from './classification/classification.ts';
import { createThreadJudge } from './classification/thread-judge.ts';
import { createCompute, type Compute } from './compute/compute.ts';
import type { Config } from './config/config.ts';
import { openDatabase } from './database/database.ts';
import { createDatasets } from './datasets/datasets.ts';
import { createDrift, type Drift } from './drift/drift.ts';
import { createBacktests, type Backtests } from './evaluation/backtests.ts';
import { createEvaluation } from './evaluation/evaluation.ts';
import { createFeatures, type Features } from './features/features.ts';
import { createBaseline, type Baseline } from './forecasting/baseline.ts';
import { findChampion } from './forecasting/champion.ts';
import { createDelivery, type Delivery } from './forecasting/delivery.ts';
import { createExplainer, type Explainer } from './forecasting/explanation.ts';
import { createForecaster, type Forecaster } from './forecasting/forecaster.ts';
import { createJudging, type Judging } from './forecasting/judging.ts';
import { createLearners, type Learners } from './forecasting/learners.ts';
import { createRefitter, type Refitter } from './forecasting/refitter.ts';
import { createTrainer, type Trainer } from './forecasting/trainer.ts';
import { createTuning, type Tuning } from './forecasting/tuning.ts';
import { createInference } from './inference/inference.ts';
import { createLocalForecasts, type LocalForecasts } from './local/local-forecasts.ts';
import { createRunLog, readRunLog, type RunLog } from './log/run-log.ts';
import type { Metrics } from './metrics/metrics.ts';
import { createSqliteMetrics } from './metrics/sqlite-metrics.ts';
import { createPanels, type Panels } from './panels/panels.ts';
import { createRegistry, type Registry } from './registry/registry.ts';
import { createRuns, type Runs } from './runs/runs.ts';
import { createSearch } from './search/search.ts';
import { createSpectral, type Spectral } from './spectral/spectral.ts';
import { createTabular } from './tabular/tabular.ts';
import { createThreadWorker } from './tabular/thread-worker.ts';
import { type CrossValidation, createCrossValidation } from './training/cross-validation.ts';
import { createTraining } from './training/training.ts';
import { createWorkers, type Workers } from './workers/workers.ts';

/** Everything that agents, graphs and entry points may call. */
export interface Services {
  readonly config: Config;
  readonly artifacts: Artifacts;
  readonly backtests: Backtests;
  readonly baseline: Baseline;
  readonly checkpoints: SqliteSaver;
  readonly classification: ClassificationService;
  readonly compute: Compute;
  readonly crossValidation: CrossValidation;
  readonly delivery: Delivery;
  readonly drift: Drift;
  readonly explainer: Explainer;
  readonly features: Features;
  readonly forecaster: Forecaster;
  readonly judging: Judging;
  readonly learners: Learners;
  readonly locals: LocalForecasts;
  readonly metrics: Metrics;
  readonly panels: Panels;
  readonly refitter: Refitter;
  readonly registry: Registry;
  readonly runs: Runs;
  readonly spectral: Spectral;
  readonly trainer: Trainer;
  readonly tuning: Tuning;
  readonly workers: Workers;
  /** Epoch milliseconds. */
  readonly clock: () => number;
  /** The production model that fits, if there is one. */
  findChampion(request: RunRequest, panel: PanelSummary): RunState['champion'];
  newRunId(): string;
  /** Where a run delivers to if nobody names a folder. */
  defaultOut(run: string): string;
  openLog(run: string, listener?: (line: LogLine) => void): RunLog;
  readLog(run: string): LogLine[];
  /** Drops the resumable progress of a finished run. */
  forgetProgress(run: string): Promise<void>;
  close(): Promise<void>;
}

/** What the other services stand on: stores, threads and what computes. */
function createFoundation(config: Config, clock: () => number) {
  const folder = (name: string): string => resolve(config.dataDir, name);
  const artifacts = createLocalArtifacts(folder('artifacts'));
  const database = openDatabase(folder('agentic-forecast.db'));
  const evaluation = createEvaluation();
  const inference = createInference({ artifacts, threads: config.threads });
  const compute = createCompute({
    threads: config.threads,
    environment: process.env,
    now: () => performance.now(),
    cacheFile: folder('devices.json'),
  });
  const training = createTraining({
    progressFolder: folder('progress'),
    clock,
    threads: config.threads,
    chooseDevice: (workload) => compute.choose(config.device, workload),
  });
  const workers = createWorkers({ threads: config.threads });
  const locals = createLocalForecasts({ workers });
  const tabular = createTabular({ worker: createThreadWorker(workers) });
  const learners = createLearners({ training, inference, tabular, artifacts });
  return {
    folder,
    artifacts,
    database,
    evaluation,
    inference,
    compute,
    training,
    workers,
    locals,
    tabular,
    learners,
  };
}

/** Builds all services over the data directory that `config` names. */
export function createServices(config: Config): Services {
  const clock = Date.now;
  const foundation = createFoundation(config, clock);
  const { folder, artifacts, database, evaluation, inference, training } = foundation;
  const { workers, locals, tabular, learners } = foundation;
  const search = createSearch({ database, clock });
  const drift = createDrift();
  const metrics = createSqliteMetrics(database, clock);
  const registry = createRegistry(database, artifacts, folder('models'), clock);
  const trainer = createTrainer({ learners, registry, artifacts, drift });
  const datasets = createDatasets();
  return {
    config,
    clock,
    artifacts,
    compute: foundation.compute,
    crossValidation: createCrossValidation({ training, inference, evaluation, artifacts }),
    drift,
    learners,
    locals,
    registry,
    workers,
    backtests: createBacktests({ folder: folder('backtests'), now: () => performance.now() }),
    baseline: createBaseline(),
    checkpoints: createSqliteSaver(database, { validateChannel }),
    classification: createClassification({ judge: createThreadJudge(workers) }),
    delivery: createDelivery({ artifacts, inference, locals, tabular }),
    explainer: createExplainer({ artifacts, inference, learners, locals, registry, tabular }),
    features: createFeatures({ artifacts }),
    forecaster: createForecaster({ evaluation, learners, locals, artifacts }),
    judging: createJudging({ evaluation, learners, locals, artifacts, metrics }),
    metrics,
    panels: createPanels({ datasets, artifacts }),
    runs: createRuns(database, { clock, host: hostname(), pid: process.pid }),
    spectral: createSpectral(),
    trainer,
    refitter: createRefitter({ trainer, learners, registry, clock }),
    tuning: createTuning({ search, learners, evaluation, artifacts }),
    findChampion: (request, panel) => findChampion(registry, request, panel),
    newRunId: () => newRunId(clock()),
    defaultOut: (run) => join(folder('runs'), run),
    openLog: (run, listener) =>
      createRunLog(folder('logs'), run, {
        clock,
        listeners: listener === undefined ? [] : [listener],
      }),
    readLog: (run) => readRunLog(join(folder('logs'), `${run}.jsonl`)),
    forgetProgress: (run) => training.forgetAll(run),
    async close() {
      await workers.close();
      await inference.close();
      database.close();
    },
  };
}

/** Sorts by day, told apart by four hexadecimal digits more than a day needs. */
function newRunId(nowMs: number): string {
  const day = new Date(nowMs).toISOString().slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-');
  return `${day}-${randomBytes(2).toString('hex')}`;
}

/** Holds what is stored in a channel to the channel's schema; LangGraph's own channels are not ours to judge. */
function validateChannel(channel: string, value: unknown): void {
  if (!(channel in channels)) return;
  const result = channels[channel as ChannelName].schema.safeParse(value);
  if (!result.success) {
    const problem = result.error.issues
      .map(({ path, message }) => `${path.join('.')} ${message}`)
      .join('; ');
    fail('STATE_INVALID', { channel, problem: problem.trim() });
  }
}
