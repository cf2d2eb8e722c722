/** Linear systems with a symmetric positive definite matrix, by Cholesky's decomposition. */

/** Below this share of its own diagonal entry a pivot is rounding; by being a share it does not depend on units. */
const leastPivot = 1e-12;

/**
 * Puts L with L L' = A into the lower triangle of `matrix` [n * n], which holds that of A; what is above it is not looked at.
 * Whether A is positive definite: where a pivot is nothing but rounding, it becomes 0, and so does its column, which leaves
 * out an unknown that the others determine.
 */
export function factorise(matrix: Float64Array, n: number): boolean {
  let definite = true;
  for (let i = 0; i < n; i++) {
    const row = i * n;
    for (let j = 0; j < i; j++) {
      const other = j * n;
      const pivot = matrix[other + j]!;
      let sum = matrix[row + j]!;
      for (let k = 0; k < j; k++) sum -= matrix[row + k]! * matrix[other + k]!;
      matrix[row + j] = pivot === 0 ? 0 : sum / pivot;
    }
    const own = matrix[row + i]!;
    let sum = own;
    for (let k = 0; k < i; k++) sum -= matrix[row + k]! * matrix[row + k]!;
    const large = sum > leastPivot * own;
    matrix[row + i] = large ? Math.sqrt(sum) : 0;
    definite &&= large;
  }
  return definite;
}

/** Solves L y = b in place of `b` [n], by the factor that `factorise` left; y is 0 where the pivot is. */
export function solveLower(factor: Float64Array, b: Float64Array): void {
  const n = b.length;
  for (let i = 0; i < n; i++) {
    const row = i * n;
    let sum = b[i]!;
    for (let k = 0; k < i; k++) sum -= factor[row + k]! * b[k]!;
    b[i] = factor[row + i] === 0 ? 0 : sum / factor[row + i]!;
  }
}

/** Solves L' x = b in place of `b` [n], by the factor that `factorise` left; x is 0 where the pivot is. */
export function solveTransposed(factor: Float64Array, b: Float64Array): void {
  const n = b.length;
  for (let i = n - 1; i >= 0; i--) {
    const row = i * n;
    const x = factor[row + i] === 0 ? 0 : b[i]! / factor[row + i]!;
    b[i] = x;
    // Row by row, as the factor lies in memory, each unknown is taken out of all equations before it.
    for (let k = 0; k < i; k++) b[k]! -= factor[row + k]! * x;
  }
}

/** Solves A x = b in place of `b` [n], by the factor that `factorise` left of A; unknowns that others determine are 0. */
export function solveFactored(factor: Float64Array, b: Float64Array): Float64Array {
  solveLower(factor, b);
  solveTransposed(factor, b);
  return b;
}
