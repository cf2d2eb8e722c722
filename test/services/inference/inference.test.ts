/** Tests of inference: panels of any length and scale, and the cache of loaded networks. */
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import type { NeuralModel } from '../../../models/model.ts';
import { dlinear } from '../../../models/neural/dlinear.ts';
import { nlinear } from '../../../models/neural/nlinear.ts';
import { createLocalArtifacts } from '../../../services/artifacts/local.ts';
import { buildForecastNetwork, createInference } from '../../../services/inference/inference.ts';
import { trainingSettingsSchema } from '../../../services/training/settings.ts';
import { createRandom } from '../../../tensor/random.ts';
import { definitionOf, freshWeights } from '../../models/neural/run-network.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { panelOf, sine } from '../training/series.ts';

const artifacts = createLocalArtifacts(temporaryFolder('inference'));
const inference = createInference({ artifacts, threads: 1, sessions: 2 });
afterAll(() => inference.close());

const lookBack = 12;
const horizon = 3;

/** A stored DLinear with fresh weights, which are linear but in no way special. */
async function store(seed = 1, scaler: 'window' | 'none' = 'window', model: NeuralModel = dlinear) {
  const definition = definitionOf(model, lookBack, horizon);
  const bytes = buildForecastNetwork({
    model: model.name,
    hyperparameters: definition.hyperparameters,
    settings: trainingSettingsSchema.parse({ lookBack, scaler }),
    horizon,
    parameters: freshWeights(definition, seed),
  });
  return { uri: await artifacts.put(bytes), lookBack, horizon, scaler };
}

const { normal } = createRandom(3, 'series');
const shape = Float64Array.from({ length: lookBack }, normal);

describe('the forecast of a panel', () => {
  it('is equivariant to level and scale, from 1e-12 to 1e12', async () => {
    const network = await store();
    const forecastOf = async (values: Float64Array) =>
      inference.forecastPanel(network, panelOf([values]), Int32Array.of(values.length));
    const plain = await forecastOf(shape);
    const exponents = fc.integer({ min: -12, max: 12 });
    const levels = fc.double({ min: -1000, max: 1000, noNaN: true });
    await fc.assert(
      fc.asyncProperty(exponents, levels, async (exponent, shift) => {
        const size = 10 ** exponent;
        const forecast = await forecastOf(shape.map((value) => size * (value + shift)));
        for (const [k, value] of forecast.entries()) {
          expect(Math.abs(value / size - shift - plain[k]!)).toBeLessThan(1e-5);
        }
      }),
      { numRuns: 40 },
    );
  });

  it('of a constant series is its value, exactly', async () => {
    const network = await store();
    for (const value of [0, 0.1, -7e15, 1e-300]) {
      const panel = panelOf([new Float64Array(20).fill(value)]);
      const forecast = await inference.forecastPanel(network, panel, Int32Array.of(20));
      for (const step of forecast)
        expect(Math.abs(step - value)).toBeLessThanOrEqual(1e-14 * Math.abs(value));
    }
  });

  it('is NaN where a series is skipped, too short or broken, and only there', async () => {
    const network = await store();
    const broken = sine(30).fill(Number.NaN, 25, 26);
    const panel = panelOf([sine(30), sine(11), broken, sine(30), broken, sine(30)]);
    const origins = Int32Array.of(30, 11, 30, -1, 20, 12);
    const forecast = await inference.forecastPanel(network, panel, origins);
    const finite = Array.from({ length: 6 }, (_, i) =>
      forecast.subarray(i * horizon, (i + 1) * horizon).every(Number.isFinite),
    );
    expect(finite).toEqual([true, false, false, false, true, true]);
  });

  it('looks at nothing from the origin on', async () => {
    const network = await store();
    const values = sine(40);
    const changed = values.map((value, k) => (k >= 30 ? 1e9 : value));
    const panel = panelOf([values, changed]);
    const forecast = await inference.forecastPanel(network, panel, Int32Array.of(30, 30));
    expect([...forecast.subarray(0, horizon)]).toEqual([...forecast.subarray(horizon)]);
  });

  it('of many series is that of each alone, however they are cut into calls', async () => {
    const network = await store();
    const series = Array.from({ length: 9000 }, (_, i) =>
      sine(lookBack, { phase: i, noise: 0.1, seed: i }),
    );
    const origins = new Int32Array(9000).fill(lookBack);
    const forecast = await inference.forecastPanel(network, panelOf(series), origins);
    for (const i of [0, 4095, 4096, 8999]) {
      const alone = await inference.forecastPanel(
        network,
        panelOf([series[i]!]),
        Int32Array.of(lookBack),
      );
      for (const [k, value] of alone.entries())
        expect(forecast[i * horizon + k]).toBeCloseTo(value, 5);
    }
  });

  it('without a scaler passes the values through as they are', async () => {
    const network = await store(1, 'none');
    const forecast = await inference.forecastPanel(
      network,
      panelOf([shape]),
      Int32Array.of(lookBack),
    );
    const direct = await inference.predict(network.uri, Float32Array.from(shape), 1);
    expect([...forecast]).toEqual([...direct]);
  });
});

describe('the stored network', () => {
  it('takes raw windows of any scale by itself', async () => {
    const { uri } = await store();
    const rows = [1, 1e-20, 1e20].map((size) => Float32Array.from(shape, (value) => size * value));
    const windows = Float32Array.from(rows.flatMap((row) => [...row]));
    const forecast = await inference.predict(uri, windows, 3);
    for (let k = 0; k < horizon; k++) {
      expect(forecast[horizon + k]! / 1e-20).toBeCloseTo(forecast[k]!, 4);
      expect(forecast[2 * horizon + k]! / 1e20).toBeCloseTo(forecast[k]!, 4);
    }
  });

  it('gives nothing for no rows', async () => {
    const { uri } = await store();
    expect((await inference.predict(uri, new Float32Array(0), 0)).length).toBe(0);
  });
});

describe('loaded networks', () => {
  it('serve more callers and more networks at once than stay loaded', async () => {
    const networks = await Promise.all([1, 2, 3, 4, 5].map((seed) => store(seed, 'none', nlinear)));
    const window = Float32Array.from(shape);
    const forecasts = await Promise.all(
      [...networks, ...networks, ...networks].map(({ uri }) => inference.predict(uri, window, 1)),
    );
    expect(new Set(forecasts.map((forecast) => forecast.join(' '))).size).toBe(5);
    for (const [i, forecast] of forecasts.entries()) expect(forecast).toEqual(forecasts[i % 5]);
  });

  it('are asked for again after a failed load', async () => {
    const missing = `sha256:${'0'.repeat(64)}`;
    const ask = () => inference.predict(missing, new Float32Array(lookBack), 1);
    await expect(ask()).rejects.toMatchObject({ code: 'ARTIFACT_MISSING' });
    await expect(ask()).rejects.toMatchObject({ code: 'ARTIFACT_MISSING' });
  });
});
