/** The search on a line finds known minima, and the scales keep extreme values finite. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { minimiseOnLine } from '../../../models/numerics/line-search.ts';
import { binaryScale, rescale } from '../../../models/numerics/scaling.ts';

describe('minimiseOnLine', () => {
  it('finds the vertex of a parabola, or the end of the range that is nearest to it', () => {
    fc.assert(
      fc.property(fc.double({ min: -2, max: 3, noNaN: true }), (vertex) => {
        const found = minimiseOnLine((x) => (x - vertex) ** 2, { lower: 0, upper: 1 });
        expect(found).toBeCloseTo(Math.min(1, Math.max(0, vertex)), 5);
      }),
    );
  });

  it('finds the deeper of two valleys', () => {
    const f = (x: number): number => Math.min((x - 0.15) ** 2, (x - 0.8) ** 2 - 0.01);
    expect(minimiseOnLine(f, { lower: 0, upper: 1 })).toBeCloseTo(0.8, 5);
  });

  it('passes over points where the function is not defined', () => {
    const f = (x: number): number => (x < 0.5 ? Number.NaN : x);
    expect(minimiseOnLine(f, { lower: 0, upper: 1 })).toBeCloseTo(0.5, 1);
  });

  it('stays in the range', () => {
    const seen: number[] = [];
    const f = (x: number): number => {
      seen.push(x);
      return -x;
    };
    expect(minimiseOnLine(f, { lower: 0.1, upper: 0.3 })).toBe(0.3);
    expect(seen.every((x) => x >= 0.1 && x <= 0.3)).toBe(true);
  });
});

describe('scales', () => {
  it('bring any values to a size of 1 to 2, exactly', () => {
    for (const size of [Number.MAX_VALUE, 3e300, 5, 1e-300, Number.MIN_VALUE]) {
      const values = Float64Array.of(size, -size / 2, 0);
      const scale = binaryScale(values);
      const scaled = values.map((value) => value / scale);
      expect(Math.abs(scaled[0]!)).toBeGreaterThanOrEqual(1);
      expect(Math.abs(scaled[0]!)).toBeLessThan(2.1);
      expect(scaled[0]! * scale).toBe(size);
    }
    expect(binaryScale(new Float64Array(3))).toBe(1);
  });

  it('never lead out of the finite numbers', () => {
    expect([...rescale(Float64Array.of(1, 3, -3), 2 ** 1023)]).toEqual([
      2 ** 1023,
      Number.MAX_VALUE,
      -Number.MAX_VALUE,
    ]);
  });
});
