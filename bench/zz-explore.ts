import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { findModel } from '../models/index.ts';
import type { NeuralModel } from '../models/model.ts';
import { createTraining } from '../services/training/training.ts';
import { readChannels } from './ltsf-protocol.ts';
import { dataSets } from './ltsf-recipes.ts';
import { createEpochs } from '../services/training/sampling.ts';
import { trainingSettingsSchema } from '../services/training/settings.ts';
export async function main() {
  const channels = readChannels('../shared/data/ett/ETTh1.csv.gz', dataSets[0]!);
  const folder = mkdtempSync('/tmp/explore-');
  const training = createTraining({ progressFolder: folder, clock: () => performance.now() });
  const horizon = 96;
  const base = { lookBack: 480, lr: 1e-3, scaler: 'none', loss: 'mae', pooling: '2-2-1', downsampling: '4-2-1', width: 512, dropout: 0 };
  const variants: Record<string, unknown>[] = [
    { lr: 1e-4 }, { lr: 3e-4 }, { lr: 1e-4, scaler: 'standard' }, { lr: 1e-4, pooling: '16-8-1', downsampling: '60-8-1' },
    { lr: 1e-4, pooling: '16-8-1', downsampling: '60-8-1', scaler: 'standard' }, { lr: 1e-4, lookBack: 288 }, { lr: 1e-4, dropout: 0.3 }, { lr: 1e-4, loss: 'mse' }, { lr: 1e-4, width: 128 },
  ];
  for (const variant of variants) {
    const v = { ...base, ...variant };
    const windows = 8640 - v.lookBack - horizon + 1;
    const at = createEpochs(windows, 1);
    const bw = 36; const batch = bw * 7;
    const per = Math.floor(windows / bw);
    const t = Date.now();
    const trained = await training.train({
      model: findModel('nhits') as NeuralModel,
      hyperparameters: { pooling: v.pooling, downsampling: v.downsampling, width: v.width, dropout: v.dropout },
      settings: trainingSettingsSchema.parse({ scaler: v.scaler, lookBack: v.lookBack, batchSize: batch, maxSteps: 8 * per, validateEvery: Math.floor(per / 2), patience: 4, learningRate: v.lr, schedule: 'step', learningRateDecay: 7, loss: v.loss }),
      panel: channels.panel, horizon, seed: 1,
      plan: { horizon, folds: [{ kind: 'validation', stepsFromEnd: 5760 }, { kind: 'test', stepsFromEnd: 2880 }], trainStepsFromEnd: 5760 },
      progressKey: JSON.stringify(variant).replaceAll('/', '_').slice(0, 80), emit: () => undefined,
      draw: { name: 'w', batch, windows, starts: (step, steps) => BigInt64Array.from({ length: steps * batch }, (_, k) => BigInt((k % 7) * 14400 + at(step * bw + Math.floor(k / 7)))) },
    });
    // validation MSE in z units
    console.log(JSON.stringify(variant), 'valloss', trained.validationLoss?.toFixed(4), 'best', (trained.bestStep / per).toFixed(1), 'steps', trained.steps, ((Date.now() - t) / 1000).toFixed(0) + 's');
  }
}
