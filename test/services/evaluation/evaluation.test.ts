/** Backtests. */
import { describe, expect, it } from 'vitest';
import { naiveModels } from '../../../models/naive/index.ts';
import { naive } from '../../../models/naive/naive.ts';
import { seasonalNaive } from '../../../models/naive/seasonal-naive.ts';
import {
  bias,
  mae,
  mape,
  mase,
  r2,
  relativeBias,
  rmse,
  rmsse,
  seriesScale,
  smape,
} from '../../../series/accuracy.ts';
import { foldOrigin, planFolds } from '../../../series/folds.ts';
import { type Panel, seriesLength, seriesValues } from '../../../series/panel.ts';
import { crpsOfQuantiles, intervalWidth, msis, wql } from '../../../series/quantile-accuracy.ts';
import {
  createEvaluation,
  type ForecasterUnderTest,
  localForecaster,
} from '../../../services/evaluation/evaluation.ts';
import { applyOffsets, conformalOffsets } from '../../../services/evaluation/intervals.ts';
import { createLocalForecasts } from '../../../services/local/local-forecasts.ts';
import { createWorkers } from '../../../services/workers/workers.ts';
import { readM4 } from '../../series/m4-series.ts';
import { generate, normals, panelOf, randomWalk } from '../../series/make-panel.ts';
import { sharedData } from '../../shared-data.ts';

const evaluation = createEvaluation();
const locals = createLocalForecasts({ workers: createWorkers({ threads: 1 }) });
const both = ['validation', 'test'] as const;
const lengthsOf = (panel: Panel): number[] => panel.ids.map((_, i) => seriesLength(panel, i));

describe('backtest', () => {
  const normal = normals(1);
  const panel = panelOf(
    [80, 60, 70].map((length, i) => generate(length, (t) => 10 * (i + 1) + (t % 4) + normal())),
  );
  const plan = planFolds(lengthsOf(panel), 3, 10);
  const levels = [0.1, 0.9];

  it('agrees with the measures applied row by row', async () => {
    const forecasters = [
      localForecaster(locals, { panel, plan, model: seasonalNaive, seasons: { season: 4 } }),
    ];
    const { scores, forecasters: tested } = await evaluation.backtest(panel, plan, forecasters, {
      season: 4,
      kinds: both,
      levels,
    });
    for (const kind of both) {
      const folds = plan.folds.filter((fold) => fold.kind === kind);
      const rows = folds.flatMap((fold) =>
        panel.ids.map((_, i) => {
          const values = seriesValues(panel, i);
          const origin = foldOrigin(values.length, fold);
          const history = values.slice(0, origin);
          const actual = values.slice(origin, origin + 3);
          const forecast = seasonalNaive.fit(history, { horizon: 3, season: 4 }, {}).mean;
          const scale = seriesScale(history, 4);
          return { i, history, actual, forecast, scale };
        }),
      );
      const average = (of: (row: (typeof rows)[number]) => number): number =>
        rows.reduce((sum, row) => sum + of(row), 0) / rows.length;
      const score = scores.find((one) => one.kind === kind)!;
      expect(score.mae).toBeCloseTo(
        average((r) => mae(r.actual, r.forecast)),
        10,
      );
      expect(score.rmse ** 2).toBeCloseTo(
        average((r) => rmse(r.actual, r.forecast) ** 2),
        10,
      );
      expect(score.smape).toBeCloseTo(
        average((r) => smape(r.actual, r.forecast)),
        10,
      );
      expect(score.mase).toBeCloseTo(
        average((r) => mase(r.actual, r.forecast, r.history, 4)),
        10,
      );
      expect(score.mape).toBeCloseTo(
        average((r) => mape(r.actual, r.forecast)),
        10,
      );
      expect(score.rmsse).toBeCloseTo(
        average((r) => rmsse(r.actual, r.forecast, r.history, 4)),
        10,
      );
      const all = (key: 'actual' | 'forecast'): number[] => rows.flatMap((r) => [...r[key]]);
      expect(score.bias).toBeCloseTo(bias(all('actual'), all('forecast')), 10);
      expect(score.relativeBias).toBeCloseTo(relativeBias(all('actual'), all('forecast')), 10);
      const measured = tested[0]!.perSeries[kind]!;
      for (let i = 0; i < 3; i++) {
        const own = rows.filter((r) => r.i === i);
        const [actual, forecast] = [
          own.flatMap((r) => [...r.actual]),
          own.flatMap((r) => [...r.forecast]),
        ];
        expect(measured.mae[i]).toBeCloseTo(mae(actual, forecast), 10);
        expect(measured.rmse[i]).toBeCloseTo(rmse(actual, forecast), 10);
        expect(measured.r2[i]).toBeCloseTo(r2(actual, forecast), 10);
        expect(measured.bias[i]).toBeCloseTo(bias(actual, forecast), 10);
      }
      expect(score).toMatchObject({ series: 3, folds: folds.length, skippedSeries: 0 });
      const expected = rows.flatMap((r) =>
        [...r.actual].map((a, h) => (a - r.forecast[h]!) / r.scale),
      );
      expect([...tested[0]!.residuals[kind]]).toEqual(expected);
      expect(tested[0]!.mase[kind]).toHaveLength(3);
    }
  });

  it('scores quantiles of test rows by offsets from validation rows', async () => {
    const forecasters = [
      localForecaster(locals, { panel, plan, model: naive, seasons: { season: 1 } }),
    ];
    const { scores, forecasters: tested } = await evaluation.backtest(panel, plan, forecasters, {
      season: 1,
      kinds: both,
      levels,
    });
    const offsets = conformalOffsets(tested[0]!.residuals.validation, 3, levels);
    const bounds = [0.025, 0.1, 0.9, 0.975];
    const outer = conformalOffsets(tested[0]!.residuals.validation, 3, bounds);
    const actual: number[] = [];
    const quantiles: number[] = [];
    const scaled: number[] = [];
    const widths: number[] = [];
    for (const fold of plan.folds.filter(({ kind }) => kind === 'test')) {
      for (let i = 0; i < 3; i++) {
        const values = seriesValues(panel, i);
        const origin = foldOrigin(values.length, fold);
        const point = new Float64Array(3).fill(values[origin - 1]!);
        const scale = Float64Array.of(seriesScale(values.subarray(0, origin), 1));
        actual.push(...values.subarray(origin, origin + 3));
        quantiles.push(...applyOffsets(point, scale, offsets, 3, levels));
        const made = applyOffsets(point, scale, outer, 3, bounds);
        const at = (q: number): number[] => [0, 1, 2].map((h) => made[4 * h + q]!);
        const intervals = { actual: actual.slice(-3), lower: at(0), upper: at(3) };
        scaled.push(msis(intervals, 0.95, values.subarray(0, origin), 1));
        widths.push(intervalWidth(intervals.actual, at(1), at(2)) / scale[0]!);
      }
    }
    const meanOf = (xs: number[]): number => xs.reduce((sum, x) => sum + x, 0) / xs.length;
    expect(scores[1]!.msis).toBeCloseTo(meanOf(scaled), 10);
    expect(scores[1]!.width80).toBeCloseTo(meanOf(widths), 10);
    expect(scores[1]!.crps).toBeCloseTo(crpsOfQuantiles(actual, quantiles, levels), 10);
    expect(scores[1]!.wql).toBeCloseTo(wql(actual, quantiles, levels), 10);
    const inside = actual.filter(
      (value, row) => value >= quantiles[2 * row]! && value <= quantiles[2 * row + 1]!,
    );
    expect(scores[1]!.coverage80).toBeCloseTo(inside.length / actual.length, 10);
  });

  it('leaves intervals of validation folds, and of tests without validation, unjudged', async () => {
    const forecasters = [
      localForecaster(locals, { panel, plan, model: naive, seasons: { season: 1 } }),
    ];
    const of = async (kinds: readonly ('validation' | 'test')[]) =>
      (await evaluation.backtest(panel, plan, forecasters, { season: 1, kinds })).scores;
    const none = { coverage80: null, width95: null, msis: null, wql: null, crps: null };
    expect((await of(['validation']))[0]).toMatchObject(none);
    expect((await of(['test']))[0]).toMatchObject(none);
    expect((await of(both))[1]!.coverage95).toBeGreaterThan(0.7);
  });

  it('never shows a local model what comes after the origin', async () => {
    const seen: number[] = [];
    const spy = {
      ...naive,
      fit: (...given: Parameters<typeof naive.fit>) => {
        seen.push(given[0].length);
        return naive.fit(...given);
      },
    };
    await evaluation.backtest(
      panel,
      plan,
      [localForecaster(locals, { panel, plan, model: spy, seasons: { season: 1 } })],
      {
        season: 1,
        kinds: both,
      },
    );
    const expected = plan.folds.flatMap((fold) => lengthsOf(panel).map((n) => foldOrigin(n, fold)));
    expect(seen).toEqual(expected);
  });

  it('leaves out what has no forecast or no scale, and counts it', async () => {
    const mixed = panelOf([
      generate(60, () => normal()),
      generate(60, () => 5),
      [1, 2],
      generate(60, (t) => t % 2),
    ]);
    const folds = planFolds(lengthsOf(mixed), 3, 10);
    const refusing: ForecasterUnderTest = {
      name: 'refusing',
      forecast: async () => {
        const forecast = new Float64Array(12);
        forecast[10] = Number.NaN;
        return forecast;
      },
    };
    const { scores, forecasters } = await evaluation.backtest(mixed, folds, [refusing], {
      season: 1,
      kinds: ['test'],
    });
    expect(scores[0]).toMatchObject({ series: 2, skippedSeries: 3 });
    expect(scores[0]!.mase).toBeGreaterThan(0);
    const undefinedOnes = [...forecasters[0]!.mase.test].map(Number.isNaN);
    expect(undefinedOnes).toEqual([false, true, true, true]);
    expect(forecasters[0]!.residuals.validation).toHaveLength(0);
  });

  it('scores nothing, and does not fail, where no series is long enough', async () => {
    const short = panelOf([[1], [1, 2]]);
    const none = planFolds(lengthsOf(short), 5, 4);
    const { scores } = await evaluation.backtest(
      short,
      none,
      naiveModels.map((model) =>
        localForecaster(locals, { panel: short, plan: none, model, seasons: { season: 7 } }),
      ),
      { season: 7, kinds: both },
    );
    expect(scores).toHaveLength(6);
    expect(scores[0]).toMatchObject({ mase: null, mae: Number.NaN, series: 0, skippedSeries: 2 });
  });

  it('stops between folds when told to', async () => {
    const controller = new AbortController();
    let forecasts = 0;
    const stopping: ForecasterUnderTest = {
      name: 'stopping',
      forecast: async () => {
        forecasts++;
        controller.abort(new Error('enough'));
        return new Float64Array(9);
      },
    };
    const running = evaluation.backtest(panel, plan, [stopping], {
      season: 1,
      kinds: both,
      signal: controller.signal,
    });
    await expect(running).rejects.toThrow('enough');
    expect(forecasts).toBe(1);
  });

  it('refuses two forecasters of one name and forecasts of another shape', async () => {
    const wrong: ForecasterUnderTest = { name: 'a', forecast: async () => new Float64Array(1) };
    const options = { season: 1, kinds: both };
    await expect(evaluation.backtest(panel, plan, [wrong, wrong], options)).rejects.toThrow(
      'unique',
    );
    await expect(evaluation.backtest(panel, plan, [wrong], options)).rejects.toThrow(
      '[series * horizon]',
    );
  });
});

describe('coverage on test folds by validation folds', () => {
  const coverageOf = async (
    series: readonly ArrayLike<number>[],
    horizon: number,
    season: number,
  ): Promise<readonly [number, number]> => {
    const panel = panelOf(series);
    const plan = planFolds(lengthsOf(panel), horizon, 2 * season + horizon);
    const model = season > 1 ? seasonalNaive : naive;
    const { scores } = await evaluation.backtest(
      panel,
      plan,
      [localForecaster(locals, { panel, plan, model, seasons: { season } })],
      {
        season,
        kinds: both,
      },
    );
    return [scores[1]!.coverage80!, scores[1]!.coverage95!];
  };

  it('is within two points of 80 and 95 per cent on simulated series, over three draws', async () => {
    const seeds = [2, 3, 4];
    for (const season of [12, 1]) {
      const covered = { at80: 0, at95: 0 };
      for (const seed of seeds) {
        const normal = normals(seed);
        const seasonal = Array.from({ length: 60 }, (_, i) =>
          generate(300, (t) => i + 5 * Math.sin((2 * Math.PI * t) / 12) + (1 + i) * normal()),
        );
        const walks = Array.from({ length: 60 }, () => randomWalk(300, normal));
        const [at80, at95] = await coverageOf(season > 1 ? seasonal : walks, 10, season);
        covered.at80 += at80 / seeds.length;
        covered.at95 += at95 / seeds.length;
      }
      expect(Math.abs(covered.at80 - 0.8)).toBeLessThan(0.02);
      expect(Math.abs(covered.at95 - 0.95)).toBeLessThan(0.02);
    }
  });

  it('is within five points on average where a single series gives two folds', async () => {
    const normal = normals(3);
    let at80 = 0;
    let at95 = 0;
    const trials = 150;
    for (let k = 0; k < trials; k++) {
      const [c80, c95] = await coverageOf([randomWalk(300, normal)], 12, 1);
      at80 += c80 / trials;
      at95 += c95 / trials;
    }
    expect(Math.abs(at80 - 0.8)).toBeLessThan(0.05);
    expect(Math.abs(at95 - 0.95)).toBeLessThan(0.05);
  });

  const m4 = sharedData('m4/Hourly-train.csv.gz');
  it.skipIf(m4 === undefined)(
    'is within three points on M4 hourly (skipped without the file)',
    async () => {
      const [at80, at95] = await coverageOf([...readM4(m4!).values()], 48, 24);
      expect(Math.abs(at80 - 0.8)).toBeLessThan(0.03);
      expect(Math.abs(at95 - 0.95)).toBeLessThan(0.03);
    },
  );
});
