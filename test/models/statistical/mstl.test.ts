/** Forecasts by decomposition with several seasons. */
import { describe, expect, it } from 'vitest';
import { ets } from '../../../models/statistical/ets.ts';
import { mstl } from '../../../models/statistical/mstl.ts';
import { generate } from '../../series/make-panel.ts';
import { nile } from './classic-series.ts';

const defaults = mstl.hyperparameters.parse({});
const hour = (t: number) => [1, 4, 2, 0, 3, 2][t % 6]!;
const week = (t: number) => 3 * Math.sin((2 * Math.PI * t) / 42);
const values = generate(300, (t) => 20 + hour(t) + week(t));

describe('mstl', () => {
  it('continues two seasons at once', () => {
    const context = { horizon: 60, season: 6, seasons: [6, 42] };
    const fit = mstl.fit(values, context, defaults);
    for (const [h, value] of fit.mean.entries()) {
      expect(Math.abs(value - (20 + hour(h) + week(300 + h)))).toBeLessThan(0.2);
    }
    expect(fit.parameters['seasons']).toBe('6, 42');
  });

  it('shows parts that add up to the series', () => {
    const fit = mstl.fit(values, { horizon: 3, season: 6, seasons: [6, 42] }, defaults);
    const parts = fit.components();
    expect(Object.keys(parts)).toEqual(['fitted', 'trend', 'season-6', 'season-42', 'remainder']);
    for (const [t, value] of values.entries()) {
      const sum =
        parts['trend']![t]! +
        parts['season-6']![t]! +
        parts['season-42']![t]! +
        parts['remainder']![t]!;
      expect(sum).toBeCloseTo(value, 8);
    }
  });

  it('is exponential smoothing where there is no season', () => {
    const context = { horizon: 4, season: 1 };
    const fit = mstl.fit(nile, context, defaults);
    const plain = ets.fit(nile, context, ets.hyperparameters.parse({}));
    for (const [h, value] of fit.mean.entries()) expect(value).toBeCloseTo(plain.mean[h]!, 6);
    expect(fit.parameters['reason']).toContain('no season');
  });

  it('leaves out a season of which there are no two cycles', () => {
    const context = { horizon: 2, season: 6, seasons: [6, 150] };
    expect(mstl.fit(values, context, defaults).parameters['seasons']).toBe('6');
  });
});
