/**
 * Settings of N-HiTS for the LTSF benchmark: a random search as in neuralforecast's documentation, whose published row does
 * not say what it found. Draws are scored on the validation part; the test part is not looked at.
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
import { dataSets, type NhitsChoice, nhitsChoice, nhitsRecipe } from './ltsf-recipes.ts';
import { createOptions } from './options.ts';
import { printTable } from './print-table.ts';

/** The model's own space, and what neuralforecast's `AutoNHITS` searches beside it; its scalers, and ours that learns. */
const space: SearchSpace = {
  ...nhits.searchSpace,
  lookBack: { kind: 'choice', values: [1, 2, 3, 4, 5] },
  scaler: { kind: 'choice', values: ['none', 'standard', 'robust', 'revin'] },
  learningRate: { kind: 'log-uniform', low: 1e-4, high: 1e-3 },
};

/**
 * `--data ETTh1` names one set and `--horizons 96,192,336,720` its horizons; `--draws N` (20) are trained with one seed each,
 * the first with the recipe's own settings; `--folder` holds `<data>.csv.gz`. Prints every draw as it comes, then all, the
 * best first.
 */
export async function main(args: readonly string[] = process.argv.slice(3)): Promise<void> {
  const options = createOptions(args);
  const wanted = options.text('--data') ?? 'ETTh1';
  const data = dataSets.find(({ name }) => name === wanted);
  assert(data, `${wanted} is one of ${dataSets.map(({ name }) => name).join(', ')}`);
  const folder = options.text('--folder') ?? '../shared/data/ett';
  const channels = readChannels(join(folder, `${data.name}.csv.gz`), data);
  const progressFolder = mkdtempSync(join(tmpdir(), 'agentic-forecast-ltsf-'));
  const training = createTraining({ progressFolder, clock: () => performance.now() });
  const draws = drawConfigurations(space, nhitsChoice, options.number('--draws') ?? 20, 1);
  for (const horizon of options.list('--horizons', horizons.map(String)).map(Number)) {
    const scored: (Scores & { readonly choice: NhitsChoice })[] = [];
    for (const draw of draws) {
      const choice = draw as NhitsChoice;
      const recipe = nhitsRecipe(horizon, choice);
      const scores = await validateNetwork({ recipe, channels, horizon, seed: 1, training });
      scored.push({ choice, ...scores });
      console.log(horizon, scores.mse.toFixed(4), scores.mae.toFixed(4), JSON.stringify(choice));
    }
    console.log(`\n${data.name}, ${horizon} steps, errors on the validation part`);
    const ranked = scored.sort((a, b) => a.mse - b.mse);
    printTable(ranked.map(({ choice, ...scores }, k) => [String(k + 1), { ...scores, ...choice }]));
  }
  rmSync(progressFolder, { recursive: true, force: true });
}
