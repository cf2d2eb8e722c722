/** Tests of inference with networks of every kind: exogenous columns, gaps, all series at once, distributions, parts. */
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { NeuralModel } from '../../../models/model.ts';
import { linear, perStep, stepWidth } from '../../../models/layers/linear.ts';
import type { Panel } from '../../../series/panel.ts';
import { createLocalArtifacts } from '../../../services/artifacts/local.ts';
import {
  buildForecastNetwork,
  buildInspection,
  createInference,
} from '../../../services/inference/inference.ts';
import { defineNetwork } from '../../../services/training/preparation.ts';
import type { TrainedNetwork, TrainingTask } from '../../../services/training/training.ts';
import { add, mul, reduceMean } from '../../../tensor/functions.ts';
import { createRandom } from '../../../tensor/random.ts';
import { runOnFeeds } from '../../models/neural/run-network.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { exogenousFor, rich, richTask } from '../training/rich-network.ts';
import { panelOf, sine } from '../training/series.ts';
import { smallTask, trainingIn } from '../training/training-tasks.ts';

const folder = temporaryFolder('kinds');
const artifacts = createLocalArtifacts(join(folder, 'artifacts'));
const inference = createInference({ artifacts, threads: 1 });
afterAll(() => inference.close());

const horizon = 6;
const lookBack = 24;
const wholePlan = { horizon, folds: [], trainStepsFromEnd: 0 };
let tasks = 0;

async function trainAndStore(task: TrainingTask) {
  const trained = await trainingIn(folder).train({ ...task, progressKey: `kinds/${tasks++}` });
  return { trained, network: await storeWeights(trained, task.model) };
}

async function storeWeights(trained: TrainedNetwork, model: NeuralModel) {
  const uri = await artifacts.put(buildForecastNetwork(trained, {}, model));
  return { uri, lookBack, horizon };
}

/** The mean over all series at each time, times a weight, is added to a linear map of each. */
const joint: NeuralModel = {
  ...rich,
  name: 'joint',
  hyperparameters: z.strictObject({}),
  exogenous: [],
  multivariate: () => true,
  forward({ window }, { shape, declare }) {
    const own = linear(declare, 'own', window, shape.lookBack, stepWidth(shape));
    const all = reduceMean(window, 1, true); // [batch, 1, lookBack]
    return perStep(add(own, linear(declare, 'all', all, shape.lookBack, stepWidth(shape))), shape);
  },
};

describe('a network with exogenous columns', () => {
  const values = (length: number): Float64Array =>
    Float64Array.from({ length }, (_, k) => 50 + (k % 7 === 3 ? 20 : 0));
  const plain = panelOf([values(300), values(290)]);
  const panel: Panel = { ...plain, exogenous: exogenousFor(plain, horizon) };
  const settings = { maxSteps: 600, learningRate: 0.02, validateEvery: 100 };
  const task = smallTask(settings, {
    model: { ...rich, exogenous: ['future'] },
    hyperparameters: { rate: 0 },
    panel,
    plan: wholePlan,
  });

  it('forecasts from what is known ahead, also beyond the end', async () => {
    const { network } = await trainAndStore(task);
    const origins = Int32Array.of(300, 285);
    const forecast = await inference.forecastPanel(network, panel, origins);
    const truth = [...values(306).subarray(300), ...values(291).subarray(285)];
    for (const [k, value] of forecast.entries())
      expect(Math.abs(value - truth[k]!)).toBeLessThan(4);
    const tooFar = { ...plain, exogenous: exogenousFor(plain, 2) };
    await expect(inference.forecastPanel(network, tooFar, origins)).rejects.toMatchObject({
      code: 'FUTURE_UNKNOWN',
      details: { column: 'holiday', needed: 6, got: 2 },
    });
    await expect(inference.forecastPanel(network, plain, origins)).rejects.toMatchObject({
      code: 'EXOGENOUS_ABSENT',
    });
    const inside = await inference.forecastPanel(network, tooFar, Int32Array.of(290, 280));
    expect(inside.every(Number.isFinite)).toBe(true);
  });

  it('computes from its file, given raw columns, what its graph makes of scaled ones', async () => {
    const given = richTask({ maxSteps: 5, loss: 'mae' }, { plan: wholePlan });
    const { trained, network } = await trainAndStore(given);
    const definition = defineNetwork(
      given,
      trained.hyperparameters,
      trained.settings,
      trained.layout,
    );
    const { exogenous, y } = given.panel;
    const origin = 120;
    const at = (column: ArrayLike<number>, from: number, to: number) =>
      Float32Array.from({ length: to - from }, (_, t) => column[origin + from + t]!);
    const scaledBy = (k: number, kind: 'future' | 'historical' | 'static', data: Float32Array) => {
      const { level, spread } = trained.layout[kind][k]!;
      return data.map((value) => (value - level) / spread);
    };
    const window = at(y, -lookBack, 0);
    const future = exogenous!.future.map(({ values: column }, k) =>
      scaledBy(k, 'future', at(column, -lookBack, horizon)),
    );
    const { forecast } = await runOnFeeds(definition, trained.parameters, {
      window: { data: window.map((value) => value || 0), shape: [1, lookBack] },
      observed: {
        data: window.map((value) => (Number.isNaN(value) ? 0 : 1)),
        shape: [1, lookBack],
      },
      future: {
        data: Float32Array.from({ length: 60 }, (_, i) => future[i % 2]![Math.floor(i / 2)]!),
        shape: [1, 30, 2],
      },
      historical: {
        data: scaledBy(0, 'historical', at(exogenous!.historical[0]!.values, -lookBack, 0)),
        shape: [1, 24, 1],
      },
      static: { data: scaledBy(0, 'static', Float32Array.of(0)), shape: [1, 1] },
      categories: { data: BigInt64Array.of(0n), shape: [1, 1] },
    });
    const origins = Int32Array.of(origin, -1, -1);
    const stored = await inference.forecastPanel(network, given.panel, origins);
    for (let k = 0; k < horizon; k++) expect(stored[k]).toBeCloseTo(forecast![k]!, 3);
    // A label that training did not see is as good as none; one that it saw makes a difference.
    const relabelled = (label: string) => ({
      ...given.panel,
      exogenous: {
        ...exogenous!,
        categories: [{ name: 'region', labels: [label], codes: Uint32Array.of(1, 1, 1) }],
      },
    });
    const of = async (label: string) =>
      (await inference.forecastPanel(network, relabelled(label), origins)).subarray(0, horizon);
    expect(await of('west')).toEqual(stored.subarray(0, horizon));
    expect(await of('south')).not.toEqual(await of('west'));
  });
});

describe('a network trained with gaps and short series', () => {
  it('forecasts from short and gappy histories, but not from nothing', async () => {
    const gappy = sine(200, { level: 30 });
    for (let k = 0; k < 200; k += 9) gappy[k] = Number.NaN;
    const model = { ...rich, exogenous: [] };
    const panel = panelOf([gappy, sine(15, { level: 5 }), new Float64Array(30).fill(Number.NaN)]);
    const task = smallTask({ maxSteps: 300 }, { model, panel, plan: wholePlan });
    const { trained, network } = await trainAndStore(task);
    expect(trained).toMatchObject({ seriesUsed: 2, seriesSkipped: 1 });
    expect(trained.layout.masked).toBe(true);
    const forecast = await inference.forecastPanel(network, panel, Int32Array.of(200, 4, 30));
    const finite = [0, 1, 2].map((i) =>
      forecast.subarray(i * horizon, (i + 1) * horizon).every(Number.isFinite),
    );
    expect(finite).toEqual([true, true, false]);
    const truth = sine(206, { level: 30 }).subarray(200);
    for (const [k, actual] of truth.entries()) {
      expect(Math.abs(forecast[k]! - actual)).toBeLessThan(0.4);
    }
  });
});

describe('a network that looks at all series at once', () => {
  const series = [0, 3, 6].map((phase) => sine(240, { phase, level: 10 * phase }));
  const panel = panelOf(series);
  const task = smallTask({ maxSteps: 400 }, { model: joint, panel, plan: wholePlan });

  it('forecasts each of them at its own time, and needs all of them', async () => {
    const { trained, network } = await trainAndStore(task);
    expect(trained.layout.channels).toBe(3);
    const forecast = await inference.forecastPanel(network, panel, Int32Array.of(240, -1, 200));
    const truth = sine(206, { phase: 6, level: 60 }).subarray(200);
    for (const [k, actual] of truth.entries()) {
      expect(Math.abs(forecast[2 * horizon + k]! - actual)).toBeLessThan(0.2);
    }
    expect(forecast.subarray(0, horizon).every(Number.isFinite)).toBe(true);
    expect(forecast.subarray(horizon, 2 * horizon).every(Number.isNaN)).toBe(true);
    const fewer = panelOf(series.slice(1));
    await expect(
      inference.forecastPanel(network, fewer, Int32Array.of(240, 240)),
    ).rejects.toMatchObject({ code: 'SERIES_SET_CHANGED', details: { needed: 3, got: 2 } });
  });
});

describe('exogenous columns of all series at once', () => {
  it('reach each of them as they would reach it alone', async () => {
    const plain = panelOf([0, 3, 6].map((phase) => sine(120, { phase, level: phase })));
    plain.y[50] = Number.NaN;
    plain.y[230] = Number.NaN;
    const panel = { ...plain, exogenous: exogenousFor(plain, horizon) };
    const settings = { maxSteps: 5, loss: 'mae', scaler: 'standard' };
    const { weights: _, ...task } = richTask(settings, { panel, plan: wholePlan });
    const model = { ...rich, multivariate: () => true };
    const { trained, network } = await trainAndStore({ ...task, model });
    expect(trained.layout).toMatchObject({ channels: 3, masked: true });
    const alone = { ...trained, layout: { ...trained.layout, channels: null } };
    const each = await storeWeights(alone, model);
    const origins = Int32Array.of(120, 100, 120);
    const together = await inference.forecastPanel(network, panel, origins);
    const separately = await inference.forecastPanel(each, panel, origins);
    for (const [k, value] of together.entries()) expect(value).toBeCloseTo(separately[k]!, 3);
  });
});

describe('a network with a distribution', () => {
  const { normal, uniform } = createRandom(5, 'kinds');
  const trainOn = (values: Float64Array, loss: string) =>
    trainAndStore(
      smallTask(
        { maxSteps: 600, loss, quantiles: '0.1,0.5,0.9', learningRate: 0.02 },
        {
          model: { ...rich, exogenous: [] },
          hyperparameters: { rate: 0 },
          panel: panelOf([values]),
          plan: wholePlan,
        },
      ),
    );

  /** Hundred pieces of `values`, each long enough for a look-back and its horizon. */
  const piecesOf = (values: Float64Array): Panel =>
    panelOf(Array.from({ length: 100 }, (_, i) => values.subarray(19 * i, 19 * i + 30)));
  const ends = new Int32Array(100).fill(24);

  it.each(['multi-quantile', 'normal', 'student-t'])('%s covers what it promises', async (loss) => {
    const values = Float64Array.from({ length: 2000 }, () => 100 + 10 * normal());
    const { network } = await trainOn(values, loss);
    const panel = piecesOf(values);
    const quantiles = await inference.forecastQuantiles(network, panel, ends);
    expect(quantiles!.levels).toEqual([0.1, 0.5, 0.9]);
    const forecast = await inference.forecastPanel(network, panel, ends);
    let inside = 0;
    for (const [k, value] of forecast.entries()) {
      const [low, middle, high] = quantiles!.values.subarray(3 * k, 3 * k + 3);
      expect(value).toBeCloseTo(middle!, 3);
      const actual = panel.y[30 * Math.floor(k / horizon) + 24 + (k % horizon)]!;
      if (actual >= low! && actual <= high!) inside++;
    }
    expect(Math.abs(inside / forecast.length - 0.8)).toBeLessThan(0.08);
  });

  it('negative-binomial gives whole counts, and refuses values below zero', async () => {
    // Geometric counts of mean 4.
    const values = Float64Array.from({ length: 2000 }, () =>
      Math.floor(Math.log(uniform()) / Math.log(0.8)),
    );
    const { network } = await trainOn(values, 'negative-binomial');
    const panel = piecesOf(values);
    const quantiles = await inference.forecastQuantiles(network, panel, ends);
    expect(quantiles!.values.every(Number.isInteger)).toBe(true);
    const meanOf = (q: number): number =>
      quantiles!.values.filter((_, k) => k % 3 === q).reduce((sum, value) => sum + value, 0) / 600;
    // Quantiles of the geometric distribution at 0.1, 0.5, 0.9: 0, 3, 10.
    expect(meanOf(0)).toBeLessThan(0.5);
    expect(Math.abs(meanOf(1) - 3)).toBeLessThan(1);
    expect(Math.abs(meanOf(2) - 10)).toBeLessThan(1.5);
    const forecast = await inference.forecastPanel(network, panel, ends);
    expect(Math.abs(forecast.reduce((sum, value) => sum + value, 0) / 600 - 4)).toBeLessThan(0.5);
    const below = trainOn(Float64Array.of(...values, -1), 'negative-binomial');
    await expect(below).rejects.toMatchObject({ code: 'VALUE_NEGATIVE' });
  });

  it('is not what a point loss leads to', async () => {
    const { network } = await trainOn(sine(200), 'mae');
    expect(
      await inference.forecastQuantiles(network, panelOf([sine(200)]), Int32Array.of(200)),
    ).toBeUndefined();
  });
});

describe('an inspection', () => {
  it('gives parts that add up to the forecast, in units, and all that the model shows', async () => {
    const showing: NeuralModel = {
      ...rich,
      exogenous: [],
      forward(inputs, context) {
        context.expose('doubled', mul(inputs.window, 2));
        return (rich as NeuralModel).forward(inputs, context);
      },
    };
    for (const scaler of ['standard', 'revin', 'none']) {
      const panel = panelOf([sine(100, { level: 1e9, size: 50 }), sine(80, { level: 3 })]);
      const small = scaler === 'none' ? panelOf([sine(100, { level: 3 }), sine(80)]) : panel;
      const task = smallTask(
        { maxSteps: 3, scaler },
        { model: showing, panel: small, plan: wholePlan },
      );
      const { trained, network } = await trainAndStore(task);
      const uri = await artifacts.put(buildInspection(trained, showing)!);
      const origins = Int32Array.of(100, 60);
      const parts = await inference.decompose({ ...network, uri }, small, origins);
      const forecast = await inference.forecastPanel(network, small, origins);
      expect(Object.keys(parts).sort()).toEqual(['0', 'level']);
      for (const [k, value] of forecast.entries()) {
        const sum = Object.values(parts).reduce((total, part) => total + part[k]!, 0);
        expect(Math.abs(sum - value)).toBeLessThan(k < horizon ? 1e-3 : 1e-4);
      }
      const inner = await inference.inspect({ ...network, uri }, small, { series: 1, origin: 60 });
      expect(inner!['doubled']!.shape).toEqual([lookBack]);
      expect(inner!['forecast']!.shape).toEqual([horizon]);
      expect(
        await inference.inspect({ ...network, uri }, small, { series: 1, origin: 3 }),
      ).toBeUndefined();
    }
  });
});
