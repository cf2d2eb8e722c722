/** The simplex on functions whose minima are known. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { minimise } from '../../../models/numerics/nelder-mead.ts';

const free = (n: number) => ({
  lower: new Float64Array(n).fill(-Infinity),
  upper: new Float64Array(n).fill(Infinity),
});

const rosenbrock = (x: Float64Array) => 100 * (x[1]! - x[0]! ** 2) ** 2 + (1 - x[0]!) ** 2;

describe('the simplex of Nelder and Mead', () => {
  it("finds the floor of Rosenbrock's valley", () => {
    const found = minimise(rosenbrock, Float64Array.of(-1.2, 1), free(2));
    expect(found.point[0]).toBeCloseTo(1, 4);
    expect(found.point[1]).toBeCloseTo(1, 4);
    expect(found.value).toBeLessThan(1e-8);
    expect(found.evaluations).toBeLessThanOrEqual(402);
  });

  it("finds the minimum of Powell's function of four variables", () => {
    const powell = (x: Float64Array) =>
      (x[0]! + 10 * x[1]!) ** 2 +
      5 * (x[2]! - x[3]!) ** 2 +
      (x[1]! - 2 * x[2]!) ** 4 +
      10 * (x[0]! - x[3]!) ** 4;
    const found = minimise(powell, Float64Array.of(3, -1, 0, 1), {
      ...free(4),
      maxEvaluations: 2000,
    });
    expect(found.value).toBeLessThan(1e-7);
  });

  it('stays in the box and finds a minimum on its face', () => {
    const box = { lower: Float64Array.of(-1, -1), upper: Float64Array.of(0.5, 2) };
    const visit = (x: Float64Array) => {
      expect(x[0]).toBeGreaterThanOrEqual(-1);
      expect(x[0]).toBeLessThanOrEqual(0.5);
      expect(x[1]).toBeGreaterThanOrEqual(-1);
      expect(x[1]).toBeLessThanOrEqual(2);
      return rosenbrock(x);
    };
    const found = minimise(visit, Float64Array.of(5, -5), { ...box, maxEvaluations: 600 });
    expect(found.point[0]).toBeCloseTo(0.5, 4);
    expect(found.point[1]).toBeCloseTo(0.25, 3);
  });

  it('goes around where the function is infinite or not a number', () => {
    const f = (x: Float64Array) =>
      x[0]! < 0 ? Number.NaN : x[0]! > 3 ? Infinity : (x[0]! - 2) ** 2;
    expect(minimise(f, Float64Array.of(-0.05), { ...free(1), step: 0.5 }).point[0]).toBeCloseTo(
      2,
      3,
    );
    const nowhere = minimise(() => Number.NaN, Float64Array.of(1, 2), free(2));
    expect(nowhere.value).toBe(Infinity);
  });

  it('is never worse than the start, spends no more than it may, and repeats itself', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 10, max: 120 }),
        (values, maxEvaluations) => {
          const start = Float64Array.from(values);
          const n = start.length;
          const f = (x: Float64Array) =>
            x.reduce((sum, v, i) => sum + Math.cos(3 * v) + (v - i) ** 2, 0);
          const options = { ...free(n), maxEvaluations };
          const first = minimise(f, start, options);
          expect(first.value).toBeLessThanOrEqual(f(start));
          // The last step may shrink the simplex, which asks for n values more.
          expect(first.evaluations).toBeLessThanOrEqual(maxEvaluations + n + 2);
          expect(minimise(f, start, options)).toEqual(first);
        },
      ),
      { seed: 1, numRuns: 50 },
    );
  });
});
