/**
 * How fast each device trains: optimiser steps a second of a perceptron and of the real networks, small and large batch,
 * on every device that is found, the processor beside them, with what the device leaves to the processor. `--tiny` takes
 * sizes that a software device can finish, `--models a,b` other networks, `--save` keeps the result.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { neuralModels } from '../models/neural/index.ts';
import type { NeuralModel } from '../models/model.ts';
import { planFolds } from '../series/folds.ts';
import { createPanel } from '../series/panel.ts';
import { createCompute } from '../services/compute/compute.ts';
import type { Device } from '../services/compute/devices.ts';
import { readMemory } from '../services/compute/processor.ts';
import { measureSteps } from '../services/compute/probe.ts';
import { trainingSettingsSchema } from '../services/training/settings.ts';
import { createTraining } from '../services/training/training.ts';
import { createRandom } from '../tensor/random.ts';

/** How large everything is. */
interface Sizes {
  readonly perceptrons: readonly { readonly width: number; readonly batch: number }[];
  readonly batches: readonly number[];
  readonly lookBack: number;
  readonly horizon: number;
  readonly series: number;
  readonly length: number;
  readonly seconds: number;
}

const full: Sizes = {
  perceptrons: [
    { width: 64, batch: 32 },
    { width: 512, batch: 1024 },
    { width: 2048, batch: 4096 },
  ],
  batches: [32, 1024],
  lookBack: 336,
  horizon: 96,
  series: 64,
  length: 4000,
  seconds: 10,
};
const tiny: Sizes = {
  perceptrons: [{ width: 32, batch: 16 }],
  batches: [8],
  lookBack: 24,
  horizon: 8,
  series: 4,
  length: 200,
  seconds: 3,
};
const usualModels = ['nlinear', 'nhits', 'patchtst', 'tft'];
const threads = availableParallelism();
const now = (): number => performance.now();
const compute = createCompute({ threads, environment: process.env, now });

/** One line of the result. */
interface Row {
  readonly device: string;
  readonly workload: string;
  /** Null where it failed. */
  readonly stepsPerSecond: number | null;
  /** Where nodes ran, or why it failed. */
  readonly note: string;
}

/** Noisy waves of one length. */
function wavePanel({ series, length }: Sizes) {
  const random = createRandom(1);
  const count = series * length;
  return createPanel({
    ids: Array.from({ length: series }, (_, i) => `series ${i}`),
    offsets: Uint32Array.from({ length: series + 1 }, (_, i) => i * length),
    time: Float64Array.from({ length: count }, (_, i) => i % length),
    y: Float64Array.from({ length: count }, (_, i) => Math.sin(i / 7) + 0.1 * random.normal()),
    frequency: { unit: 'index', count: 1, anchor: 'start' },
  });
}

async function measureNetwork(
  folder: string,
  model: NeuralModel,
  device: Device,
  batchSize: number,
  sizes: Sizes,
): Promise<Row> {
  const { lookBack, horizon, series, length, seconds } = sizes;
  const training = createTraining({
    progressFolder: folder,
    clock: now,
    threads,
    chooseDevice: () => compute.choose(device.name),
  });
  let note = '';
  const lengths = Array.from({ length: series }, () => length);
  const steps = { maxSteps: 2000, validateEvery: 2000, patience: 0 };
  const workload = `${model.name}, batch ${batchSize}`;
  const trained = await training.train({
    model,
    hyperparameters: {},
    settings: trainingSettingsSchema.parse({ lookBack, batchSize, ...steps }),
    panel: wavePanel(sizes),
    horizon,
    plan: planFolds(lengths, horizon, lookBack),
    seed: 1,
    progressKey: `devices/${device.name}-${model.name}-${batchSize}`,
    maxMs: seconds * 1000,
    emit: (_, fields) => {
      if (typeof fields?.['placement'] === 'string') note = fields['placement'];
    },
  });
  return { device: device.name, workload, stepsPerSecond: trained.stepsPerSecond, note };
}

async function measureDevice(
  folder: string,
  device: Device,
  models: readonly NeuralModel[],
  sizes: Sizes,
): Promise<Row[]> {
  const rows: Row[] = [];
  const { providers } = await compute.choose(device.name);
  const measure = async (workload: string, work: () => Promise<Row>): Promise<void> => {
    const failed = (error: unknown): Row => {
      const note = String(error).split('\n')[0]!;
      return { device: device.name, workload, stepsPerSecond: null, note };
    };
    rows.push(await work().catch(failed));
  };
  for (const size of device.name === 'tfjs' ? [] : sizes.perceptrons) {
    const workload = `perceptron, 3 layers of ${size.width}, batch ${size.batch}`;
    await measure(workload, async () => {
      const forMs = sizes.seconds * 500;
      const stepsPerSecond = await measureSteps(size, { providers, threads, forMs, now });
      return { device: device.name, workload, stepsPerSecond, note: '' };
    });
  }
  for (const model of models) {
    for (const batch of sizes.batches) {
      await measure(`${model.name}, batch ${batch}`, () =>
        measureNetwork(folder, model, device, batch, sizes),
      );
    }
  }
  return rows;
}

/** Measures and prints; with `--save` also writes `bench/results/devices.json`. */
export async function main(args: readonly string[]): Promise<void> {
  const sizes = args.includes('--tiny') ? tiny : full;
  const named = args[args.indexOf('--models') + 1]?.split(',');
  const wanted = args.includes('--models') && named !== undefined ? named : usualModels;
  const models = neuralModels.filter(({ name }) => wanted.includes(name));
  const devices = await compute.devices();
  const usable = devices.filter(
    ({ whyNot, software }) => whyNot === undefined && (!software || sizes === tiny),
  );
  for (const { name, whyNot } of devices) if (whyNot) console.log(`${name}: ${whyNot}`);
  const folder = mkdtempSync(join(tmpdir(), 'devices-'));
  const results: Row[] = [];
  for (const device of usable)
    results.push(...(await measureDevice(folder, device, models, sizes)));
  rmSync(folder, { recursive: true });
  console.table(results);
  if (!args.includes('--save')) return;
  const machine = { devices, threads, node: process.version, memory: readMemory() };
  mkdirSync('bench/results', { recursive: true });
  const report = `${JSON.stringify({ machine, sizes, results }, null, 2)}\n`;
  writeFileSync('bench/results/devices.json', report);
}
