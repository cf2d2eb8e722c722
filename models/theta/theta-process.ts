/**
 * The Theta process in single-source-of-error form, static and dynamic.
 * Fiorucci, Pellegrini, Louzada, Petropoulos, Koehler 2016, "Models for optimising the theta method and their relationship
 * to state space models", sections 3.1 and 3.2.
 *
 *   mu[t] = l[t-1] + (1 - 1/theta) D[t],   D[t] = (1-alpha)^(t-1) A + (1 - (1-alpha)^t) / alpha B,   y[t] = mu[t] + e[t]
 *   l[t] = alpha y[t] + (1-alpha) l[t-1]
 *
 * A, B: intercept and slope of the least-squares line, of the whole series (static) or of y[1..t-1] (dynamic).
 */

/** What the process is run with. */
export interface ThetaParameters {
  readonly alpha: number;
  /** The weight 1 - 1/theta of the line: 0 for theta = 1, 1/2 for 2, towards 1 beyond. */
  readonly weight: number;
  /** l[0]. */
  readonly level: number;
}

/** Intercept and slope of the line that is known when each value is forecast, and after the last one. */
export interface ThetaLines {
  readonly dynamic: boolean;
  /** [n + 1]: entry t - 1 is used for mu[t]. */
  readonly intercepts: Float64Array;
  readonly slopes: Float64Array;
  /** Mean of all values. */
  readonly mean: number;
}

/** Lines of the static process: the least-squares line of all values at times 1..n, at all times. */
export function staticLines(values: Float64Array): ThetaLines {
  const n = values.length;
  const middle = (n + 1) / 2;
  let mean = 0;
  for (let t = 1; t <= n; t++) mean += values[t - 1]! / n;
  let products = 0;
  for (let t = 1; t <= n; t++) products += (t - middle) * (values[t - 1]! - mean);
  const slope = n > 1 ? (12 * products) / (n * (n * n - 1)) : 0;
  const intercepts = new Float64Array(n + 1).fill(mean - slope * middle);
  return { dynamic: false, intercepts, slopes: new Float64Array(n + 1).fill(slope), mean };
}

/** Lines of the dynamic process, by the recursions of the paper; before y[2] they are level. */
export function dynamicLines(values: Float64Array): ThetaLines {
  const n = values.length;
  const intercepts = new Float64Array(n + 1);
  const slopes = new Float64Array(n + 1);
  intercepts[0] = values[0]!;
  intercepts[1] = values[0]!;
  let mean = values[0]!;
  for (let t = 2; t <= n; t++) {
    const y = values[t - 1]!;
    slopes[t] = nextSlope(slopes[t - 1]!, t, y - mean);
    mean += (y - mean) / t;
    intercepts[t] = mean - (slopes[t]! * (t + 1)) / 2;
  }
  return { dynamic: true, intercepts, slopes, mean };
}

/** Slope of the line through y[1..t], of that through y[1..t-1] and y[t] less the mean of those. */
function nextSlope(slope: number, t: number, surprise: number): number {
  return ((t - 2) * slope + (6 * surprise) / t) / (t + 1);
}

/** The weight and first level that fit best for one alpha. */
export interface ThetaProfile {
  weight: number;
  level: number;
  /** Sum of squared errors after the first `skip`. */
  loss: number;
}

/**
 * Given alpha, the errors are linear in the first level and in the weight, so that both have a closed form: e[t] = r[t] -
 * (1-alpha)^(t-1) l[0] - weight D[t], r[t] the error with both 0. Puts the least sum of squares into `profile`, with the
 * weight held in [lowest, highest]. Values are taken less the first one, for the sake of rounding.
 */
export function profileTheta(
  values: Float64Array,
  lines: ThetaLines,
  alpha: number,
  skip: number,
  [lowest, highest]: readonly [number, number],
  profile: ThetaProfile,
): void {
  const { intercepts, slopes } = lines;
  const n = values.length;
  const origin = values[0]!;
  let decay = 1;
  let level = 0;
  let qq = 0;
  let qd = 0;
  let dd = 0;
  let rq = 0;
  let rd = 0;
  let rr = 0;
  for (let t = 1; t <= n; t++) {
    const y = values[t - 1]! - origin;
    const r = y - level;
    const after = decay * (1 - alpha);
    if (t > skip) {
      const d = decay * (intercepts[t - 1]! - origin) + ((1 - after) / alpha) * slopes[t - 1]!;
      qq += decay * decay;
      qd += decay * d;
      dd += d * d;
      rq += r * decay;
      rd += r * d;
      rr += r * r;
    }
    level += alpha * r;
    decay = after;
  }
  const determinant = qq * dd - qd * qd;
  let weight = determinant > 1e-14 * qq * dd ? (qq * rd - qd * rq) / determinant : lowest;
  weight = Math.min(highest, Math.max(lowest, weight));
  const first = qq > 0 ? (rq - weight * qd) / qq : 0;
  profile.weight = weight;
  profile.level = first + origin * (1 - weight);
  profile.loss =
    rr -
    2 * (first * rq + weight * rd) +
    first * first * qq +
    weight * (2 * first * qd + weight * dd);
}

/** The process along a series. */
export interface ThetaPath {
  /** [n] forecasts one step ahead mu[t]. */
  readonly fitted: Float64Array;
  /** [n] the level l[t-1] in them. */
  readonly level: Float64Array;
  /** [n] the part of the line in them, weight D[t]. */
  readonly trend: Float64Array;
  /** l[n]. */
  readonly lastLevel: number;
}

/** Runs the process over `values`; the dynamic one makes no forecast of the first value but the value itself. */
export function runTheta(
  values: Float64Array,
  { dynamic, intercepts, slopes }: ThetaLines,
  { alpha, weight, level: first }: ThetaParameters,
): ThetaPath {
  const n = values.length;
  const fitted = new Float64Array(n);
  const levels = new Float64Array(n);
  const trend = new Float64Array(n);
  let decay = 1;
  let level = first;
  for (let t = 1; t <= n; t++) {
    const after = decay * (1 - alpha);
    const line = decay * intercepts[t - 1]! + ((1 - after) / alpha) * slopes[t - 1]!;
    levels[t - 1] = level;
    trend[t - 1] = dynamic && t === 1 ? values[0]! - level : weight * line;
    fitted[t - 1] = level + trend[t - 1]!;
    level = alpha * values[t - 1]! + (1 - alpha) * level;
    decay = after;
  }
  return { fitted, level: levels, trend, lastLevel: level };
}

/** Where the process stands after t values. */
export interface ThetaState {
  readonly t: number;
  readonly level: number;
  readonly intercept: number;
  readonly slope: number;
  readonly mean: number;
}

/** Forecasts [horizon] from a state: the process with each value equal to what it expects. */
export function forecastTheta(
  { t: start, level: lastLevel, ...line }: ThetaState,
  { alpha, weight }: Pick<ThetaParameters, 'alpha' | 'weight'>,
  dynamic: boolean,
  horizon: number,
): Float64Array {
  const forecast = new Float64Array(horizon);
  let { intercept, slope, mean } = line;
  let level = lastLevel;
  let decay = (1 - alpha) ** start;
  for (let h = 0; h < horizon; h++) {
    const t = start + h + 1;
    const after = decay * (1 - alpha);
    const y = level + weight * (decay * intercept + ((1 - after) / alpha) * slope);
    forecast[h] = y;
    level = alpha * y + (1 - alpha) * level;
    decay = after;
    if (!dynamic) continue;
    slope = nextSlope(slope, t, y - mean);
    mean += (y - mean) / t;
    intercept = mean - (slope * (t + 1)) / 2;
  }
  return forecast;
}

/**
 * Variances of the errors of each step [horizon] for errors of variance 1: all is linear, so that an error at step j adds
 * the square of what it does to the steps after it. O(horizon) for the static process, else O(horizon^2).
 */
export function thetaVariances(
  n: number,
  { alpha, weight }: Pick<ThetaParameters, 'alpha' | 'weight'>,
  dynamic: boolean,
  horizon: number,
): Float64Array {
  if (!dynamic) return Float64Array.from({ length: horizon }, (_, h) => 1 + h * alpha * alpha);
  const variances = new Float64Array(horizon).fill(1);
  for (let j = 0; j < horizon - 1; j++) {
    // The state after a value 1 at step j where all else is 0.
    const t = n + j + 1;
    const slope = nextSlope(0, t, 1);
    const state = { t, level: alpha, slope, mean: 1 / t, intercept: 1 / t - (slope * (t + 1)) / 2 };
    const response = forecastTheta(state, { alpha, weight }, dynamic, horizon - j - 1);
    for (let k = 0; k < response.length; k++) variances[j + 1 + k]! += response[k]! ** 2;
  }
  return variances;
}
