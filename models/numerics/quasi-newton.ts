/** Quasi-Newton search within a box: minimises a smooth function of up to some dozens of numbers by its gradient. */

/** A function with its gradient, and the box that it lives in. */
export interface SmoothProblem {
  /** [n] least values; -Infinity where there is none. */
  readonly lower: Float64Array;
  /** [n] greatest values; Infinity where there is none. */
  readonly upper: Float64Array;
  /** Infinity (or NaN) where the function is not defined. */
  value(x: Float64Array): number;
  /** Writes the gradient at the point that `value` was asked for last. */
  gradient(into: Float64Array): void;
}

/** When the search ends. */
export interface SearchLimits {
  /** Expected decrease of the value below which it is at its end. */
  readonly tolerance: number;
  readonly maxIterations: number;
}

/** Vectors [n], and the estimated inverse of the matrix of second derivatives [n * n]. */
interface Memory {
  readonly gradient: Float64Array;
  readonly direction: Float64Array;
  readonly trial: Float64Array;
  readonly next: Float64Array;
  readonly product: Float64Array;
  readonly inverse: Float64Array;
  /** 1 where a variable rests on its bound and would leave the box. */
  readonly held: Uint8Array;
}

const sufficientDecrease = 1e-4;
const greatestBacktracks = 25;

function createMemory(n: number): Memory {
  const vector = () => new Float64Array(n);
  return {
    gradient: vector(),
    direction: vector(),
    trial: vector(),
    next: vector(),
    product: vector(),
    inverse: new Float64Array(n * n),
    held: new Uint8Array(n),
  };
}

function resetInverse(inverse: Float64Array, n: number, diagonal: number): void {
  inverse.fill(0);
  for (let i = 0; i < n; i++) inverse[i * n + i] = diagonal;
}

/** direction = - inverse gradient over the variables that are not held; gives its slope. */
function placeDirection(x: Float64Array, { lower, upper }: SmoothProblem, memory: Memory): number {
  const { gradient, direction, inverse, held } = memory;
  const n = x.length;
  for (let i = 0; i < n; i++) {
    const g = gradient[i]!;
    held[i] = (x[i]! <= lower[i]! && g > 0) || (x[i]! >= upper[i]! && g < 0) ? 1 : 0;
  }
  let slope = 0;
  for (let i = 0; i < n; i++) {
    let sum = 0;
    if (held[i] === 0) {
      for (let j = 0; j < n; j++) if (held[j] === 0) sum -= inverse[i * n + j]! * gradient[j]!;
      slope += sum * gradient[i]!;
    }
    direction[i] = sum;
  }
  return slope;
}

/** Goes along the direction, held in the box, until the value falls enough; gives that value, or NaN if it never does. */
function searchLine(
  x: Float64Array,
  value: number,
  slope: number,
  problem: SmoothProblem,
  { gradient, direction, trial }: Memory,
  start: number,
): number {
  const n = x.length;
  let step = start;
  for (let k = 0; k < greatestBacktracks; k++) {
    let expected = 0;
    for (let i = 0; i < n; i++) {
      const to = x[i]! + step * direction[i]!;
      trial[i] = Math.min(problem.upper[i]!, Math.max(problem.lower[i]!, to));
      expected += gradient[i]! * (trial[i]! - x[i]!);
    }
    const found = problem.value(trial);
    // Held in the box, a direction that leads downhill may lead uphill.
    if (found <= value + sufficientDecrease * Math.min(0, expected)) return found;
    // The minimum of the parabola through both values and the slope, within a tenth and a half of the step.
    const parabola = (-slope * step * step) / (2 * (found - value - slope * step));
    step = found < Infinity ? Math.min(0.5 * step, Math.max(0.1 * step, parabola)) : 0.25 * step;
  }
  return Number.NaN;
}

/** The update of Broyden, Fletcher, Goldfarb and Shanno, left out where the curvature met is not positive. */
function updateInverse(x: Float64Array, memory: Memory, first: boolean): void {
  const { gradient, trial, next, product, inverse, held, direction: moved } = memory;
  const n = x.length;
  let curvature = 0;
  let square = 0;
  // From here on `gradient` holds the change of the gradient and `moved` that of the point.
  for (let i = 0; i < n; i++) {
    moved[i] = held[i] === 1 ? 0 : trial[i]! - x[i]!;
    gradient[i] = held[i] === 1 ? 0 : next[i]! - gradient[i]!;
    curvature += moved[i]! * gradient[i]!;
    square += gradient[i]! * gradient[i]!;
  }
  if (!(curvature > 1e-12 * square) || square === 0) return;
  if (first) resetInverse(inverse, n, curvature / square);
  let quadratic = 0;
  for (let i = 0; i < n; i++) {
    let sum = 0;
    for (let j = 0; j < n; j++) sum += inverse[i * n + j]! * gradient[j]!;
    product[i] = sum;
    quadratic += sum * gradient[i]!;
  }
  const weight = (1 + quadratic / curvature) / curvature;
  for (let i = 0; i < n; i++) {
    const a = weight * moved[i]! - product[i]! / curvature;
    const b = -moved[i]! / curvature;
    for (let j = 0; j < n; j++) inverse[i * n + j]! += a * moved[j]! + b * product[j]!;
  }
}

/**
 * Moves `x` [n] from where it is, inside the box, to a point near it where the value is least; gives the value there, or
 * Infinity where it is not defined at the start. The variables should have second derivatives of the order of 1.
 * Projected BFGS: Bertsekas (1982), "Projected Newton methods for optimization problems with simple constraints".
 */
export function descend(problem: SmoothProblem, x: Float64Array, limits: SearchLimits): number {
  const n = x.length;
  const memory = createMemory(n);
  const { gradient, direction, trial, next, inverse } = memory;
  let value = problem.value(x);
  if (!(value < Infinity) || n === 0) return Number.isNaN(value) ? Infinity : value;
  problem.gradient(gradient);
  resetInverse(inverse, n, 1);
  let fresh = true;
  let small = 0;
  for (let iteration = 0; iteration < limits.maxIterations; iteration++) {
    const slope = placeDirection(x, problem, memory);
    if (!(slope < -limits.tolerance)) break;
    let length = 0;
    for (let i = 0; i < n; i++) length = Math.max(length, Math.abs(direction[i]!));
    const found = searchLine(x, value, slope, problem, memory, fresh ? Math.min(1, 1 / length) : 1);
    if (Number.isNaN(found)) {
      if (fresh) break;
      resetInverse(inverse, n, 1);
      fresh = true;
      continue;
    }
    problem.gradient(next);
    updateInverse(x, memory, fresh);
    fresh = false;
    small = value - found < limits.tolerance ? small + 1 : 0;
    x.set(trial);
    gradient.set(next);
    value = found;
    if (small > 1) break;
  }
  return value;
}
