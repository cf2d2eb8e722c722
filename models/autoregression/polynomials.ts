/**
 * Lag polynomials of seasonal ARMA models: kept stationary and invertible by their partial autocorrelations, multiplied out,
 * and tested for roots near the unit circle.
 */
import type { ArimaOrder } from './orders.ts';

/** Largest size of a free parameter: partial autocorrelations stay within +-0.9999. */
export const parameterLimit = 5;

/**
 * Coefficients of an autoregressive polynomial from free parameters u: its partial autocorrelations are tanh u, which the
 * Durbin-Levinson recursion turns into coefficients (Jones 1980, Technometrics 22, "Maximum likelihood fitting of ARMA models").
 * Writes `count` values of `out` from `outStart` on.
 */
export function coefficientsOf(
  free: Float64Array,
  start: number,
  count: number,
  out: Float64Array,
  outStart: number,
): void {
  for (let k = 0; k < count; k++) {
    const partial = Math.tanh(free[start + k]!);
    // phi[j] <- phi[j] - partial * phi[k - 1 - j], in pairs from both ends.
    for (let i = 0, j = k - 1; i <= j; i++, j--) {
      const a = out[outStart + i]!;
      const b = out[outStart + j]!;
      out[outStart + i] = a - partial * b;
      out[outStart + j] = b - partial * a;
    }
    out[outStart + k] = partial;
  }
}

/**
 * Partial autocorrelations of an autoregressive polynomial, the reverse of the recursion; undefined where it is not stationary.
 */
export function partialsOf(coefficients: ArrayLike<number>): Float64Array | undefined {
  const partials = Float64Array.from(coefficients);
  for (let k = partials.length - 1; k >= 0; k--) {
    const partial = partials[k]!;
    const rest = 1 - partial * partial;
    if (!(rest > 0)) return undefined;
    for (let i = 0, j = k - 1; i <= j; i++, j--) {
      const a = partials[i]!;
      const b = partials[j]!;
      partials[i] = (a + partial * b) / rest;
      partials[j] = (b + partial * a) / rest;
    }
  }
  return partials;
}

/**
 * Whether all roots of 1 - sum c[i] B^(i + 1) lie outside a circle of radius `radius`: whether the polynomial stays stationary
 * when its argument is stretched by it.
 */
export function rootsBeyond(coefficients: Float64Array, radius: number): boolean {
  return partialsOf(coefficients.map((c, i) => c * radius ** (i + 1))) !== undefined;
}

/** One side of an ARMA model multiplied out: non-zero terms only. */
export interface SparsePolynomial {
  /** Lags of the terms. */
  readonly lags: Int32Array;
  /** Their coefficients, to be filled for each set of parameters. */
  readonly coefficients: Float64Array;
  /** The highest lag, 0 if there are no terms. */
  readonly degree: number;
}

/** Room for the product of a polynomial of `short` terms and a seasonal one of `long` terms. */
export function createSparse(short: number, long: number, season: number): SparsePolynomial {
  const lags = new Int32Array((short + 1) * (long + 1) - 1);
  let k = 0;
  for (let j = 0; j <= long; j++) {
    for (let i = 0; i <= short; i++) if (i + j > 0) lags[k++] = i + j * season;
  }
  return { lags, coefficients: new Float64Array(lags.length), degree: short + long * season };
}

/**
 * Fills `product` with the terms of (1 + sign a(B)) (1 + sign A(B^m)), without the leading 1 and divided by `sign`:
 * sign -1 for autoregressive polynomials, 1 for moving averages.
 */
export function multiply(
  short: Float64Array,
  long: Float64Array,
  sign: 1 | -1,
  product: SparsePolynomial,
): void {
  let k = 0;
  for (let j = 0; j <= long.length; j++) {
    for (let i = 0; i <= short.length; i++) {
      if (i + j === 0) continue;
      const a = i === 0 ? 1 : short[i - 1]!;
      const b = j === 0 ? 1 : long[j - 1]!;
      product.coefficients[k++] = i > 0 && j > 0 ? sign * a * b : a * b;
    }
  }
}

/** An ARMA model's coefficients by name, and its two sides multiplied out. */
export interface ArmaPolynomials {
  readonly ar: Float64Array;
  readonly ma: Float64Array;
  readonly seasonalAr: Float64Array;
  readonly seasonalMa: Float64Array;
  readonly phi: SparsePolynomial;
  readonly theta: SparsePolynomial;
}

/** Room for the polynomials of `order`. */
export function createPolynomials({
  p,
  q,
  seasonalP,
  seasonalQ,
  season,
}: ArimaOrder): ArmaPolynomials {
  return {
    ar: new Float64Array(p),
    ma: new Float64Array(q),
    seasonalAr: new Float64Array(seasonalP),
    seasonalMa: new Float64Array(seasonalQ),
    phi: createSparse(p, seasonalP, season),
    theta: createSparse(q, seasonalQ, season),
  };
}

/** Multiplies out both sides after the coefficients by name were set. */
export function expand(polynomials: ArmaPolynomials): void {
  multiply(polynomials.ar, polynomials.seasonalAr, -1, polynomials.phi);
  multiply(polynomials.ma, polynomials.seasonalMa, 1, polynomials.theta);
}

function negate(values: Float64Array): void {
  for (let i = 0; i < values.length; i++) values[i] = -values[i]!;
}

/** Fills `polynomials` from free parameters [p + q + P + Q], in the order ar, ma, seasonal ar, seasonal ma. */
export function setFree(polynomials: ArmaPolynomials, free: Float64Array): void {
  const { ar, ma, seasonalAr, seasonalMa } = polynomials;
  coefficientsOf(free, 0, ar.length, ar, 0);
  coefficientsOf(free, ar.length, ma.length, ma, 0);
  coefficientsOf(free, ar.length + ma.length, seasonalAr.length, seasonalAr, 0);
  coefficientsOf(free, ar.length + ma.length + seasonalAr.length, seasonalMa.length, seasonalMa, 0);
  // Moving averages are written with plus signs.
  negate(ma);
  negate(seasonalMa);
  expand(polynomials);
}

/**
 * Whether every root lies beyond a circle of this radius; a seasonal polynomial's are measured in seasons, not in steps, as a
 * coefficient says the same whatever the season.
 */
export function awayFromUnitCircle(polynomials: ArmaPolynomials, radius: number): boolean {
  const { ar, ma, seasonalAr, seasonalMa } = polynomials;
  const minus = (c: number): number => -c;
  return [ar, seasonalAr, ma.map(minus), seasonalMa.map(minus)].every((coefficients) =>
    rootsBeyond(coefficients, radius),
  );
}
