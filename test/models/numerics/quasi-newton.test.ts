/** The quasi-Newton search on functions whose minima are known. */
import { describe, expect, it } from 'vitest';
import { descend, type SmoothProblem } from '../../../models/numerics/quasi-newton.ts';

const limits = { tolerance: 1e-12, maxIterations: 500 };

/** Rosenbrock's valley within a box. */
function valley(lower: readonly number[], upper: readonly number[]): SmoothProblem {
  const at = new Float64Array(2);
  return {
    lower: Float64Array.from(lower),
    upper: Float64Array.from(upper),
    value(x) {
      at.set(x);
      return 100 * (x[1]! - x[0]! ** 2) ** 2 + (1 - x[0]!) ** 2;
    },
    gradient(into) {
      const [a, b] = at as unknown as [number, number];
      into[0] = -400 * a * (b - a * a) - 2 * (1 - a);
      into[1] = 200 * (b - a * a);
    },
  };
}

describe('the quasi-Newton search', () => {
  it("finds the floor of Rosenbrock's valley", () => {
    const x = Float64Array.of(-1.2, 1);
    const least = descend(valley([-9, -9], [9, 9]), x, limits);
    expect(least).toBeLessThan(1e-10);
    expect(x[0]).toBeCloseTo(1, 5);
    expect(x[1]).toBeCloseTo(1, 5);
  });

  it('stays in the box and finds a minimum on its face', () => {
    const x = Float64Array.of(-1.2, 1);
    const least = descend(valley([-2, -2], [0.5, 2]), x, limits);
    expect(x[0]).toBe(0.5);
    expect(x[1]).toBeCloseTo(0.25, 5);
    expect(least).toBeCloseTo(0.25, 8);
  });

  it('leaves a face that it starts on', () => {
    const x = Float64Array.of(2, 2);
    descend(valley([-2, -2], [2, 2]), x, limits);
    expect(x[0]).toBeCloseTo(1, 4);
  });

  it('goes around where the function is not defined, and stays where it is defined nowhere', () => {
    const x = Float64Array.of(4);
    let at = 0;
    const logarithm: SmoothProblem = {
      lower: Float64Array.of(-Infinity),
      upper: Float64Array.of(Infinity),
      value(point) {
        at = point[0]!;
        return at > 0 ? at - Math.log(at) : Number.NaN;
      },
      gradient(into) {
        into[0] = 1 - 1 / at;
      },
    };
    expect(descend(logarithm, x, limits)).toBeCloseTo(1, 8);
    expect(x[0]).toBeCloseTo(1, 4);
    const nowhere = Float64Array.of(-3);
    expect(descend(logarithm, nowhere, limits)).toBe(Infinity);
    expect(nowhere[0]).toBe(-3);
  });
});
