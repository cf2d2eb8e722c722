/** Breakdowns: a forecast as a start and parts that add up to it, also behind an exponential. */

/** Where a figure starts from, and what is added to it; both add up to it. */
export interface Breakdown {
  readonly start: number;
  readonly parts: Float64Array;
}

/** The figure that a breakdown adds up to. */
export function sumOf({ start, parts }: Breakdown): number {
  return parts.reduce((sum, part) => sum + part, start);
}

/**
 * The breakdown of exp(x) from that of x: each part of x is multiplied by the logarithmic mean of both ends, so that parts
 * keep their signs and proportions and add up exactly. Ang 2004, "Decomposition analysis for policymaking in energy: which is
 * the preferred method?", Energy Policy 32, section 3 (logarithmic mean Divisia index).
 */
export function exponentiate(breakdown: Breakdown): Breakdown {
  const start = Math.exp(breakdown.start);
  const change = sumOf(breakdown) - breakdown.start;
  // expm1 keeps the digits that a difference of two nearly equal powers would lose.
  const mean = change === 0 ? start : (start * Math.expm1(change)) / change;
  return { start, parts: breakdown.parts.map((part) => part * mean) };
}
