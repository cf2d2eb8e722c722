/** Table forecasting: strategies, what may be learned from, awkward panels, exogenous columns, storage, cancellation. */
import { describe, expect, it } from 'vitest';
import type { TabularModel } from '../../../models/model.ts';
import { ridge } from '../../../models/trees/ridge.ts';
import type { FoldPlan } from '../../../series/folds.ts';
import { createPanel, type Panel, seriesValues, takeSeries } from '../../../series/panel.ts';
import { decodeForecaster, encodeForecaster } from '../../../services/tabular/container.ts';
import type { TabularSettings } from '../../../services/tabular/settings.ts';
import { createTabular, type TabularTraining } from '../../../services/tabular/tabular.ts';
import { carryOutTraining, createLocalWorker } from '../../../services/tabular/work.ts';
import { assert } from '../../../state/errors.ts';
import { generate, normals, panelOf } from '../../series/make-panel.ts';

const strategies = ['recursive', 'direct', 'multi-output'] as const;
const model = ridge as TabularModel;
const find = (name: string): TabularModel => {
  assert(name === 'ridge', 'the tests train one model');
  return model;
};
const tabular = createTabular({ worker: createLocalWorker(find, () => 0) });

const planOf = (horizon: number, trainStepsFromEnd = 0): FoldPlan => ({
  horizon,
  folds: [],
  trainStepsFromEnd,
});

const taskOf = (
  panel: Panel,
  settings: Partial<TabularSettings>,
  rest: Partial<TabularTraining> = {},
): TabularTraining => ({
  model,
  hyperparameters: { penalty: 1e-9 },
  settings,
  panel,
  horizon: 4,
  season: 1,
  plan: planOf(4),
  seed: 1,
  signal: new AbortController().signal,
  ...rest,
});

const ends = (panel: Panel): Int32Array =>
  Int32Array.from(panel.ids, (_, i) => seriesValues(panel, i).length);

/** Noisy sine waves with a season of 6 on levels from 10 to 10 million. */
function waves(lengths: readonly number[] = [60, 80, 47]): Panel {
  const normal = normals(4);
  return panelOf(
    lengths.map((length, i) =>
      generate(
        length,
        (t) => 10 ** (2 * i + 1) * (3 + Math.sin((2 * Math.PI * t) / 6 + i) + 0.1 * normal()),
      ),
    ),
  );
}

/** `panel` with the values of each series changed from `origins` on. */
function changedFrom(panel: Panel, origins: Int32Array): Panel {
  const y = panel.y.slice();
  for (let i = 0; i < panel.ids.length; i++) {
    y.fill(-12_345, panel.offsets[i]! + origins[i]!, panel.offsets[i + 1]);
  }
  return createPanel({ ...panel, y });
}

describe('a table forecaster', () => {
  it.each(strategies)('goes on with a linear recurrence exactly (%s)', async (strategy) => {
    // y[t] = 1.2 y[t-1] - 0.9 y[t-2] + 2, an undamped wave for nobody but itself.
    const recurrence = (a: number, b: number, length: number): Float64Array => {
      const values = generate(length, (t) => (t === 0 ? a : b));
      for (let t = 2; t < length; t++) values[t] = 1.2 * values[t - 1]! - 0.9 * values[t - 2]! + 2;
      return values;
    };
    const whole = [recurrence(1, 5, 64), recurrence(-3, 2, 44)];
    const panel = panelOf(whole.map((values) => values.subarray(0, values.length - 4)));
    const { bytes } = await tabular.train(
      taskOf(panel, {
        strategy,
        blockSteps: 1,
        lags: '1,2',
        changes: '',
        windows: '',
        smoothing: '',
        expanding: false,
        calendar: 'none',
        baseline: 'zero',
        scale: 'none',
      }),
    );
    const forecast = await tabular.forecastPanel(bytes, panel, ends(panel));
    // One linear model told the step cannot be exact for all steps.
    const steps = strategy === 'multi-output' ? [] : [0, 1, 2, 3];
    for (const [i, values] of whole.entries()) {
      for (const k of steps) expect(forecast[i * 4 + k]).toBeCloseTo(values.at(k - 4)!, 4);
    }
    expect(forecast.every(Number.isFinite)).toBe(true);
  });

  it('iterates one step by hand as it does by itself (recursive)', async () => {
    const panel = waves();
    const settings = { strategy: 'recursive', baseline: 'seasonal' } as const;
    const { bytes } = await tabular.train(taskOf(panel, settings, { season: 6 }));
    const origins = Int32Array.of(50, 80, -1);
    const forecast = await tabular.forecastPanel(bytes, panel, origins);
    for (const i of [0, 1]) {
      let history = seriesValues(panel, i).slice(0, origins[i]);
      for (let step = 0; step < 4; step++) {
        const alone = panelOf([history]);
        const [next] = await tabular.forecastPanel(bytes, alone, ends(alone));
        expect(next).toBe(forecast[i * 4 + step]);
        history = Float64Array.of(...history, next!);
      }
    }
    expect([...forecast.subarray(8)]).toEqual([Number.NaN, Number.NaN, Number.NaN, Number.NaN]);
  });

  it.each(strategies)(
    'learns nothing from after the training part, and looks at nothing after an origin (%s)',
    async (strategy) => {
      const panel = waves();
      const rest = { season: 6, plan: planOf(4, 8) };
      const cut = ends(panel).map((length) => length - 8);
      const learned = await tabular.train(taskOf(panel, { strategy }, rest));
      const again = await tabular.train(taskOf(changedFrom(panel, cut), { strategy }, rest));
      expect(again).toEqual(learned);
      const forecast = await tabular.forecastPanel(learned.bytes, panel, cut);
      expect(await tabular.forecastPanel(learned.bytes, changedFrom(panel, cut), cut)).toEqual(
        forecast,
      );
    },
  );

  it.each(strategies)(
    'holds out the last rows by time, and fits all series whatever their level (%s)',
    async (strategy) => {
      const panel = waves();
      const origins = ends(panel).map((length) => length - 4);
      const { bytes, validationLoss, rows, importance } = await tabular.train(
        taskOf(
          panel,
          { strategy, blockSteps: 2, seasonalLags: 4 },
          { season: 6, plan: planOf(4, 4) },
        ),
      );
      expect(validationLoss).toBeGreaterThan(0);
      expect(validationLoss).toBeLessThan(1.5);
      // Targets up to the held-out horizon, from a third of the series or two seasons on.
      const single = [52 - 12, 72 - 12, 39 - 12].reduce((a, b) => a + b);
      expect(rows).toBe(strategy === 'recursive' ? single : 4 * single - 3 * (0 + 1 + 2 + 3));
      expect(Object.values(importance).reduce((a, b) => a + b)).toBeCloseTo(1, 9);
      const forecast = await tabular.forecastPanel(bytes, panel, origins);
      for (const i of panel.ids.keys()) {
        const values = seriesValues(panel, i);
        for (let k = 0; k < 4; k++) {
          const error = Math.abs(forecast[i * 4 + k]! - values[origins[i]! + k]!);
          expect(error / 10 ** (2 * i + 1)).toBeLessThan(0.6);
        }
      }
    },
  );

  it.each(strategies)('takes short, constant, empty and gappy series (%s)', async (strategy) => {
    const gappy = generate(50, (t) => (t % 7 === 3 ? Number.NaN : Math.sin(t)));
    const panel = panelOf([
      [5],
      [],
      generate(40, () => 3),
      [1, 2],
      gappy,
      [Number.NaN, Number.NaN],
    ]);
    const { bytes } = await tabular.train(taskOf(panel, { strategy }, { season: 7 }));
    const forecast = await tabular.forecastPanel(
      bytes,
      panel,
      ends(panel).map((n) => (n < 1 ? -1 : n)),
    );
    const known = panel.ids.map((_, i) =>
      forecast.subarray(i * 4, i * 4 + 4).every(Number.isFinite),
    );
    expect(known).toEqual([true, false, true, true, true, false]);
    for (const value of forecast.subarray(8, 12)) expect(value).toBeCloseTo(3, 1);
  });

  it('is not led by single values out of all proportion', async () => {
    const normal = normals(12);
    const values = generate(3000, (t) => 10 + Math.sin(t) + 0.1 * normal());
    const broken = values.map((value, t) => (t === 700 ? 1e9 : value));
    const [clean, spoilt] = await Promise.all(
      [values, broken].map(async (history) => {
        const panel = panelOf([history]);
        const rest = { hyperparameters: { penalty: 0.001 } };
        const { bytes } = await tabular.train(
          taskOf(panelOf([history]), { baseline: 'mean' }, rest),
        );
        return tabular.forecastPanel(bytes, panel, ends(panel));
      }),
    );
    for (const [k, value] of clean!.entries())
      expect(Math.abs(spoilt![k]! - value)).toBeLessThan(1);
  });

  it('says that there is nothing to learn from', async () => {
    const task = taskOf(panelOf([[1], [2]]), {});
    await expect(tabular.train(task)).rejects.toMatchObject({ code: 'SERIES_TOO_SHORT' });
  });

  it('draws the same sample of too many rows each time', async () => {
    const panel = waves();
    const task = taskOf(panel, { maximumRows: 100 }, { season: 6 });
    const learned = await tabular.train(task);
    expect(learned.rows).toBe(100);
    expect((await tabular.train(task)).bytes).toEqual(learned.bytes);
    expect((await tabular.train({ ...task, seed: 2 })).bytes).not.toEqual(learned.bytes);
  });

  it('lets each series count the same if asked to', async () => {
    const seen: (Float64Array | undefined)[] = [];
    const watching: TabularModel = {
      ...model,
      fit(task, hyperparameters) {
        seen.push(task.weights);
        return model.fit(task, hyperparameters);
      },
    };
    const panel = waves([30, 60]);
    await createTabular({
      worker: createLocalWorker(
        () => watching,
        () => 0,
      ),
    }).train(
      taskOf(
        panel,
        { strategy: 'recursive', rowWeights: 'series', validationShare: 0 },
        { season: 6 },
      ),
    );
    const [weights] = seen;
    const first = 30 - 10;
    const sums = [weights!.subarray(0, first), weights!.subarray(first)].map((part) =>
      part.reduce((a, b) => a + b),
    );
    expect(sums[0]).toBeCloseTo(sums[1]!, 9);
    expect(sums[0]! + sums[1]!).toBeCloseTo(weights!.length, 9);
  });
});

describe('exogenous columns', () => {
  const ahead = 4;
  const normal = normals(8);
  const prices = Float64Array.from({ length: 64 }, normal);
  const panel = createPanel({
    ...panelOf([generate(60, (t) => 5 + 3 * prices[t]!)]),
    exogenous: {
      stepsAhead: ahead,
      future: [{ name: 'price', values: prices.slice(0, 60), ahead: prices.slice(60) }],
      historical: [],
      static: [],
      categories: [{ name: 'region', labels: ['east', 'west'], codes: Uint32Array.of(1) }],
    },
  });
  const plain = { baseline: 'zero', scale: 'none', calendar: 'none' } as const;

  it.each(strategies)('explain what they explain (%s)', async (strategy) => {
    const { bytes } = await tabular.train(taskOf(panel, { ...plain, strategy }));
    const forecast = await tabular.forecastPanel(bytes, panel, ends(panel));
    for (let k = 0; k < 4; k++) expect(forecast[k]).toBeCloseTo(5 + 3 * prices[60 + k]!, 4);
    // From within the series their values are those of the series.
    const earlier = await tabular.forecastPanel(bytes, panel, Int32Array.of(50));
    for (let k = 0; k < 4; k++) expect(earlier[k]).toBeCloseTo(5 + 3 * prices[50 + k]!, 4);
  });

  it('must be given, and far enough ahead', async () => {
    const { bytes } = await tabular.train(taskOf(panel, plain));
    const without = panelOf([seriesValues(panel, 0)]);
    const shorter = createPanel({
      ...panel,
      exogenous: {
        ...panel.exogenous!,
        stepsAhead: 2,
        future: [{ ...panel.exogenous!.future[0]!, ahead: prices.slice(60, 62) }],
      },
    });
    await expect(tabular.forecastPanel(bytes, without, ends(without))).rejects.toMatchObject({
      code: 'EXOGENOUS_ABSENT',
      details: { columns: ['price', 'region'] },
    });
    await expect(tabular.forecastPanel(bytes, shorter, ends(shorter))).rejects.toMatchObject({
      code: 'FUTURE_UNKNOWN',
    });
  });
});

describe('a stored forecaster', () => {
  it('is read back as it was written, and needs nothing else', async () => {
    const panel = waves();
    const { bytes } = await tabular.train(
      taskOf(panel, { strategy: 'direct', blockSteps: 3 }, { season: 6 }),
    );
    const stored = decodeForecaster(bytes);
    expect(stored.blocks.map(({ from, to }) => [from, to])).toEqual([
      [1, 3],
      [4, 4],
    ]);
    expect(encodeForecaster(stored)).toEqual(bytes);
    const shifted = new Uint8Array(bytes.length + 3);
    shifted.set(bytes, 3);
    const forecast = await tabular.forecastPanel(bytes, panel, ends(panel));
    expect(await tabular.forecastPanel(shifted.subarray(3), panel, ends(panel))).toEqual(forecast);
    const only = takeSeries(panel, [{ series: 1, skip: 0 }]);
    expect(await tabular.forecastPanel(bytes, only, ends(only))).toEqual(forecast.slice(4, 8));
  });
});

describe('an end before the end', () => {
  const { season: _season, signal: _signal, ...rest } = taskOf(waves(), {});

  it('is taken between two fits, and inside one by models that ask', async () => {
    const cancelled = new SharedArrayBuffer(4);
    const asked: boolean[] = [];
    const stopping: TabularModel = {
      ...model,
      fit(task, hyperparameters) {
        asked.push(task.shouldStop!());
        Atomics.store(new Int32Array(cancelled), 0, 1);
        asked.push(task.shouldStop!());
        return model.fit(task, hyperparameters);
      },
    };
    const full = decodeForecaster(
      (await tabular.train(taskOf(waves(), { strategy: 'direct', blockSteps: 1 }))).bytes,
    );
    const order = { ...rest, settings: full.settings, model: 'ridge', cancelled };
    expect(
      carryOutTraining(
        order,
        () => stopping,
        () => 0,
      ),
    ).toBeNull();
    expect(asked).toEqual([false, true]);
  });

  it('shares the time among the fits', async () => {
    let clock = 0;
    const stops: number[] = [];
    const slow: TabularModel = {
      ...model,
      fit(task, hyperparameters) {
        while (!task.shouldStop!()) clock += 1;
        stops.push(clock);
        return model.fit(task, hyperparameters);
      },
    };
    const timed = createTabular({
      worker: createLocalWorker(
        () => slow,
        () => clock,
      ),
    });
    const { seconds } = await timed.train(
      taskOf(waves(), { strategy: 'direct', blockSteps: 2 }, { maxMs: 100 }),
    );
    expect(stops).toEqual([51, 101]);
    expect(seconds).toBe(0.101);
  });

  it('rejects with the reason of the signal', async () => {
    const controller = new AbortController();
    const waiting = createTabular({
      worker: {
        ...createLocalWorker(find, () => 0),
        async train({ cancelled }) {
          controller.abort(new Error('enough'));
          expect(Atomics.load(new Int32Array(cancelled), 0)).toBe(1);
          return null;
        },
      },
    });
    const task = taskOf(waves(), {}, { signal: controller.signal });
    await expect(waiting.train(task)).rejects.toThrow('enough');
    await expect(tabular.train(task)).rejects.toThrow('enough');
  });
});
