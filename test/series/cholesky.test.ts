/** Cholesky's decomposition: its definition, what it solves, and matrices that are not definite. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { factorise, solveFactored, solveLower, solveTransposed } from '../../series/cholesky.ts';

const entry = fc.integer({ min: -3000, max: 3000 }).map((thousandths) => thousandths / 1000);

/** G G' + 0.1 I [n * n] for a random G, with a vector [n]. */
const definite = fc
  .integer({ min: 1, max: 8 })
  .chain((n) =>
    fc
      .tuple(
        fc.array(entry, { minLength: n * n, maxLength: n * n }),
        fc.array(entry, { minLength: n, maxLength: n }),
      )
      .map(([g, x]) => ({ n, a: gram(g, n, 0.1), x: Float64Array.from(x) })),
  );

function gram(g: readonly number[], n: number, ridge: number): Float64Array {
  const a = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      for (let k = 0; k < n; k++) a[i * n + j]! += g[i * n + k]! * g[j * n + k]!;
    }
    a[i * n + i]! += ridge;
  }
  return a;
}

/** A x, or L x or L' x of the lower triangle of `a`. */
function times(a: Float64Array, x: Float64Array, part: 'all' | 'lower' | 'transposed') {
  const n = x.length;
  return Float64Array.from({ length: n }, (_, i) => {
    let sum = 0;
    for (let j = 0; j < n; j++) {
      if (part === 'all' || (part === 'lower' && j <= i)) sum += a[i * n + j]! * x[j]!;
      if (part === 'transposed' && j >= i) sum += a[j * n + i]! * x[j]!;
    }
    return sum;
  });
}

function expectNear(found: Float64Array, wanted: Float64Array): void {
  const size = wanted.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
  for (const [i, value] of found.entries()) {
    expect(Math.abs(value - wanted[i]!) / size).toBeLessThan(1e-9);
  }
}

describe('Cholesky’s decomposition', () => {
  it('has the factor of a matrix done by hand', () => {
    // [4 2 6; 2 5 5; 6 5 19] = L L' with L = [2 0 0; 1 2 0; 3 1 3]; nothing above the diagonal is looked at.
    const nothing = Number.NaN;
    const matrix = Float64Array.of(4, nothing, nothing, 2, 5, nothing, 6, 5, 19);
    expect(factorise(matrix, 3)).toBe(true);
    expect([...matrix]).toEqual([2, nothing, nothing, 1, 2, nothing, 3, 1, 3]);
    expect([...solveFactored(matrix, Float64Array.of(12, 12, 30))]).toEqual([1, 1, 1]);
  });

  it('is the lower triangle whose product with itself is the matrix, and solves each half and the whole', () => {
    fc.assert(
      fc.property(definite, ({ n, a, x }) => {
        const factor = a.slice();
        expect(factorise(factor, n)).toBe(true);
        expectNear(times(factor, times(factor, x, 'transposed'), 'lower'), times(a, x, 'all'));
        const lower = times(factor, x, 'lower');
        solveLower(factor, lower);
        expectNear(lower, x);
        const upper = times(factor, x, 'transposed');
        solveTransposed(factor, upper);
        expectNear(upper, x);
        expectNear(solveFactored(factor, times(a, x, 'all')), x);
      }),
      { seed: 11, numRuns: 200 },
    );
  });

  it('does not depend on units: powers of two on rows and columns change the solution by just those', () => {
    const scaled = fc.tuple(
      definite,
      fc.array(fc.integer({ min: -40, max: 40 }), { minLength: 8, maxLength: 8 }),
    );
    fc.assert(
      fc.property(scaled, ([{ n, a, x }, exponents]) => {
        const unit = (i: number): number => 2 ** exponents[i]!;
        const other = a.map((value, at) => value * unit(Math.floor(at / n)) * unit(at % n));
        const right = x.map((value, i) => value * unit(i));
        expect(factorise(a, n)).toBe(true);
        expect(factorise(other, n)).toBe(true);
        const found = solveFactored(other, right).map((value, i) => value * unit(i));
        expect([...found]).toEqual([...solveFactored(a, x)]);
      }),
      { seed: 12, numRuns: 100 },
    );
  });

  it('leaves out an unknown that others determine, and still solves what can be solved', () => {
    fc.assert(
      fc.property(
        definite.filter(({ n }) => n > 1),
        fc.double({ min: 0.1, max: 10, noNaN: true }),
        ({ n, a, x }, share) => {
          // The last unknown is `share` times the first under another name.
          for (let j = 0; j < n; j++) a[(n - 1) * n + j] = share * a[j]!;
          for (let i = 0; i < n; i++) a[i * n + n - 1] = share * a[i * n]!;
          const right = times(a, x, 'all');
          const factor = a.slice();
          expect(factorise(factor, n)).toBe(false);
          const found = solveFactored(factor, right.slice());
          expect(found[n - 1]).toBe(0);
          expectNear(times(a, found, 'all'), right);
        },
      ),
      { seed: 13, numRuns: 100 },
    );
  });

  it('tells a matrix that is not positive definite', () => {
    expect(factorise(Float64Array.of(1, 2, 2, 1), 2)).toBe(false);
    expect(factorise(Float64Array.of(0), 1)).toBe(false);
    expect(factorise(Float64Array.of(-1), 1)).toBe(false);
    expect(factorise(Float64Array.of(Number.NaN), 1)).toBe(false);
    expect(factorise(Float64Array.of(Number.POSITIVE_INFINITY), 1)).toBe(false);
    expect(factorise(Float64Array.of(1, 0, Number.NaN, 1), 2)).toBe(false);
  });
});
