/**
 * LTSF benchmark: NLinear and DLinear on ETTh1 under the protocol of Zeng et al. 2023 ("Are Transformers Effective for
 * Time Series Forecasting?", AAAI), beside the numbers they published for one seed. Here a cell is the median over seeds,
 * and only the validation part chooses anything.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import type { NeuralModel } from '../models/model.ts';
import { dlinear } from '../models/neural/dlinear.ts';
import { nlinear } from '../models/neural/nlinear.ts';
import { median } from '../series/quantiles.ts';
import type { Panel } from '../series/panel.ts';
import { createLocalArtifacts } from '../services/artifacts/local.ts';
import { createInference } from '../services/inference/inference.ts';
import { createTraining } from '../services/training/training.ts';
import {
  type Engines,
  protocol,
  readChannels,
  type Scores,
  scoreRepeat,
  type SeedResult,
  trainNetwork,
} from './ltsf-protocol.ts';

const horizons = [96, 192, 336, 720] as const;
const repeats = [
  { model: 'repeat-last', period: 1 },
  { model: 'seasonal-naive', period: 24 },
] as const;

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

/** One cell: the scores, or their median over seeds. */
interface Row extends Scores {
  readonly model: string;
  readonly horizon: number;
  readonly published: Scores | null;
  readonly seeds: readonly SeedResult[];
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
    for (const { model, period } of repeats) {
      const scores = await scoreRepeat(panel, horizon, period);
      add({ model, horizon, ...scores, published: null, seeds: [] });
    }
    for (const model of [nlinear, dlinear]) {
      add(await runNetwork(model, panel, horizon, seeds, engines));
    }
  }
  await inference.close();
  rmSync(folder, { recursive: true, force: true });
  if (args.includes('--save')) save(rows);
}
