/** Accuracy measures against their definitions and against the M4 competition's published figures. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { naive } from '../../models/naive/naive.ts';
import { seasonalNaive } from '../../models/naive/seasonal-naive.ts';
import {
  coverage,
  mae,
  mase,
  mse,
  pinball,
  rmse,
  seasonalNaiveError,
  seriesScale,
  smape,
  wql,
} from '../../series/accuracy.ts';
import { sharedData } from '../shared-data.ts';
import { readM4 } from './m4-series.ts';

const values = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), {
  minLength: 1,
  maxLength: 30,
});

describe('point measures', () => {
  it('are what a hand calculation gives', () => {
    const actual = [1, 2, 4];
    const forecast = [2, 2, 1];
    expect(mae(actual, forecast)).toBeCloseTo(4 / 3, 12);
    expect(mse(actual, forecast)).toBeCloseTo(10 / 3, 12);
    expect(rmse(actual, forecast)).toBeCloseTo(Math.sqrt(10 / 3), 12);
    expect(smape(actual, forecast)).toBeCloseTo((200 / 3 + 0 + 120) / 3, 12);
    expect(mase(actual, forecast, [1, 3, 2, 6], 2)).toBeCloseTo(4 / 3 / 2, 12);
  });

  it('count a correct forecast of zero as no percentage error', () => {
    expect(smape([0, 0], [0, 1])).toBe(100);
  });

  it('leave missing actual values out and pass missing forecasts on', () => {
    expect(mae([1, Number.NaN, 3], [2, 5, 3])).toBe(0.5);
    expect(mae([1, 2], [Number.NaN, 2])).toBeNaN();
    expect(mae([Number.NaN], [1])).toBeNaN();
    expect(mae([], [])).toBeNaN();
  });

  it('keep smape within 0 and 200', () => {
    fc.assert(
      fc.property(values, fc.func(fc.double({ min: -1e6, max: 1e6, noNaN: true })), (a, f) => {
        const result = smape(a, a.map(f));
        expect(result).toBeGreaterThanOrEqual(0);
        expect(result).toBeLessThanOrEqual(200 + 1e-9);
      }),
    );
  });

  it('give a MASE that no change of scale moves', () => {
    for (const unit of [1e12, 1e-9]) {
      const scaled = (xs: number[]): number[] => xs.map((x) => x * unit);
      expect(mase(scaled([1, 2]), scaled([2, 4]), scaled([1, 3, 2]), 1)).toBeCloseTo(1, 12);
    }
  });

  it('leave MASE undefined where the history never changes or is too short', () => {
    expect(mase([1], [2], [5, 5, 5], 1)).toBeNaN();
    expect(mase([1], [2], [5, 6], 2)).toBeNaN();
    expect(seasonalNaiveError([], 1)).toBeNaN();
  });
});

describe('the scale of a series', () => {
  it('is the seasonal naive error where there is one', () => {
    expect(seriesScale([1, 3, 2, 6], 2)).toBe(2);
  });

  it('falls back to the naive error, the deviation and the size of the mean', () => {
    expect(seriesScale([1, 3, 1, 3], 2)).toBe(2);
    expect(seriesScale([1, 3], 2)).toBe(2);
    expect(seriesScale([5, Number.NaN, 7], 1)).toBeCloseTo(Math.SQRT2, 12);
    expect(seriesScale([-3e9, -3e9], 1)).toBe(3000);
    expect(seriesScale([0.1], 1)).toBe(1e-6);
    expect(seriesScale([], 1)).toBe(1e-6);
  });

  it('is positive and finite for any series', () => {
    const any = fc.array(fc.double({ noDefaultInfinity: true }), { maxLength: 20 });
    fc.assert(
      fc.property(any, fc.integer({ min: 1, max: 5 }), (history, season) => {
        const scale = seriesScale(history, season);
        expect(scale).toBeGreaterThan(0);
        expect(Number.isFinite(scale)).toBe(true);
      }),
    );
  });
});

describe('interval and quantile measures', () => {
  it('count bounds as inside and leave missing actual values out', () => {
    expect(coverage([1, 2, 3, Number.NaN, 9], [1, 3, 1, 0, 0], [2, 4, 3, 1, 1])).toBe(0.5);
  });

  it('make the pinball loss of the median half the absolute error', () => {
    expect(pinball([1, 5], [3, 4], 0.5)).toBe(mae([1, 5], [3, 4]) / 2);
    expect(pinball([10], [8], 0.9)).toBeCloseTo(1.8, 12);
    expect(pinball([8], [10], 0.9)).toBeCloseTo(0.2, 12);
  });

  it('make the weighted quantile loss of the median the weighted absolute percentage error', () => {
    expect(wql([4, -6], [5, -5], [0.5])).toBeCloseTo(2 / 10, 12);
    expect(wql([4, -6], [3, 5, -7, -5], [0.1, 0.9])).toBeCloseTo((2 * 0.4) / 10 / 2, 12);
    expect(wql([0], [1], [0.5])).toBeNaN();
  });
});

describe.each([
  { set: 'Hourly', season: 24, horizon: 48, model: seasonalNaive, published: [13.912, 1.193] },
  { set: 'Hourly', season: 24, horizon: 48, model: naive, published: [43.003, 11.608] },
  { set: 'Weekly', season: 1, horizon: 13, model: naive, published: [9.161, 2.777] },
])('M4 $set, $model.name', ({ set, season, horizon, model, published }) => {
  const train = sharedData(`m4/${set}-train.csv.gz`);
  const test = sharedData(`m4/${set}-test.csv.gz`);

  it.skipIf(train === undefined || test === undefined)(
    'reproduces the published sMAPE and MASE to three decimals (skipped without the M4 files)',
    () => {
      const targets = readM4(test!);
      const scores = [...readM4(train!)].map(([id, history]) => {
        const forecast = model.forecast(history, { horizon, season }, {});
        const actual = targets.get(id)!;
        return [smape(actual, forecast), mase(actual, forecast, history, season)] as const;
      });
      for (const [measure, expected] of published.entries()) {
        const mean = scores.reduce((sum, score) => sum + score[measure]!, 0) / scores.length;
        expect(mean).toBeCloseTo(expected, 3);
      }
    },
  );
});
