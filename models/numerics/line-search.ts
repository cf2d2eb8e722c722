/** Minimises a function of one number: a grid finds the valley, the golden section its lowest point. */

/** Share by which the golden section shortens its interval. */
const shortening = (Math.sqrt(5) - 1) / 2;

/** Where to look, and how closely. */
export interface LineSearchOptions {
  readonly lower: number;
  readonly upper: number;
  /** Points of the grid, ends included, evenly spaced; 2 leave all to the golden section. 12 if left out. */
  readonly grid?: number;
  /** Length of the last interval; 1e-6 of the range if left out. */
  readonly tolerance?: number;
}

/**
 * The point of [lower, upper] where `f` is least, as far as a grid with one valley a step can tell (Kiefer 1953, "Sequential
 * minimax search for a maximum"). NaN counts as Infinity; deterministic.
 */
export function minimiseOnLine(f: (x: number) => number, options: LineSearchOptions): number {
  const { lower, upper, grid = 12, tolerance = 1e-6 * (upper - lower) } = options;
  const step = (upper - lower) / (grid - 1);
  let best = lower;
  let least = f(lower);
  for (let k = 1; k < grid; k++) {
    const x = k === grid - 1 ? upper : lower + k * step;
    const value = f(x);
    if (value < least || Number.isNaN(least)) {
      best = x;
      least = value;
    }
  }
  let low = Math.max(lower, best - step);
  let high = Math.min(upper, best + step);
  let left = high - shortening * (high - low);
  let right = low + shortening * (high - low);
  let atLeft = f(left);
  let atRight = f(right);
  while (high - low > tolerance) {
    if (atLeft <= atRight) {
      high = right;
      right = left;
      atRight = atLeft;
      left = high - shortening * (high - low);
      atLeft = f(left);
    } else {
      low = left;
      left = right;
      atLeft = atRight;
      right = low + shortening * (high - low);
      atRight = f(right);
    }
  }
  const middle = (low + high) / 2;
  // At an end of the range the interval's middle never gets there.
  return f(middle) <= least ? middle : best;
}
