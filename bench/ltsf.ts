/**
 * LTSF benchmark: networks on ETTh1 and ETTm1 under the protocol of Zeng et al. 2023 ("Are Transformers Effective for Time
 * Series Forecasting?", AAAI), each trained as its authors did, beside the numbers they published for one seed. Here a
 * cell is the median over seeds; what is chosen is chosen on the validation part.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { median } from '../series/quantiles.ts';
import { createTraining, type Training } from '../services/training/training.ts';
import {
  type Channels,
  readChannels,
  scoreRepeat,
  type SeedResult,
  trainNetwork,
} from './ltsf-protocol.ts';
import { horizons, published, publishedScores, type Scores } from './ltsf-published.ts';
import { dataSets, recipes } from './ltsf-recipes.ts';
import { openResults } from './results-file.ts';

const defaultModels = ['repeat-last', 'seasonal-naive', 'nlinear', 'dlinear'];

/** What a cell is about. */
interface Key {
  readonly data: string;
  readonly model: string;
  readonly horizon: number;
}

/** One cell: the scores, or their median over seeds. */
interface Row extends Key, Scores {
  readonly published: Scores | null;
  /** As the authors counted, where they did it otherwise. */
  readonly asPublished?: Scores;
  /** Look-back and training of a network. */
  readonly training?: object;
  readonly seeds: readonly SeedResult[];
}

const medianOf = (scores: readonly Scores[]): Scores => ({
  mse: median(Float64Array.from(scores, ({ mse }) => mse)),
  mae: median(Float64Array.from(scores, ({ mae }) => mae)),
});

async function runCell(
  name: string,
  channels: Channels,
  horizon: number,
  seeds: number,
  training: Training,
): Promise<Row> {
  const { data } = channels;
  const cell = {
    data: data.name,
    model: name,
    horizon,
    published: publishedScores(name, data.name, horizon),
  };
  if (name === 'repeat-last' || name === 'seasonal-naive') {
    const period = name === 'repeat-last' ? 1 : data.season;
    return { ...cell, ...(await scoreRepeat(channels, horizon, period)), seeds: [] };
  }
  const recipe = recipes[name]!(data.name, horizon);
  const counting = published[name]?.counting;
  const results: SeedResult[] = [];
  for (let seed = 1; seed <= seeds; seed++) {
    results.push(await trainNetwork({ recipe, channels, horizon, seed, training, counting }));
  }
  const asPublished = results.flatMap((result) => result.asPublished ?? []);
  const { model: _model, ...trained } = recipe;
  return {
    ...cell,
    ...medianOf(results),
    ...(asPublished.length > 0 && { asPublished: medianOf(asPublished) }),
    training: trained,
    seeds: results,
  };
}

const shown = ({ mse, mae }: Scores): string => `${mse.toFixed(3)} ${mae.toFixed(3)}`;

function print(row: Row): void {
  const { data, model, horizon, published: theirs, asPublished, seeds } = row;
  const cells = [data, model.padEnd(14), String(horizon).padStart(3), shown(row)];
  if (asPublished) cells.push(`counted as published ${shown(asPublished)}`);
  if (theirs) {
    const ours = asPublished ?? row;
    const ratios = { mse: ours.mse / theirs.mse, mae: ours.mae / theirs.mae };
    cells.push(`published ${shown(theirs)}`, `ratio ${shown(ratios)}`);
  }
  if (seeds.length > 0) {
    const all = seeds.map(({ mse }) => mse).sort((a, b) => a - b);
    const mean = (of: (seed: SeedResult) => number): number =>
      seeds.reduce((sum, seed) => sum + of(seed), 0) / seeds.length;
    cells.push(
      `MSE ${all[0]!.toFixed(3)}-${all.at(-1)!.toFixed(3)} over ${seeds.length} seeds`,
      `${mean(({ seconds }) => seconds).toFixed(1)} s and ${mean(({ epochs }) => epochs)} epochs each`,
    );
  }
  console.log(cells.join('  '));
}

const what =
  'ETT, standardised by the training part, all test windows; medians over seeds beside what the authors published';
const keyOf = ({ data, model, horizon }: Key): string => `${data}/${model}/${horizon}`;

/** Values of comma-separated option `name`, each one of `known`. */
function listed(args: readonly string[], name: string, known: readonly string[]): string[] | null {
  if (!args.includes(name)) return null;
  const values = (args[args.indexOf(name) + 1] ?? '').split(',');
  const unknown = values.find((value) => !known.includes(value));
  if (unknown !== undefined) {
    console.error(`${name} does not know "${unknown}"; it knows ${known.join(', ')}.`);
    process.exit(64);
  }
  return values;
}

/**
 * `--models`, `--horizons` and `--data` are comma-separated lists (default: the naive and linear ones, all four, ETTh1),
 * `--folder` holds `<data>.csv.gz`, `--seeds N` (default 5), `--save` writes bench/results/ltsf.json.
 */
export async function main(args: readonly string[] = process.argv.slice(3)): Promise<void> {
  const option = (name: string): string | undefined =>
    args.includes(name) ? args[args.indexOf(name) + 1] : undefined;
  const seeds = Number(option('--seeds') ?? 5);
  const folder = option('--folder') ?? '../shared/data/ett';
  const naive = ['repeat-last', 'seasonal-naive'];
  const models = listed(args, '--models', [...naive, ...Object.keys(recipes)]) ?? defaultModels;
  const wanted = listed(args, '--horizons', horizons.map(String)) ?? horizons.map(String);
  const names = listed(
    args,
    '--data',
    dataSets.map(({ name }) => name),
  ) ?? ['ETTh1'];
  const progressFolder = mkdtempSync(join(tmpdir(), 'agentic-forecast-ltsf-'));
  const training = createTraining({ progressFolder, clock: () => performance.now() });
  const results = openResults<Row, Key>({ benchmark: 'ltsf', what, published }, keyOf, {
    save: args.includes('--save'),
  });
  console.log('data, model, horizon, MSE, MAE');
  for (const data of dataSets.filter(({ name }) => names.includes(name))) {
    const channels = readChannels(join(folder, `${data.name}.csv.gz`), data);
    for (const horizon of wanted.map(Number)) {
      for (const model of models) {
        const row = await runCell(model, channels, horizon, seeds, training);
        print(row);
        results.put(row);
      }
    }
  }
  rmSync(progressFolder, { recursive: true, force: true });
}
