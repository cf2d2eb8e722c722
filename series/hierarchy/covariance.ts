/** Covariances of base forecast errors for reconciliation: a diagonal, and for MinT what the residuals have in common. */
import { type Hierarchy, memberCounts, seriesCount } from './hierarchy.ts';

/** Errors of base forecasts, one row a forecast step: [rows * series], NaN where one is unknown. */
export interface ErrorSample {
  readonly rows: number;
  readonly errors: Float64Array;
}

/** W = diagonal + weight * E'E, with E [rows * series]; never n x n, so that it stays as small as its residuals. */
export interface ErrorCovariance {
  /** [series], all positive. */
  readonly diagonal: Float64Array;
  readonly shared?: ErrorSample & { readonly weight: number };
  /** Share of the diagonal target in a shrunk covariance. */
  readonly shrinkage?: number;
}

/** Every series errs alike: ordinary least squares (Hyndman et al. 2011). */
export function equalErrors(hierarchy: Hierarchy): ErrorCovariance {
  return { diagonal: new Float64Array(seriesCount(hierarchy)).fill(1) };
}

/** Variances as numbers of bottom series: structural weights (Athanasopoulos et al. 2017). */
export function structuralErrors(hierarchy: Hierarchy): ErrorCovariance {
  return { diagonal: memberCounts(hierarchy) };
}

/** Variances of the sample: weighted least squares (Hyndman, Lee, Wang 2016); undefined if no error differs from 0. */
export function independentErrors(
  hierarchy: Hierarchy,
  sample: ErrorSample,
): ErrorCovariance | undefined {
  const diagonal = variances(hierarchy, sample);
  return diagonal && { diagonal };
}

/** Variances below this share of what a series of its size usually has count as that share. */
const leastShare = 1e-10;

/** Mean squares around 0, since a bias is an error too; of series without any error, what their size lets expect. */
function variances(hierarchy: Hierarchy, { rows, errors }: ErrorSample): Float64Array | undefined {
  const counts = memberCounts(hierarchy);
  const width = counts.length;
  const sums = new Float64Array(width);
  const known = new Float64Array(width);
  for (let t = 0; t < rows; t++) {
    for (let i = 0; i < width; i++) {
      const error = errors[t * width + i]!;
      if (Number.isNaN(error)) continue;
      sums[i]! += error * error;
      known[i]! += 1;
    }
  }
  let unit = 0;
  let series = 0;
  for (let i = 0; i < width; i++) {
    if (known[i] === 0) continue;
    unit += sums[i]! / known[i]! / counts[i]!;
    series += 1;
  }
  unit /= Math.max(1, series);
  if (!(unit > 0 && Number.isFinite(unit))) return undefined;
  return sums.map((sum, i) => {
    const usual = unit * counts[i]!;
    return known[i] === 0 ? usual : Math.max(sum / known[i]!, leastShare * usual);
  });
}

/** The least share of the target; without it, coherent residuals would leave nothing to invert. */
const leastShrinkage = 1e-4;

/**
 * The sample's covariance shrunk towards its diagonal (MinT: Wickramasuriya, Athanasopoulos, Hyndman 2019, section 2.4, by
 * Schaefer and Strimmer 2005): unknown errors count as 0. Undefined with fewer than two rows, or if no error differs from 0.
 * Time rows^2 * series, memory rows * series.
 */
export function shrunkErrors(
  hierarchy: Hierarchy,
  sample: ErrorSample,
): ErrorCovariance | undefined {
  const diagonal = sample.rows < 2 ? undefined : variances(hierarchy, sample);
  if (diagonal === undefined) return undefined;
  const { rows } = sample;
  const errors = sample.errors.map((error) => (Number.isNaN(error) ? 0 : error));
  const shrinkage = shrinkageOf(rows, errors, diagonal);
  return {
    diagonal: diagonal.map((variance) => shrinkage * variance),
    shared: { rows, errors, weight: (1 - shrinkage) / rows },
    shrinkage,
  };
}

/**
 * Variances of all correlations by their squares, both over pairs i != j. The sums over pairs of series are taken as sums over
 * pairs of rows: the squares of X'X and of XX' have one sum.
 */
function shrinkageOf(rows: number, errors: Float64Array, diagonal: Float64Array): number {
  const width = diagonal.length;
  const standard = errors.map((error, k) => error / Math.sqrt(diagonal[k % width]!));
  const products = squaredProducts(rows, width, standard);
  let squares = 0;
  let own = 0;
  let ownSquares = 0;
  for (let t = 0; t < rows; t++) {
    let sum = 0;
    for (let i = 0; i < width; i++) sum += standard[t * width + i]! ** 2;
    squares += sum * sum;
  }
  for (let i = 0; i < width; i++) {
    let sum = 0;
    for (let t = 0; t < rows; t++) {
      const square = standard[t * width + i]! ** 2;
      sum += square;
      ownSquares += square * square;
    }
    own += sum * sum;
  }
  const noise = (squares - ownSquares - (products - own) / rows) / (rows * (rows - 1));
  const signal = (products - own) / (rows * rows);
  const share = signal > 0 ? noise / signal : 1;
  return Math.min(1, Math.max(leastShrinkage, share));
}

/** Sum of the squares of all entries of XX'. */
function squaredProducts(rows: number, width: number, x: Float64Array): number {
  let total = 0;
  for (let t = 0; t < rows; t++) {
    for (let s = 0; s <= t; s++) {
      let product = 0;
      for (let i = 0; i < width; i++) product += x[t * width + i]! * x[s * width + i]!;
      total += (s < t ? 2 : 1) * product * product;
    }
  }
  return total;
}
