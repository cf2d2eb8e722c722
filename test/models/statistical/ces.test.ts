/** Complex exponential smoothing against statsforecast's recursion and choices, and its own definition. */
import { describe, expect, it } from 'vitest';
import {
  backcastPass,
  type CesSeason,
  cesVariances,
  emptyState,
  forecastCes,
  passCes,
} from '../../../models/complex-smoothing/ces-process.ts';
import { criterionOf, firstState } from '../../../models/complex-smoothing/fit-ces.ts';
import { ces } from '../../../models/statistical/ces.ts';
import { airPassengers, nile } from './classic-series.ts';

const n = airPassengers.length;
const monthly = { horizon: 6, season: 12 };

describe('the process', () => {
  // Errors at times 1, 2, 3, n, forecasts 1, 2, 6, 14 steps ahead and criterion of statsforecast 2.1.1 with these weights.
  const cases = [
    {
      season: 'none',
      weights: [1.2, 0.99],
      errors: [-7.233434555581539, 1.3229203467994068, 15.871562473618354, -25.001038357021912],
      forecasts: [449.60631242119433, 446.0127263538135, 431.2002773875478, 403.0872776497939],
      aicc: 1855.9577153996684,
    },
    {
      season: 'simple',
      weights: [1.7, 1.1],
      errors: [-17.171713540856416, -19.047477546230624, -21.44188924766388, 27.685165314883534],
      forecasts: [423.82151462195344, 400.03659128039624, 550.2676482617641, 429.55355972246775],
      aicc: 1683.5465590224997,
    },
    {
      season: 'partial',
      weights: [1.6, 1.005, 0.5],
      errors: [-2.1624587279570733, -8.255795175505654, -6.660289906923282, -13.769728340957158],
      forecasts: [456.7276570531762, 440.5513443594324, 574.7857013298551, 459.5763255636801],
      aicc: 1499.6211948168539,
    },
    {
      season: 'full',
      weights: [1.27, 1.01, 1.4, 1.1],
      errors: [13.139672800932516, 3.5793996990977774, -5.016580518620287, -7.555747330666179],
      forecasts: [457.82423191238297, 437.5415798706505, 595.7034082332061, 487.5377381131332],
      aicc: 1454.3417793364438,
    },
  ] as const;

  it.each(cases)('with season $season is that of statsforecast', (reference) => {
    const { season } = reference;
    const weights = Float64Array.from(reference.weights);
    const state = firstState(airPassengers, season, 12);
    const again = firstState(airPassengers, season, 12);
    const vector = () => new Float64Array(n);
    const trace = { fitted: vector(), level: vector(), potential: vector(), season: vector() };
    const squares = backcastPass(airPassengers, state, weights, trace);
    expect(backcastPass(airPassengers, again, weights) / squares).toBeCloseTo(1, 12);
    for (const [k, t] of [0, 1, 2, n - 1].entries()) {
      expect(airPassengers[t]! - trace.fitted[t]!).toBeCloseTo(reference.errors[k]!, 7);
    }
    const forecast = forecastCes(state, weights, n, 14);
    for (const [k, h] of [1, 2, 6, 14].entries()) {
      expect(forecast[h - 1]).toBeCloseTo(reference.forecasts[k]!, 7);
    }
    expect(criterionOf(season, squares, n)).toBeCloseTo(reference.aicc, 8);
  });

  it.each([
    ['none', [1.2, 0.99]],
    ['simple', [1.7, 1.1]],
    ['partial', [1.6, 1.005, 0.5]],
    ['full', [1.27, 1.01, 1.4, 1.1]],
  ] as [CesSeason, number[]][])(
    'with season %s adds up its variances from what an error changes',
    (season, given) => {
      const weights = Float64Array.from(given);
      const horizon = 9;
      const state = emptyState(season, 4);
      for (const part of [state.level, state.potential, state.seasonal, state.seasonalPotential]) {
        for (const i of part.keys()) part[i] = 10 + 3 * i;
      }
      const forecast = forecastCes(state, weights, 0, horizon);
      const surprised = Float64Array.of(forecast[0]! + 1);
      passCes(surprised, state, weights, { from: 0, count: 1, step: 1 });
      const after = forecastCes(state, weights, 1, horizon - 1);
      const variances = cesVariances(season, 4, weights, horizon);
      let expected = 1;
      expect(variances[0]).toBe(1);
      for (let h = 1; h < horizon; h++) {
        expected += (after[h - 1]! - forecast[h]!) ** 2;
        expect(variances[h]! / expected).toBeCloseTo(1, 9);
      }
    },
  );
});

describe('ces', () => {
  it('chooses season and weights as statsforecast does', () => {
    const { mean, parameters } = ces.fit(airPassengers, monthly, { season: 'auto' });
    expect(parameters['kind']).toBe('full');
    // Criterion and forecasts of AutoCES of statsforecast 2.1.1; its simplex search ends a little above the minimum.
    expect(Number(parameters['aicc'])).toBeLessThan(1433.4);
    const reference = [453.02, 429.323, 488.628, 500.276, 519.783, 586.456];
    for (const [h, value] of reference.entries()) {
      expect(Math.abs(mean[h]! / value - 1)).toBeLessThan(0.002);
    }
  });

  it('of a series without season is that of statsforecast', () => {
    const { mean, parameters } = ces.fit(nile, { horizon: 4, season: 1 }, { season: 'auto' });
    expect(parameters['kind']).toBe('none');
    expect(Number(parameters['aicc'])).toBeCloseTo(1457.5695, 2);
    for (const [h, value] of [800.1278, 797.5095, 794.1923, 791.0389].entries()) {
      expect(Math.abs(mean[h]! / value - 1)).toBeLessThan(0.002);
    }
  });

  it('has as good a criterion whatever season is asked for as the one it chooses, or a worse one', () => {
    const criterion = (season: CesSeason | 'auto'): number =>
      Number(ces.fit(airPassengers, monthly, { season }).parameters['aicc']);
    const seasons = ['none', 'simple', 'partial', 'full'] as const;
    expect(criterion('auto')).toBe(Math.min(...seasons.map(criterion)));
  });

  it('has level and season that make up its forecasts one step ahead', () => {
    const { fitted, level, season } = ces
      .fit(airPassengers, monthly, { season: 'partial' })
      .components();
    for (let t = 0; t < n; t++) expect(level![t]! + season![t]!).toBeCloseTo(fitted![t]!, 9);
  });

  it('needs two seasons for one, and six values for anything', () => {
    const short = ces.fit(airPassengers.subarray(0, 23), monthly, { season: 'full' });
    expect(short.parameters['kind']).toBe('none');
    const shortest = ces.fit(Float64Array.of(1, 2, 3, 5), monthly, { season: 'auto' });
    expect(shortest.parameters).toEqual({ kind: 'random walk', reason: 'fewer than 6 values' });
    // The root mean square of the changes 1, 1, 2, and the square root of the steps.
    expect(shortest.deviation()[3]).toBeCloseTo(2 * Math.sqrt(2), 12);
  });

  it('says the same of a series in other units', () => {
    const plain = ces.fit(airPassengers, monthly, { season: 'auto' });
    const scaled = ces.fit(
      airPassengers.map((value) => value * 2 ** 900),
      monthly,
      { season: 'auto' },
    );
    for (let h = 0; h < 6; h++) expect(scaled.mean[h]! / 2 ** 900).toBe(plain.mean[h]);
    expect(scaled.deviation()[5]! / 2 ** 900).toBe(plain.deviation()[5]);
  });
});
