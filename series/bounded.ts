/** Bounded numbers: what left the range of double precision, brought back to its edge. */

/** The nearest finite number; NaN stays NaN. */
export function bounded(value: number): number {
  return Math.min(Math.max(value, -Number.MAX_VALUE), Number.MAX_VALUE);
}
