/** Cholesky's decomposition of a positive definite matrix that many right-hand sides are solved for. */

/** Below this share of its diagonal entry, a pivot is rounding and the matrix singular. */
const leastPivot = 1e-12;

/**
 * Decomposes `matrix` [n * n, its lower triangle] in place, scaled to a unit diagonal so that series of very different sizes
 * do no harm. Gives a function that solves A x = b in place of b [n]; undefined where the matrix is not positive definite.
 */
export function factorise(
  matrix: Float64Array,
  n: number,
): ((b: Float64Array) => Float64Array) | undefined {
  const scale = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    const diagonal = matrix[i * n + i]!;
    if (!(diagonal > 0 && Number.isFinite(diagonal))) return undefined;
    scale[i] = 1 / Math.sqrt(diagonal);
  }
  for (let i = 0; i < n; i++) {
    const row = i * n;
    for (let j = 0; j <= i; j++) {
      let sum = matrix[row + j]! * scale[i]! * scale[j]!;
      const other = j * n;
      for (let k = 0; k < j; k++) sum -= matrix[row + k]! * matrix[other + k]!;
      if (j < i) matrix[row + j] = sum / matrix[other + j]!;
      else if (sum > leastPivot) matrix[row + i] = Math.sqrt(sum);
      else return undefined;
    }
  }
  return (b) => solve(matrix, scale, b);
}

/** L y = b, then L' x = y, both in the scaled unknowns. */
function solve(lower: Float64Array, scale: Float64Array, b: Float64Array): Float64Array {
  const n = scale.length;
  for (let i = 0; i < n; i++) {
    let sum = b[i]! * scale[i]!;
    for (let k = 0; k < i; k++) sum -= lower[i * n + k]! * b[k]!;
    b[i] = sum / lower[i * n + i]!;
  }
  for (let i = n - 1; i >= 0; i--) {
    b[i]! /= lower[i * n + i]!;
    for (let k = 0; k < i; k++) b[k]! -= lower[i * n + k]! * b[i]!;
  }
  for (let i = 0; i < n; i++) b[i]! *= scale[i]!;
  return b;
}
