/** Conformal offsets. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyOffsets, conformalOffsets, naiveOffsets } from '../../series/conformal/offsets.ts';
import { generate, normals } from './make-panel.ts';

const levels = [0.025, 0.1, 0.5, 0.9, 0.975];

describe('conformalOffsets', () => {
  it('are the quantiles of each step where there are many residuals', () => {
    const normal = normals(1);
    const residuals = generate(4000 * 3, (k) => normal() * (1 + (k % 3)) + (k % 3 === 2 ? 1 : 0));
    const offsets = conformalOffsets(residuals, 3, levels);
    for (const [h, deviation, bias] of [
      [0, 1, 0],
      [1, 2, 0],
      [2, 3, 1],
    ] as const) {
      expect(offsets[h * 5 + 1]).toBeCloseTo(bias - 1.2816 * deviation, 0);
      expect(offsets[h * 5 + 2]! - bias).toBeLessThan(0.15 * deviation);
      expect(offsets[h * 5 + 4]! / (bias + 1.96 * deviation)).toBeCloseTo(1, 1);
    }
  });

  it('rise with the level in any order of levels, hold the forecast and are finite', () => {
    const residual = fc.oneof(
      { weight: 5, arbitrary: fc.double({ min: -1e3, max: 1e3, noNaN: true }) },
      { weight: 1, arbitrary: fc.constant(Number.NaN) },
    );
    fc.assert(
      fc.property(
        fc.array(fc.tuple(residual, residual, residual), { minLength: 1, maxLength: 60 }),
        fc.shuffledSubarray(levels, { minLength: 1 }),
        (rows, asked) => {
          const flat = Float64Array.from(rows.flat());
          fc.pre(flat.some((value) => !Number.isNaN(value)));
          const offsets = conformalOffsets(flat, 3, asked);
          for (let h = 0; h < 3; h++) {
            const byLevel = asked
              .map((level, q) => [level, offsets[h * asked.length + q]!] as const)
              .sort(([a], [b]) => a - b);
            let before = Number.NEGATIVE_INFINITY;
            for (const [level, offset] of byLevel) {
              expect(Number.isFinite(offset)).toBe(true);
              expect(offset).toBeGreaterThanOrEqual(before);
              expect(level >= 0.5 || offset <= 0).toBe(true);
              expect(level <= 0.5 || offset >= 0).toBe(true);
              before = offset;
            }
          }
        },
      ),
    );
  });

  it('borrow from neighbouring steps, stretched to the size of their own', () => {
    const normal = normals(2);
    const horizon = 12;
    const residuals = generate(20 * horizon, (k) => normal() * Math.sqrt(1 + (k % horizon)));
    const offsets = conformalOffsets(residuals, horizon, [0.9]);
    expect(offsets[11]! / offsets[0]!).toBeGreaterThan(2);
    expect(offsets[11]! / offsets[0]!).toBeLessThan(5);
  });

  it('know both signs of a few residuals, and are wider where these go together', () => {
    const together = Float64Array.from({ length: 24 }, (_, k) => (k < 12 ? 1 : 2));
    const apart = together.map((value, k) => (k % 2 === 0 ? value : -value));
    const [low, high] = conformalOffsets(together, 12, [0.1, 0.9]);
    expect(low).toBeCloseTo(-high!, 12);
    const narrow = conformalOffsets(apart, 12, [0.9])[0]!;
    expect(high).toBeGreaterThan(1.2 * narrow);
  });

  it('are wider where the rows go together', () => {
    const normal = normals(3);
    const residuals = generate(40 * 4, () => normal());
    const apart = conformalOffsets(residuals, 4, [0.9]);
    const together = conformalOffsets(residuals, 4, [0.9], 0.05);
    expect(together[0]! / apart[0]!).toBeGreaterThan(1.05);
  });

  it('are missing where there is no residual', () => {
    expect(
      conformalOffsets(new Float64Array(6).fill(Number.NaN), 3, [0.9]).every(Number.isNaN),
    ).toBe(true);
    expect(conformalOffsets(new Float64Array(0), 3, [0.9])).toHaveLength(3);
  });
});

describe('naiveOffsets', () => {
  it('grow with the root of the seasons ahead', () => {
    const offsets = naiveOffsets(24, 12, [0.1, 0.5, 0.975]);
    expect(offsets[2]).toBeCloseTo(1.96 * Math.sqrt(Math.PI / 2), 3);
    expect(offsets[12 * 3 + 2]! / offsets[2]!).toBeCloseTo(Math.SQRT2, 12);
    expect(offsets[1]).toBe(0);
    expect(offsets[0]).toBeLessThan(0);
  });
});

describe('applyOffsets', () => {
  it('adds scale times offset to every series, step and level', () => {
    const quantiles = applyOffsets(
      Float64Array.of(1, 2, 10, 20),
      Float64Array.of(1, 10),
      Float64Array.of(-1, 1, -2, 2),
      2,
      [0.1, 0.9],
    );
    expect([...quantiles]).toEqual([0, 2, 0, 4, 0, 20, 0, 40]);
  });

  it('keeps to finite numbers at the edge of what doubles hold', () => {
    const point = Float64Array.of(1.7e308, Number.NaN);
    const made = applyOffsets(
      point,
      Float64Array.of(1e308, 1),
      Float64Array.of(-3, 3),
      1,
      [0.1, 0.9],
    );
    expect([...made.subarray(0, 2)]).toEqual([-Number.MAX_VALUE, Number.MAX_VALUE]);
    expect(made.subarray(2).every(Number.isNaN)).toBe(true);
  });
});
