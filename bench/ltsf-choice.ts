/**
 * Settings of N-HiTS for the LTSF benchmark: the random search behind the published row (neuralforecast, experiments/long_horizon),
 * beside the recipe of the benchmark. Draws are scored on the validation part; the test part is not looked at.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SearchSpace } from '../models/model.ts';
import { nhits } from '../models/neural/nhits.ts';
import { drawConfigurations } from '../services/search/configurations.ts';
import { createTraining } from '../services/training/training.ts';
import { assert } from '../state/errors.ts';
import { readChannels, validateNetwork } from './ltsf-protocol.ts';
import { horizons, type Scores } from './ltsf-published.ts';
import { dataSets, nhitsRecipe, type Recipe } from './ltsf-recipes.ts';
import { createOptions } from './options.ts';
import { printTable } from './print-table.ts';

/** The published space. Its loss is Huber's with delta 0.5, between the two here. */
const space = {
  pooling: { kind: 'choice', values: ['2-2-2', '16-8-1'] },
  downsampling: { kind: 'choice', values: ['336-48-1', '84-12-1', '1-1-1'] },
  learningRate: { kind: 'log-uniform', low: 1e-5, high: 5e-3 },
  steps: { kind: 'choice', values: [200, 1000] },
  loss: { kind: 'choice', values: ['mae', 'huber'] },
} satisfies SearchSpace;

interface Draw {
  readonly pooling: string;
  readonly downsampling: string;
  readonly learningRate: number;
  readonly steps: number;
  readonly loss: 'mae' | 'huber';
}

/** Look-back of `factor` horizons, dropout of one half, and the weights after the last step, as published. */
const recipeOf = (draw: Draw, factor: number, horizon: number): Recipe => ({
  model: nhits,
  hyperparameters: { pooling: draw.pooling, downsampling: draw.downsampling, dropout: 0.5 },
  lookBack: factor * horizon,
  batchWindows: 36,
  epochs: 0,
  steps: draw.steps,
  settings: {
    learningRate: draw.learningRate,
    schedule: 'step',
    learningRateDecay: 3,
    loss: draw.loss,
  },
});

/**
 * `--data ETTh1` names one set and `--horizons 96,192,336,720` its horizons; `--draws N` (20) are trained with one seed each,
 * after the recipe of the benchmark; `--look-back K` (7) is in horizons; `--folder` holds `<data>.csv.gz`. Prints every draw as
 * it comes, then all, the best first.
 */
export async function main(args: readonly string[] = process.argv.slice(3)): Promise<void> {
  const options = createOptions(args);
  const wanted = options.text('--data') ?? 'ETTh1';
  const data = dataSets.find(({ name }) => name === wanted);
  assert(data, `${wanted} is one of ${dataSets.map(({ name }) => name).join(', ')}`);
  const folder = options.text('--folder') ?? '../shared/data/ett';
  const factor = options.number('--look-back') ?? 7;
  const channels = readChannels(join(folder, `${data.name}.csv.gz`), data);
  const progressFolder = mkdtempSync(join(tmpdir(), 'agentic-forecast-ltsf-'));
  const training = createTraining({ progressFolder, clock: () => performance.now() });
  const draws = drawConfigurations(space, undefined, options.number('--draws') ?? 20, 1);
  for (const horizon of options.list('--horizons', horizons.map(String)).map(Number)) {
    const candidates = [
      { name: 'recipe', recipe: nhitsRecipe(horizon) },
      ...draws.map((draw) => ({
        name: JSON.stringify(draw),
        recipe: recipeOf(draw as unknown as Draw, factor, horizon),
      })),
    ];
    const scored: (Scores & { readonly name: string })[] = [];
    for (const { name, recipe } of candidates) {
      const scores = await validateNetwork({ recipe, channels, horizon, seed: 1, training });
      scored.push({ name, ...scores });
      console.log(horizon, scores.mse.toFixed(4), scores.mae.toFixed(4), name);
    }
    console.log(`\n${data.name}, ${horizon} steps, errors on the validation part`);
    const ranked = scored.sort((a, b) => a.mae - b.mae);
    printTable(ranked.map(({ name, ...scores }) => [name, { ...scores }]));
  }
  rmSync(progressFolder, { recursive: true, force: true });
}
