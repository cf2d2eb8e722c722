/**
 * LTSF benchmark: NLinear and DLinear on ETTh1 under the protocol of Zeng et al. 2023 ("Are Transformers Effective for
 * Time Series Forecasting?", AAAI), beside the numbers they published for one seed. Here a cell is the median over seeds,
 * and only the validation part chooses anything.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { NeuralModel } from '../models/model.ts';
import { dlinear } from '../models/neural/dlinear.ts';
import { nlinear } from '../models/neural/nlinear.ts';
import type { FoldPlan } from '../series/folds.ts';
import { median } from '../series/quantiles.ts';
import { createPanel, type Panel, seriesValues } from '../series/panel.ts';
import type { Artifacts } from '../services/artifacts/artifacts.ts';
import { createLocalArtifacts } from '../services/artifacts/local.ts';
import {
  buildForecastNetwork,
  createInference,
  type Inference,
} from '../services/inference/inference.ts';
import { scaleOf } from '../services/training/column.ts';
import { createEpochs, type WindowDraw } from '../services/training/sampling.ts';
import { trainingSettingsSchema } from '../services/training/settings.ts';
import { createTraining, type Training } from '../services/training/training.ts';
import { assert } from '../state/errors.ts';

// Twelve, four and four months of hours.
const parts = { training: 8640, validation: 2880, test: 2880 } as const;
const length = 14_400;
const lookBack = 336;
const season = 24;
const horizons = [96, 192, 336, 720] as const;
const protocol = { learningRate: 0.005, batchWindows: 32, epochs: 10, patience: 3 } as const;

interface Scores {
  readonly mse: number;
  readonly mae: number;
}

/** Table 2 of the paper, ETTh1, by horizon. */
const published: Readonly<Record<string, readonly Scores[]>> = {
  nlinear: [
    { mse: 0.374, mae: 0.394 },
    { mse: 0.408, mae: 0.415 },
    { mse: 0.429, mae: 0.427 },
    { mse: 0.44, mae: 0.453 },
  ],
  dlinear: [
    { mse: 0.375, mae: 0.399 },
    { mse: 0.405, mae: 0.416 },
    { mse: 0.439, mae: 0.443 },
    { mse: 0.472, mae: 0.49 },
  ],
};

interface SeedResult extends Scores {
  readonly seed: number;
  /** Epochs trained, and the epoch whose weights were kept. */
  readonly epochs: number;
  readonly bestEpoch: number;
  /** Seconds of training. */
  readonly seconds: number;
}

/** One cell: the scores, or their median over seeds. */
interface Row extends Scores {
  readonly model: string;
  readonly horizon: number;
  readonly published: Scores | null;
  readonly seeds: readonly SeedResult[];
}

/** The channels of ETTh1, each standardised by its training part, as one series each. */
function readChannels(path: string): Panel {
  const lines = gunzipSync(readFileSync(path)).toString('utf8').trim().split('\n');
  const ids = lines[0]!.split(',').slice(1);
  const rows = lines.slice(1, 1 + length).map((line) => line.split(',').slice(1).map(Number));
  assert(rows.length === length && ids.length === 7, 'ETTh1 has seven channels of 20 months');
  const y = new Float64Array(ids.length * length);
  for (const c of ids.keys()) {
    const values = Float64Array.from(rows, (row) => row[c]!);
    const { level, spread } = scaleOf(values.subarray(0, parts.training));
    for (const [t, value] of values.entries()) y[c * length + t] = (value - level) / spread;
  }
  return createPanel({
    ids,
    offsets: Uint32Array.from({ length: ids.length + 1 }, (_, c) => c * length),
    time: Float64Array.from(y, (_, k) => Date.UTC(2016, 6, 1, k % length)),
    y,
    frequency: { unit: 'hour', count: 1, anchor: 'start' },
  });
}

/** One sample is a window of time with all its channels; an epoch sees every window once. */
function drawOf(panel: Panel, horizon: number, seed: number): WindowDraw {
  const windows = parts.training - lookBack - horizon + 1;
  const at = createEpochs(windows, seed);
  const channels = panel.ids.length;
  const batch = protocol.batchWindows * channels;
  return {
    name: 'windows-with-all-channels',
    batch,
    windows,
    starts: (step, steps) =>
      BigInt64Array.from({ length: steps * batch }, (_, k) => {
        const sample = step * protocol.batchWindows + Math.floor(k / channels);
        return BigInt((k % channels) * length + at(sample));
      }),
  };
}

/** Scores over all windows of the test part and all channels. */
async function scoreTest(
  panel: Panel,
  horizon: number,
  forecastAll: (values: Float64Array, origins: Int32Array) => Promise<ArrayLike<number>>,
): Promise<Scores> {
  const first = parts.training + parts.validation;
  const origins = Int32Array.from({ length: parts.test - horizon + 1 }, (_, k) => first + k);
  let squares = 0;
  let absolutes = 0;
  for (const c of panel.ids.keys()) {
    const values = seriesValues(panel, c);
    const forecasts = await forecastAll(values, origins);
    for (const [row, origin] of origins.entries()) {
      for (let k = 0; k < horizon; k++) {
        const error = forecasts[row * horizon + k]! - values[origin + k]!;
        squares += error * error;
        absolutes += Math.abs(error);
      }
    }
  }
  const count = panel.ids.length * origins.length * horizon;
  return { mse: squares / count, mae: absolutes / count };
}

interface Engines {
  readonly training: Training;
  readonly inference: Inference;
  readonly artifacts: Artifacts;
}

async function trainNetwork(
  model: NeuralModel,
  panel: Panel,
  horizon: number,
  seed: number,
  { training, inference, artifacts }: Engines,
): Promise<SeedResult> {
  const plan: FoldPlan = {
    horizon,
    folds: [
      { kind: 'validation', stepsFromEnd: parts.validation + parts.test },
      { kind: 'test', stepsFromEnd: parts.test },
    ],
    trainStepsFromEnd: parts.validation + parts.test,
  };
  const draw = drawOf(panel, horizon, seed);
  const stepsPerEpoch = Math.floor(draw.windows / protocol.batchWindows);
  const trained = await training.train({
    model,
    hyperparameters: {},
    settings: trainingSettingsSchema.parse({
      lookBack,
      learningRate: protocol.learningRate,
      learningRateDecay: protocol.epochs - 1,
      batchSize: draw.batch,
      maxSteps: protocol.epochs * stepsPerEpoch,
      validateEvery: stepsPerEpoch,
      patience: protocol.patience,
      loss: 'mse',
      scaler: 'none',
    }),
    panel,
    horizon,
    plan,
    seed,
    progressKey: `${model.name}/${horizon}/${seed}`,
    emit: () => undefined,
    draw,
  });
  const uri = await artifacts.put(buildForecastNetwork(trained));
  const scores = await scoreTest(panel, horizon, (values, origins) => {
    const windows = new Float32Array(origins.length * lookBack);
    for (const [row, origin] of origins.entries()) {
      windows.set(values.subarray(origin - lookBack, origin), row * lookBack);
    }
    return inference.predict(uri, windows, origins.length);
  });
  return {
    seed,
    ...scores,
    epochs: Math.round(trained.steps / stepsPerEpoch),
    bestEpoch: Math.round(trained.bestStep / stepsPerEpoch),
    seconds: trained.seconds,
  };
}

async function runNetwork(
  model: NeuralModel,
  panel: Panel,
  horizon: (typeof horizons)[number],
  seeds: number,
  engines: Engines,
): Promise<Row> {
  const results: SeedResult[] = [];
  for (let seed = 1; seed <= seeds; seed++) {
    results.push(await trainNetwork(model, panel, horizon, seed, engines));
  }
  return {
    model: model.name,
    horizon,
    mse: median(Float64Array.from(results, ({ mse }) => mse)),
    mae: median(Float64Array.from(results, ({ mae }) => mae)),
    published: published[model.name]![horizons.indexOf(horizon)]!,
    seeds: results,
  };
}

/** Repeats the last `period` values over the horizon. */
async function runRepeat(
  name: string,
  period: number,
  panel: Panel,
  horizon: number,
): Promise<Row> {
  const scores = await scoreTest(panel, horizon, (values, origins) =>
    Promise.resolve(
      Float64Array.from({ length: origins.length * horizon }, (_, k) => {
        const origin = origins[Math.floor(k / horizon)]!;
        return values[origin - period + ((k % horizon) % period)]!;
      }),
    ),
  );
  return { model: name, horizon, ...scores, published: null, seeds: [] };
}

function print({ model, horizon, mse, mae, published, seeds }: Row): void {
  const cells = [model.padEnd(14), String(horizon).padStart(3), mse.toFixed(3), mae.toFixed(3)];
  if (published !== null) {
    const all = seeds.map((result) => result.mse).sort((a, b) => a - b);
    const seconds = seeds.reduce((sum, result) => sum + result.seconds, 0) / seeds.length;
    cells.push(
      `published ${published.mse.toFixed(3)} ${published.mae.toFixed(3)}`,
      `ratio ${(mse / published.mse).toFixed(3)} ${(mae / published.mae).toFixed(3)}`,
      `MSE ${all[0]!.toFixed(3)}-${all.at(-1)!.toFixed(3)} over ${all.length} seeds`,
      `${seconds.toFixed(1)} s each`,
    );
  }
  console.log(cells.join('  '));
}

const rounded = (_: string, value: unknown): unknown =>
  typeof value === 'number' ? Number(value.toFixed(4)) : value;

function save(rows: readonly Row[]): void {
  const machine = {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memoryGib: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
  };
  const what =
    'ETTh1, look-back 336, standardised, all test windows; medians beside Zeng et al. 2023';
  mkdirSync('bench/results', { recursive: true });
  writeFileSync(
    'bench/results/ltsf.json',
    `${JSON.stringify({ benchmark: 'ltsf', what, machine, protocol, results: rows }, rounded, 2)}\n`,
  );
}

/** `--data FILE` names ETTh1.csv.gz, `--seeds N` (default 5), `--save` writes bench/results/ltsf.json. */
export async function main(args: readonly string[] = process.argv.slice(3)): Promise<void> {
  const option = (name: string): string | undefined =>
    args.includes(name) ? args[args.indexOf(name) + 1] : undefined;
  const seeds = Number(option('--seeds') ?? 5);
  const panel = readChannels(option('--data') ?? '../shared/data/ett/ETTh1.csv.gz');
  const folder = mkdtempSync(join(tmpdir(), 'agentic-forecast-ltsf-'));
  const artifacts = createLocalArtifacts(join(folder, 'artifacts'));
  const inference = createInference({ artifacts });
  const training = createTraining({ progressFolder: folder, clock: () => performance.now() });
  const engines = { training, inference, artifacts };
  const rows: Row[] = [];
  const add = (row: Row): void => {
    rows.push(row);
    print(row);
  };
  console.log('ETTh1, look-back 336: model, horizon, MSE, MAE');
  for (const horizon of horizons) {
    add(await runRepeat('repeat-last', 1, panel, horizon));
    add(await runRepeat('seasonal-naive', season, panel, horizon));
    for (const model of [nlinear, dlinear]) {
      add(await runNetwork(model, panel, horizon, seeds, engines));
    }
  }
  await inference.close();
  rmSync(folder, { recursive: true, force: true });
  if (args.includes('--save')) save(rows);
}
