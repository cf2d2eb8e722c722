/** ARIMA beside statsmodels and statsforecast. */
import { describe, expect, it } from 'vitest';
import type { LocalFit } from '../../../models/model.ts';
import { arima } from '../../../models/statistical/arima.ts';
import { generate, normals } from '../../series/make-panel.ts';
import { airPassengers, nile } from './classic-series.ts';

const defaults = arima.hyperparameters.parse({});
const fitOf = (values: Float64Array, season: number, horizon: number, settings = {}): LocalFit =>
  arima.fit(values, { horizon, season }, { ...defaults, ...settings });
const logPassengers = airPassengers.map(Math.log);

describe('arima', () => {
  it('chooses the airline model, with the coefficients and forecasts of statsmodels 0.15', () => {
    const fit = fitOf(logPassengers, 12, 24);
    expect(fit.parameters).toMatchObject({ kind: '(0,1,1)(0,1,1)[12]' });
    expect(fit.parameters['ma1']).toBeCloseTo(-0.4018, 3);
    expect(fit.parameters['sma1']).toBeCloseTo(-0.5569, 3);
    // -2 * 244.6965 + 2 * 3 * 131 / 127
    expect(fit.parameters['aicc']).toBeCloseTo(-483.204, 2);
    const expected = { 0: 6.110186, 1: 6.053775, 11: 6.168025, 12: 6.206435, 23: 6.264274 };
    for (const [h, value] of Object.entries(expected)) expect(fit.mean[+h]).toBeCloseTo(value, 4);
    // Their variance divides by all values, this one by those that the parameters leave: 131 / 129.
    const deviation = fit.deviation();
    const errors = { 0: 0.036717, 1: 0.042784, 11: 0.081572, 12: 0.090086, 23: 0.138436 };
    for (const [h, value] of Object.entries(errors)) {
      expect(deviation[+h]).toBeCloseTo(value * Math.sqrt(131 / 129), 4);
    }
  });

  it('chooses for the Nile what statsforecast 2.1 chooses', () => {
    const { parameters } = fitOf(nile, 1, 5);
    expect(parameters).toMatchObject({ kind: '(1,1,1)', p: 1, d: 1, q: 1 });
    expect(parameters['aicc']).toBeCloseTo(1267.51, 1);
  });

  it('adds up: forecasts one step ahead and residuals are the series', () => {
    const { fitted, residual } = fitOf(airPassengers, 12, 3).components();
    for (const [t, value] of airPassengers.entries()) {
      expect(fitted![t]! + residual![t]!).toBeCloseTo(value, 8);
    }
  });

  it('finds an autoregression again, and returns to its mean with its deviation', () => {
    const normal = normals(3);
    let state = 0;
    const values = generate(2000, () => {
      state = 0.7 * state + normal();
      return 50 + state;
    });
    const fit = fitOf(values, 1, 60);
    expect(fit.parameters['d']).toBe(0);
    expect(fit.parameters['mean']).toBeGreaterThan(49.7);
    expect(fit.parameters['mean']).toBeLessThan(50.3);
    expect(Math.abs(fit.mean[59]! - 50)).toBeLessThan(0.4);
    const deviation = fit.deviation();
    expect(Math.abs(deviation[0]! - 1)).toBeLessThan(0.06);
    expect(Math.abs(deviation[59]! - 1 / Math.sqrt(1 - 0.49))).toBeLessThan(0.15);
  });

  it('continues a line and a repeated pattern exactly, and says that nothing varies', () => {
    const line = fitOf(
      generate(40, (t) => 3 + 2 * t),
      1,
      5,
    );
    for (const [h, value] of line.mean.entries()) expect(value).toBeCloseTo(3 + 2 * (40 + h), 8);
    const pattern = [5, 1, 4, 2];
    const repeated = fitOf(
      generate(40, (t) => pattern[t % 4]!),
      4,
      8,
    );
    for (const [h, value] of repeated.mean.entries()) expect(value).toBeCloseTo(pattern[h % 4]!, 8);
    expect(repeated.parameters['kind']).toContain('nothing varies');
  });

  it('repeats the last value of a series too short to have a level', () => {
    expect([...fitOf(Float64Array.of(4, 9, 6), 12, 2).mean]).toEqual([6, 6]);
  });

  it('looks for no season if told so, and compares all models if told so', () => {
    expect(fitOf(logPassengers, 12, 2, { seasonal: false }).parameters['seasonalD']).toBe(0);
    const all = { stepwise: false, maxP: 1, maxQ: 1, maxSeasonalP: 1, maxSeasonalQ: 1 };
    expect(fitOf(logPassengers, 12, 2, all).parameters['kind']).toBe('(0,1,1)(0,1,1)[12]');
  });

  it('differences a season that is too long for coefficients', () => {
    const normal = normals(4);
    const values = generate(1300, (t) => 10 * Math.sin((2 * Math.PI * t) / 400) + 0.1 * normal());
    const { parameters } = fitOf(values, 400, 3);
    expect(parameters).toMatchObject({ seasonalD: 1, seasonalP: 0, seasonalQ: 0 });
  });
});
