/**
 * The process of complex exponential smoothing: a level l and an information potential c, smoothed together.
 * They are the real and the imaginary part of one complex number, and alpha0 + i alpha1 is its weight (Svetunkov, Kourentzes,
 * Ord 2022, "Complex exponential smoothing", Naval Research Logistics 69, sections 3 and 5).
 *
 *   e[t] = y[t] - l[t-1] - s[t-m]
 *   l[t] = l[t-1] - (1 - alpha1) c[t-1] + (alpha0 - alpha1) e[t]
 *   c[t] = l[t-1] + (1 - alpha0) c[t-1] + (alpha0 + alpha1) e[t]
 *
 * Season `simple`: l and c of t - m in place of t - 1, no s. `partial`: s[t] = s[t-m] + beta0 e[t]. `full`: s and its own
 * potential p as l and c, with beta0, beta1, of t - m.
 */

/** How the season enters. */
export type CesSeason = 'none' | 'simple' | 'partial' | 'full';

/** Smoothing weights: alpha0, alpha1, and where the season has them beta0, beta1. */
export type CesWeights = Float64Array;

/** How many weights there are. */
export const weightCounts: Readonly<Record<CesSeason, number>> = {
  none: 2,
  simple: 2,
  partial: 3,
  full: 4,
};

/** What the process remembers; the entry of time t in an array of a season is at t mod m. */
export interface CesState {
  readonly season: CesSeason;
  /** [1]; for `simple` [m]. */
  readonly level: Float64Array;
  readonly potential: Float64Array;
  /** [m] for `partial` and `full`, else [0]. */
  readonly seasonal: Float64Array;
  /** [m] for `full`, else [0]. */
  readonly seasonalPotential: Float64Array;
}

/** A state of zeros for a season of `m` steps. */
export function emptyState(season: CesSeason, m: number): CesState {
  const pair = season === 'simple' ? m : 1;
  const withSeason = season === 'partial' || season === 'full';
  return {
    season,
    level: new Float64Array(pair),
    potential: new Float64Array(pair),
    seasonal: new Float64Array(withSeason ? m : 0),
    seasonalPotential: new Float64Array(season === 'full' ? m : 0),
  };
}

/** Overwrites `target` with `source`, of the same season. */
export function copyState(source: CesState, target: CesState): void {
  // Calls of `set` would take longer than the pass over a short series.
  for (let i = 0; i < source.level.length; i++) {
    target.level[i] = source.level[i]!;
    target.potential[i] = source.potential[i]!;
  }
  for (let i = 0; i < source.seasonal.length; i++) target.seasonal[i] = source.seasonal[i]!;
  for (let i = 0; i < source.seasonalPotential.length; i++) {
    target.seasonalPotential[i] = source.seasonalPotential[i]!;
  }
}

/** Where a pass writes what it meets at each time; [n] each. */
export interface CesTrace {
  readonly fitted: Float64Array;
  readonly level: Float64Array;
  readonly potential: Float64Array;
  readonly season: Float64Array;
}

/**
 * Runs over y[from], y[from + step], ... (`count` of them, all expected exactly if `values` is undefined), changes `state`,
 * and gives the sum of squared errors.
 */
export function passCes(
  values: Float64Array | undefined,
  state: CesState,
  weights: CesWeights,
  { from, count, step }: { readonly from: number; readonly count: number; readonly step: 1 | -1 },
  trace?: CesTrace,
): number {
  const { level, potential, seasonal, seasonalPotential } = state;
  const a0 = weights[0]!;
  const a1 = weights[1]!;
  const b0 = weights[2] ?? 0;
  const b1 = weights[3] ?? 0;
  const pairs = level.length;
  const m = seasonal.length;
  const full = seasonalPotential.length > 0;
  let pair = from % pairs;
  let slot = m > 0 ? from % m : 0;
  let squares = 0;
  for (let k = 0; k < count; k++) {
    const t = from + step * k;
    const l = level[pair]!;
    const c = potential[pair]!;
    const s = m > 0 ? seasonal[slot]! : 0;
    const expected = l + s;
    const e = values === undefined ? 0 : values[t]! - expected;
    squares += e * e;
    if (trace !== undefined) {
      trace.fitted[t] = expected;
      trace.level[t] = l;
      trace.potential[t] = c;
      trace.season[t] = s;
    }
    level[pair] = l - (1 - a1) * c + (a0 - a1) * e;
    potential[pair] = l + (1 - a0) * c + (a0 + a1) * e;
    if (full) {
      const p = seasonalPotential[slot]!;
      seasonal[slot] = s - (1 - b1) * p + (b0 - b1) * e;
      seasonalPotential[slot] = s + (1 - b0) * p + (b0 + b1) * e;
    } else if (m > 0) {
      seasonal[slot] = s + b0 * e;
    }
    pair += step;
    if (pair === pairs) pair = 0;
    else if (pair < 0) pair = pairs - 1;
    slot += step;
    if (slot === m) slot = 0;
    else if (slot < 0) slot = m - 1;
  }
  return squares;
}

/** `passCes` without season and trace, which most of the search for weights is spent in; the level stays in registers. */
function passPlain(
  values: Float64Array,
  state: CesState,
  weights: CesWeights,
  step: 1 | -1,
): number {
  const n = values.length;
  const a0 = weights[0]!;
  const a1 = weights[1]!;
  let l = state.level[0]!;
  let c = state.potential[0]!;
  let squares = 0;
  for (let k = 0; k < n; k++) {
    const e = values[step > 0 ? k : n - 1 - k]! - l;
    squares += e * e;
    const next = l - (1 - a1) * c + (a0 - a1) * e;
    c = l + (1 - a0) * c + (a0 + a1) * e;
    l = next;
  }
  state.level[0] = l;
  state.potential[0] = c;
  return squares;
}

/** Moves what is remembered one step (of the season, where it has one) on, as if it had been right. */
function turnAround(
  { level, potential, seasonal, seasonalPotential }: CesState,
  weights: CesWeights,
) {
  const a0 = weights[0]!;
  const a1 = weights[1]!;
  const b0 = weights[2] ?? 0;
  const b1 = weights[3] ?? 0;
  for (let i = 0; i < level.length; i++) {
    const l = level[i]!;
    const c = potential[i]!;
    level[i] = l - (1 - a1) * c;
    potential[i] = l + (1 - a0) * c;
  }
  for (let i = 0; i < seasonalPotential.length; i++) {
    const s = seasonal[i]!;
    const p = seasonalPotential[i]!;
    seasonal[i] = s - (1 - b1) * p;
    seasonalPotential[i] = s + (1 - b0) * p;
  }
}

/**
 * Sum of squared errors of a pass whose first state is backcast: forwards over the series from `state`, backwards, and
 * forwards again, which is the pass that counts. `state` becomes the last one.
 */
export function backcastPass(
  values: Float64Array,
  state: CesState,
  weights: CesWeights,
  trace?: CesTrace,
): number {
  const n = values.length;
  const plain = state.season === 'none';
  const forwards = { from: 0, count: n, step: 1 } as const;
  if (plain) passPlain(values, state, weights, 1);
  else passCes(values, state, weights, forwards);
  turnAround(state, weights);
  if (plain) passPlain(values, state, weights, -1);
  else passCes(values, state, weights, { from: n - 1, count: n, step: -1 });
  turnAround(state, weights);
  if (plain && trace === undefined) return passPlain(values, state, weights, 1);
  return passCes(values, state, weights, forwards, trace);
}

/** Forecasts [horizon] of the steps after time `n` - 1; `state` is left as it is. */
export function forecastCes(
  state: CesState,
  weights: CesWeights,
  n: number,
  horizon: number,
): Float64Array {
  const moving: CesState = {
    season: state.season,
    level: state.level.slice(),
    potential: state.potential.slice(),
    seasonal: state.seasonal.slice(),
    seasonalPotential: state.seasonalPotential.slice(),
  };
  const pairs = state.level.length;
  const m = state.seasonal.length;
  return Float64Array.from({ length: horizon }, (_, h) => {
    const t = n + h;
    const expected = moving.level[t % pairs]! + (m > 0 ? moving.seasonal[t % m]! : 0);
    passCes(undefined, moving, weights, { from: t, count: 1, step: 1 });
    return expected;
  });
}

/**
 * Variances of the errors of each step [horizon] for errors of variance 1: 1 and the squares of what an error does to each
 * of the steps after it.
 */
export function cesVariances(
  season: CesSeason,
  m: number,
  weights: CesWeights,
  horizon: number,
): Float64Array {
  const state = emptyState(season, m);
  passCes(Float64Array.of(1), state, weights, { from: 0, count: 1, step: 1 });
  const response = forecastCes(state, weights, 1, horizon - 1);
  const variances = new Float64Array(horizon).fill(1);
  for (let h = 1; h < horizon; h++) variances[h] = variances[h - 1]! + response[h - 1]! ** 2;
  return variances;
}
