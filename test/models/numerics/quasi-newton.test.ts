/** The quasi-Newton search on functions whose minima are known. */
import fc from 'fast-check';
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

  it('never ends above where it began, however a box cuts across its directions', () => {
    const entry = fc.double({ min: -1, max: 1, noNaN: true });
    fc.assert(
      fc.property(
        fc.array(entry, { minLength: 9, maxLength: 9 }),
        fc.array(entry, { minLength: 3, maxLength: 3 }),
        (factor, centre) => {
          const at = new Float64Array(3);
          // A narrow valley: the squares of three planes, of very different weight.
          const planes = [1, 30, 1000].map((weight, k) => ({
            weight,
            normal: factor.slice(3 * k, 3 * k + 3),
          }));
          const height = (normal: readonly number[]): number =>
            normal.reduce((sum, value, i) => sum + value * (at[i]! - 3 * centre[i]!), 0);
          const problem: SmoothProblem = {
            lower: new Float64Array(3).fill(-1),
            upper: new Float64Array(3).fill(1),
            value(x) {
              at.set(x);
              return planes.reduce(
                (sum, { weight, normal }) => sum + weight * height(normal) ** 2,
                0,
              );
            },
            gradient(into) {
              into.fill(0);
              for (const { weight, normal } of planes) {
                const slope = 2 * weight * height(normal);
                for (let i = 0; i < 3; i++) into[i]! += slope * normal[i]!;
              }
            },
          };
          const x = Float64Array.of(0.9, -0.9, 0.5);
          const before = problem.value(x);
          const least = descend(problem, x, limits);
          expect(least).toBeLessThanOrEqual(before);
          expect(least).toBe(problem.value(x));
        },
      ),
      { numRuns: 500 },
    );
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
