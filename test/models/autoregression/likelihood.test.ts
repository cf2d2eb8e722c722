/** The engine of ARIMA: its likelihood by definition, its estimates beside published ones. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  difference,
  differencePolynomial,
  firstDifferences,
  integrate,
  kpss,
} from '../../../models/autoregression/differencing.ts';
import { estimate, startOf } from '../../../models/autoregression/estimation.ts';
import {
  createFilter,
  logLikelihood,
  predict,
  runFilter,
} from '../../../models/autoregression/innovations.ts';
import { leastSquares } from '../../../models/autoregression/least-squares.ts';
import { type ArimaOrder, polynomialCount } from '../../../models/autoregression/orders.ts';
import {
  coefficientsOf,
  createPolynomials,
  partialsOf,
  setFree,
} from '../../../models/autoregression/polynomials.ts';
import { normals } from '../../series/make-panel.ts';
import { airPassengers, nile } from '../statistical/classic-series.ts';

const none: ArimaOrder = {
  p: 0,
  d: 0,
  q: 0,
  seasonalP: 0,
  seasonalD: 0,
  seasonalQ: 0,
  season: 1,
  constant: false,
};
const careful = { tolerance: 1e-11, maxIterations: 80, settled: 1e-12 };

const orders = fc
  .record({
    p: fc.integer({ min: 0, max: 3 }),
    q: fc.integer({ min: 0, max: 3 }),
    seasonalP: fc.integer({ min: 0, max: 2 }),
    seasonalQ: fc.integer({ min: 0, max: 2 }),
    season: fc.integer({ min: 2, max: 5 }),
    constant: fc.boolean(),
  })
  .map((some): ArimaOrder => ({ ...none, ...some }));

/** Autocovariances from the process written as a long moving average. */
function covariancesByDefinition(
  polynomials: ReturnType<typeof createPolynomials>,
  count: number,
): Float64Array {
  const weights = new Float64Array(6000);
  weights[0] = 1;
  for (const [i, lag] of polynomials.theta.lags.entries()) {
    weights[lag]! += polynomials.theta.coefficients[i]!;
  }
  for (let k = 1; k < weights.length; k++) {
    for (const [i, lag] of polynomials.phi.lags.entries()) {
      if (lag <= k) weights[k]! += polynomials.phi.coefficients[i]! * weights[k - lag]!;
    }
  }
  return Float64Array.from({ length: count }, (_, lag) => {
    let sum = 0;
    for (let k = lag; k < weights.length; k++) sum += weights[k]! * weights[k - lag]!;
    return sum;
  });
}

/** The triangular root of a covariance matrix that depends on the distance only. */
function choleskyOf(covariances: Float64Array): number[][] {
  const n = covariances.length;
  const root = Array.from({ length: n }, () => Array.from({ length: n }, () => 0));
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = covariances[i - j]!;
      for (let k = 0; k < j; k++) sum -= root[i]![k]! * root[j]![k]!;
      root[i]![j] = i === j ? Math.sqrt(sum) : sum / root[j]![j]!;
    }
  }
  return root;
}

function solveLower(root: number[][], right: Float64Array): Float64Array {
  const x = new Float64Array(right.length);
  for (let i = 0; i < x.length; i++) {
    let sum = right[i]!;
    for (let k = 0; k < i; k++) sum -= root[i]![k]! * x[k]!;
    x[i] = sum / root[i]![i]!;
  }
  return x;
}

describe('the likelihood of an ARMA model', () => {
  it('is the multivariate normal density, its mean that of generalised least squares', () => {
    fc.assert(
      fc.property(orders, fc.integer(), fc.integer({ min: 3, max: 40 }), (order, seed, n) => {
        const normal = normals(seed);
        const polynomials = createPolynomials(order);
        setFree(
          polynomials,
          Float64Array.from({ length: polynomialCount(order) }, () => 0.5 * normal()),
        );
        const values = Float64Array.from({ length: n }, () => 3 + normal());
        const filter = createFilter(values, polynomials, order.constant);
        expect(runFilter(filter, 1e-13)).toBe(true);
        const root = choleskyOf(covariancesByDefinition(polynomials, n));
        const ones = solveLower(root, new Float64Array(n).fill(1));
        const white = solveLower(root, values);
        const dot = (a: Float64Array, b: Float64Array) =>
          a.reduce((sum, value, t) => sum + value * b[t]!, 0);
        const mean = order.constant ? dot(ones, white) / dot(ones, ones) : 0;
        const rest = white.map((value, t) => value - mean * ones[t]!);
        const squares = dot(rest, rest);
        const determinant = root.reduce((sum, row, i) => sum + 2 * Math.log(row[i]!), 0);
        expect(filter.mean).toBeCloseTo(mean, 7);
        expect(filter.sumOfSquares / squares).toBeCloseTo(1, 7);
        expect(filter.logDeterminant).toBeCloseTo(determinant, 6);
        const density = -0.5 * (n * Math.log((2 * Math.PI * squares) / n) + determinant + n);
        expect(logLikelihood(filter)).toBeCloseTo(density, 6);
      }),
      { seed: 7, numRuns: 60 },
    );
  });

  it('forecasts by the conditional expectation, whether or not the filter has settled', () => {
    fc.assert(
      fc.property(orders, fc.integer(), fc.integer({ min: 2, max: 25 }), (order, seed, n) => {
        const normal = normals(seed);
        const polynomials = createPolynomials(order);
        setFree(
          polynomials,
          Float64Array.from({ length: polynomialCount(order) }, () => 0.5 * normal()),
        );
        const values = Float64Array.from({ length: n }, () => normal());
        const filter = createFilter(values, polynomials, false);
        runFilter(filter, 1e-13);
        const horizon = 6;
        const covariances = covariancesByDefinition(polynomials, n + horizon);
        const root = choleskyOf(covariances.subarray(0, n));
        const white = solveLower(root, values);
        const forecast = predict(filter, horizon);
        for (let h = 0; h < horizon; h++) {
          const cross = Float64Array.from({ length: n }, (_, t) => covariances[n + h - t]!);
          const expected = solveLower(root, cross).reduce((sum, c, t) => sum + c * white[t]!, 0);
          expect(forecast[h]).toBeCloseTo(expected, 6);
        }
      }),
      { seed: 7, numRuns: 60 },
    );
  });
});

describe('estimation', () => {
  it('finds the airline model as R’s arima and statsmodels 0.15 do', () => {
    const order = { ...none, q: 1, seasonalQ: 1, season: 12 };
    const values = difference(difference(airPassengers.map(Math.log), 12), 1);
    const { filter, logLikelihood: likelihood } = estimate(
      values,
      order,
      startOf(values, order),
      careful,
    );
    expect(filter.polynomials.ma[0]).toBeCloseTo(-0.4018, 4);
    expect(filter.polynomials.seasonalMa[0]).toBeCloseTo(-0.5569, 4);
    expect(filter.sumOfSquares / values.length).toBeCloseTo(0.00134812, 7);
    expect(likelihood).toBeCloseTo(244.6965, 4);
  });

  it('finds an ARMA(1,1) with a mean as statsmodels 0.15 does', () => {
    const order = { ...none, p: 1, q: 1, constant: true };
    const { filter, logLikelihood: likelihood } = estimate(
      nile,
      order,
      startOf(nile, order),
      careful,
    );
    expect(filter.polynomials.ar[0]).toBeCloseTo(0.861, 3);
    expect(filter.polynomials.ma[0]).toBeCloseTo(-0.5177, 3);
    expect(filter.mean).toBeCloseTo(920.69, 1);
    expect(likelihood).toBeCloseTo(-637.0388, 3);
  });
});

describe('least squares', () => {
  it('finds the bottom of a curved valley, and stops at a limit', () => {
    const valley = (x: Float64Array, out: Float64Array) => {
      out[0] = 10 * (x[1]! - x[0]! ** 2);
      out[1] = 1 - x[0]!;
      return out[0] ** 2 + out[1] ** 2;
    };
    const limits = (limit: number) => new Float64Array(2).fill(limit);
    const options = { limits: limits(5), tolerance: 1e-14, maxIterations: 200 };
    const { point } = leastSquares(valley, Float64Array.of(-1.2, 1), 2, options);
    expect(point[0]).toBeCloseTo(1, 5);
    expect(point[1]).toBeCloseTo(1, 5);
    const bounded = leastSquares(valley, Float64Array.of(0, 0), 2, {
      ...options,
      limits: limits(0.5),
    });
    expect(Math.max(...bounded.point.map(Math.abs))).toBeLessThanOrEqual(0.5);
    expect(bounded.point[0]).toBeCloseTo(0.5, 4);
  });
});

describe('polynomials', () => {
  it('have the partial autocorrelations that they were made of', () => {
    const free = fc.float64Array({ minLength: 1, maxLength: 6, min: -2, max: 2, noNaN: true });
    fc.assert(
      fc.property(free, (u) => {
        const coefficients = new Float64Array(u.length);
        coefficientsOf(u, 0, u.length, coefficients, 0);
        const partials = partialsOf(coefficients)!;
        for (const [i, partial] of partials.entries()) {
          expect(partial).toBeCloseTo(Math.tanh(u[i]!), 6);
        }
      }),
      { seed: 7 },
    );
    expect(partialsOf([1.2])).toBeUndefined();
    expect(partialsOf([0.5, 0.6])).toBeUndefined();
  });
});

describe('differencing', () => {
  it('is undone by integration', () => {
    const history = airPassengers.subarray(0, 120);
    const future = airPassengers.subarray(120);
    const coefficients = differencePolynomial(1, 1, 12);
    const differences = difference(difference(airPassengers, 12), 1);
    const back = integrate(history, differences.subarray(differences.length - 24), coefficients);
    for (const [h, value] of back.entries()) expect(value).toBeCloseTo(future[h]!, 8);
  });

  it('is asked for by the KPSS statistic of statsmodels 0.15', () => {
    expect(kpss(nile)).toBeCloseTo(1.31522646, 6);
    expect(kpss(airPassengers)).toBeCloseTo(4.3422868, 6);
    expect(firstDifferences(nile, 2)).toBe(1);
    expect(firstDifferences(airPassengers, 2)).toBe(1);
    expect(firstDifferences(new Float64Array(50).fill(3), 2)).toBe(0);
  });
});
