/** Backtests over rolling windows: windows, refits, leaks, resumption, intervals and differences. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { drift } from '../../../models/naive/drift.ts';
import { naive } from '../../../models/naive/naive.ts';
import { seasonalNaive } from '../../../models/naive/seasonal-naive.ts';
import { bias, mae, mase, r2, rmse } from '../../../series/accuracy.ts';
import { seriesLength, seriesValues } from '../../../series/panel.ts';
import {
  type BacktestModel,
  type BacktestTask,
  createBacktests,
  planWindows,
} from '../../../services/evaluation/backtests.ts';
import { findDifferences } from '../../../services/evaluation/differences.ts';
import { localBacktestModel } from '../../../services/evaluation/local-backtest-model.ts';
import { formatScoreTable } from '../../../services/evaluation/score-table.ts';
import { createLocalForecasts } from '../../../services/local/local-forecasts.ts';
import { createWorkers } from '../../../services/workers/workers.ts';
import { temporaryFolder } from '../../cli-process.ts';
import { generate, normals, panelOf } from '../../series/make-panel.ts';

const { path: home, remove } = temporaryFolder();
afterAll(remove);

const locals = createLocalForecasts({ workers: createWorkers({ threads: 1 }) });
const normal = normals(5);
const panel = panelOf(
  [90, 70, 80, 60, 75, 66].map((length, i) =>
    generate(length, (t) => 20 * (i + 1) + 3 * (t % 4) + normal()),
  ),
);
const context = { horizon: 4, season: 4 };
const localModels = [naive, seasonalNaive, drift].map((model) =>
  localBacktestModel(locals, { panel, model, context }),
);
const task: BacktestTask = {
  panel,
  key: 'panel',
  horizon: 4,
  windows: 5,
  step: 4,
  refitEvery: 1,
  season: 4,
  models: localModels,
  levels: [0.1, 0.5, 0.9],
  parallel: 1,
};
let folders = 0;
const fresh = (): ReturnType<typeof createBacktests> =>
  createBacktests({ folder: join(home, `b${folders++}`), now: () => 0 });

/** A model that writes down what it is asked, and forecasts the constant `value`. */
function recording(name: string, value: number, calls: string[]): BacktestModel {
  return {
    name,
    settings: { value },
    local: false,
    async prepare(stepsFromEnd) {
      calls.push(`${name} learns before ${stepsFromEnd}`);
      return {
        async forecast(origins) {
          calls.push(`${name} forecasts ${seriesLength(panel, 0) - origins[0]!}`);
          return new Float64Array(origins.length * 4).fill(value);
        },
      };
    },
  };
}

describe('windows', () => {
  const at = (windows: number, step: number, refitEvery: number): number[][] =>
    planWindows({ horizon: 4, windows, step, refitEvery }).map((window) => [
      window.stepsFromEnd,
      window.fitStepsFromEnd,
    ]);

  it('end at the end of the series, a step apart', () => {
    expect(at(3, 4, 1).map(([end]) => end)).toEqual([12, 8, 4]);
    expect(at(3, 1, 1).map(([end]) => end)).toEqual([6, 5, 4]);
    expect(at(1, 9, 1)).toEqual([[4, 4]]);
  });

  it('are forecast by what was trained before them, anew as often as asked', () => {
    expect(at(4, 2, 1).map(([, fit]) => fit)).toEqual([10, 8, 6, 4]);
    expect(at(4, 2, 2).map(([, fit]) => fit)).toEqual([10, 10, 6, 6]);
    expect(at(4, 2, 0).map(([, fit]) => fit)).toEqual([10, 10, 10, 10]);
    for (const [end, fit] of at(7, 3, 3)) expect(fit).toBeGreaterThanOrEqual(end!);
  });
});

describe('a backtest', () => {
  it('scores forecasts of every window by the measures applied by hand', async () => {
    const { models } = await fresh().run(task);
    for (const { name, score, perSeries } of models) {
      const model = [naive, seasonalNaive, drift].find((each) => each.name === name)!;
      const rows = panel.ids.flatMap((_, i) =>
        planWindows(task).map(({ stepsFromEnd }) => {
          const values = seriesValues(panel, i);
          const origin = values.length - stepsFromEnd;
          const history = values.slice(0, origin);
          const actual = values.slice(origin, origin + 4);
          return { i, history, actual, forecast: model.fit(history, context, {}).mean };
        }),
      );
      const pooled = (own: typeof rows, key: 'actual' | 'forecast'): number[] =>
        own.flatMap((row) => [...row[key]]);
      expect(score.mae).toBeCloseTo(mae(pooled(rows, 'actual'), pooled(rows, 'forecast')), 10);
      const scaled = rows.map((row) => mase(row.actual, row.forecast, row.history, 4));
      expect(score.mase).toBeCloseTo(scaled.reduce((sum, x) => sum + x, 0) / scaled.length, 10);
      const own = rows.filter(({ i }) => i === 2);
      const pair = [pooled(own, 'actual'), pooled(own, 'forecast')] as const;
      expect(perSeries.rmse[2]).toBeCloseTo(rmse(...pair), 10);
      expect(perSeries.r2[2]).toBeCloseTo(r2(...pair), 10);
      expect(perSeries.bias[2]).toBeCloseTo(bias(...pair), 10);
    }
    expect(models[0]!.name).toBe('seasonal-naive');
  });

  it('of one series has the coefficient of determination of that series', async () => {
    const single = panelOf([generate(60, (t) => 3 * (t % 4) + normal())]);
    const models = [localBacktestModel(locals, { panel: single, model: naive, context })];
    const report = await fresh().run({ ...task, panel: single, models });
    const { score, perSeries } = report.models[0]!;
    expect(score.r2).toBeCloseTo(perSeries.r2[0]!, 12);
    expect(report.differences).toMatchObject({ overSeries: null, overWindows: null });
  });

  it('has intervals from the residuals of windows that had ended, so that the first has none', async () => {
    const { models } = await fresh().run(task);
    for (const { score } of models) {
      expect(score.coverage95).toBeGreaterThan(0.85);
      expect(score.width95).toBeGreaterThan(score.width80!);
      expect(score.msis).toBeGreaterThan(score.mase!);
      expect(score.wql).toBeGreaterThan(0);
    }
    const one = await fresh().run({ ...task, windows: 1 });
    expect(one.models[0]!.score).toMatchObject({ coverage80: null, msis: null, wql: null });
    // Two windows a step apart: the first has not ended where the second begins.
    const overlapping = await fresh().run({ ...task, windows: 2, step: 1 });
    expect(overlapping.models[0]!.score.wql).toBeNull();
  });

  it('trains as often as asked, before the windows, and forecasts each window once', async () => {
    const calls: string[] = [];
    const models = [recording('a', 1, calls)];
    await fresh().run({ ...task, models, windows: 3, refitEvery: 2 });
    expect(calls).toEqual([
      'a learns before 12',
      'a forecasts 12',
      'a forecasts 8',
      'a learns before 4',
      'a forecasts 4',
    ]);
  });

  it('leaves out what a model cannot forecast, for all models alike where they are compared', async () => {
    const gaps: BacktestModel = {
      ...recording('gaps', 0, []),
      prepare: async () => ({
        forecast: async (origins) =>
          Float64Array.from({ length: origins.length * 4 }, (_, k) => (k < 4 ? Number.NaN : 20)),
      }),
    };
    const { models, differences } = await fresh().run({ ...task, models: [...localModels, gaps] });
    const own = models.find(({ name }) => name === 'gaps')!;
    expect(own.score).toMatchObject({ series: 5, skippedSeries: 1 });
    expect(own.perSeries.mae[0]).toBeNaN();
    expect(differences.overSeries!.series).toBe(5);
  });

  it('can run models and windows side by side, to the same end', async () => {
    const alone = await fresh().run(task);
    expect(await fresh().run({ ...task, parallel: 3 })).toEqual(alone);
    let under = 0;
    let most = 0;
    const models = localModels.map(
      (model): BacktestModel => ({
        ...model,
        sideBySide: 2,
        async prepare(...given) {
          const { forecast } = await model.prepare(...given);
          return {
            async forecast(origins) {
              most = Math.max(most, ++under);
              await setImmediate();
              under--;
              return forecast(origins);
            },
          };
        },
      }),
    );
    expect(await fresh().run({ ...task, models })).toEqual(alone);
    expect(most).toBe(2);
  });

  it('counts trainings, and what they took with the first window of each', async () => {
    let time = 0;
    const slow: BacktestModel = {
      ...recording('slow', 1, []),
      prepare: async () => ({
        seconds: 100,
        async forecast(origins) {
          time += 2000;
          return new Float64Array(origins.length * 4).fill(1);
        },
      }),
    };
    const backtests = createBacktests({ folder: join(home, 'timed'), now: () => time });
    const models = [slow, ...localModels];
    const report = await backtests.run({ ...task, models, windows: 5, refitEvery: 3 });
    const found = report.models.find(({ name }) => name === 'slow')!;
    expect(found).toMatchObject({ trainings: 2, seconds: 2 * 100 + 5 * 2 });
    expect(report.models.find(({ name }) => name === 'naive')!.trainings).toBe(0);
  });
});

describe('a backtest that was stopped', () => {
  it('goes on where it was, and ends as if it had not been stopped', async () => {
    const whole = await fresh().run(task);
    const backtests = fresh();
    const stop = new AbortController();
    const seen: number[] = [];
    const stopped = backtests.run({
      ...task,
      signal: stop.signal,
      onWindow: ({ done }) => (done === 7 ? stop.abort(new Error('enough')) : undefined),
    });
    await expect(stopped).rejects.toThrow('enough');
    const calls: string[] = [];
    const spied = localModels.map((model) => ({
      ...model,
      prepare: (...given: Parameters<BacktestModel['prepare']>) => {
        calls.push(model.name);
        return model.prepare(...given);
      },
    }));
    const resumed = await backtests.run({
      ...task,
      models: spied,
      onWindow: ({ done, total }) => void seen.push(done / total),
    });
    expect(calls).toHaveLength(15 - 7);
    expect(seen.at(-1)).toBe(1);
    expect(resumed).toEqual(whole);
    calls.length = 0;
    await backtests.run({ ...task, models: spied });
    expect(calls).toEqual([]);
    await backtests.forget({ ...task, models: spied });
    await backtests.run({ ...task, models: spied });
    expect(calls).toHaveLength(15);
  });

  it('trusts no damaged file, and nothing of other settings, windows or data', async () => {
    const folder = join(home, 'damaged');
    const backtests = createBacktests({ folder, now: () => 0 });
    const calls: string[] = [];
    const run = (value: number, changes: Partial<BacktestTask> = {}): Promise<unknown> =>
      backtests.run({ ...task, ...changes, models: [recording('a', value, calls)] });
    await run(1);
    const made = calls.length;
    const file = readdirSync(folder, { recursive: true, encoding: 'utf8' }).find((name) =>
      name.endsWith('.bin'),
    )!;
    const bytes = readFileSync(join(folder, file));
    bytes[bytes.length - 3]! ^= 1;
    writeFileSync(join(folder, file), bytes);
    await run(1);
    expect(calls.length).toBe(made + 2);
    for (const changes of [{ key: 'other' }, { step: 2 }, { refitEvery: 0 }]) {
      const before = calls.length;
      await run(1, changes);
      expect(calls.length).toBeGreaterThan(before);
    }
    const before = calls.length;
    await run(2);
    expect(calls.length).toBe(before + made);
  });

  it('reminds a model of what it noted when it was prepared, until all is over', async () => {
    const recalled: unknown[] = [];
    const keys = new Set<string>();
    const noting: BacktestModel = {
      ...recording('noting', 1, []),
      async prepare(stepsFromEnd, { key, recall, note }) {
        keys.add(key);
        recalled.push(await recall());
        await note({ at: stepsFromEnd });
        return { forecast: async (origins) => new Float64Array(origins.length * 4) };
      },
    };
    const backtests = fresh();
    const given = { ...task, models: [noting], windows: 2 };
    const stopAt = (count: number): Promise<unknown> => {
      const stop = new AbortController();
      const { signal } = stop;
      const onWindow = ({ done }: { done: number }) => done === count && stop.abort();
      return backtests.run({ ...given, signal, onWindow: (progress) => void onWindow(progress) });
    };
    const twice = { ...given, refitEvery: 0 };
    await expect(stopAt(1)).rejects.toThrow('aborted');
    await backtests.run(given);
    expect(recalled).toEqual([undefined, undefined]);
    const stop = new AbortController();
    const { signal } = stop;
    const once = backtests.run({ ...twice, signal, onWindow: () => stop.abort() });
    await expect(once).rejects.toThrow('aborted');
    await backtests.run(twice);
    expect(recalled.slice(2)).toEqual([undefined, { at: 8 }]);
    await backtests.forget(twice);
    await backtests.run(twice);
    expect(recalled.slice(4)).toEqual([undefined]);
    expect([...keys].every((key) => /^[\w-]+$/.test(key))).toBe(true);
    expect(keys.size).toBe(3);
  });

  it('stops the others when one model fails, and says why', async () => {
    const failing: BacktestModel = {
      ...recording('failing', 0, []),
      prepare: () => Promise.reject(new Error('no memory')),
    };
    const models = [failing, ...localModels];
    await expect(fresh().run({ ...task, models, parallel: 2 })).rejects.toThrow('no memory');
  });
});

describe('differences between models', () => {
  const draw = normals(9);
  const losses = (shift: number, count: number): Float64Array =>
    Float64Array.from({ length: count }, () => 10 + shift + draw());

  it('are found where there are any, over series and over windows', () => {
    const given = { windows: 12, series: 30, overlap: 1 };
    const found = findDifferences({
      ...given,
      models: ['worse', 'good', 'alike'],
      losses: [losses(2, 360), losses(0, 360), losses(0.01, 360)],
    });
    const { groups } = found.overSeries!;
    expect(groups.map((group) => group.toSorted())).toEqual([['alike', 'good'], ['worse']]);
    const { best, tests } = found.overWindows!;
    expect(found.meanErrors[0]!.model).toBe(best);
    expect(tests.find(({ model }) => model === 'worse')!.pValue).toBeLessThan(0.001);
    expect(tests.find(({ model }) => model !== 'worse')!.pValue).toBeGreaterThan(0.05);
  });

  it('are not claimed where the Friedman test finds none', () => {
    const models = ['a', 'b', 'c', 'd'];
    const same = models.map(() => losses(0, 40));
    const { overSeries } = findDifferences({
      windows: 2,
      series: 20,
      overlap: 1,
      models,
      losses: same,
    });
    expect(overSeries!.groups).toEqual([overSeries!.ranks.map(({ model }) => model)]);
  });

  it("have p-values that grow with the number of tests, as Holm's do", () => {
    const pair = [losses(0, 40), losses(0.6, 40)];
    const given = { windows: 40, series: 1, overlap: 1 };
    const two = findDifferences({ ...given, models: ['a', 'b'], losses: pair });
    const more = findDifferences({
      ...given,
      models: ['a', 'b', 'c', 'd'],
      losses: [...pair, losses(5, 40), losses(5, 40)],
    });
    const of = ({ overWindows }: typeof two): number =>
      overWindows!.tests.find(({ model }) => model === 'b')!.pValue;
    expect(of(more)).toBeGreaterThanOrEqual(of(two));
    expect(more.overWindows!.tests.every(({ pValue }) => pValue <= 1)).toBe(true);
  });
});

describe('the score table', () => {
  it('has a line for each model and series, quoted where needed and empty where undefined', async () => {
    const { models } = await fresh().run({ ...task, windows: 1 });
    const ids = panel.ids.map((id, i) => (i === 0 ? 'a "b", c' : id));
    const lines = formatScoreTable(ids, models).trimEnd().split('\n');
    expect(lines).toHaveLength(1 + 3 * 6);
    expect(lines[0]).toMatch(/^model,unique_id,mase,rmsse,smape,/);
    expect(lines[1]).toMatch(/^seasonal-naive,"a ""b"", c",\d/);
    const column = lines[0]!.split(',').indexOf('msis');
    expect(lines[2]!.split(',')[column]).toBe('');
    expect(Number(lines[2]!.split(',')[2])).toBe(models[0]!.perSeries.mase[1]);
  });
});
