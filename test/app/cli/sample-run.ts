/** One run as the engine would tell it, and an engine that knows only that run. */
import type { BacktestRow, BacktestSummary } from '../../../app/backtest.ts';
import type { ClassificationSummary } from '../../../app/classify.ts';
import type { Engine } from '../../../app/engine.ts';
import { classificationReport } from '../../../series/classification.ts';
import type { Explanation } from '../../../services/forecasting/explanation.ts';
import type { RunSummary } from '../../../app/summary.ts';
import type { Host } from '../../../app/cli/cli.ts';
import type { Decision } from '../../../state/decision.ts';
import { fail } from '../../../state/errors.ts';
import { runRequestSchema } from '../../../state/request.ts';
import type { ScoreRow } from '../../../state/run-state.ts';

function score(kind: ScoreRow['kind'], model: string, mase: number, mae: number): ScoreRow {
  const coverage = kind === 'test' ? { coverage80: 0.79, coverage95: 0.936 } : noCoverage;
  return {
    model,
    kind,
    mae,
    rmse: mae * 1.25,
    mase,
    smape: mase * 2,
    msis: null,
    wql: null,
    ...coverage,
  };
}
const noCoverage = { coverage80: null, coverage95: null };

/** Two monthly series, three models, an ensemble of two. */
export const sampleRun: RunSummary = {
  id: 'r1',
  status: 'completed',
  request: runRequestSchema.parse({ data: 'jobs.csv', horizon: 12 }),
  createdAt: '2026-11-20T08:30:00.123Z',
  updatedAt: '2026-11-20T08:30:14.353Z',
  elapsedMs: 14_230,
  position: { next: [], step: 13, visits: { orchestrator: 6, training: 1 } },
  forkOf: null,
  panel: {
    series: 2,
    observations: 236,
    frequency: 'MS',
    shortest: 118,
    longest: 118,
    repairs: ['2 missing months of private were interpolated'],
  },
  season: 12,
  columns: [],
  scores: [
    score('test', 'served forecast', 0.8305, 262.1),
    score('test', 'seasonal-naive', 1.304, 412.31),
    score('test', 'nlinear', 0.8123, 256.7),
    score('test', 'naive', 1.71, 540),
    score('validation', 'nlinear', 0.79, 250),
    score('validation', 'seasonal-naive', 1.2, 380),
  ],
  weights: [
    { model: 'nlinear', weight: 0.75 },
    { model: 'seasonal-naive', weight: 0.25 },
  ],
  modelVersions: [{ model: 'jobs-h12', version: 3 }],
  fallbacks: [],
  preview: [
    {
      id: 'nonfarm',
      model: 'nlinear+seasonal-naive',
      history: Array.from({ length: 24 }, (_, i) => 135_000 + 500 * (i % 12)),
      times: Array.from({ length: 12 }, (_, i) => `2016-${String(i + 1).padStart(2, '0')}-01`),
      forecast: Array.from({ length: 12 }, (_, i) => 135_100 + 500 * i),
      lower80: Array.from({ length: 12 }, (_, i) => 134_900 + 500 * i),
      upper80: Array.from({ length: 12 }, (_, i) => 135_300 + 500 * i),
    },
  ],
  out: '/data/forecasts/r1',
  files: ['forecasts.csv', 'report.html'],
  error: null,
};

/** A routing decision and a specialist's, with and without rejected alternatives. */
export const sampleDecisions: readonly Decision[] = [
  {
    id: '1-orchestrator',
    runId: 'r1',
    step: 1,
    agent: 'orchestrator',
    action: 'training',
    reason: 'train-the-best: the search has found configurations worth a full training',
    evidence: { trials: 6, champion: null, candidates: [], best: 'nlinear' },
    alternatives: [{ action: 'forecast', whyNot: 'forecast-now: the work before it is not done' }],
    policy: 'rules',
    at: '2026-11-20T08:30:05.000Z',
    durationMs: 1,
  },
  {
    id: '2-training',
    runId: 'r1',
    step: 2,
    agent: 'training',
    action: 'train nlinear',
    reason:
      'its validation MASE of 0.79 is the lowest of six configurations, a third under that of the seasonal naive forecast',
    evidence: { validationLoss: 0.033_123, warmStart: false, weights: { nlinear: 0.75 } },
    alternatives: [
      { action: 'train dlinear', whyNot: 'validation MASE 0.84 is higher' },
      { action: 'train nothing', whyNot: 'the baselines are worse' },
    ],
    policy: 'person',
    at: '2026-11-20T08:30:06.000Z',
    durationMs: 7100,
  },
];

/** The sample as a fork that chose otherwise. */
export const sampleFork: RunSummary = {
  ...sampleRun,
  id: 'r2',
  forkOf: { run: 'r1', decision: '2-training', choice: 'train dlinear' },
  elapsedMs: 9100,
  weights: [{ model: 'dlinear', weight: 1 }],
  scores: [
    score('test', 'served forecast', 0.9, 280),
    score('test', 'dlinear', 0.9, 280),
    score('test', 'seasonal-naive', 1.304, 412.31),
  ],
  preview: sampleRun.preview.map((series) => ({
    ...series,
    forecast: series.forecast.map((value) => value * 1.02),
  })),
};

/** What the first series of the sample run is made of: a network that adds up two parts, and a naive model. */
export const sampleExplanation: Explanation = {
  run: 'r1',
  series: 'nonfarm',
  times: ['2016-01-01', '2016-02-01'],
  forecast: [135_100, 135_600],
  raisedToZero: 0,
  moved: [0, 0],
  rule: 'average',
  weights: [
    { model: 'dlinear', weight: 0.75 },
    { model: 'seasonal-naive', weight: 0.25 },
  ],
  fallback: null,
  members: [
    {
      model: 'dlinear',
      family: 'neural',
      forecaster: 'dlinear',
      summary: 'Two linear layers',
      weight: 0.75,
      version: { model: 'jobs-h12', version: 3 },
      forecast: [135_000, 135_500],
      recipe: 'plain',
      fit: null,
      features: null,
      parts: {
        scale: 'units',
        parts: [
          { name: 'level', values: [134_900, 134_900] },
          { name: 'trend', values: [100, 600] },
        ],
      },
      variables: [],
      attention: null,
      others: [],
      influence: null,
    },
    {
      model: 'seasonal-naive',
      family: 'naive',
      forecaster: 'seasonal-naive',
      summary: 'Repeats the last season',
      weight: 0.25,
      version: null,
      forecast: [135_400, 135_900],
      recipe: null,
      fit: null,
      features: null,
      parts: null,
      variables: [],
      attention: null,
      others: [],
      influence: null,
    },
  ],
};

function backtested(model: string, mase: number): BacktestRow {
  const averages = { mase, rmsse: mase * 1.2, smape: mase * 10, mape: mase * 11, msis: mase * 7 };
  const points = { mae: mase * 300, rmse: mase * 400, r2: 0.8, bias: -6, relativeBias: -0.012 };
  const intervals = { coverage80: 0.79, coverage95: 0.936, width80: 3, width95: 5 };
  const rest = { wql: mase / 20, crps: mase * 200, series: 6, skippedSeries: 0, seconds: mase };
  return { model, trainings: 0, ...averages, ...points, ...intervals, ...rest };
}

/** Three models on five windows: two alike, one worse. */
export const sampleBacktest: BacktestSummary = {
  data: 'jobs.csv',
  horizon: 12,
  windows: 5,
  step: 12,
  refitEvery: 0,
  season: 12,
  frequency: 'MS',
  series: 6,
  observations: 708,
  repairs: [],
  models: [backtested('theta', 0.81), backtested('seasonal-naive', 0.9), backtested('naive', 1.7)],
  differences: {
    significance: 0.05,
    meanErrors: [
      { model: 'theta', error: 0.81 },
      { model: 'seasonal-naive', error: 0.9 },
      { model: 'naive', error: 1.7 },
    ],
    overSeries: {
      series: 6,
      ranks: [
        { model: 'theta', rank: 1.333 },
        { model: 'seasonal-naive', rank: 1.667 },
        { model: 'naive', rank: 3 },
      ],
      test: { statistic: 18.2, pValue: 0.00046 },
      criticalDifference: 1.353,
      groups: [
        ['theta', 'seasonal-naive'],
        ['seasonal-naive', 'naive'],
      ],
    },
    overWindows: {
      windows: 5,
      best: 'theta',
      tests: [
        { model: 'seasonal-naive', statistic: -1.2, pValue: 0.29 },
        { model: 'naive', statistic: -6.1, pValue: 0.007 },
      ],
    },
  },
  out: 'scores',
  files: ['backtest.json', 'scores.csv'],
};

const { confusion, ...report } = classificationReport([0, 1, 1, 0], [0, 1, 1, 1], ['down', 'up']);
const classScores = {
  ...report,
  confusion: confusion.map((row) => Array.from(row, Number)),
  rows: 4,
  logLoss: 0.6,
  brier: 0.2,
  rocAuc: 0.75,
};

/** A classification of one series whose best classifier says the most frequent class. */
export const sampleClassification: ClassificationSummary = {
  data: 'prices.csv',
  label: { horizon: 5, kind: 'direction', threshold: 0, unit: 'percent', side: 'above' },
  classes: ['down', 'up'],
  folds: 5,
  validation: 'time',
  season: 5,
  frequency: 'B',
  series: 1,
  observations: 300,
  rows: 4,
  repairs: [],
  models: [
    { ...classScores, model: 'majority', naive: true, folds: [], importance: {}, seconds: 0.1 },
  ],
  best: 'majority',
  better: { accuracy: [], logLoss: [] },
  latest: [],
  out: null,
  files: [],
};

/** An engine that has finished the sample run and its fork, and knows no other. */
export function sampleEngine(changes: Partial<Engine> = {}): Engine {
  const runs: Readonly<Record<string, RunSummary>> = { r1: sampleRun, r2: sampleFork };
  const find = (run: string): RunSummary =>
    runs[run] ?? fail('RUN_UNKNOWN', { run, known: Object.keys(runs) });
  return {
    run: async () => sampleRun,
    resume: async (run) => find(run),
    fork: async () => sampleFork,
    runs: () => [
      { ...sampleFork, data: 'jobs.csv', horizon: 12, forkOf: 'r1' },
      { ...sampleRun, data: 'jobs.csv', horizon: 12, forkOf: null, status: 'stopped' },
    ],
    show: async (run) => (run === 'r2' ? { ...sampleFork, comparedWith: sampleRun } : find(run)),
    explain: async (run) => ({ ...sampleExplanation, run: find(run).id }),
    decisions: (run) => (find(run) ? [...sampleDecisions] : []),
    backtest: async () => sampleBacktest,
    classify: async () => fail('INPUT_NOT_FOUND', { path: 'prices.csv' }),
    graph: async () => 'graph TD;\n  intake --> orchestrator;\n',
    close: async () => undefined,
    ...changes,
  };
}

/** A host that keeps what is written, and whose environment is empty. */
export interface RecordingHost extends Host {
  readonly written: { stdout: string; stderr: string };
}

/** A pipe of 100 columns in an empty environment, with the sample engine behind it. */
export function recordingHost(changes: Partial<Host> = {}): RecordingHost {
  const written = { stdout: '', stderr: '' };
  return {
    written,
    stdout: { write: (text) => (written.stdout += text) },
    stderr: { write: (text) => (written.stderr += text) },
    environment: {},
    cwd: '/',
    version: '1.2.3',
    signal: new AbortController().signal,
    liveTerminal: undefined,
    openEngine: async () => sampleEngine(),
    ...changes,
  };
}
