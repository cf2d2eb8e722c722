/** Statistics of one sample and tests between two, defined for samples of any size. */

type Values = ArrayLike<number>;

/** Arithmetic mean; NaN of nothing. Exact to rounding for any scale, without overflow. */
export function mean(values: Values): number {
  let result = 0;
  for (let i = 0; i < values.length; i++) {
    // Two quotients rather than the quotient of the difference: that may overflow.
    result += values[i]! / (i + 1) - result / (i + 1);
  }
  return values.length === 0 ? Number.NaN : result;
}

/** Whether all values are the same; so are those of nothing. */
export function isConstant(values: Float64Array): boolean {
  return values.every((value) => value === values[0]);
}

/** Sample variance (divisor n - 1); 0 for a single value, NaN of nothing. */
export function variance(values: Values): number {
  const centre = mean(values);
  let squares = 0;
  for (let i = 0; i < values.length; i++) squares += (values[i]! - centre) ** 2;
  if (values.length < 2) return values.length === 1 ? 0 : Number.NaN;
  return squares / (values.length - 1);
}

/**
 * Autocorrelation at `lag` (>= 0): the usual estimate with the whole sample's mean and sum of squares in the denominator,
 * so that it lies in [-1, 1]. 0 where the values are constant or there are at most `lag` of them.
 */
export function autocorrelation(values: Values, lag: number): number {
  if (values.length <= lag) return 0;
  const centre = mean(values);
  let size = 0;
  for (let i = 0; i < values.length; i++) size = Math.max(size, Math.abs(values[i]! - centre));
  // Rounding in the mean of a constant series is no variation.
  if (!(size > Math.abs(centre) * 1e-12) || size === 0) return 0;
  let products = 0;
  let squares = 0;
  for (let i = 0; i < values.length; i++) {
    const here = (values[i]! - centre) / size;
    squares += here * here;
    if (i >= lag) products += here * ((values[i - lag]! - centre) / size);
  }
  return products / squares;
}

/** Number of entries of rising `sorted` that are <= `value`. */
function countUpTo(sorted: Values, value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * Population stability index between two samples: sum of (q - p) ln(q / p) over `bins` bins that are equally probable in the
 * reference. Ties merge bins; half an observation is added to each bin of both samples so that an empty one stays finite.
 * 0 for identical samples; below 0.1 is usually called stable, above 0.2 shifted. NaN if a sample is empty.
 * Yurdakul and Naranjo (2020), "Statistical properties of the population stability index": under equal distributions
 * it is about (1/n + 1/m) times a chi-square variable with bins - 1 degrees of freedom.
 */
export function populationStabilityIndex(reference: Values, current: Values, bins = 10): number {
  if (reference.length === 0 || current.length === 0) return Number.NaN;
  const sorted = Float64Array.from(reference).sort();
  const edges = [...new Set(equalEdges(sorted, bins))];
  const now = Float64Array.from(current).sort();
  let index = 0;
  let referenceBefore = 0;
  let currentBefore = 0;
  const share = (count: number, total: number): number =>
    (count + 0.5) / (total + 0.5 * (edges.length + 1));
  for (let b = 0; b <= edges.length; b++) {
    const edge = edges[b] ?? Number.POSITIVE_INFINITY;
    const referenceUpTo = countUpTo(sorted, edge);
    const currentUpTo = countUpTo(now, edge);
    const p = share(referenceUpTo - referenceBefore, sorted.length);
    const q = share(currentUpTo - currentBefore, now.length);
    index += (q - p) * Math.log(q / p);
    referenceBefore = referenceUpTo;
    currentBefore = currentUpTo;
  }
  return index;
}

/** Upper edges of all bins but the last: the values below and including which lie b/bins of `sorted`. */
function equalEdges(sorted: Float64Array, bins: number): number[] {
  const edges: number[] = [];
  for (let b = 1; b < bins; b++) {
    const at = Math.ceil((b * sorted.length) / bins) - 1;
    edges.push(sorted[Math.max(0, at)]!);
  }
  return edges;
}

/**
 * Two-sample Kolmogorov-Smirnov test: the greatest distance between the two empirical distribution functions and its
 * asymptotic p-value. NaN if a sample is empty.
 */
export function kolmogorovSmirnov(a: Values, b: Values): { statistic: number; pValue: number } {
  const first = Float64Array.from(a).sort();
  const second = Float64Array.from(b).sort();
  let statistic = first.length === 0 || second.length === 0 ? Number.NaN : 0;
  let i = 0;
  let j = 0;
  while (i < first.length && j < second.length) {
    const value = Math.min(first[i]!, second[j]!);
    while (i < first.length && first[i] === value) i++;
    while (j < second.length && second[j] === value) j++;
    statistic = Math.max(statistic, Math.abs(i / first.length - j / second.length));
  }
  return { statistic, pValue: kolmogorovSmirnovPValue(statistic, first.length, second.length) };
}

/**
 * Probability that two samples of sizes `n` and `m` (effective sizes, if observations depend on each other) of one
 * distribution are at least `statistic` apart. Kolmogorov's limit with Stephens' (1970) correction for small samples.
 */
export function kolmogorovSmirnovPValue(statistic: number, n: number, m: number): number {
  if (Number.isNaN(statistic)) return Number.NaN;
  const root = Math.sqrt((n * m) / (n + m));
  const lambda = (root + 0.12 + 0.11 / root) * statistic;
  // The alternating series is useless near 0, where its value is 1.
  if (lambda < 0.2) return 1;
  let sum = 0;
  for (let k = 1; k <= 100; k++) {
    const term = Math.exp(-2 * k * k * lambda * lambda);
    sum += k % 2 === 1 ? term : -term;
    if (term < 1e-17) break;
  }
  return Math.min(1, Math.max(0, 2 * sum));
}

/**
 * Quantile of the standard normal distribution, to 1.2e-9 relative (P. J. Acklam's rational approximation).
 * `p` in (0, 1); -Infinity and Infinity at the ends.
 */
export function normalQuantile(p: number): number {
  if (p <= 0 || p >= 1)
    return p === 0 || p === 1 ? (p - 0.5) * Number.POSITIVE_INFINITY : Number.NaN;
  if (p > 0.5) return -normalQuantile(1 - p);
  const horner = (coefficients: readonly number[], x: number): number =>
    coefficients.reduce((sum, coefficient) => sum * x + coefficient, 0);
  if (p < 0.02425) {
    const q = Math.sqrt(-2 * Math.log(p));
    return horner(tailNumerator, q) / horner(tailDenominator, q);
  }
  const q = p - 0.5;
  return (q * horner(middleNumerator, q * q)) / horner(middleDenominator, q * q);
}

const middleNumerator = [
  -3.969683028665376e1, 2.209460984245205e2, -2.759285104469687e2, 1.38357751867269e2,
  -3.066479806614716e1, 2.506628277459239,
];
const middleDenominator = [
  -5.447609879822406e1, 1.615858368580409e2, -1.556989798598866e2, 6.680131188771972e1,
  -1.328068155288572e1, 1,
];
const tailNumerator = [
  -7.784894002430293e-3, -3.223964580411365e-1, -2.400758277161838, -2.549732539343734,
  4.374664141464968, 2.938163982698783,
];
const tailDenominator = [
  7.784695709041462e-3, 3.224671290700398e-1, 2.445134137142996, 3.754408661907416, 1,
];
