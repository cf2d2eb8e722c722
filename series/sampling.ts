/** Deterministic samples: what stands for a whole that is too large to look at. */

/** At most `limit` of the numbers [0, count), evenly spaced, rising; all of them if they are no more. */
export function evenlySpaced(count: number, limit: number): Uint32Array {
  const length = Math.min(count, limit);
  return Uint32Array.from({ length }, (_, k) => Math.floor((k * count) / length));
}
