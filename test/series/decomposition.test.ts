/** Seasonal-trend decomposition beside statsmodels, and by what it promises. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { smooth } from '../../series/decomposition/loess.ts';
import { mstl, seasonalStrength } from '../../series/decomposition/mstl.ts';
import { stl, stlOptions } from '../../series/decomposition/stl.ts';
import { airPassengers, nile } from '../models/statistical/classic-series.ts';
import { generate } from './make-panel.ts';

const loess = (window: number, degree: 0 | 1, jump: number) => ({ window, degree, jump });
/** Two seasons of 6 and 20 steps, a trend, and what looks like noise. */
const twoSeasons = generate(
  120,
  (t) =>
    0.1 * t +
    3 * Math.sin((2 * Math.PI * t) / 6) +
    2 * Math.cos((2 * Math.PI * t) / 20) * (1 + t / 200) +
    Math.sin(t * t),
);

/** Checks entries 0, 60 and 119 of a series. */
function expectAt(values: Float64Array, expected: readonly number[], digits: number): void {
  for (const [i, t] of [0, 60, 119].entries()) expect(values[t]).toBeCloseTo(expected[i]!, digits);
}

describe('stl', () => {
  it('gives the parts that statsmodels 0.15 gives', () => {
    const found = stl(airPassengers, 12, {
      seasonal: loess(7, 1, 1),
      trend: loess(23, 1, 1),
      lowPass: loess(13, 1, 1),
      inner: 2,
      outer: 0,
    });
    expectAt(found.trend, [122.256856035, 228.662935671, 399.371507074], 7);
    expectAt(found.seasonal, [-10.332962942, -20.750725098, -49.719181789], 7);
  });

  it('gives the robust parts that statsmodels 0.15 gives', () => {
    const found = stl(airPassengers, 12, {
      seasonal: loess(7, 1, 1),
      trend: loess(23, 1, 1),
      lowPass: loess(13, 1, 1),
      inner: 1,
      outer: 15,
    });
    expectAt(found.trend, [122.539213549, 229.80789094, 399.00110173], 6);
    expectAt(found.seasonal, [-11.167294186, -19.242423758, -49.73366964], 6);
  });

  it('interpolates between jumps as statsmodels 0.15 does', () => {
    const options = stlOptions(12, 11);
    expect(options).toMatchObject({ trend: { window: 21 }, lowPass: { window: 13 } });
    const found = stl(airPassengers, 12, options);
    expectAt(found.trend, [123.145056928, 228.160889613, 398.903688859], 7);
    expectAt(found.seasonal, [-16.977074086, -21.843944527, -42.275224118], 7);
  });

  it('keeps an outlier out of trend and season if it is robust', () => {
    const clean = generate(96, (t) => 10 + 3 * Math.sin((2 * Math.PI * t) / 12) + Math.cos(t * t));
    const spoilt = clean.slice();
    spoilt[50]! += 100;
    const change = (robust: boolean) => {
      const before = stl(clean, 12, stlOptions(12, 11, robust));
      const after = stl(spoilt, 12, stlOptions(12, 11, robust));
      return Math.abs(after.trend[50]! - before.trend[50]!);
    };
    expect(change(true)).toBeLessThan(0.5);
    expect(change(false)).toBeGreaterThan(2);
  });
});

describe('loess', () => {
  it('leaves a straight line as it is', () => {
    const line = generate(30, (t) => 2 - 0.5 * t);
    const out = new Float64Array(30);
    smooth(line, undefined, 0, 30, loess(9, 1, 4), out, 0);
    for (const [t, value] of out.entries()) expect(value).toBeCloseTo(line[t]!, 10);
  });
});

describe('mstl', () => {
  it('comes near the parts of statsmodels 0.15, which interpolates with other jumps', () => {
    const { trend, seasons, remainder } = mstl(twoSeasons, [20, 6]);
    expect(seasons.map(({ period }) => period)).toEqual([6, 20]);
    expectAt(trend, [-0.051012, 6.109183, 11.53698], 2);
    expectAt(seasons[0]!.values, [-0.198027, 0.033129, -2.403331], 2);
    expectAt(seasons[1]!.values, [1.967317, 1.993017, 2.645541], 2);
    expectAt(remainder, [0.281723, 0.202588, -0.40687], 2);
  });

  it('adds up to the series, whatever the series and its seasons', () => {
    const values = fc.float64Array({
      minLength: 1,
      maxLength: 80,
      min: -1e6,
      max: 1e6,
      noNaN: true,
    });
    const seasons = fc.array(fc.integer({ min: 1, max: 30 }), { maxLength: 3 });
    fc.assert(
      fc.property(values, seasons, fc.boolean(), (series, periods, robust) => {
        const parts = mstl(series, periods, { robust });
        for (const [t, value] of series.entries()) {
          let sum = parts.trend[t]! + parts.remainder[t]!;
          for (const season of parts.seasons) sum += season.values[t]!;
          expect(Math.abs(sum - value)).toBeLessThan(1e-7);
        }
        expect(parts.seasons.every(({ period }) => 2 * period < series.length)).toBe(true);
      }),
      { seed: 7, numRuns: 100 },
    );
  });
});

describe('seasonalStrength', () => {
  it('is near 1 for a clear season, small for none, 0 where two cycles are missing', () => {
    expect(seasonalStrength(airPassengers, 12)).toBeGreaterThan(0.9);
    expect(seasonalStrength(nile, 12)).toBeLessThan(0.4);
    expect(seasonalStrength(nile, 50)).toBe(0);
    expect(seasonalStrength(new Float64Array(40), 4)).toBe(0);
  });
});
