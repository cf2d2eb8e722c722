/** Exponential smoothing against published estimates and forecasts. */
import { describe, expect, it } from 'vitest';
import { dampedTrend } from '../../../models/statistical/damped-trend.ts';
import { ets } from '../../../models/statistical/ets.ts';
import { holt } from '../../../models/statistical/holt.ts';
import { holtWinters } from '../../../models/statistical/holt-winters.ts';
import { seasonalWindowAverage } from '../../../models/statistical/seasonal-window-average.ts';
import { ses } from '../../../models/statistical/ses.ts';
import { windowAverage } from '../../../models/statistical/window-average.ts';
import { airPassengers, nile } from './classic-series.ts';

/** Saudi Arabian oil production 1996-2013 and Australian air passengers 1990-2016 (Hyndman and Athanasopoulos, sections 7.1, 7.2). */
const oil = Float64Array.of(
  445.36,
  453.2,
  454.41,
  422.38,
  456.04,
  440.39,
  425.19,
  486.21,
  500.43,
  521.28,
  508.95,
  488.89,
  509.87,
  456.72,
  473.82,
  525.95,
  549.83,
  542.34,
);
const air = Float64Array.of(
  17.55,
  21.86,
  23.89,
  26.93,
  26.89,
  28.83,
  30.08,
  30.95,
  30.19,
  31.58,
  32.58,
  33.48,
  39.02,
  41.39,
  41.6,
  44.66,
  46.95,
  48.73,
  51.49,
  50.03,
  60.64,
  63.36,
  66.36,
  68.2,
  68.12,
  69.78,
  72.6,
);
const yearly = { horizon: 5, season: 1 };
const monthly = { horizon: 12, season: 12 };
const settingsOf = (given: Record<string, string>) => ets.hyperparameters.parse(given);

describe('simple exponential smoothing', () => {
  it('of oil production is that of the textbook, section 7.1', () => {
    const fit = ses.fit(oil, yearly, {});
    expect(fit.parameters['kind']).toBe('A,N,N');
    expect(fit.parameters['alpha']).toBeCloseTo(0.83, 2);
    expect(fit.mean[0]).toBeCloseTo(542.68, 2);
    expect(fit.components()['fitted']![0]).toBeCloseTo(446.57, 1);
  });

  it('of the Nile has the likelihood of statsforecast 2.1.1', () => {
    const { parameters, deviation } = ses.fit(nile, yearly, {});
    expect(parameters['aicc']).toBeCloseTo(1459.031, 2);
    // The root of its variance times 96 / 98: it counts the variance itself among the estimates, twice.
    expect(deviation()[0]).toBeCloseTo(145.7265 * Math.sqrt(96 / 98), 1);
  });

  it('repeats the last value of a series too short to estimate anything, and says so', () => {
    const fit = ses.fit(Float64Array.of(3, 5, 4), yearly, {});
    expect([...fit.mean]).toEqual([4, 4, 4, 4, 4]);
    expect(fit.parameters['reason']).toBe('too short');
  });
});

describe("Holt's trend", () => {
  it('of air passengers has the forecasts of the textbook, section 7.2', () => {
    const { mean, parameters } = holt.fit(air, yearly, {});
    expect(parameters['kind']).toBe('A,A,N');
    for (const [h, published] of [74.6, 76.7, 78.8, 80.9, 83].entries()) {
      expect(mean[h]).toBeCloseTo(published, 1);
    }
  });

  it('damped levels off and stays between no trend and a straight one', () => {
    const { mean, parameters } = dampedTrend.fit(air, { horizon: 60, season: 1 }, {});
    expect(parameters['phi']).toBeLessThanOrEqual(0.98);
    const steps = mean.subarray(1).map((v, h) => v - mean[h]!);
    for (const [h, step] of steps.subarray(1).entries()) {
      expect(step).toBeGreaterThan(0);
      expect(step / steps[h]!).toBeCloseTo(Number(parameters['phi']), 8);
    }
  });

  it('damped never ends farther from the data than it began: a search along the bounds once ran to 4e17', () => {
    const rising = [
      315.2, 354, 396.5, 418.3, 468.6, 472.1, 530.2, 588.7, 613.3, 659, 720.8, 721.7, 726.3,
    ];
    const { mean } = dampedTrend.fit(
      Float64Array.from(rising),
      { horizon: 6, season: 1, seasons: [1] },
      {},
    );
    for (const value of mean) {
      expect(value).toBeGreaterThan(700);
      expect(value).toBeLessThan(1000);
    }
  });
});

describe('Holt-Winters', () => {
  it('follows the season of AirPassengers by sums or by factors', () => {
    for (const season of ['additive', 'multiplicative'] as const) {
      const { mean, parameters } = holtWinters.fit(airPassengers.subarray(0, 132), monthly, {
        season,
      });
      expect(parameters['kind']).toBe(season === 'additive' ? 'A,A,A' : 'M,A,M');
      const errors = mean.map((v, h) => Math.abs(v / airPassengers[132 + h]! - 1));
      expect(errors.reduce((sum, e) => sum + e, 0) / 12).toBeLessThan(0.06);
    }
  });

  it('adds the season to a series with negative values, and does without one where there is none', () => {
    const multiplicative = { season: 'multiplicative' } as const;
    const shifted = airPassengers.map((v) => v - 300);
    expect(holtWinters.fit(shifted, monthly, multiplicative).parameters['kind']).toBe('A,A,A');
    const plain = holtWinters.fit(air, yearly, multiplicative).parameters;
    expect(plain['kind']).toBe('M,A,N');
    expect(plain['reason']).toContain('does not suit');
  });
});

describe('the automatic choice', () => {
  it('for AirPassengers is likelier than that of the forecast package of R, ETS(M,Ad,M) with AICc 1400.64', () => {
    const { parameters, components } = ets.fit(airPassengers, monthly, settingsOf({}));
    expect(parameters['kind']).toMatch(/^M,Ad?,M$/);
    expect(parameters['aicc']).toBeLessThan(1400.64);
    expect(Object.keys(components()).toSorted()).toEqual(['fitted', 'level', 'season', 'trend']);
  });

  it('for the Nile is ETS(M,N,N) with the likelihood of statsforecast 2.1.1', () => {
    const { parameters } = ets.fit(nile, yearly, settingsOf({}));
    expect(parameters['kind']).toBe('M,N,N');
    expect(parameters['aicc']).toBeCloseTo(1458.552, 2);
  });

  it('keeps to what it is told', () => {
    const kindOf = (given: Record<string, string>) =>
      ets.fit(airPassengers, monthly, settingsOf(given)).parameters['kind'];
    expect(kindOf({ season: 'none' })).toMatch(/,N$/);
    expect(kindOf({ trend: 'none', errors: 'additive', season: 'additive' })).toBe('A,N,A');
    expect(kindOf({ errors: 'additive', season: 'multiplicative' })).toMatch(/^M,.*,M$/);
  });

  it('takes off a season too long for its states, and puts it on again', () => {
    const season = 48;
    const wave = (t: number) => 50 + 10 * Math.sin((2 * Math.PI * t) / season);
    const history = Float64Array.from(
      { length: 5 * season + 7 },
      (_, t) => wave(t) + Math.sin(7 * t * t),
    );
    const fit = ets.fit(history, { horizon: 30, season }, settingsOf({}));
    for (const [h, v] of fit.mean.entries()) {
      expect(Math.abs(v - wave(history.length + h))).toBeLessThan(1.5);
    }
    expect(fit.parameters['reason']).toContain('long season');
    expect(fit.components()['season']).toHaveLength(history.length);
  });
});

describe('window averages', () => {
  it('repeat the mean of the last values, and that of each place of the season', () => {
    const history = Float64Array.of(9, 1, 2, 3, 3, 4, 5);
    expect([...windowAverage.fit(history, { horizon: 2, season: 3 }, { window: 2 }).mean]).toEqual([
      4.5, 4.5,
    ]);
    const seasonal = seasonalWindowAverage.fit(history, { horizon: 4, season: 3 }, { window: 2 });
    expect([...seasonal.mean]).toEqual([2, 3, 4, 2]);
    expect([...seasonal.components()['fitted']!]).toEqual([
      Number.NaN,
      Number.NaN,
      Number.NaN,
      9,
      1,
      2,
      6,
    ]);
    expect(seasonal.deviation()[0]).toBeCloseTo(Math.sqrt((36 + 4 + 4 + 1) / 4), 12);
  });
});
