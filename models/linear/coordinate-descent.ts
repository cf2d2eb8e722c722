/**
 * Coordinate descent for linear models with an absolute and a squared penalty, on the products of their columns.
 *
 * Friedman, Hastie, Tibshirani: "Regularization Paths for Generalized Linear Models via Coordinate Descent", Journal of
 * Statistical Software 33 (2010), sections 2.1-2.5. Minimises
 *   1/2 b' G b - c' b + lambda ((1 - alpha)/2 |b|^2 + alpha sum_j |b_j|),
 * G = Z'wZ / W [terms * terms] and c = Z'wy / W [terms] for weights w that add up to W.
 */

/** The products of the columns with each other and with the target. */
export interface Products {
  /** [terms * terms], both triangles. */
  readonly gram: Float64Array;
  /** [terms]. */
  readonly right: Float64Array;
}

const maximumSweeps = 10_000;
/** Largest move of a coefficient in a sweep, in deviations of the target, at which it has arrived. */
const tolerance = 1e-10;

/** The least penalty at which all coefficients are 0; for next to no absolute penalty that of a thousandth. */
export function greatestPenalty({ right }: Products, l1Share: number): number {
  const most = right.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
  return most / Math.max(l1Share, 1e-3);
}

/** Moves `coefficients` [terms] to the minimum for the penalty lambda and the share alpha of its absolute part. */
export function descendCoordinates(
  { gram, right }: Products,
  coefficients: Float64Array,
  penalty: number,
  l1Share: number,
): void {
  const count = right.length;
  const absolute = penalty * l1Share;
  const squared = penalty - absolute;
  // What is left of c - G b.
  const rest = Float64Array.from(right);
  for (let j = 0; j < count; j++) {
    const own = coefficients[j]!;
    if (own !== 0) for (let i = 0; i < count; i++) rest[i]! -= own * gram[j * count + i]!;
  }
  for (let sweep = 0; sweep < maximumSweeps; sweep++) {
    let largest = 0;
    for (let j = 0; j < count; j++) {
      const own = coefficients[j]!;
      const curvature = gram[j * count + j]!;
      const towards = rest[j]! + curvature * own;
      const beyond = Math.abs(towards) - absolute;
      const next = beyond > 0 ? (Math.sign(towards) * beyond) / (curvature + squared) : 0;
      const move = next - own;
      if (move === 0) continue;
      coefficients[j] = next;
      for (let i = 0; i < count; i++) rest[i]! -= move * gram[j * count + i]!;
      largest = Math.max(largest, Math.abs(move));
    }
    if (largest < tolerance) return;
  }
}
