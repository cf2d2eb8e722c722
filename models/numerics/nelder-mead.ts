/** The downhill simplex within a box: minimises a function of a few numbers without its gradient. */
import { assert } from '../../state/errors.ts';

/** Where the search may go, how it starts and when it ends. */
export interface SimplexOptions {
  /** [n] least values; -Infinity where there is none. */
  readonly lower: Float64Array;
  /** [n] greatest values; Infinity where there is none. */
  readonly upper: Float64Array;
  /** Edges of the first simplex, one for all or [n]; a tenth of the box, or of the start where there is no box, if left out. */
  readonly step?: Float64Array | number;
  /** Relative difference of the simplex's values (and its square root, that of its points) at which it ends; 1e-8 if left out. */
  readonly tolerance?: number;
  /** 200 n if left out. */
  readonly maxEvaluations?: number;
}

/** The best point met. */
export interface Minimum {
  /** [n]. */
  readonly point: Float64Array;
  readonly value: number;
  readonly evaluations: number;
}

/** The simplex: n + 1 points in the rows of `points`, their values, and two points under trial. */
interface Simplex {
  readonly n: number;
  readonly points: Float64Array;
  readonly values: Float64Array;
  readonly centroid: Float64Array;
  readonly trial: Float64Array;
  readonly second: Float64Array;
}

const clamp = (x: number, low: number, high: number) => (x < low ? low : x > high ? high : x);

// A comparison with NaN is never true, so that a function that gives it would stall the search.
const comparable = (value: number) => (Number.isNaN(value) ? Infinity : value);

/** The length of the first edge along dimension `i`, pointing into the box. */
function firstEdge(x: number, i: number, { lower, upper, step }: SimplexOptions): number {
  const range = upper[i]! - lower[i]!;
  const given = typeof step === 'number' ? step : step?.[i];
  const natural = Number.isFinite(range)
    ? 0.1 * range
    : Math.abs(x) > 1e-8
      ? 0.1 * Math.abs(x)
      : 0.1;
  const edge = Math.min(given ?? natural, Number.isFinite(range) ? range : Infinity);
  return x + edge <= upper[i]! ? edge : -Math.min(edge, x - lower[i]!);
}

function createSimplex(start: Float64Array, options: SimplexOptions): Simplex {
  const n = start.length;
  const points = new Float64Array((n + 1) * n);
  for (let row = 0; row <= n; row++) {
    for (let i = 0; i < n; i++) {
      const x = clamp(start[i]!, options.lower[i]!, options.upper[i]!);
      points[row * n + i] = row === i + 1 ? x + firstEdge(x, i, options) : x;
    }
  }
  const vector = () => new Float64Array(n);
  return {
    n,
    points,
    values: new Float64Array(n + 1),
    centroid: vector(),
    trial: vector(),
    second: vector(),
  };
}

/** The mean of all points but that of row `worst`, into `centroid`. */
function placeCentroid({ n, points, centroid }: Simplex, worst: number): void {
  centroid.fill(0);
  for (let row = 0; row <= n; row++) {
    if (row === worst) continue;
    for (let i = 0; i < n; i++) centroid[i]! += points[row * n + i]! / n;
  }
}

/** target = centroid + factor (point of the row - centroid), held in the box. */
function placeTrial(
  { n, points, centroid }: Simplex,
  row: number,
  factor: number,
  target: Float64Array,
  { lower, upper }: SimplexOptions,
): void {
  for (let i = 0; i < n; i++) {
    const center = centroid[i]!;
    target[i] = clamp(center + factor * (points[row * n + i]! - center), lower[i]!, upper[i]!);
  }
}

/** Whether all points lie as close to the best one, for their size, as `tolerance`. */
function isSmall({ n, points }: Simplex, best: number, tolerance: number): boolean {
  for (let k = 0; k < points.length; k++) {
    const x = points[best * n + (k % n)]!;
    if (Math.abs(points[k]! - x) > tolerance * (Math.abs(x) + tolerance)) return false;
  }
  return true;
}

/**
 * The least value of `f` within the box that the simplex of Nelder and Mead (1965), "A simplex method for function
 * minimization", comes to from `start`; points outside are moved to its faces. Deterministic. `f` may give Infinity (or
 * NaN, which counts as such) where it is not defined; it must not keep the array that it is given, which is used again.
 */
export function minimise(
  f: (x: Float64Array) => number,
  start: Float64Array,
  options: SimplexOptions,
): Minimum {
  const n = start.length;
  assert(
    options.lower.length === n && options.upper.length === n,
    'the box has the dimensions of the start',
  );
  const { tolerance = 1e-8, maxEvaluations = 200 * n } = options;
  const simplex = createSimplex(start, options);
  const { points, values, trial, second } = simplex;
  for (let row = 0; row <= n; row++) {
    trial.set(points.subarray(row * n, row * n + n));
    values[row] = comparable(f(trial));
  }
  let evaluations = n + 1;
  const accept = (row: number, point: Float64Array, value: number) => {
    points.set(point, row * n);
    values[row] = value;
  };
  for (;;) {
    let best = 0;
    let worst = 0;
    for (let row = 1; row <= n; row++) {
      if (values[row]! < values[best]!) best = row;
      if (values[row]! >= values[worst]!) worst = row;
    }
    const least = values[best]!;
    const greatest = values[worst]!;
    // Two infinities differ by NaN: then only the size of the simplex ends the search.
    const flat = !(greatest - least > tolerance * (Math.abs(least) + tolerance));
    if (
      n === 0 ||
      evaluations >= maxEvaluations ||
      (flat && isSmall(simplex, best, Math.sqrt(tolerance)))
    ) {
      return { point: points.slice(best * n, best * n + n), value: least, evaluations };
    }
    let next = -Infinity;
    for (let row = 0; row <= n; row++) {
      if (row !== worst && values[row]! > next) next = values[row]!;
    }
    placeCentroid(simplex, worst);
    placeTrial(simplex, worst, -1, trial, options);
    const reflected = comparable(f(trial));
    evaluations++;
    if (reflected < least) {
      placeTrial(simplex, worst, -2, second, options);
      const expanded = comparable(f(second));
      evaluations++;
      if (expanded < reflected) accept(worst, second, expanded);
      else accept(worst, trial, reflected);
      continue;
    }
    if (reflected < next) {
      accept(worst, trial, reflected);
      continue;
    }
    placeTrial(simplex, worst, reflected < greatest ? -0.5 : 0.5, second, options);
    const contracted = comparable(f(second));
    evaluations++;
    if (contracted < Math.min(reflected, greatest)) {
      accept(worst, second, contracted);
      continue;
    }
    evaluations += shrink(simplex, best, f);
  }
}

/** Halves all edges at the best point; gives how many values were asked for. */
function shrink(
  { n, points, values, trial }: Simplex,
  best: number,
  f: (x: Float64Array) => number,
): number {
  for (let row = 0; row <= n; row++) {
    if (row === best) continue;
    for (let i = 0; i < n; i++) {
      const x = points[best * n + i]!;
      trial[i] = x + 0.5 * (points[row * n + i]! - x);
      points[row * n + i] = trial[i]!;
    }
    values[row] = comparable(f(trial));
  }
  return n;
}
