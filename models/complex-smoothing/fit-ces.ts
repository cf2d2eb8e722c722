/** Fits complex exponential smoothing to one series: weights of the greatest likelihood, season by information criterion. */
import { seasonalIndices } from '../../series/seasonal-adjustment.ts';
import type { LocalContext, LocalFit } from '../model.ts';
import { minimise } from '../numerics/nelder-mead.ts';
import { constantFit, isConstant, randomWalkFit } from '../numerics/plain-fits.ts';
import { binaryScale, rescale } from '../numerics/scaling.ts';
import {
  backcastPass,
  type CesSeason,
  type CesState,
  type CesTrace,
  cesVariances,
  type CesWeights,
  copyState,
  emptyState,
  forecastCes,
  weightCounts,
} from './ces-process.ts';

/** Fewest values from which the weights of a process without season can be estimated and compared. */
export const shortestCes = 6;

/** Start and range of alpha0, alpha1, and of beta0 (of a partial, of a full season) and beta1. */
const alphaStart = [1.3, 1];
const starts: Readonly<Record<CesSeason, readonly number[]>> = {
  none: alphaStart,
  simple: alphaStart,
  partial: [...alphaStart, 0.1],
  full: [...alphaStart, 1.3, 1],
};
const lowest = [0.01, 0.01, 0.01, 0.01];
const highest = [1.8, 1.9, 1.5, 1.5];

/** Values whose mean is the first level of a process without season. */
const firstValues = 10;
/** By which a potential is smaller than its level at first. */
const potentialShare = 1 / 1.1;

/** A rough first state, which backcasting then mends. */
export function firstState(values: Float64Array, season: CesSeason, m: number): CesState {
  const state = emptyState(season, m);
  const count = season === 'none' ? Math.min(values.length, firstValues) : m;
  let mean = 0;
  for (let t = 0; t < count; t++) mean += values[t]! / count;
  if (season === 'simple') state.level.set(values.subarray(0, m));
  else state.level.fill(mean);
  if (state.seasonal.length > 0) state.seasonal.set(seasonalIndices(values, m, 'additive'));
  for (const [i, level] of state.level.entries()) state.potential[i] = level * potentialShare;
  for (const i of state.seasonalPotential.keys()) {
    state.seasonalPotential[i] = state.seasonal[i]! * potentialShare;
  }
  return state;
}

/** A process with its estimated weights. */
interface CesEstimate {
  readonly season: CesSeason;
  readonly weights: CesWeights;
  /** Sum of squared errors one step ahead. */
  readonly squares: number;
  /** Akaike's criterion corrected for short series; Infinity if the series is too short to have one. */
  readonly aicc: number;
}

/** Akaike's corrected criterion of `season`; the first states, being backcast, are not counted among its parameters. */
export function criterionOf(season: CesSeason, squares: number, n: number): number {
  const k = weightCounts[season] + 1;
  if (n <= k + 1) return Infinity;
  return n * Math.log(squares) + 2 * k + (2 * k * (k + 1)) / (n - k - 1);
}

/** The weights of the least squared errors, which are those of the greatest likelihood for normal errors. */
function estimateCes(values: Float64Array, season: CesSeason, m: number): CesEstimate {
  const n = values.length;
  const first = firstState(values, season, m);
  const state = emptyState(season, m);
  const size = weightCounts[season];
  const box = {
    lower: Float64Array.from(lowest.slice(0, size)),
    upper: Float64Array.from(highest.slice(0, size)),
  };
  const loss = (weights: Float64Array): number => {
    copyState(first, state);
    // A perfect fit must not become a minimum of minus infinity.
    return Math.log(backcastPass(values, state, weights) + 1e-30);
  };
  const found = minimise(loss, Float64Array.from(starts[season]), {
    ...box,
    step: 0.1,
    tolerance: 1e-6,
    maxEvaluations: 1000,
  });
  const squares = Math.exp(found.value);
  return { season, weights: found.point, squares, aicc: criterionOf(season, squares, n) };
}

/** The seasons that a series of `n` values is tried with. */
function seasonsFor(n: number, m: number, wanted: CesSeason | 'auto'): readonly CesSeason[] {
  if (m < 2 || n < 2 * m || wanted === 'none') return ['none'];
  return wanted === 'auto' ? ['none', 'simple', 'partial', 'full'] : [wanted];
}

/**
 * The fit of the season with the least corrected Akaike criterion, or of the one that is asked for where the series has two
 * seasons. Fewer than six values are a random walk, equal ones stay as they are.
 */
export function fitCes(
  history: Float64Array,
  context: LocalContext,
  wanted: CesSeason | 'auto',
): LocalFit {
  const n = history.length;
  const { horizon, season: m } = context;
  if (isConstant(history)) return constantFit(history, context);
  const short = `fewer than ${shortestCes} values`;
  if (n < shortestCes) return randomWalkFit(history, context, short);
  const scale = binaryScale(history);
  const values = history.map((value) => value / scale);
  const estimates = seasonsFor(n, m, wanted).map((season) => estimateCes(values, season, m));
  const best = estimates.reduce((least, each) => (each.aicc < least.aicc ? each : least));
  const { season, weights } = best;
  const state = firstState(values, season, m);
  const vector = (): Float64Array => new Float64Array(n);
  const trace: CesTrace = {
    fitted: vector(),
    level: vector(),
    potential: vector(),
    season: vector(),
  };
  const squares = backcastPass(values, state, weights, trace);
  const [alpha0, alpha1, beta0, beta1] = weights;
  return {
    mean: rescale(forecastCes(state, weights, n, horizon), scale),
    parameters: {
      kind: season,
      alpha0: alpha0!,
      alpha1: alpha1!,
      ...(beta0 === undefined ? {} : { beta0 }),
      ...(beta1 === undefined ? {} : { beta1 }),
      // Too short a series has no criterion.
      ...(best.aicc < Infinity ? { aicc: best.aicc + 2 * n * Math.log(scale) } : {}),
    },
    deviation: () => {
      const one = Math.sqrt(squares / Math.max(1, n - weights.length - 1));
      const variances = cesVariances(season, m, weights, horizon);
      return rescale(
        variances.map((variance) => Math.min(1e300, one * Math.sqrt(variance))),
        scale,
      );
    },
    components: () => {
      const parts = {
        fitted: rescale(trace.fitted, scale),
        level: rescale(trace.level, scale),
        potential: rescale(trace.potential, scale),
      };
      const withSeason = season === 'partial' || season === 'full';
      return withSeason ? { ...parts, season: rescale(trace.season, scale) } : parts;
    },
  };
}
