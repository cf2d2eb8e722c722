/** Forecasts by decomposition with several seasons. */
import { describe, expect, it } from 'vitest';
import { ets } from '../../../models/statistical/ets.ts';
import { mstl } from '../../../models/statistical/mstl.ts';
import { generate, normals } from '../../series/make-panel.ts';
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

  it.each([
    ['stays as it is', 0],
    ['changes from cycle to cycle', 0.4],
  ])('covers nine in ten values within its deviation where the season %s', (_, change) => {
    const normal = normals(11);
    const season = 12;
    let inside = 0;
    const repetitions = 60;
    for (let k = 0; k < repetitions; k++) {
      const pattern = generate(season, () => 5 * normal());
      const y = generate(120 + season, (t) => {
        pattern[t % season]! += change * normal();
        return 100 + pattern[t % season]! + normal();
      });
      const fit = mstl.fit(y.subarray(0, 120), { horizon: season, season }, defaults);
      for (const [h, deviation] of fit.deviation().entries()) {
        if (Math.abs(y[120 + h]! - fit.mean[h]!) < 1.645 * deviation) inside++;
      }
    }
    const share = inside / (repetitions * season);
    expect(share).toBeGreaterThan(0.85);
    expect(share).toBeLessThan(0.95);
  });

  it('is surer of the next cycle than of those after it, and of a series without noise', () => {
    const context = { horizon: 24, season: 12 };
    const normal = normals(5);
    const pattern = generate(12, () => 5 * normal());
    const at = (noise: number) => generate(96, (t) => pattern[t % 12]! + noise * normal());
    const deviation = mstl.fit(at(1), context, defaults).deviation();
    expect(deviation[12]).toBeGreaterThan(deviation[0]!);
    expect(mstl.fit(at(0), context, defaults).deviation()[0]).toBeLessThan(0.01);
  });
});
