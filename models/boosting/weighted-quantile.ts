/** Quantiles of weighted values. */

/**
 * A value v that minimises the weighted pinball loss of `level` over `values` [n]: the least with at least this share of
 * the weight at or below it, or the middle between it and the next where the share is met exactly.
 */
export function weightedQuantile(
  values: Float64Array,
  weights: Float64Array,
  level: number,
): number {
  const order = Uint32Array.from(values.keys()).sort((a, b) => values[a]! - values[b]!);
  let total = 0;
  for (const weight of weights) total += weight;
  const wanted = level * total;
  let sum = 0;
  for (let i = 0; i < order.length; i++) {
    sum += weights[order[i]!]!;
    const value = values[order[i]!]!;
    const next = values[order[i + 1] ?? order[i]!]!;
    if (Math.abs(sum - wanted) <= 1e-12 * total) return value / 2 + next / 2;
    if (sum > wanted) return value;
  }
  return values[order.at(-1)!]!;
}
