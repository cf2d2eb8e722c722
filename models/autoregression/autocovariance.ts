/** Autocovariances of an ARMA process, and the first gain of its Kalman filter, in O(degree^2) at most. */
import type { ArmaPolynomials } from './polynomials.ts';

/** Arrays that one order's autocovariances are computed in; made once, used for every set of parameters. */
export interface CovarianceSpace {
  /** State dimension r = max(degree of phi, degree of theta + 1). */
  readonly size: number;
  /** Autocovariances of the process for innovations of variance 1 [size]. */
  readonly covariances: Float64Array;
  /** Unnormalised gain of the first step, cov(next state, present value) [size]. */
  readonly gain: Float64Array;
  readonly dense: Float64Array;
  /** Coefficients of the autoregressions of order 1 ... degree, row after row. */
  readonly triangle: Float64Array;
  readonly autoregressive: Float64Array;
  readonly products: Float64Array;
  readonly weights: Float64Array;
}

/** Room for the polynomials' autocovariances. */
export function createCovarianceSpace({ phi, theta }: ArmaPolynomials): CovarianceSpace {
  const size = Math.max(phi.degree, theta.degree + 1);
  return {
    size,
    covariances: new Float64Array(size),
    gain: new Float64Array(size),
    dense: new Float64Array(phi.degree),
    triangle: new Float64Array((phi.degree * (phi.degree + 1)) / 2),
    autoregressive: new Float64Array(size + theta.degree + 1),
    products: new Float64Array(theta.degree + 1),
    weights: new Float64Array(size),
  };
}

/**
 * Autocovariances g of the autoregressive part alone, by running Durbin-Levinson backwards to the variance and forwards again.
 * False where the part is not stationary.
 */
function autoregressiveCovariances(
  { phi }: ArmaPolynomials,
  { dense, triangle, autoregressive: g }: CovarianceSpace,
): boolean {
  const degree = phi.degree;
  dense.fill(0);
  for (let i = 0; i < phi.lags.length; i++) dense[phi.lags[i]! - 1]! += phi.coefficients[i]!;
  let variance = 1;
  for (let order = degree; order >= 1; order--) {
    const row = (order * (order - 1)) / 2;
    for (let i = 0; i < order; i++) triangle[row + i] = dense[i]!;
    const partial = dense[order - 1]!;
    const rest = 1 - partial * partial;
    if (!(rest > 0)) return false;
    variance /= rest;
    for (let i = 0, j = order - 2; i <= j; i++, j--) {
      const a = dense[i]!;
      const b = dense[j]!;
      dense[i] = (a + partial * b) / rest;
      dense[j] = (b + partial * a) / rest;
    }
  }
  g[0] = variance;
  for (let order = 1; order <= degree; order++) {
    // What the autoregression of one order less leaves unexplained at this lag is its partial autocorrelation.
    const partial = triangle[(order * (order + 1)) / 2 - 1]!;
    const row = ((order - 1) * (order - 2)) / 2;
    let expected = 0;
    for (let i = 0; i < order - 1; i++) expected += triangle[row + i]! * g[order - 1 - i]!;
    if (order < g.length) g[order] = expected + partial * variance;
    variance *= 1 - partial * partial;
  }
  for (let lag = degree + 1; lag < g.length; lag++) {
    let sum = 0;
    for (let i = 0; i < phi.lags.length; i++) sum += phi.coefficients[i]! * g[lag - phi.lags[i]!]!;
    g[lag] = sum;
  }
  return variance > 0;
}

/** Autocovariances of the moving average: c(h) = sum theta(i) theta(i + h), theta(0) = 1. */
function movingAverageProducts({ theta }: ArmaPolynomials, products: Float64Array): void {
  const { lags, coefficients } = theta;
  products.fill(0);
  products[0] = 1;
  for (let a = 0; a < lags.length; a++) {
    products[lags[a]!]! += coefficients[a]!;
    for (let b = 0; b < lags.length; b++) {
      if (lags[b]! >= lags[a]!)
        products[lags[b]! - lags[a]!]! += coefficients[a]! * coefficients[b]!;
    }
  }
}

/**
 * Fills `space.covariances` and `space.gain`; false where the process is not stationary. The gain is
 * K(i) = sum over j >= i of phi(j) gamma(j - i) + theta(j) psi(j - i), psi the moving-average weights of the process.
 */
export function computeCovariances(polynomials: ArmaPolynomials, space: CovarianceSpace): boolean {
  const { phi, theta } = polynomials;
  const { size, covariances, gain, autoregressive: g, products, weights } = space;
  if (!autoregressiveCovariances(polynomials, space)) return false;
  movingAverageProducts(polynomials, products);
  for (let lag = 0; lag < size; lag++) covariances[lag] = products[0]! * g[lag]!;
  for (let h = 1; h < products.length; h++) {
    const c = products[h]!;
    if (c === 0) continue;
    for (let lag = 0; lag < size; lag++) {
      covariances[lag]! += c * (g[Math.abs(lag - h)]! + g[lag + h]!);
    }
  }
  weights.fill(0);
  weights[0] = 1;
  for (let i = 0; i < theta.lags.length; i++) weights[theta.lags[i]!]! += theta.coefficients[i]!;
  for (let k = 1; k < size; k++) {
    for (let i = 0; i < phi.lags.length; i++) {
      const lag = phi.lags[i]!;
      if (lag <= k) weights[k]! += phi.coefficients[i]! * weights[k - lag]!;
    }
  }
  gain.fill(0);
  for (let i = 0; i < phi.lags.length; i++) {
    const lag = phi.lags[i]!;
    for (let k = 1; k <= lag; k++) gain[k - 1]! += phi.coefficients[i]! * covariances[lag - k]!;
  }
  for (let i = 0; i < theta.lags.length; i++) {
    const lag = theta.lags[i]!;
    for (let k = 1; k <= lag; k++) gain[k - 1]! += theta.coefficients[i]! * weights[lag - k]!;
  }
  return covariances[0]! < 1e12;
}
