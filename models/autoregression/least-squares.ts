/** Nonlinear least squares by Levenberg's and Marquardt's damped Gauss-Newton steps, with a Jacobian by differences. */
import { factorise, solveFactored } from '../../series/cholesky.ts';

/**
 * A vector of residuals as a function of the parameters: fills `out` and returns its sum of squares, or Infinity where it is
 * undefined. `near` says that the point is a small step from the last one that was not near.
 */
export type Residuals = (point: Float64Array, out: Float64Array, near: boolean) => number;

/** When to stop, and how far parameters may go. */
export interface LeastSquaresOptions {
  /** Each parameter stays within +- its limit [parameters]. */
  readonly limits: Float64Array;
  /** Stops when a step improves the sum by less than this share. */
  readonly tolerance: number;
  readonly maxIterations: number;
}

/** Where the search ended. */
export interface LeastSquaresResult {
  readonly point: Float64Array;
  readonly sum: number;
  /** How often the residuals were computed. */
  readonly evaluations: number;
}

const difference = 1e-5;
const longestStep = 1.5;

/** Normal equations at a point: J'J [k * k] and J'r [k], parameters pressed against a limit held there. */
function normalEquations(
  point: Float64Array,
  jacobian: readonly Float64Array[],
  base: Float64Array,
  limits: Float64Array,
): { matrix: Float64Array; gradient: Float64Array } {
  const k = point.length;
  const matrix = new Float64Array(k * k);
  const gradient = new Float64Array(k);
  for (let i = 0; i < k; i++) {
    const column = jacobian[i]!;
    for (let j = 0; j <= i; j++) {
      const other = jacobian[j]!;
      let sum = 0;
      for (let t = 0; t < column.length; t++) sum += column[t]! * other[t]!;
      matrix[i * k + j] = sum;
      matrix[j * k + i] = sum;
    }
    let sum = 0;
    for (let t = 0; t < column.length; t++) sum += column[t]! * base[t]!;
    gradient[i] = sum;
  }
  for (let i = 0; i < k; i++) {
    const outward = Math.abs(point[i]!) >= limits[i]! && gradient[i]! * point[i]! < 0;
    if (!outward && matrix[i * k + i]! > 0) continue;
    for (let j = 0; j < k; j++) {
      matrix[i * k + j] = 0;
      matrix[j * k + i] = 0;
    }
    matrix[i * k + i] = 1;
    gradient[i] = 0;
  }
  return { matrix, gradient };
}

/** Minimises the sum of squares of `count` residuals from `start`; a start where they are undefined is returned as it is. */
export function leastSquares(
  residuals: Residuals,
  start: Float64Array,
  count: number,
  { limits, tolerance, maxIterations }: LeastSquaresOptions,
): LeastSquaresResult {
  const k = start.length;
  const within = (x: number, i: number): number => Math.min(limits[i]!, Math.max(-limits[i]!, x));
  const point = start.map(within);
  const base = new Float64Array(count);
  const jacobian = Array.from({ length: k }, () => new Float64Array(count));
  const trial = new Float64Array(k);
  const step = new Float64Array(k);
  const damped = new Float64Array(k * k);
  let sum = residuals(point, base, false);
  let evaluations = 1;
  let damping = 1e-3;
  const iterations = k === 0 ? 0 : maxIterations;
  const differentiate = (): void => {
    for (let i = 0; i < k; i++) {
      trial.set(point);
      // Towards the middle, so that the limit is never crossed.
      const h = point[i]! > 0 ? -difference : difference;
      trial[i]! += h;
      const column = jacobian[i]!;
      residuals(trial, column, true);
      for (let t = 0; t < count; t++) column[t] = (column[t]! - base[t]!) / h;
    }
    evaluations += k;
  };
  /** The damped step as `trial`; false if the equations cannot be solved. */
  const propose = (matrix: Float64Array, gradient: Float64Array): boolean => {
    damped.set(matrix);
    for (let i = 0; i < k; i++) {
      damped[i * k + i]! *= 1 + damping;
      step[i] = -gradient[i]!;
    }
    if (!factorise(damped, k)) return false;
    solveFactored(damped, step);
    let longest = longestStep;
    for (let i = 0; i < k; i++) longest = Math.max(longest, Math.abs(step[i]!));
    for (let i = 0; i < k; i++) {
      trial[i] = within(point[i]! + (step[i]! * longestStep) / longest, i);
    }
    return true;
  };
  for (let iteration = 0; iteration < iterations && Number.isFinite(sum); iteration++) {
    differentiate();
    const { matrix, gradient } = normalEquations(point, jacobian, base, limits);
    const before = sum;
    for (let attempt = 0; attempt < 8 && sum === before; attempt++) {
      if (propose(matrix, gradient)) {
        const reached = residuals(trial, base, false);
        evaluations++;
        if (reached < sum) {
          sum = reached;
          point.set(trial);
          damping = Math.max(1e-9, damping / 10);
          continue;
        }
      }
      damping = Math.min(1e9, damping * 10);
    }
    if (!(before - sum > tolerance * before)) break;
  }
  return { point, sum, evaluations };
}
