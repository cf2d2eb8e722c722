/** Tests of the LTSF protocol against published numbers: a full run of the benchmark is not needed for that. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readChannels, scoreRepeat, trainNetwork } from '../../bench/ltsf-protocol.ts';
import { horizons, published, publishedScores } from '../../bench/ltsf-published.ts';
import { dataSets, recipes } from '../../bench/ltsf-recipes.ts';
import { trainingSettingsSchema } from '../../services/training/settings.ts';
import { createTraining } from '../../services/training/training.ts';
import { temporaryFolder } from '../services/temporary-folder.ts';
import { sharedData } from '../shared-data.ts';

const folder = temporaryFolder('ltsf');
const [hourly, quarterly] = dataSets;
const hourlyPath = sharedData('ett/ETTh1.csv.gz');
const quarterlyPath = sharedData('ett/ETTm1.csv.gz');
const training = createTraining({ progressFolder: join(folder, 'progress'), clock: Date.now });

describe('the LTSF recipes', () => {
  it('are valid for every data set and horizon, and have published rows of whole tables', () => {
    for (const { name } of dataSets) {
      for (const horizon of horizons) {
        for (const recipe of Object.values(recipes)) {
          const { model, hyperparameters, settings, lookBack } = recipe(name, horizon);
          expect(model.hyperparameters.safeParse(hyperparameters).success).toBe(true);
          expect(trainingSettingsSchema.safeParse({ ...settings, lookBack }).success).toBe(true);
        }
      }
    }
    expect(publishedScores('patchtst', 'ETTh1', 720)).toEqual({ mse: 0.449, mae: 0.466 });
    expect(publishedScores('patchtst', 'ETTh1', 48)).toBeNull();
    expect(publishedScores('repeat-last', 'ETTh1', 192)).toBeNull();
    for (const [row, { scores }] of Object.entries(published)) {
      if (row === 'repeat-last') continue;
      expect(Object.values(scores).map((values) => values.length)).toEqual([8, 8]);
    }
  });
});

describe.skipIf(hourlyPath === undefined)('the LTSF protocol on ETTh1', () => {
  it('gives the published errors of repeating the last value', async () => {
    const { mse, mae } = await scoreRepeat(readChannels(hourlyPath!, hourly!), 96, 1);
    expect(mse).toBeCloseTo(publishedScores('repeat-last', 'ETTh1', 96)!.mse, 2);
    expect(mae).toBeCloseTo(publishedScores('repeat-last', 'ETTh1', 96)!.mae, 3);
  });

  it('knows the units of tables that are standardised by all before the test part', () => {
    const { inUnitsBeforeTest, panel } = readChannels(hourlyPath!, hourly!);
    const ratio = (id: string): number => inUnitsBeforeTest[panel.ids.indexOf(id)]! ** 2;
    expect(ratio('LUFL')).toBeCloseTo(0.709, 2);
    expect(ratio('OT')).toBeCloseTo(1.207, 2);
  });

  it('gives about the published errors of NLinear', async () => {
    const channels = readChannels(hourlyPath!, hourly!);
    const recipe = recipes['nlinear']!('ETTh1', 96);
    const { mse, mae } = await trainNetwork({ recipe, channels, horizon: 96, seed: 1, training });
    // Seeds spread over some 5 %.
    expect(mse).toBeLessThan(1.03 * publishedScores('nlinear', 'ETTh1', 96)!.mse);
    expect(mae).toBeLessThan(1.03 * publishedScores('nlinear', 'ETTh1', 96)!.mae);
  });

  it('trains a network on all channels together, and scores it without the last batch as well', async () => {
    const channels = readChannels(hourlyPath!, hourly!);
    const full = recipes['itransformer']!('ETTh1', 96);
    const recipe = {
      ...full,
      hyperparameters: { hidden: 16, feedForward: 16, layers: 1 },
      lookBack: 48,
      epochs: 1,
      settings: { ...full.settings, learningRate: 0.003 },
    };
    const task = { recipe, channels, horizon: 96, seed: 1, training };
    const result = await trainNetwork({ ...task, counting: { dropLast: 128 } });
    expect(result.mse).toBeLessThan(0.8); // repeating the last value has 1.295
    expect(result.asPublished!.mse).not.toBe(result.mse);
    expect(result.asPublished!.mse / result.mse).toBeCloseTo(1, 1);
    const inTheirUnits = await trainNetwork({ ...task, counting: { unit: 'before-test' } });
    expect(inTheirUnits.mse).toBe(result.mse);
    expect(inTheirUnits.asPublished!.mse / result.mse).toBeCloseTo(0.85, 1);
  });
});

describe.skipIf(quarterlyPath === undefined)('the LTSF protocol on ETTm1', () => {
  it('reads seven standardised channels of twelve, four and four months', () => {
    const { panel, length } = readChannels(quarterlyPath!, quarterly!);
    expect(length).toBe(57_600);
    expect(panel.ids.length).toBe(7);
    const first = panel.y.subarray(0, 34_560);
    expect(first.reduce((sum, value) => sum + value, 0) / first.length).toBeCloseTo(0, 6);
  });
});
