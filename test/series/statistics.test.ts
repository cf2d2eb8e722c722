/** Statistics and two-sample tests. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  autocorrelation,
  kolmogorovSmirnov,
  kolmogorovSmirnovPValue,
  mean,
  normalQuantile,
  populationStabilityIndex,
  variance,
} from '../../series/statistics.ts';
import { generate, normals } from './make-panel.ts';

const samples = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), {
  minLength: 1,
  maxLength: 40,
});

describe('mean, variance and autocorrelation', () => {
  it('are what a hand calculation gives', () => {
    expect(mean([1, 2, 6])).toBeCloseTo(3, 12);
    expect(variance([1, 2, 6])).toBeCloseTo(7, 12);
    expect(autocorrelation([1, 2, 6], 1)).toBeCloseTo((2 + -3) / 14, 12);
    expect(autocorrelation([1, 2, 6], 0)).toBe(1);
  });

  it('are defined at any length and scale', () => {
    expect(mean([])).toBeNaN();
    expect(variance([])).toBeNaN();
    expect(variance([7])).toBe(0);
    expect(autocorrelation([7], 1)).toBe(0);
    expect(autocorrelation([1e12, 1e12, 1e12], 1)).toBe(0);
    expect(mean([1.7e308, 1.7e308])).toBe(1.7e308);
    for (const unit of [1e12, 1e-9]) {
      const scaled = [1, -2, 3, -1, 2, -3].map((value) => value * unit);
      expect(autocorrelation(scaled, 1)).toBeCloseTo(autocorrelation([1, -2, 3, -1, 2, -3], 1), 12);
    }
  });

  it('keep an autocorrelation between -1 and 1', () => {
    fc.assert(
      fc.property(samples, fc.integer({ min: 0, max: 10 }), (values, lag) => {
        expect(Math.abs(autocorrelation(values, lag))).toBeLessThanOrEqual(1 + 1e-9);
      }),
    );
  });
});

describe('populationStabilityIndex', () => {
  it('is its definition over bins of equal probability', () => {
    const reference = Array.from({ length: 100 }, (_, i) => i);
    const current = [5, 15, 15, 95];
    const p = 10.5 / 105;
    const shares = [1.5, 2.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 1.5].map((count) => count / 9);
    const expected = shares.reduce((sum, q) => sum + (q - p) * Math.log(q / p), 0);
    expect(populationStabilityIndex(reference, current)).toBeCloseTo(expected, 12);
  });

  it('is zero for the same sample, whatever ties it has, and never negative', () => {
    fc.assert(
      fc.property(samples, samples, (a, b) => {
        expect(populationStabilityIndex(a, a)).toBe(0);
        expect(populationStabilityIndex(a, b)).toBeGreaterThanOrEqual(0);
      }),
    );
    expect(populationStabilityIndex([0, 0, 0, 1], [0, 0, 0, 1])).toBe(0);
    expect(populationStabilityIndex([], [1])).toBeNaN();
  });

  it('tells a shift from chance', () => {
    const normal = normals(1);
    const reference = generate(2000, normal);
    expect(populationStabilityIndex(reference, generate(2000, normal))).toBeLessThan(0.05);
    expect(
      populationStabilityIndex(
        reference,
        generate(2000, () => normal() + 1),
      ),
    ).toBeGreaterThan(0.5);
  });
});

describe('kolmogorovSmirnov', () => {
  it('is the greatest distance of the distribution functions', () => {
    fc.assert(
      fc.property(samples, samples, (a, b) => {
        const share = (values: number[], x: number): number =>
          values.filter((value) => value <= x).length / values.length;
        const expected = [...a, ...b].map((x) => Math.abs(share(a, x) - share(b, x)));
        const { statistic } = kolmogorovSmirnov(a, b);
        expect(statistic).toBeCloseTo(Math.max(...expected), 12);
        expect(kolmogorovSmirnov(b, a).statistic).toBeCloseTo(statistic, 12);
      }),
    );
  });

  it('has the published critical values of the limiting distribution', () => {
    const large = 1e8;
    const root = Math.sqrt(large / 2);
    for (const [critical, tail] of [
      [1.2238, 0.1],
      [1.3581, 0.05],
      [1.6276, 0.01],
      [1.9495, 0.001],
    ] as const) {
      expect(kolmogorovSmirnovPValue(critical / root, large, large)).toBeCloseTo(tail, 4);
    }
    expect(kolmogorovSmirnovPValue(0, 10, 10)).toBe(1);
    expect(kolmogorovSmirnov([], [1])).toEqual({ statistic: Number.NaN, pValue: Number.NaN });
  });

  it('rejects equal distributions about as often as it says', () => {
    const normal = normals(2);
    let rejected = 0;
    for (let k = 0; k < 400; k++) {
      if (kolmogorovSmirnov(generate(40, normal), generate(60, normal)).pValue < 0.05) rejected++;
    }
    expect(rejected / 400).toBeGreaterThan(0.02);
    expect(rejected / 400).toBeLessThan(0.08);
  });
});

describe('normalQuantile', () => {
  it('has the tabulated values and is odd about one half', () => {
    expect(normalQuantile(0.975)).toBeCloseTo(1.959963985, 8);
    expect(normalQuantile(0.9)).toBeCloseTo(1.281551566, 8);
    expect(normalQuantile(0.001)).toBeCloseTo(-3.090232306, 7);
    expect(normalQuantile(0.5)).toBe(0);
    expect(normalQuantile(0)).toBe(Number.NEGATIVE_INFINITY);
    expect(normalQuantile(1)).toBe(Number.POSITIVE_INFINITY);
    expect(normalQuantile(1.1)).toBeNaN();
    fc.assert(
      fc.property(fc.double({ min: 1e-6, max: 0.5, noNaN: true }), (p) => {
        expect(normalQuantile(1 - p)).toBeCloseTo(-normalQuantile(p), 6);
      }),
    );
  });
});
