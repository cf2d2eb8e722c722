/** Linear systems with a symmetric positive definite matrix, by Cholesky's decomposition. */

/**
 * Puts L with L L' = A into the lower triangle of `matrix` [n * n], which holds that of A. A pivot that rounding has made no
 * larger than nothing becomes 0, and so does its column: an unknown that the others determine.
 */
export function factorise(matrix: Float64Array, n: number): void {
  const least = Float64Array.from({ length: n }, (_, j) => 1e-13 * matrix[j * n + j]!);
  for (let j = 0; j < n; j++) {
    for (let i = j; i < n; i++) {
      let sum = matrix[i * n + j]!;
      for (let k = 0; k < j; k++) sum -= matrix[i * n + k]! * matrix[j * n + k]!;
      if (i === j) matrix[j * n + j] = sum > least[j]! ? Math.sqrt(sum) : 0;
      else matrix[i * n + j] = matrix[j * n + j] === 0 ? 0 : sum / matrix[j * n + j]!;
    }
  }
}

/** Solves L y = b in place of `b` [n], by the factor in `matrix`; y is 0 where the pivot is. */
export function solveLower(matrix: Float64Array, b: Float64Array): void {
  const n = b.length;
  for (let i = 0; i < n; i++) {
    let sum = b[i]!;
    for (let k = 0; k < i; k++) sum -= matrix[i * n + k]! * b[k]!;
    b[i] = matrix[i * n + i] === 0 ? 0 : sum / matrix[i * n + i]!;
  }
}

/** Solves L' x = b in place of `b` [n], by the factor in `matrix`; x is 0 where the pivot is. */
export function solveTransposed(matrix: Float64Array, b: Float64Array): void {
  const n = b.length;
  for (let i = n - 1; i >= 0; i--) {
    let sum = b[i]!;
    for (let k = i + 1; k < n; k++) sum -= matrix[k * n + i]! * b[k]!;
    b[i] = matrix[i * n + i] === 0 ? 0 : sum / matrix[i * n + i]!;
  }
}

/** Solves A x = b in place of `b` and of the lower triangle of `matrix` [n * n]; unknowns that others determine are 0. */
export function solvePositive(matrix: Float64Array, b: Float64Array): Float64Array {
  factorise(matrix, b.length);
  solveLower(matrix, b);
  solveTransposed(matrix, b);
  return b;
}
