/** Measures of intervals, quantiles and samples against their definitions and the identities between them. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mae } from '../../series/accuracy.ts';
import {
  coverage,
  crpsOfQuantiles,
  crpsOfSamples,
  intervalScore,
  intervalWidth,
  levelShares,
  msis,
  pinball,
  wql,
} from '../../series/quantile-accuracy.ts';
import { normalQuantile } from '../../series/statistics.ts';
import { normalProbability } from '../../series/distributions.ts';

const number = fc.double({ min: -1e3, max: 1e3, noNaN: true });

describe('intervals', () => {
  it('count bounds as inside and leave missing actual values out', () => {
    expect(coverage([1, 2, 3, Number.NaN, 9], [1, 3, 1, 0, 0], [2, 4, 3, 1, 1])).toBe(0.5);
    expect(intervalWidth([1, Number.NaN], [0, 0], [3, 9])).toBe(3);
    expect(coverage([Number.NaN], [0], [1])).toBeNaN();
  });

  it('are scored by width and by how far the truth lies outside', () => {
    expect(intervalScore(5, 4, 7, 0.95)).toBe(3);
    expect(intervalScore(3, 4, 7, 0.95)).toBeCloseTo(3 + 40, 10);
    expect(intervalScore(9, 4, 7, 0.8)).toBeCloseTo(3 + 20, 10);
  });

  it('have an interval score of 2 / (1 - level) times the pinball losses of their bounds', () => {
    fc.assert(
      fc.property(number, number, number, (a, b, actual) => {
        const [lower, upper] = [Math.min(a, b), Math.max(a, b)];
        const losses = pinball([actual], [lower], 0.1) + pinball([actual], [upper], 0.9);
        expect(intervalScore(actual, lower, upper, 0.8)).toBeCloseTo((2 / 0.2) * losses, 6);
      }),
    );
  });

  it('are scaled by the seasonal naive error, as M4 has it', () => {
    const intervals = { actual: [5, Number.NaN, 9], lower: [4, 0, 4], upper: [7, 1, 7] };
    expect(msis(intervals, 0.95, [1, 3, 2, 6], 2)).toBeCloseTo((3 + 3 + 80) / 2 / 2, 10);
    expect(msis(intervals, 0.95, [1, 1, 1, 1], 2)).toBeNaN();
  });
});

describe('quantiles', () => {
  it('make the pinball loss of the median half the absolute error', () => {
    expect(pinball([1, 5], [3, 4], 0.5)).toBe(mae([1, 5], [3, 4]) / 2);
    expect(pinball([10], [8], 0.9)).toBeCloseTo(1.8, 12);
    expect(pinball([8], [10], 0.9)).toBeCloseTo(0.2, 12);
  });

  it('have the pinball loss of scikit-learn 1.9.1', () => {
    const actual = [3, -0.5, 2, 7, 4.2];
    expect(pinball(actual, [2.5, 0, 2.1, 7.8, 5], 0.9)).toBeCloseTo(0.13399999999999998, 12);
  });

  it('make the weighted quantile loss of the median the weighted absolute percentage error', () => {
    expect(wql([4, -6], [5, -5], [0.5])).toBeCloseTo(2 / 10, 12);
    expect(wql([4, -6], [3, 5, -7, -5], [0.1, 0.9])).toBeCloseTo((2 * 0.4) / 10 / 2, 12);
    expect(wql([0], [1], [0.5])).toBeNaN();
    expect(wql([Number.NaN, 4], [9, 5], [0.5])).toBe(0.25);
  });

  it('share (0, 1) among their levels', () => {
    expect(levelShares([0.5])).toEqual([1]);
    const near = (x: number): unknown => expect.closeTo(x, 12);
    expect(levelShares([0.1, 0.5, 0.9])).toEqual([near(0.3), near(0.4), near(0.3)]);
    expect(levelShares([0.8, 0.2, 0.4])).toEqual([near(0.4), near(0.3), near(0.3)]);
  });

  it('of a single value make the ranked probability score the absolute error', () => {
    fc.assert(
      fc.property(number, number, (actual, value) => {
        const levels = [0.025, 0.1, 0.5, 0.9, 0.975];
        const quantiles = levels.map(() => value);
        const error = Math.abs(actual - value);
        expect(crpsOfQuantiles([actual], quantiles, levels)).toBeCloseTo(error, 8);
        expect(crpsOfSamples([actual], [value, value, value], 3)).toBeCloseTo(error, 8);
      }),
    );
  });

  it('of a normal distribution come near its ranked probability score in closed form', () => {
    // Gneiting and Raftery 2007, equation 21: sigma (z (2 Phi(z) - 1) + 2 phi(z) - 1 / sqrt(pi)).
    const exact = (z: number): number =>
      z * (2 * normalProbability(z) - 1) +
      (2 * Math.exp((-z * z) / 2)) / Math.sqrt(2 * Math.PI) -
      1 / Math.sqrt(Math.PI);
    const levels = Array.from({ length: 499 }, (_, i) => (i + 1) / 500);
    const quantiles = levels.map(normalQuantile);
    for (const z of [-2.5, -0.3, 0, 1, 3]) {
      expect(crpsOfQuantiles([z], quantiles, levels)).toBeCloseTo(exact(z), 3);
      expect(crpsOfSamples([z], quantiles, quantiles.length)).toBeCloseTo(exact(z), 2);
    }
  });
});

describe('samples', () => {
  it('are scored by distances to the truth less half the distances between them', () => {
    const samples = [9, 2, 1, 4, 0, 3, 0.5, 3];
    expect(crpsOfSamples([2.5], samples.slice(0, 4), 4)).toBeCloseTo(0.875, 12);
    expect(crpsOfSamples([2.5, 5], samples, 4)).toBeCloseTo((0.875 + 2.65625) / 2, 12);
    expect(crpsOfSamples([Number.NaN, 5], samples, 4)).toBeCloseTo(2.65625, 12);
  });
});
