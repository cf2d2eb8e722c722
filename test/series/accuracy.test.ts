/** Accuracy measures against their definitions and against the M4 competition's published figures. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { naive } from '../../models/naive/naive.ts';
import { seasonalNaive } from '../../models/naive/seasonal-naive.ts';
import {
  bias,
  mae,
  mape,
  mase,
  mse,
  owa,
  r2,
  relativeBias,
  rmse,
  rmsse,
  seasonalNaiveError,
  seriesScale,
  smape,
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

describe('measures beside a reference implementation', () => {
  const actual = [3, -0.5, 2, 7, 4.2];
  const forecast = [2.5, 0, 2.1, 7.8, 5];
  const history = [1, 3, 2, 6, 5, 4, 8];

  it('agree with scikit-learn 1.9.1 and utilsforecast 0.2.17', () => {
    expect(r2(actual, forecast)).toBeCloseTo(0.9414879707112971, 12);
    expect(mape(actual, forecast)).toBeCloseTo(30.428571428571434, 10);
    expect(mase(actual, forecast, history, 2)).toBeCloseTo(0.225, 12);
    expect(rmsse(actual, forecast, history, 2)).toBeCloseTo(0.2365110991053062, 12);
  });

  it('have a sign where they tell a direction', () => {
    expect(bias([1, 2, Number.NaN], [2, 5, 9])).toBe(2);
    expect(relativeBias([1, -3], [2, -2])).toBe(0.5);
    expect(relativeBias([10, 10], [9, 9])).toBeCloseTo(-0.1, 12);
    expect(relativeBias([0, 0], [1, 1])).toBeNaN();
  });

  it('leave out what they are undefined for', () => {
    expect(mape([0, 2], [5, 3])).toBe(50);
    expect(mape([0], [5])).toBeNaN();
    expect(r2([4, 4], [4, 4])).toBeNaN();
    expect(r2([1, 3, Number.NaN], [2, 2, 7])).toBe(0);
    expect(rmsse([1], [2], [5, 5, 5], 1)).toBeNaN();
    expect(rmsse([1], [2], [5, 6], 2)).toBeNaN();
  });

  it('give a mean squared error of bias squared and variance', () => {
    fc.assert(
      fc.property(values, fc.func(fc.double({ min: -1e6, max: 1e6, noNaN: true })), (a, f) => {
        const made = a.map(f);
        const centre = bias(a, made);
        const errors = a.map((value, i) => made[i]! - value - centre);
        const spread = mse(
          a.map(() => 0),
          errors,
        );
        expect(mse(a, made)).toBeCloseTo(centre ** 2 + spread, -2);
        expect(Math.abs(centre)).toBeLessThanOrEqual(mae(a, made) * (1 + 1e-12) + 1e-150);
        expect(mae(a, made)).toBeLessThanOrEqual(rmse(a, made) * (1 + 1e-12) + 1e-150);
      }),
    );
  });
});

describe('the overall weighted average', () => {
  const naive2 = { smape: [18.383], mase: [2.395] };

  it.each([
    ['seasonal naive', 13.912, 1.193, 0.627],
    ['ES-RNN', 9.328, 0.893, 0.44],
    ['Theta', 18.138, 2.455, 1.006],
    ['damped exponential smoothing', 19.265, 2.956, 1.141],
  ])('of %s is what M4 published for the hourly series', (_, smapeOf, maseOf, published) => {
    const found = owa({ smape: [smapeOf], mase: [maseOf] }, naive2);
    expect(Math.abs(found - published)).toBeLessThan(0.0006);
  });

  it('is a ratio of averages and no average of ratios', () => {
    const reference = { smape: [1, 3], mase: [1, 3] };
    expect(owa({ smape: [2, 2], mase: [2, 6] }, reference)).toBeCloseTo((1 + 2) / 2, 12);
  });

  it('leaves out the series that one of both has no measure for', () => {
    const method = { smape: [2, 4], mase: [Number.NaN, 1] };
    expect(owa(method, { smape: [4, 4], mase: [1, 2] })).toBeCloseTo((6 / 8 + 1 / 2) / 2, 12);
    expect(owa(method, { smape: [0, 0], mase: [1, 1] })).toBeNaN();
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
        const forecast = model.fit(history, { horizon, season }, {}).mean;
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
