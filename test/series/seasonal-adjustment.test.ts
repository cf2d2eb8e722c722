/** Seasonal adjustment against its definition, the textbook's figures and the organisers' own Naive2 forecasts of M4. */
import fc from 'fast-check';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readSet, readSubmission, scoreForecasts } from '../../bench/m4-data.ts';
import { seriesValues } from '../../series/panel.ts';
import {
  deseasonalise,
  isSeasonal,
  naive2Forecast,
  reseasonalise,
  seasonalIndices,
} from '../../series/seasonal-adjustment.ts';
import { airPassengers, nile } from '../models/statistical/classic-series.ts';
import { sharedData } from '../shared-data.ts';

/** The test as the competition's paper states it, with R's autocorrelation. */
function isSeasonalByDefinition(values: readonly number[], season: number): boolean {
  const n = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  const covariance = (lag: number): number =>
    values.slice(lag).reduce((sum, value, t) => sum + (value - mean) * (values[t]! - mean), 0) / n;
  const r = Array.from({ length: season + 1 }, (_, lag) => covariance(lag) / covariance(0));
  const squares = r.slice(1, season).reduce((sum, value) => sum + value * value, 0);
  return Math.abs(r[season]!) > (1.645 / Math.sqrt(n)) * Math.sqrt(1 + 2 * squares);
}

describe('the test of a season', () => {
  it('finds that of airline passengers and none in the flow of the Nile', () => {
    expect(isSeasonal(airPassengers, 12)).toBe(true);
    expect(isSeasonal(nile, 12)).toBe(false);
  });

  it('is that of the definition', () => {
    const cases = fc.record({
      values: fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 24, maxLength: 60 }),
      season: fc.integer({ min: 2, max: 8 }),
      swing: fc.integer({ min: 0, max: 6 }),
    });
    fc.assert(
      fc.property(cases, ({ values, season, swing }) => {
        const series = values.map((value, t) => value + (t % season === 0 ? swing : 0));
        fc.pre(new Set(series).size > 1);
        expect(isSeasonal(Float64Array.from(series), season)).toBe(
          isSeasonalByDefinition(series, season),
        );
      }),
    );
  });

  it('says no with fewer than three seasons, without a season, and of a constant series', () => {
    const pattern = Float64Array.from({ length: 36 }, (_, t) => (t % 12 === 5 ? 1 : 0));
    expect(isSeasonal(pattern.subarray(0, 35), 12)).toBe(false);
    expect(isSeasonal(pattern, 12)).toBe(true);
    expect(isSeasonal(airPassengers, 1)).toBe(false);
    expect(isSeasonal(new Float64Array(48).fill(0.1), 12)).toBe(false);
  });

  it('does not depend on scale, however great or small', () => {
    for (const scale of [1e300, 1e-300]) {
      expect(
        isSeasonal(
          airPassengers.map((value) => value * scale),
          12,
        ),
      ).toBe(true);
    }
  });
});

describe('seasonal indices', () => {
  // decompose(AirPassengers, "multiplicative")$figure and the additive ones of R's stats; statsmodels 0.15.0 gives the same.
  it('of airline passengers are those of R', () => {
    const factors = [
      0.9102303674, 0.8836253207, 1.0073662876, 0.9759060123, 0.9813780275, 1.1127758267,
      1.2265555429, 1.2199109694, 1.0604919326, 0.9217572404, 0.8011780824, 0.89882439,
    ];
    const terms = [
      -24.7487373737, -36.1881313131, -2.2411616162, -8.0366161616, -4.5063131313, 35.4027777778,
      63.8308080808, 62.8232323232, 16.5202020202, -20.6426767677, -53.5934343434, -28.6199494949,
    ];
    const multiplicative = seasonalIndices(airPassengers, 12, 'multiplicative');
    const additive = seasonalIndices(airPassengers, 12, 'additive');
    for (let k = 0; k < 12; k++) {
      expect(multiplicative[k]).toBeCloseTo(factors[k]!, 9);
      expect(additive[k]).toBeCloseTo(terms[k]!, 8);
    }
  });

  it('of a level with a fixed pattern are the pattern, for odd and even seasons', () => {
    for (const pattern of [
      [0.5, 1, 1.5],
      [0.8, 1.2, 0.6, 1.4],
    ]) {
      const m = pattern.length;
      const series = Float64Array.from({ length: 5 * m + 2 }, (_, t) => 7 * pattern[t % m]!);
      const indices = seasonalIndices(series, m, 'multiplicative');
      for (let k = 0; k < m; k++) expect(indices[k]).toBeCloseTo(pattern[k]!, 12);
    }
  });

  it('are neutral where there are fewer than two seasons', () => {
    expect([...seasonalIndices(Float64Array.of(1, 2, 3), 2, 'multiplicative')]).toEqual([1, 1]);
    expect([...seasonalIndices(Float64Array.of(1, 2, 3), 2, 'additive')]).toEqual([0, 0]);
  });
});

describe('taking a season out', () => {
  it('and putting it back gives the series again', () => {
    const shifted = airPassengers.map((value) => value - 300);
    for (const [series, kind] of [
      [airPassengers, 'multiplicative'],
      [shifted, 'additive'],
      [nile, 'none'],
    ] as const) {
      const adjustment = deseasonalise(series, 12);
      expect(adjustment.kind).toBe(kind);
      const back = reseasonalise(adjustment.adjusted, adjustment, 0);
      for (const [t, value] of series.entries()) expect(back[t]).toBeCloseTo(value, 9);
    }
  });

  it('by differences where a factor would be next to nothing', () => {
    const series = Float64Array.from({ length: 60 }, (_, t) => (t % 12 === 0 ? 1e-6 : 5 + (t % 5)));
    expect(deseasonalise(series, 12).kind).toBe('additive');
  });
});

describe('Naive2', () => {
  it('repeats the last value where there is no season, and keeps the pattern where there is one', () => {
    expect([...naive2Forecast(Float64Array.of(3, 1, 2), 1, 2)]).toEqual([2, 2]);
    const series = Float64Array.from({ length: 41 }, (_, t) => [2, 4, 6, 8][t % 4]!);
    const forecast = naive2Forecast(series, 4, 5);
    for (const [h, value] of [4, 6, 8, 2, 4].entries()) expect(forecast[h]).toBeCloseTo(value, 9);
  });

  const file = sharedData('m4/reference/submission-Naive2.zip');
  it.skipIf(file === undefined)(
    'is that of the organisers of M4 (needs the shared M4 files)',
    () => {
      const folder = join(file!, '..', '..');
      const set = readSet(folder, 'Hourly');
      const theirs = readSubmission(file!, set);
      const ours = new Float64Array(theirs.length);
      for (const i of set.panel.ids.keys()) {
        ours.set(naive2Forecast(seriesValues(set.panel, i), 24, set.horizon), i * set.horizon);
      }
      // The file has about ten digits.
      for (const [k, value] of theirs.entries()) expect(ours[k]! / value).toBeCloseTo(1, 8);
      const { smape, mase } = scoreForecasts(set, ours, 0);
      expect(smape).toBeCloseTo(18.383, 3);
      expect(mase).toBeCloseTo(2.395, 3);
    },
  );
});
