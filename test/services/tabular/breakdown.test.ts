/** Breakdowns behind an exponential: they still add up, in the same proportions. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exponentiate, sumOf } from '../../../services/tabular/breakdown.ts';

const part = fc.integer({ min: -500, max: 500 }).map((value) => value / 100);

describe('the exponential of a breakdown', () => {
  it('adds up to the exponential of the sum, each part with its sign and its share', () => {
    fc.assert(
      fc.property(part, fc.array(part, { minLength: 1, maxLength: 6 }), (start, parts) => {
        const breakdown = { start, parts: Float64Array.from(parts) };
        const raised = exponentiate(breakdown);
        const whole = Math.exp(sumOf(breakdown));
        const size = whole + raised.parts.reduce((sum, value) => sum + Math.abs(value), 0);
        expect(Math.abs(sumOf(raised) - whole)).toBeLessThanOrEqual(1e-12 * (size + raised.start));
        for (const [j, value] of raised.parts.entries()) {
          expect(Math.sign(value) - Math.sign(parts[j]!)).toBeCloseTo(0, 12);
          expect(value * parts[0]!).toBeCloseTo(raised.parts[0]! * parts[j]!, 6);
        }
      }),
    );
  });

  it('is the logarithmic mean times each part', () => {
    // (8 - 2) / (ln 8 - ln 2), of which a third and two thirds of ln 4.
    const change = Math.log(4);
    const { start, parts } = exponentiate({
      start: Math.log(2),
      parts: Float64Array.of(change / 3, (2 * change) / 3),
    });
    expect(start).toBeCloseTo(2, 12);
    expect(parts[0]).toBeCloseTo(2, 12);
    expect(parts[1]).toBeCloseTo(4, 12);
    expect([...exponentiate({ start: 0, parts: Float64Array.of(1, -1) }).parts]).toEqual([1, -1]);
  });
});
