/** Forecasts of tables taken apart: features add up to what is forecast, and are those of the model. */
import { describe, expect, it } from 'vitest';
import { findTabularModel } from '../../../models/index.ts';
import type { Hyperparameters } from '../../../models/model.ts';
import { type Panel, seriesLength } from '../../../series/panel.ts';
import type { TabularSettings } from '../../../services/tabular/settings.ts';
import { createTabular } from '../../../services/tabular/tabular.ts';
import { createLocalWorker } from '../../../services/tabular/work.ts';
import { createSession } from '../../../tensor/session.ts';
import { generate, normals, panelOf } from '../../series/make-panel.ts';

const tabular = createTabular({ worker: createLocalWorker(findTabularModel, () => 0) });
const horizon = 4;

const train = async (
  name: string,
  panel: Panel,
  settings: Partial<TabularSettings> = {},
  hyperparameters: Hyperparameters = {},
) => {
  const model = findTabularModel(name);
  const { bytes } = await tabular.train({
    model,
    hyperparameters: model.hyperparameters.parse(hyperparameters),
    settings,
    panel,
    horizon,
    season: 6,
    plan: { horizon, folds: [], trainStepsFromEnd: 0 },
    seed: 1,
    signal: new AbortController().signal,
  });
  return bytes;
};

const ends = (panel: Panel): Int32Array =>
  Int32Array.from(panel.ids, (_, i) => seriesLength(panel, i));

const normal = normals(5);
const waves = panelOf(
  [60, 75].map((length, i) =>
    generate(length, (t) => 10 ** (i + 1) * (4 + Math.sin((Math.PI * t) / 3) + 0.2 * normal())),
  ),
);
const trees = { rounds: 15, leaves: 7, minimumRows: 5 };

/** Start, features and bounds beside the forecast of series 1. */
async function explained(bytes: Uint8Array, panel = waves) {
  const found = await tabular.explainSeries(bytes, panel, 1);
  const forecast = await tabular.forecastPanel(bytes, panel, ends(panel));
  const sums = Array.from({ length: horizon }, (_, step) =>
    found.features.reduce(
      (sum, { values }) => sum + values[step]!,
      found.start[step]! + found.bounds[step]!,
    ),
  );
  return { found, sums, forecast: [...forecast.subarray(horizon, 2 * horizon)] };
}

describe('start, features and bounds', () => {
  it.each([
    ['ridge', { strategy: 'multi-output' }, {}],
    ['elastic-net', { strategy: 'direct', blockSteps: 3 }, { penalty: 0.01 }],
    ['ridge', { strategy: 'recursive', logarithm: true }, {}],
    ['gradient-boosting', { strategy: 'direct', blockSteps: 2 }, trees],
    ['gradient-boosting', { strategy: 'multi-output', logarithm: true }, trees],
    ['gradient-boosting', { baseline: 'zero', scale: 'level' }, { ...trees, loss: 'poisson' }],
    ['random-forest', { strategy: 'recursive' }, { trees: 10 }],
  ] as const)('of %s %j %j add up to the forecast', async (name, settings, hyperparameters) => {
    const { sums, forecast } = await explained(await train(name, waves, settings, hyperparameters));
    for (const [step, value] of forecast.entries()) {
      expect(Math.abs(sums[step]! - value)).toBeLessThan(1e-6 * Math.abs(value));
    }
  });

  it('are the terms of a linear model', async () => {
    // y[t] = 0.5 y[t-1] + 3 exactly, from two sides of its mean of 6.
    const halving = (start: number) => {
      const values = generate(12, () => start);
      for (let t = 1; t < 12; t++) values[t] = 0.5 * values[t - 1]! + 3;
      return values;
    };
    const panel = panelOf([halving(100), halving(-50)]);
    const plain = { lags: '1', changes: '', windows: '', smoothing: '', seasons: '', tails: 0 };
    const none = { expanding: false, calendar: 'none', baseline: 'zero', scale: 'none' } as const;
    const settings = { ...plain, ...none, strategy: 'recursive', validationShare: 0 } as const;
    const bytes = await train('ridge', panel, settings, { penalty: 1e-9 });
    const { found, forecast } = await explained(bytes, panel);
    expect(found.features.map(({ name }) => name)).toEqual(['lag_1']);
    expect(Object.values(found.importance)).toEqual([{ lag_1: 1 }]);
    const last = panel.y.at(-1)!;
    for (const [step, value] of forecast.entries()) {
      const before = step === 0 ? last : forecast[step - 1]!;
      expect(value).toBeCloseTo(0.5 * before + 3, 6);
      // What lag 1 adds moves with it by the coefficient; the rest is the mean target.
      const moved = found.features[0]!.values[step]! - found.features[0]!.values[0]!;
      expect(moved).toBeCloseTo(0.5 * (before - last), 6);
      expect(found.start[step]).toBe(found.start[0]);
    }
  });

  it('tell what a bound took off', async () => {
    const bytes = await train('ridge', waves, { baseline: 'last', scale: 'level' });
    const y = waves.y.slice();
    y[y.length - 1] = y.at(-1)! * 1e6;
    const { found, sums, forecast } = await explained(bytes, { ...waves, y });
    expect(found.bounds.some((bound) => bound !== 0)).toBe(true);
    for (const [step, value] of forecast.entries()) {
      expect(Math.abs(sums[step]! - value)).toBeLessThan(1e-6 * Math.abs(value));
    }
  });
});

describe('the files of a forecaster', () => {
  it.each([
    ['ridge', {}, 1],
    ['gradient-boosting', { strategy: 'direct', blockSteps: 2 }, 2],
    ['random-forest', { strategy: 'recursive' }, 1],
  ] as const)('of %s %j predict what is forecast', async (name, settings, count) => {
    const bytes = await train(name, waves, settings, name === 'ridge' ? {} : { minimumRows: 5 });
    const { files, horizon: steps } = await tabular.files(bytes, waves);
    expect(steps).toBe(horizon);
    expect(files).toHaveLength(count);
    const forecast = await tabular.forecastPanel(bytes, waves, ends(waves));
    for (const { onnx, columns, rows, features, expected, example, least, most, from } of files) {
      expect(rows).toBeGreaterThanOrEqual(2);
      const session = await createSession(onnx, { threads: 1 });
      const shape = [rows, columns.length];
      const { prediction } = await session.run({ features: { data: features, shape } });
      await session.release();
      for (const [r, value] of expected.entries()) {
        expect(Number(prediction!.data[r])).toBeCloseTo(value, 4);
      }
      // By hand from the first row: what a user of the file does.
      expect(Object.keys(example.features)).toEqual(columns.map((column) => column.name));
      expect(example).toMatchObject({ series: waves.ids[0], origin: 60, step: from });
      const bounded = Math.min(Math.max(example.prediction, least), most);
      const value = example.baseline + example.scale * bounded;
      expect(value).toBeCloseTo(example.forecast, 9);
      expect(Math.abs(value / forecast[from - 1]! - 1)).toBeLessThan(1e-4);
    }
  });
});
