/** The engine: starts, resumes, forks and explains runs. The command line and other entry points call nothing else. */
import type { z } from 'zod';
import { usableCandidates } from '../agents/plan.ts';
import { createForecastingGraph } from '../graphs/forecasting.ts';
import type { RunOptions } from '../graphs/drive.ts';
import { type ForkChoice, createLifecycle, type Lifecycle } from '../graphs/lifecycle.ts';
import { findModel } from '../models/index.ts';
import { loadConfig, type Config } from '../services/config/config.ts';
import { describeIssue } from '../services/config/settings.ts';
import type { Explanation } from '../services/forecasting/explanation.ts';
import { createServices, type Services } from '../services/index.ts';
import { backtestRequestSchema, type BacktestRequestInput } from '../state/backtest-request.ts';
import {
  classificationRequestSchema,
  type ClassificationRequestInput,
} from '../state/classification-request.ts';
import type { Decision } from '../state/decision.ts';
import { assert, fail } from '../state/errors.ts';
import { runRequestSchema, type RunRequest, type RunRequestInput } from '../state/request.ts';
import { backtest, type BacktestSummary } from './backtest.ts';
import { classify, type ClassificationSummary } from './classify.ts';
import { listItem, summarise, type RunListItem, type RunSummary } from './summary.ts';

/** Everything that one can do with runs. Every method throws `ForecastError` for what a user can mend. */
export interface Engine {
  /** Forecasts the series of a file and waits until the run is finished. */
  run(request: RunRequestInput, options?: RunOptions): Promise<RunSummary>;
  /** Continues a stopped, failed or killed run from its last checkpoint; a finished one is only summarised. */
  resume(run: string, options?: RunOptions): Promise<RunSummary>;
  /** Runs again from the checkpoint before decision `at`, with the action `choose` instead. */
  fork(run: string, choice: ForkChoice, options?: RunOptions): Promise<RunSummary>;
  /** The latest runs, newest first. */
  runs(limit?: number): RunListItem[];
  /** One run, and for a fork the run that it came from. */
  show(run: string): Promise<RunSummary & { comparedWith?: RunSummary }>;
  /** The decisions of a run, in order. */
  decisions(run: string): Decision[];
  /**
   * What the served forecast of one series, by default the first, is made of: the models with their shares, and of each
   * network, or only of `model`, the parts of its forecast and what it looked at. Errors: RUN_UNKNOWN, RUN_UNFINISHED,
   * SERIES_UNKNOWN, MODEL_NOT_SERVED.
   */
  explain(run: string, choice?: ExplanationChoice): Promise<Explanation>;
  /**
   * Compares models on rolling windows of the past; stopped in the middle, the same request goes on from there.
   * Errors: those of reading data, MODEL_UNKNOWN, OPTION_INVALID, BACKTEST_TOO_LONG, BACKTEST_STOPPED.
   */
  backtest(request: BacktestRequestInput, options?: RunOptions): Promise<BacktestSummary>;
  /**
   * Learns what class the next steps of each series belong to, judged beside naive classifiers. Errors: those of reading
   * data, MODEL_UNKNOWN, OPTION_INVALID, LABEL_ONE_CLASS, CLASSIFICATION_TOO_SHORT, CLASSIFICATION_STOPPED.
   */
  classify(
    request: ClassificationRequestInput,
    options?: RunOptions,
  ): Promise<ClassificationSummary>;
  /** The workflow as a Mermaid diagram. */
  graph(): Promise<string>;
  /** Releases files and sessions. */
  close(): Promise<void>;
}

/** What of a run is explained. */
export interface ExplanationChoice {
  readonly series?: string | undefined;
  readonly model?: string | undefined;
}

/** Opens the data directory and everything in it. Configuration comes from `config`, environment, file, defaults. */
export async function openEngine(config: Partial<Config> = {}): Promise<Engine> {
  const services = createServices(
    loadConfig({ cwd: process.cwd(), environment: process.env, flags: config }),
  );
  const lifecycle = createLifecycle(services);
  const summaryOf = async (run: string): Promise<RunSummary> =>
    summarise(services, services.runs.get(run), await lifecycle.positionOf(run));
  return {
    async run(request, options) {
      await services.compute.choose(services.config.device);
      const record = await lifecycle.start(checkRequest(request), options);
      return summaryOf(record.id);
    },
    async resume(run, options) {
      await services.compute.choose(services.config.device);
      const record = await lifecycle.resume(run, options);
      return summaryOf(record.id);
    },
    async fork(run, choice, options) {
      await services.compute.choose(services.config.device);
      const record = await lifecycle.fork(run, choice, options);
      return summaryOf(record.id);
    },
    runs: (limit = 50) => services.runs.list(limit).map(listItem),
    async show(run) {
      const summary = await summaryOf(run);
      if (summary.forkOf === null) return summary;
      return { ...summary, comparedWith: await summaryOf(summary.forkOf.run) };
    },
    decisions(run) {
      services.runs.get(run);
      return lifecycle.decisionsOf(run);
    },
    explain: (run, choice = {}) => explain(services, lifecycle, run, choice),
    backtest: async (request, options) =>
      backtest(services, checked(backtestRequestSchema, request), options),
    classify: async (request, options) =>
      classify(services, checked(classificationRequestSchema, request), options),
    async graph() {
      const drawn = await createForecastingGraph(services).getGraphAsync();
      return drawn.drawMermaid();
    },
    close: () => services.close(),
  };
}

async function explain(
  services: Services,
  lifecycle: Lifecycle,
  run: string,
  choice: ExplanationChoice,
): Promise<Explanation> {
  const { status } = services.runs.get(run);
  const state = (await lifecycle.positionOf(run))?.state;
  if (status !== 'completed' || state === undefined) return fail('RUN_UNFINISHED', { run, status });
  const { panel, features, prediction } = state;
  assert(
    panel !== null && features !== null && prediction !== null,
    'a finished run has a forecast',
  );
  return services.explainer.explain({
    run,
    panel: await services.panels.get(panel.uri, features.calendar),
    table: await services.forecaster.readTable(prediction.uri),
    season: features.season,
    seasons: features.seasons,
    method: prediction.method,
    trained: usableCandidates(state),
    ...choice,
  });
}

/** The request with defaults filled in. Errors: OPTION_INVALID naming the key, MODEL_UNKNOWN. */
function checkRequest(request: RunRequestInput): RunRequest {
  const parsed = checked(runRequestSchema, request);
  for (const name of parsed.models ?? []) findModel(name);
  return parsed;
}

function checked<S extends z.ZodObject>(schema: S, request: z.input<S>): z.output<S> {
  const parsed = schema.safeParse(request, { reportInput: true });
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  return fail('OPTION_INVALID', { key: issue.path.join('.'), problem: describeIssue(issue) });
}
