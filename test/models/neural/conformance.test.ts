/** Conformance suite of networks: every model of the list passes all of it. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { NeuralModel } from '../../../models/model.ts';
import { neuralModels } from '../../../models/neural/index.ts';
import { planFolds } from '../../../series/folds.ts';
import { createLocalArtifacts } from '../../../services/artifacts/local.ts';
import { buildForecastNetwork, createInference } from '../../../services/inference/inference.ts';
import { buildWindowGraph, type NetworkDefinition } from '../../../services/training/network.ts';
import { trainingSettingsSchema } from '../../../services/training/settings.ts';
import { createTraining } from '../../../services/training/training.ts';
import { createDropout } from '../../../tensor/dropout.ts';
import { gradients } from '../../../tensor/gradient.ts';
import { createProgram } from '../../../tensor/program.ts';
import { createRandom } from '../../../tensor/random.ts';
import { temporaryFolder } from '../../services/temporary-folder.ts';
import { panelOf, sine } from '../../services/training/series.ts';
import {
  definitionOf,
  feedsOf,
  freshWeights,
  layoutOf,
  runNetwork,
  runOnFeeds,
} from './run-network.ts';
import { smallNetwork } from './small-networks.ts';

const folder = temporaryFolder('networks');
const artifacts = createLocalArtifacts(join(folder, 'artifacts'));

/** Sizes that networks are asked for: shortest, horizon beyond the look-back, odd, common. */
const sizes = [
  [1, 1],
  [2, 5],
  [7, 3],
  [48, 24],
] as const;

const noise = (length: number, seed: number): Float32Array => {
  const { normal } = createRandom(seed, 'noise');
  return Float32Array.from({ length }, normal);
};

const small = (
  model: NeuralModel,
  lookBack: number,
  horizon: number,
  more: Partial<NetworkDefinition> = {},
): NetworkDefinition => {
  const { hyperparameters, layout } = smallNetwork(model);
  return definitionOf(model, lookBack, horizon, hyperparameters, { layout, ...more });
};

/** The series of one sample of `model`: sines of different phase. */
const sines = (model: NeuralModel, length: number, size = 1, level = 0) =>
  Array.from({ length: smallNetwork(model).across }, (_, c) =>
    sine(length, { period: 12, size, level, phase: 2 * c }),
  );

const trainOnSine = (model: NeuralModel) => {
  const { hyperparameters, learningRate, maxSteps, across } = smallNetwork(model);
  return createTraining({ progressFolder: folder, clock: Date.now, threads: 1 }).train({
    model,
    hyperparameters,
    settings: trainingSettingsSchema.parse({
      lookBack: 24,
      learningRate,
      batchSize: 64 * across,
      maxSteps,
      validateEvery: 50,
    }),
    panel: panelOf(sines(model, 400)),
    horizon: 6,
    plan: planFolds([400], 6, 30),
    seed: 1,
    progressKey: model.name,
    emit: () => undefined,
  });
};

/** Gradients of the loss by parameter, of a training graph on noise. */
async function gradientsOf(definition: NetworkDefinition): Promise<Record<string, Float32Array>> {
  const dropout = createDropout();
  const graph = buildWindowGraph({ ...definition, loss: 'mse' }, 8, {
    seriesLength: 64,
    mode: { dropout: dropout.dropout },
  });
  const outputs = gradients(graph.value, graph.parameters).map(
    (gradient, i) => [`d ${graph.parameters[i]!.name}`, gradient] as const,
  );
  const program = await createProgram(Object.fromEntries(outputs), {
    parameters: freshWeights(definition),
    threads: 1,
  });
  const series = noise(64 * (definition.layout?.channels ?? 1), 5);
  const drawn = Object.entries(dropout.batchFeeds(1, 0, 1)).map(
    ([name, { data }]) => [name, { data, shape: [] }] as const,
  );
  const results = await program.run({
    series: { data: series, shape: [series.length] },
    starts: { data: BigInt64Array.from({ length: 8 }, (_, i) => BigInt(5 * i)), shape: [8] },
    ...dropout.dataFeeds(1),
    ...Object.fromEntries(drawn),
  });
  await program.release();
  return results;
}

describe.each(neuralModels)('network $name', (model) => {
  const { across, layout } = smallNetwork(model);

  it('has a unique kebab-case name, a source, defaults, and a search space inside its ranges', () => {
    expect(model.name).toMatch(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/);
    expect(neuralModels.filter(({ name }) => name === model.name).length).toBe(1);
    expect(model.source).toMatch(/\d{4}/);
    const defaults = model.hyperparameters.parse({});
    expect(Object.keys(model.searchSpace).every((name) => name in defaults)).toBe(true);
    // A flat configuration holds both.
    const settings = trainingSettingsSchema.parse({ lookBack: 4, ...model.trainingDefaults });
    expect(Object.keys(defaults).filter((name) => name in settings)).toEqual([]);
    for (const [name, dimension] of Object.entries(model.searchSpace)) {
      const values =
        dimension.kind === 'choice' ? dimension.values : [dimension.low, dimension.high];
      for (const value of values) {
        expect(model.hyperparameters.safeParse({ [name]: value }).success).toBe(true);
      }
    }
  });

  it.each(sizes)(
    'gives finite forecasts of look-back %i and horizon %i',
    async (lookBack, horizon) => {
      const definition = small(model, lookBack, horizon);
      const width = across * lookBack;
      const windows = [noise(width, 1), noise(width, 2), new Float32Array(width)];
      const forecast = await runNetwork(definition, freshWeights(definition), windows);
      expect(forecast.length).toBe(3 * across * horizon);
      expect(forecast.every(Number.isFinite)).toBe(true);
    },
  );

  it('forecasts every sample by itself', async () => {
    const definition = small(model, 12, 4);
    const weights = freshWeights(definition);
    const windows = [1, 2, 3].map((seed) => noise(across * 12, seed));
    const together = await runNetwork(definition, weights, windows);
    for (const [row, window] of windows.entries()) {
      const alone = await runNetwork(definition, weights, [window]);
      const from = row * across * 4;
      for (const [k, value] of alone.entries()) expect(together[from + k]).toBeCloseTo(value, 4);
    }
  });

  it.each(['multi-quantile', 'normal', 'negative-binomial'])(
    'gives as many numbers a step as the loss %s asks for',
    async (loss) => {
      const definition = small(model, 12, 4, { loss });
      const feeds = {
        window: { data: noise(across * 12, 1), shape: [1, ...acrossOf(layout), 12] },
      };
      const { outputs } = await runOnFeeds(definition, freshWeights(definition), feeds);
      expect(outputs!.length).toBe(across * 4 * (loss === 'multi-quantile' ? 3 : 2));
      expect(outputs!.every(Number.isFinite)).toBe(true);
    },
  );

  it('has a gradient on every parameter', async () => {
    const gradient = await gradientsOf(small(model, 12, 4));
    for (const [name, values] of Object.entries(gradient)) {
      expect(values.every(Number.isFinite), name).toBe(true);
      expect(
        values.some((value) => Math.abs(value) > 1e-8),
        name,
      ).toBe(true);
    }
  });

  it('takes gaps, and each kind of exogenous column that it lists makes a difference', async () => {
    const kinds = model.exogenous ?? [];
    const columns = layoutOf({
      ...(layout.channels !== null && { channels: layout.channels }),
      masked: true,
      future: kinds.includes('future') ? 2 : 0,
      historical: kinds.includes('historical') ? 2 : 0,
      static: kinds.includes('static') ? 2 : 0,
      categories: kinds.includes('categories') ? [3, 2] : [],
    });
    const definition = small(model, 12, 4, { layout: columns });
    const weights = freshWeights(definition);
    const feeds = feedsOf(definition, 2, noise);
    const plain = await runOnFeeds(definition, weights, feeds);
    expect(plain['forecast']!.every(Number.isFinite)).toBe(true);
    for (const kind of kinds) {
      const { data, shape } = feeds[kind]!;
      const changed =
        data instanceof BigInt64Array
          ? data.map((code) => 2n - code)
          : Float32Array.from(data as Float32Array, (value) => value + 1);
      const other = await runOnFeeds(definition, weights, {
        ...feeds,
        [kind]: { data: changed, shape },
      });
      expect(other['forecast'], kind).not.toEqual(plain['forecast']);
    }
  });

  it.runIf(model.decomposes)('exposes parts that add up to its forecast', async () => {
    const definition = small(model, 12, 4);
    const feeds = { window: { data: noise(across * 24, 1), shape: [2, ...acrossOf(layout), 12] } };
    const { forecast, ...others } = await runOnFeeds(definition, freshWeights(definition), feeds);
    const parts = Object.entries(others).filter(([name]) => name.startsWith('part:'));
    expect(parts.length).toBeGreaterThan(0);
    for (const [k, value] of forecast!.entries()) {
      const sum = parts.reduce((total, [, part]) => total + part[k]!, 0);
      expect(sum).toBeCloseTo(value, 4);
    }
  });

  it('learns a sine, and forecasts it from its stored file at any scale', async () => {
    const trained = await trainOnSine(model);
    // The mean absolute value of a sine of deviation 1 is 0.9.
    expect(trained.validationLoss).toBeLessThan(0.05);
    const uri = await artifacts.put(buildForecastNetwork(trained));
    const inference = createInference({ artifacts, threads: 1 });
    for (const { size, level } of [
      { size: 1, level: 0 },
      { size: 1e12, level: -5e12 },
      { size: 1e-9, level: 1e-9 },
    ]) {
      const truth = sines(model, 106, size, level);
      const panel = panelOf(truth.map((values) => values.subarray(0, 100)));
      const reference = { uri, lookBack: 24, horizon: 6 };
      const origins = new Int32Array(across).fill(100);
      const forecast = await inference.forecastPanel(reference, panel, origins);
      for (const [k, value] of forecast.entries()) {
        const actual = truth[Math.floor(k / 6)]![100 + (k % 6)]!;
        expect(Math.abs(value - actual) / size).toBeLessThan(0.15);
      }
    }
    await inference.close();
  });

  it('computes the same from its stored file as from its graph', async () => {
    const definition = small(model, 24, 6);
    const parameters = freshWeights(definition);
    const { hyperparameters } = definition;
    const settings = trainingSettingsSchema.parse({ lookBack: 24, scaler: 'none' });
    const trained = {
      model: model.name,
      hyperparameters,
      settings,
      horizon: 6,
      parameters,
      layout,
    };
    const bytes = buildForecastNetwork(trained, { frequency: 'h' });
    expect(Buffer.from(buildForecastNetwork(trained, { frequency: 'h' })).equals(bytes)).toBe(true);
    const inference = createInference({ artifacts, threads: 1 });
    const window = noise(across * 24, 9);
    const values = Array.from({ length: across }, (_, c) => window.slice(24 * c, 24 * (c + 1)));
    const network = { uri: await artifacts.put(bytes), lookBack: 24, horizon: 6 };
    const stored = await inference.forecastPanel(
      network,
      panelOf(values),
      new Int32Array(across).fill(24),
    );
    const expected = await runNetwork(definition, parameters, [window]);
    // The runtime orders sums differently where it knows the weights beforehand.
    for (const [k, value] of stored.entries()) expect(value).toBeCloseTo(expected[k]!, 4);
    await inference.close();
  });
});

function acrossOf({ channels }: { readonly channels: number | null }): number[] {
  return channels === null ? [] : [channels];
}
