/** Locally weighted regression over equally spaced values (Cleveland 1979), as the seasonal-trend decomposition uses it. */

/** How a series is smoothed. */
export interface LoessOptions {
  /** How many of the nearest values have a weight; more than there are makes it smoother still. */
  readonly window: number;
  /** 0 fits constants locally, 1 straight lines. */
  readonly degree: 0 | 1;
  /** Values between every `jump`-th one are interpolated; 1 smooths at every one. */
  readonly jump: number;
}

/**
 * The smooth value at `x` (counted from 0, may lie outside) of values[start ... start + n), by the weighted neighbours from
 * `left` to `right`; undefined where all weights vanish.
 */
function smoothAt(
  values: Float64Array,
  robustness: Float64Array | undefined,
  start: number,
  n: number,
  { window, degree }: LoessOptions,
  x: number,
  left: number,
  right: number,
): number | undefined {
  let reach = Math.max(x - left, right - x);
  if (window > n) reach += Math.floor((window - n) / 2);
  const far = 0.999 * reach;
  const near = 0.001 * reach;
  let total = 0;
  let position = 0;
  let square = 0;
  let sum = 0;
  let cross = 0;
  for (let j = left; j <= right; j++) {
    const distance = Math.abs(j - x);
    if (distance > far) continue;
    let weight = 1;
    if (distance > near) {
      const ratio = distance / reach;
      const rest = 1 - ratio * ratio * ratio;
      weight = rest * rest * rest;
    }
    if (robustness !== undefined) weight *= robustness[start + j]!;
    const offset = j - x;
    const value = values[start + j]!;
    total += weight;
    position += weight * offset;
    square += weight * offset * offset;
    sum += weight * value;
    cross += weight * offset * value;
  }
  if (!(total > 0)) return undefined;
  const mean = sum / total;
  if (degree === 0 || reach === 0) return mean;
  const centre = position / total;
  const spread = square / total - centre * centre;
  // A line only where the neighbours are spread enough to carry one.
  if (Math.sqrt(Math.max(0, spread)) <= 0.001 * (n - 1)) return mean;
  const slope = (cross / total - centre * mean) / spread;
  return mean - slope * centre;
}

/**
 * Smooths values[start ... start + n), n >= 1, into out[outStart ... outStart + n). `robustness`, where given, has a weight for
 * each of `values`.
 */
export function smooth(
  values: Float64Array,
  robustness: Float64Array | undefined,
  start: number,
  n: number,
  options: LoessOptions,
  out: Float64Array,
  outStart: number,
): void {
  const { window } = options;
  const jump = Math.max(1, Math.min(options.jump, n - 1));
  const count = Math.min(window, n);
  const half = (window - 1) >> 1;
  let before = 0;
  for (let i = 0; ; i = Math.min(i + jump, n - 1)) {
    const left = Math.max(0, Math.min(n - count, i - half));
    const right = left + count - 1;
    const value = smoothAt(values, robustness, start, n, options, i, left, right);
    out[outStart + i] = value ?? values[start + i]!;
    const gap = i - before;
    for (let k = 1; k < gap; k++) {
      out[outStart + before + k] =
        out[outStart + before]! + ((out[outStart + i]! - out[outStart + before]!) * k) / gap;
    }
    before = i;
    if (i === n - 1) return;
  }
}

/** The smooth value one step before the first (`x` = -1) or after the last (`x` = n); the nearest value where there is none. */
export function smoothBeyond(
  values: Float64Array,
  robustness: Float64Array | undefined,
  start: number,
  n: number,
  options: LoessOptions,
  x: number,
): number | undefined {
  const count = Math.min(options.window, n);
  const left = x < 0 ? 0 : n - count;
  return smoothAt(values, robustness, start, n, options, x, left, left + count - 1);
}
