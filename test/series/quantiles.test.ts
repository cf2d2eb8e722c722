/** Quantiles. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { conformalQuantile, median, quantile } from '../../series/quantiles.ts';
import { normalQuantile } from '../../series/statistics.ts';

const samples = fc
  .array(fc.double({ min: -1e12, max: 1e12, noNaN: true }), { minLength: 1, maxLength: 40 })
  .map((values) => Float64Array.from(values).sort());
const levels = fc.double({ min: 0, max: 1, noNaN: true });

describe('quantile', () => {
  it('is type 7 of Hyndman and Fan, as R and NumPy have it', () => {
    const sorted = [1, 2, 4, 8, 16];
    expect(quantile(sorted, 0)).toBe(1);
    expect(quantile(sorted, 0.25)).toBe(2);
    expect(quantile(sorted, 0.3)).toBeCloseTo(2.4, 12);
    expect(quantile(sorted, 0.9)).toBeCloseTo(12.8, 12);
    expect(quantile(sorted, 1)).toBe(16);
  });

  it('follows its definition and rises with the level', () => {
    fc.assert(
      fc.property(samples, levels, levels, (sorted, p, q) => {
        const at = p * (sorted.length - 1);
        const [low, high] = [sorted[Math.floor(at)]!, sorted[Math.ceil(at)]!];
        const expected = low + (at - Math.floor(at)) * (high - low);
        expect(Math.abs(quantile(sorted, p) - expected)).toBeLessThanOrEqual(1e-3);
        const below = quantile(sorted, Math.min(p, q));
        expect(below).toBeLessThanOrEqual(quantile(sorted, Math.max(p, q)) + 1e-3);
      }),
    );
  });

  it('has no value of nothing, and no overflow', () => {
    expect(quantile([], 0.5)).toBeNaN();
    expect(quantile([-1.7e308, 1.7e308], 0.5)).toBe(0);
  });
});

describe('median', () => {
  it('sorts, leaves missing values out and does not touch its argument', () => {
    const values = [3, Number.NaN, 1, 2, 10];
    expect(median(values)).toBe(2.5);
    expect(values).toEqual([3, Number.NaN, 1, 2, 10]);
    expect(median([Number.NaN])).toBeNaN();
  });
});

describe('conformalQuantile', () => {
  it('takes the order statistic that covers the next value often enough', () => {
    const sorted = Float64Array.from({ length: 19 }, (_, i) => i - 9);
    expect(conformalQuantile(sorted, 0.9)).toBe(8);
    expect(conformalQuantile(sorted, 0.95)).toBe(9);
    expect(conformalQuantile(sorted, 0.1)).toBe(-8);
    expect(conformalQuantile(sorted, 0.05)).toBe(-9);
    expect(conformalQuantile(sorted, 0.5)).toBe(0);
  });

  it('stretches the extreme value where there are too few to cover a tail', () => {
    const few = [-2, 1, 4];
    const expected = (4 * normalQuantile(0.975)) / normalQuantile(0.75);
    expect(conformalQuantile(few, 0.975)).toBeCloseTo(expected, 9);
    expect(conformalQuantile([-3, -2], 0.99)).toBe(-2);
    expect(conformalQuantile([], 0.9)).toBeNaN();
  });

  it('rises with the level', () => {
    fc.assert(
      fc.property(samples, (sorted) => {
        let before = Number.NEGATIVE_INFINITY;
        for (const p of [0.01, 0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975, 0.99]) {
          const value = conformalQuantile(sorted, p);
          expect(value).toBeGreaterThanOrEqual(before);
          before = value;
        }
      }),
    );
  });
});
