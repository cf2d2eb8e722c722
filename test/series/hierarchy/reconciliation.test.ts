/** Reconciliation: against definitions, formulae and figures of other implementations. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shrunkErrors } from '../../../series/hierarchy/covariance.ts';
import { incoherence, seriesCount, sumUp } from '../../../series/hierarchy/hierarchy.ts';
import { projectionReconciler } from '../../../series/hierarchy/projection.ts';
import {
  createReconciler,
  largestIncoherence,
  reconcileForecast,
} from '../../../series/hierarchy/reconciliation.ts';
import { type ReconciliationMethod, reconciliationMethods } from '../../../state/request.ts';
import { createRandom } from '../../../tensor/random.ts';
import { base, crossed, small, topFirst } from './small-hierarchy.ts';

/** Errors of 12 steps, made by integers; rows are steps, columns bottom series and then total, A, B. */
const sample = {
  rows: 12,
  errors: Float64Array.from({ length: 12 * 8 }, (_, at) => {
    const [k, column] = [Math.floor(at / 8), at % 8];
    const i = column < 5 ? column + 3 : column - 5;
    return (((7 * (i + 1) * (k + 2) + (i * i + 3 * k * k)) % 11) - 5) * (1 + 0.3 * i);
  }),
};
const histories = (b: number): Float64Array =>
  Float64Array.from({ length: 12 }, (_, k) => 50 + 10 * (b + 3) + ((3 * k + b + 3) % 5));

function reconciled(method: ReconciliationMethod, middle?: string): number[] {
  const { reconcile } = createReconciler({
    hierarchy: small,
    method,
    histories,
    sample,
    ...(middle !== undefined && { middle }),
  });
  const values = base.slice();
  reconcile(values);
  return topFirst(values);
}

// Nixtla's hierarchicalforecast 1.5.3; that of mint by numpy 2.4.6 from the formulae, with residuals not centred as in R's hts.
const published: readonly (readonly [ReconciliationMethod, readonly number[]])[] = [
  ['bottom-up', [104, 37, 67, 12, 25, 20, 31, 16]],
  [
    'top-down',
    [
      100, 37.5, 62.5, 12.162162162162, 25.337837837838, 18.65671641791, 28.917910447761,
      14.925373134328,
    ],
  ],
  [
    'average-proportions',
    [
      100, 34.150326797386, 65.849673202614, 16.078431372549, 18.071895424837, 19.983660130719,
      21.977124183007, 23.888888888889,
    ],
  ],
  [
    'proportions-of-averages',
    [
      100, 34.150326797386, 65.849673202614, 16.078431372549, 18.071895424837, 19.983660130719,
      21.977124183007, 23.888888888889,
    ],
  ],
  [
    'middle-out',
    [
      112, 42, 70, 13.621621621622, 28.378378378378, 20.89552238806, 32.388059701493,
      16.716417910448,
    ],
  ],
  [
    'ols',
    [
      103.965517241379, 37.689655172414, 66.275862068966, 12.344827586207, 25.344827586207,
      19.758620689655, 30.758620689655, 15.758620689655,
    ],
  ],
  [
    'wls-structural',
    [
      105.333333333333, 38.433333333333, 66.9, 12.716666666667, 25.716666666667, 19.966666666667,
      30.966666666667, 15.966666666667,
    ],
  ],
  [
    'wls',
    [
      102.668059788952, 37.415032474554, 65.253027314398, 12.213521838435, 25.201510636119,
      19.47317926289, 30.488632671175, 15.291215380333,
    ],
  ],
  [
    'mint',
    [
      102.517117420933, 37.267445090873, 65.249672330059, 12.025888681467, 25.241556409406,
      20.680981133588, 30.49277456666, 14.075916629812,
    ],
  ],
];

describe('a reconciled forecast', () => {
  it.each(published)('by %s is that of the reference', (method, expected) => {
    const digits = method === 'wls' ? 7 : 10;
    for (const [i, value] of reconciled(method).entries()) {
      expect(value).toBeCloseTo(expected[i]!, digits);
    }
  });

  it('by middle-out from the total is that from the top', () => {
    expect(reconciled('middle-out', 'total')).toEqual(reconciled('top-down'));
  });

  it('by least squares is the regression S (S’S)^-1 S’ y', () => {
    const values = base.slice();
    const reconciler = createReconciler({ hierarchy: small, method: 'ols', histories, sample });
    reconciler.reconcile(values);
    const residual = base.map((value, i) => value - values[i]!);
    // The normal equations: what is left of the base forecast is orthogonal to every column of S.
    for (let b = 0; b < 5; b++) {
      const group = b < 2 ? 6 : 7;
      expect(residual[b]! + residual[5]! + residual[group]!).toBeCloseTo(0, 10);
    }
  });

  it.each(reconciliationMethods)('by %s adds up, and stays if it did', (method) => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e6 }), fc.integer({ min: 4, max: 30 }), (seed, n) => {
        const random = createRandom(seed, 'hierarchy');
        const hierarchy = crossed(n, (below) => random.integer(below));
        const size = seriesCount(hierarchy);
        const errors = Float64Array.from({ length: 6 * size }, () => random.normal());
        const past = Array.from({ length: n }, () =>
          Float64Array.from({ length: 9 }, () => 1 + random.uniform()),
        );
        const { reconcile } = createReconciler({
          hierarchy,
          method,
          histories: (b) => past[b]!,
          sample: { rows: 6, errors },
        });
        const values = Float64Array.from({ length: size }, () => 10 + 5 * random.uniform());
        reconcile(values);
        expect(incoherence(hierarchy, values).every((gap) => Math.abs(gap) < 1e-9)).toBe(true);
        const again = values.slice();
        reconcile(again);
        for (const [i, value] of again.entries()) expect(value).toBeCloseTo(values[i]!, 8);
      }),
      { numRuns: 25 },
    );
  });

  it('falls back to weights that the errors allow', () => {
    const methodFor = (errors: Float64Array, rows: number) =>
      createReconciler({ hierarchy: small, method: 'mint', histories, sample: { rows, errors } })
        .method;
    expect(methodFor(new Float64Array(0), 0)).toBe('wls-structural');
    expect(
      methodFor(
        Float64Array.from({ length: 8 }, (_, i) => i + 1),
        1,
      ),
    ).toBe('wls');
    expect(methodFor(new Float64Array(24), 3)).toBe('wls-structural');
    expect(
      methodFor(
        Float64Array.from({ length: 24 }, (_, i) => Math.sin(i)),
        3,
      ),
    ).toBe('mint');
  });

  it('leaves series alone that never erred, and those without errors get what their size lets expect', () => {
    const errors = sample.errors.map((error, at) =>
      at % 8 === 0 ? 0 : at % 8 === 1 ? Number.NaN : error,
    );
    const { reconcile } = createReconciler({
      hierarchy: small,
      method: 'mint',
      histories,
      sample: { rows: 12, errors },
    });
    const values = base.slice();
    reconcile(values);
    expect(values[0]).toBeCloseTo(base[0]!, 6);
    expect(Math.abs(values[1]! - base[1]!)).toBeGreaterThan(1e-3);
  });
});

describe('the shrunk covariance', () => {
  it('shrinks as Schaefer and Strimmer say, pair by pair', () => {
    const { shrinkage, diagonal, shared } = shrunkErrors(small, sample)!;
    // From the definition by numpy 2.4.6.
    expect(shrinkage).toBeCloseTo(0.7258986695503091, 12);
    const square = sample.errors.reduce((sum, e, at) => sum + (at % 8 === 2 ? e * e : 0), 0) / 12;
    expect(diagonal[2]! + shared!.weight * square * 12).toBeCloseTo(square, 10);
  });

  it('is solved for where residuals add up already', () => {
    const errors = sample.errors.slice();
    for (let t = 0; t < 12; t++) sumUp(small, errors.subarray(8 * t, 8 * t + 8));
    const covariance = shrunkErrors(small, { rows: 12, errors })!;
    const values = base.slice();
    projectionReconciler(small, covariance)!(values);
    expect(incoherence(small, values).every((gap) => Math.abs(gap) < 1e-9)).toBe(true);
  });
});

describe('a forecast of several steps', () => {
  const reconciler = createReconciler({ hierarchy: small, method: 'ols', histories, sample });
  const twoSteps = (second: Float64Array): Float64Array =>
    Float64Array.from({ length: 16 }, (_, at) =>
      at % 2 === 0 ? base[at / 2]! : second[(at - 1) / 2]!,
    );

  it('keeps what may not be negative at 0 and adds up all the same', () => {
    const forecast = twoSteps(base.map((value, i) => (i === 0 ? -30 : value)));
    const nonNegative = [true, true, true, true, false];
    reconcileForecast(small, reconciler.reconcile, forecast, { horizon: 2, nonNegative });
    expect(forecast[1]).toBe(0);
    const second = Float64Array.from({ length: 8 }, (_, i) => forecast[2 * i + 1]!);
    const sums = second.slice();
    sumUp(small, sums);
    expect(sums).toEqual(second);
  });

  it('is left as it is at steps that a series has no forecast for', () => {
    const forecast = twoSteps(base.map((value, i) => (i === 3 ? Number.NaN : value)));
    const before = forecast.slice();
    reconcileForecast(small, reconciler.reconcile, forecast, { horizon: 2, nonNegative: [] });
    expect(forecast[2]).not.toBe(before[2]);
    expect([1, 3, 5, 7, 9].map((at) => forecast[at])).toEqual(
      [1, 3, 5, 7, 9].map((at) => before[at]),
    );
  });

  it('tells where it was furthest from adding up', () => {
    expect(largestIncoherence(small, base, 1)).toEqual({ id: 'group=A', share: 5 / 42 });
  });
});
