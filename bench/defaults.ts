/**
 * How the defaults of training were chosen: learning rate, patience and the rule for the first look-back, by the
 * validation folds of eight data sets. The test folds are looked at by nothing here.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { foldPlanOf } from '../agents/plan.ts';
import type { NeuralModel } from '../models/model.ts';
import { dlinear } from '../models/neural/dlinear.ts';
import { nlinear } from '../models/neural/nlinear.ts';
import { candidateSeasons, defaultSeason } from '../series/frequency.ts';
import { createLocalArtifacts } from '../services/artifacts/local.ts';
import { createDatasets } from '../services/datasets/datasets.ts';
import { createEvaluation } from '../services/evaluation/evaluation.ts';
import { onFolds } from '../services/forecasting/learners.ts';
import { buildForecastNetwork, createInference } from '../services/inference/inference.ts';
import {
  lookBackCandidates,
  type SearchedData,
  trainingSettingsSchema,
} from '../services/training/settings.ts';
import { createTraining } from '../services/training/training.ts';
import { describeMachine } from './machine.ts';

const sales = { id: ['agency', 'sku'], time: 'date', target: ['volume'] };
const prices = { id: ['symbol'], time: 'date', target: ['close'] };
const tasks = [
  { file: 'ett/ETTh1.csv.gz', horizon: 96, request: {} },
  { file: 'm4/Hourly-train.csv.gz', horizon: 48, request: { frequency: 'h' } },
  { file: 'm4/Weekly-train.csv.gz', horizon: 13, request: { frequency: 'W' } },
  { file: 'ltsf/exchange_rate.csv.gz', horizon: 30, request: { frequency: 'D' } },
  { file: 'ltsf/national_illness.csv.gz', horizon: 24, request: {} },
  { file: 'retail/stallion.csv.gz', horizon: 6, request: sales },
  { file: 'retail/m5_dev_items10pct.csv.gz', horizon: 28, request: { frequency: 'D' } },
  { file: 'finance/sp500_ohlcv_dev120_2011_2018.csv.gz', horizon: 21, request: prices },
];
const networks: readonly NeuralModel[] = [nlinear, dlinear];
const learningRates = [0.001, 0.002, 0.005, 0.01, 0.02] as const;
const patiences = [5, 10] as const;
/** What one setting is compared at while another varies. */
const chosen = { rule: 'longest season twice', learningRate: 0.005, patience: 10 } as const;

/** Spans, in steps, of which the shortest candidate that covers them all is the look-back. */
const rules: Readonly<Record<string, (data: SearchedData) => readonly number[]>> = {
  'one horizon, one season': ({ plan, season }) => [plan.horizon, season],
  'three horizons, two seasons': ({ plan, season }) => [3 * plan.horizon, 2 * season],
  'five horizons, two seasons': ({ plan, season }) => [5 * plan.horizon, 2 * season],
  'longest season once': (data) => [
    3 * data.plan.horizon,
    2 * data.season,
    ...calendarSeasons(data),
  ],
  'longest season twice': (data) => [
    3 * data.plan.horizon,
    2 * data.season,
    ...calendarSeasons(data).map((steps) => 2 * steps),
  ],
};

/** Seasons of the calendar that fit twice into the longest candidate. */
function calendarSeasons(data: SearchedData): number[] {
  const longest = lookBackCandidates(data).at(-1)!;
  return candidateSeasons(data.panel.frequency).filter((steps) => 2 * steps <= longest);
}

function lookBackBy(rule: string, data: SearchedData): number {
  const candidates = lookBackCandidates(data);
  const span = Math.max(...rules[rule]!(data));
  return candidates.find((steps) => steps >= span) ?? candidates.at(-1)!;
}

/** One training, scored on its validation folds. */
interface Row {
  readonly file: string;
  readonly model: string;
  readonly rule: string;
  readonly lookBack: number;
  readonly learningRate: number;
  readonly patience: number;
  readonly mase: number;
}

type Setting = Pick<Row, 'rule' | 'learningRate' | 'patience'>;

const settings: readonly Setting[] = [
  ...learningRates.flatMap((learningRate) =>
    patiences.map((patience) => ({ ...chosen, learningRate, patience })),
  ),
  ...Object.keys(rules)
    .filter((rule) => rule !== chosen.rule)
    .map((rule) => ({ ...chosen, rule })),
];

/** Trains every network in every setting on one data set. */
async function scoreTask(
  { file, horizon, request }: (typeof tasks)[number],
  folder: string,
): Promise<Row[]> {
  const artifacts = createLocalArtifacts(join(folder, 'artifacts'));
  const inference = createInference({ artifacts });
  const training = createTraining({ progressFolder: folder, clock: () => performance.now() });
  const { panel } = await createDatasets().load({
    ...request,
    data: join('../shared/data', file),
  });
  const plan = foldPlanOf(panel, horizon);
  const season = defaultSeason(panel.frequency);
  const rows: Row[] = [];
  for (const model of networks) {
    for (const setting of settings) {
      const { learningRate, patience } = setting;
      const lookBack = lookBackBy(setting.rule, { panel, plan, season });
      const task = { model, hyperparameters: {}, panel, horizon, plan, seed: 1 };
      const trained = await training.train({
        ...task,
        settings: trainingSettingsSchema.parse({ lookBack, learningRate, patience }),
        progressKey: `${file}/${model.name}/${lookBack}/${learningRate}/${patience}`,
        emit: () => undefined,
      });
      const uri = await artifacts.put(buildForecastNetwork(trained));
      const forecast = onFolds(panel, (origins) =>
        inference.forecastPanel({ uri, lookBack, horizon }, panel, origins),
      );
      const { scores } = await createEvaluation().backtest(
        panel,
        plan,
        [{ name: model.name, forecast }],
        { season, kinds: ['validation'], levels: [] },
      );
      rows.push({ file, model: model.name, ...setting, lookBack, mase: scores[0]!.mase! });
    }
  }
  await inference.close();
  return rows;
}

/** Geometric mean of the validation MASE over data sets and networks. */
function meanOf(rows: readonly Row[], { rule, learningRate, patience }: Setting): number {
  const logs = rows
    .filter(
      (row) => row.rule === rule && row.learningRate === learningRate && row.patience === patience,
    )
    .map(({ mase }) => Math.log(mase));
  return Math.exp(logs.reduce((sum, value) => sum + value, 0) / logs.length);
}

/** `--save` writes bench/results/defaults.json. */
export async function main(args: readonly string[] = process.argv.slice(3)): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'agentic-forecast-defaults-'));
  const rows: Row[] = [];
  for (const task of tasks) {
    rows.push(...(await scoreTask(task, folder)));
    console.log(`${task.file}: done`);
  }
  const means = settings.map((setting) => ({ ...setting, mase: meanOf(rows, setting) }));
  for (const { rule, learningRate, patience, mase } of means) {
    console.log([rule, learningRate, patience, mase.toFixed(4)].join('  '));
  }
  rmSync(folder, { recursive: true, force: true });
  if (!args.includes('--save')) return;
  const what = 'MASE on validation folds: geometric means over data sets and networks, and each';
  const machine = describeMachine();
  const rounded = (_: string, value: unknown): unknown =>
    typeof value === 'number' ? Number(value.toFixed(4)) : value;
  mkdirSync('bench/results', { recursive: true });
  writeFileSync(
    'bench/results/defaults.json',
    `${JSON.stringify({ benchmark: 'defaults', what, machine, means, results: rows }, rounded, 2)}\n`,
  );
}
