/** Distribution functions of the usual test statistics: normal, Student's t, chi-square, F and the studentised range. */
import { assert } from '../state/errors.ts';

/** Terms that a series or a continued fraction may take; a few hundred are needed for the largest arguments. */
const greatestTerms = 10_000;
const precision = 1e-16;
/** Stands for a denominator of zero in a continued fraction. */
const tiny = 1e-300;

/**
 * Natural logarithm of the gamma function of `x` > 0, to about 1e-14: Stirling's series (Abramowitz and Stegun 6.1.41) from
 * 10 on, reached by the recurrence.
 */
export function logGamma(x: number): number {
  assert(x > 0, 'the gamma function is taken of a positive number');
  let shift = 0;
  let z = x;
  for (; z < 10; z++) shift += Math.log(z);
  const square = z * z;
  const tail =
    1 / 12 - (1 / 360 - (1 / 1260 - (1 / 1680 - 1 / 1188 / square) / square) / square) / square;
  return (z - 0.5) * Math.log(z) - z + 0.5 * Math.log(2 * Math.PI) + tail / z - shift;
}

/** Regularised upper incomplete gamma function Q(a, x), a > 0, x >= 0 (Abramowitz and Stegun 6.5.29 and 6.5.31). */
export function upperGamma(a: number, x: number): number {
  if (x <= 0) return 1;
  const front = Math.exp(a * Math.log(x) - x - logGamma(a));
  if (x < a + 1) {
    let term = 1 / a;
    let sum = term;
    for (let n = 1; n < greatestTerms && term > sum * precision; n++) {
      term *= x / (a + n);
      sum += term;
    }
    return 1 - front * sum;
  }
  return front * continuedFraction(x + 1 - a, (n) => [-n * (n - a), x + 2 * n + 1 - a]);
}

/** 1 / (first + a1 / (b1 + a2 / (b2 + ...))) by Lentz's method, `term(n)` being [an, bn]. */
function continuedFraction(first: number, term: (n: number) => readonly [number, number]): number {
  const apart = (value: number): number => (Math.abs(value) < tiny ? tiny : value);
  let numerator = 1 / tiny;
  let denominator = 1 / apart(first);
  let result = denominator;
  for (let n = 1; n < greatestTerms; n++) {
    const [a, b] = term(n);
    denominator = 1 / apart(a * denominator + b);
    numerator = apart(b + a / numerator);
    const change = numerator * denominator;
    result *= change;
    if (Math.abs(change - 1) < precision) break;
  }
  return result;
}

/** Regularised incomplete beta function I(x; a, b), a, b > 0, x in [0, 1] (Abramowitz and Stegun 26.5.8). */
export function incompleteBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  // The fraction converges fast on this side of the mean only.
  if (x > (a + 1) / (a + b + 2)) return 1 - incompleteBeta(1 - x, b, a);
  const log = a * Math.log(x) + b * Math.log1p(-x) + logGamma(a + b) - logGamma(a) - logGamma(b);
  const fraction = continuedFraction(1, (n) => {
    const m = Math.floor(n / 2);
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    return [n % 2 === 0 ? even : odd, 1];
  });
  return (Math.exp(log) / a) * fraction;
}

/** P(Z <= z) of a standard normal variable. */
export function normalProbability(z: number): number {
  const tail = upperGamma(0.5, (z * z) / 2) / 2;
  return z > 0 ? 1 - tail : tail;
}

/** P(|T| >= |t|) of Student's t with `freedom` degrees of freedom. */
export function studentTwoSided(t: number, freedom: number): number {
  return incompleteBeta(freedom / (freedom + t * t), freedom / 2, 0.5);
}

/** P(X >= x) of a chi-square variable with `freedom` degrees of freedom. */
export function chiSquareTail(x: number, freedom: number): number {
  return upperGamma(freedom / 2, x / 2);
}

/** P(F >= f) of an F variable with `first` and `second` degrees of freedom. */
export function fTail(f: number, first: number, second: number): number {
  return incompleteBeta(second / (second + first * f), second / 2, first / 2);
}

const rangeStep = 0.05;
const rangeEnd = 8.5;

/**
 * P(range <= q) of `count` standard normal variables: the studentised range with infinitely many degrees of freedom,
 * count times the integral of phi(z) (Phi(z) - Phi(z - q))^(count - 1). The sum over equal steps is exact to rounding, as
 * the integrand dies away at both ends.
 */
export function normalRangeProbability(q: number, count: number): number {
  if (q <= 0) return 0;
  let sum = 0;
  for (let z = -rangeEnd; z <= rangeEnd; z += rangeStep) {
    const between = normalProbability(z) - normalProbability(z - q);
    sum += Math.exp((-z * z) / 2) * between ** (count - 1);
  }
  return Math.min(1, (count * rangeStep * sum) / Math.sqrt(2 * Math.PI));
}

/** The q that the range of `count` (2 or more) standard normal variables exceeds with probability `significance`. */
export function normalRangeQuantile(significance: number, count: number): number {
  assert(count >= 2 && significance > 0 && significance < 1, 'a range has two ends');
  let low = 0;
  let high = 2 * rangeEnd;
  while (high - low > 1e-12 * high) {
    const middle = (low + high) / 2;
    if (middle === low || middle === high) break;
    if (normalRangeProbability(middle, count) < 1 - significance) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
