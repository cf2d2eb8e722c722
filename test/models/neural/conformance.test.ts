/** Conformance suite of networks: every model of the list passes all of it. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { NeuralModel } from '../../../models/model.ts';
import { neuralModels } from '../../../models/neural/index.ts';
import { planFolds } from '../../../series/folds.ts';
import { createLocalArtifacts } from '../../../services/artifacts/local.ts';
import { buildForecastNetwork, createInference } from '../../../services/inference/inference.ts';
import { buildWindowGraph } from '../../../services/training/network.ts';
import { trainingSettingsSchema } from '../../../services/training/settings.ts';
import { createTraining } from '../../../services/training/training.ts';
import { gradients } from '../../../tensor/gradient.ts';
import { createProgram } from '../../../tensor/program.ts';
import { createRandom } from '../../../tensor/random.ts';
import { temporaryFolder } from '../../services/temporary-folder.ts';
import { panelOf, sine } from '../../services/training/series.ts';
import { definitionOf, freshWeights, runNetwork } from './run-network.ts';

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

const trainOnSine = (model: NeuralModel, size = 1, level = 0) => {
  const series = sine(400, { period: 12, size, level });
  return createTraining({ progressFolder: folder, clock: Date.now, threads: 1 }).train({
    model,
    hyperparameters: {},
    settings: trainingSettingsSchema.parse({
      lookBack: 24,
      learningRate: 0.01,
      batchSize: 64,
      maxSteps: 500,
      validateEvery: 50,
    }),
    panel: panelOf([series]),
    horizon: 6,
    plan: planFolds([400], 6, 30),
    seed: 1,
    progressKey: `${model.name}/${size}/${level}`,
    emit: () => undefined,
  });
};

describe.each(neuralModels)('network $name', (model) => {
  it('has a unique kebab-case name, a source, defaults, and a search space inside its ranges', () => {
    expect(model.name).toMatch(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/);
    expect(neuralModels.filter(({ name }) => name === model.name).length).toBe(1);
    expect(model.source).toMatch(/\d{4}/);
    const defaults = model.hyperparameters.parse({});
    expect(Object.keys(model.searchSpace).every((name) => name in defaults)).toBe(true);
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
      const definition = definitionOf(model, lookBack, horizon);
      const windows = [noise(lookBack, 1), noise(lookBack, 2), new Float32Array(lookBack)];
      const forecast = await runNetwork(definition, freshWeights(definition), windows);
      expect(forecast.length).toBe(3 * horizon);
      expect(forecast.every(Number.isFinite)).toBe(true);
    },
  );

  it('forecasts every window by itself', async () => {
    const definition = definitionOf(model, 12, 4);
    const weights = freshWeights(definition);
    const windows = [noise(12, 1), noise(12, 2), noise(12, 3)];
    const together = await runNetwork(definition, weights, windows);
    for (const [row, window] of windows.entries()) {
      const alone = await runNetwork(definition, weights, [window]);
      for (const [k, value] of alone.entries()) expect(together[row * 4 + k]).toBeCloseTo(value, 5);
    }
  });

  it('has a gradient on every parameter', async () => {
    const definition = definitionOf(model, 12, 4);
    const graph = buildWindowGraph(definition, 'mse', 8);
    const names = graph.parameters.map(({ name }) => `d ${name}`);
    const outputs = gradients(graph.loss, graph.parameters).map((g, i) => [names[i]!, g] as const);
    const program = await createProgram(Object.fromEntries(outputs), {
      parameters: freshWeights(definition),
      threads: 1,
    });
    const series = noise(64, 5);
    const results = await program.run({
      series: { data: series, shape: [series.length] },
      starts: { data: BigInt64Array.from({ length: 8 }, (_, i) => BigInt(5 * i)), shape: [8] },
    });
    await program.release();
    for (const name of names) {
      expect(results[name]!.every(Number.isFinite), name).toBe(true);
      expect(
        results[name]!.some((value) => Math.abs(value) > 1e-8),
        name,
      ).toBe(true);
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
      const truth = sine(106, { period: 12, size, level });
      const panel = panelOf([truth.subarray(0, 100)]);
      const reference = { uri, lookBack: 24, horizon: 6 };
      const forecast = await inference.forecastPanel(reference, panel, Int32Array.of(100));
      for (const [k, value] of forecast.entries()) {
        expect(Math.abs(value - truth[100 + k]!) / size).toBeLessThan(0.15);
      }
    }
    await inference.close();
  });

  it('computes the same from its stored file as from its graph', async () => {
    const definition = definitionOf(model, 24, 6);
    const parameters = freshWeights(definition);
    const { hyperparameters } = definition;
    const settings = trainingSettingsSchema.parse({ lookBack: 24, scaler: 'none' });
    const trained = { model: model.name, hyperparameters, settings, horizon: 6, parameters };
    const bytes = buildForecastNetwork(trained, { frequency: 'h' });
    expect(buildForecastNetwork(trained, { frequency: 'h' })).toEqual(bytes);
    const inference = createInference({ artifacts, threads: 1 });
    const window = noise(24, 9);
    const stored = await inference.predict(await artifacts.put(bytes), window, 1);
    const expected = await runNetwork(definition, parameters, [window]);
    // The runtime orders sums differently where it knows the weights beforehand.
    for (const [k, value] of stored.entries()) expect(value).toBeCloseTo(expected[k]!, 5);
    await inference.close();
  });
});
