/** Maximum likelihood for one kind of exponential smoothing, by the exact gradient. */
import { descend, type SmoothProblem } from '../numerics/quasi-newton.ts';
import type { FirstStates } from './initial-states.ts';
import type { EtsKind } from './kind.ts';
import { deviance, placeSlopes } from './likelihood.ts';
import { backward, forward, type Pass, type Weights, type WeightSlopes } from './recursion.ts';

/**
 * What is estimated, in one array: alpha, beta / alpha, gamma / (1 - alpha), phi, level, slope, and the season from
 * `firstSeasonSlot` on. The quotients lie in a box where beta and gamma do not (Hyndman et al. 2008, section 3.4.2).
 */
export type Estimate = Float64Array;

/** Places of an estimate. */
export const slots = {
  alpha: 0,
  beta: 1,
  gamma: 2,
  phi: 3,
  level: 4,
  slope: 5,
  season: 6,
} as const;

const least = Float64Array.of(1e-4, 1e-4, 1e-4, 0.8);
const greatest = Float64Array.of(0.9999, 0.9999, 0.9999, 0.98);

/** Greatest beta / alpha, in a seasonal kind shared by the steps of the season: more lets the trend chase the noise. */
const greatestTrendShare = 0.2;

/**
 * Greatest alpha under a season of more steps than `shortSeason`: values that follow each other so closely are likeliest one
 * step ahead if the level is the last value, which then moves the forecasts of whole seasons.
 */
const greatestLongAlpha = 0.5;

/** Steps of a season up to which all kinds are estimated freely. */
export const shortSeason = 12;

const tolerance = 1e-4;
const maxIterations = 200;

const noWeights = (): Weights => ({ alpha: 0, beta: 0, gamma: 0, phi: 0 });

/** The weights of the recursion. */
export function weightsOf(estimate: Estimate, into: Weights): Weights {
  const alpha = estimate[slots.alpha]!;
  into.alpha = alpha;
  into.beta = estimate[slots.beta]! * alpha;
  into.gamma = estimate[slots.gamma]! * (1 - alpha);
  into.phi = estimate[slots.phi]!;
  return into;
}

/** Runs the recursion of the kind from an estimate; whether the states stayed where they are allowed. */
export function run(kind: EtsKind, estimate: Estimate, pass: Pass, weights: Weights): boolean {
  pass.level[0] = estimate[slots.level]!;
  pass.slope[0] = estimate[slots.slope]!;
  if (kind.season !== 'N') {
    for (let j = 0; j < pass.period; j++) pass.season[j] = estimate[slots.season + j]!;
  }
  return forward[kind.season](pass, weightsOf(estimate, weights));
}

/** Deviance of an estimate; Infinity where a state is not allowed. */
function devianceOf(kind: EtsKind, estimate: Estimate, pass: Pass, weights: Weights): number {
  return run(kind, estimate, pass, weights) ? deviance(pass, kind.error) : Infinity;
}

/** The greatest weights that a kind may have. */
function greatestOf(kind: EtsKind, period: number): Float64Array {
  const bounds = greatest.slice();
  bounds[slots.beta] = greatestTrendShare / (kind.season === 'N' ? 1 : period);
  if (kind.season !== 'N' && period > shortSeason) bounds[slots.alpha] = greatestLongAlpha;
  return bounds;
}

/** Which slots of an estimate are free, [how many of them]. */
function freeSlots({ trend, season }: EtsKind, period: number): number[] {
  const free: number[] = [slots.alpha];
  if (trend !== 'N') free.push(slots.beta);
  if (season !== 'N') free.push(slots.gamma);
  if (trend === 'Ad') free.push(slots.phi);
  free.push(slots.level);
  if (trend !== 'N') free.push(slots.slope);
  if (season !== 'N') for (let j = 0; j < period; j++) free.push(slots.season + j);
  return free;
}

/** The likelihood of a kind as a function of its free slots, each divided by a width that makes its curvature about 1. */
interface KindProblem extends SmoothProblem {
  readonly free: readonly number[];
  readonly widths: Float64Array;
}

function createProblem(kind: EtsKind, estimate: Estimate, pass: Pass, noise: number): KindProblem {
  const n = pass.y.length;
  const free = freeSlots(kind, pass.period);
  const weights = noWeights();
  const slopes: WeightSlopes = { alpha: 0, beta: 0, gamma: 0, phi: 0, level: 0, slope: 0 };
  const by = new Float64Array(estimate.length);
  const ofWeight = Math.min(0.5, 1 / Math.sqrt(n));
  const ofSeason =
    kind.season === 'M' ? noise / Math.max(noise, Math.abs(estimate[slots.level]!)) : noise;
  const width = (slot: number) =>
    slot === slots.phi
      ? 0.05
      : slot < slots.phi
        ? ofWeight
        : slot === slots.level
          ? noise
          : slot === slots.slope
            ? 0.3 * noise
            : 0.5 * ofSeason;
  const widths = Float64Array.from(free, width);
  const bound = (bounds: Float64Array, none: number) =>
    Float64Array.from(free, (slot, i) => (slot <= slots.phi ? bounds[slot]! / widths[i]! : none));
  return {
    free,
    widths,
    lower: bound(least, -Infinity),
    upper: bound(greatestOf(kind, pass.period), Infinity),
    value(x) {
      for (let i = 0; i < free.length; i++) estimate[free[i]!] = x[i]! * widths[i]!;
      return devianceOf(kind, estimate, pass, weights);
    },
    gradient(into) {
      placeSlopes(pass, kind.error);
      backward[kind.season](pass, weights, slopes);
      const alpha = estimate[slots.alpha]!;
      by[slots.alpha] =
        slopes.alpha + estimate[slots.beta]! * slopes.beta - estimate[slots.gamma]! * slopes.gamma;
      by[slots.beta] = alpha * slopes.beta;
      by[slots.gamma] = (1 - alpha) * slopes.gamma;
      by[slots.phi] = slopes.phi;
      by[slots.level] = slopes.level;
      by[slots.slope] = slopes.slope;
      if (kind.season !== 'N') placeSeasonSlopes(pass.slopeOfSeason, by);
      for (let i = 0; i < free.length; i++) into[i] = by[free[i]!]! * widths[i]!;
    },
  };
}

/** The derivatives by the season, less their mean: so the sum of the season stays what it is. */
function placeSeasonSlopes(slopes: Float64Array, by: Float64Array): void {
  let mean = 0;
  for (const slope of slopes) mean += slope / slopes.length;
  for (let j = 0; j < slopes.length; j++) by[slots.season + j] = slopes[j]! - mean;
}

/** Weights that a search may start from: alpha, beta / alpha, gamma / (1 - alpha), phi. */
const firstWeights = [
  [0.1, 0.05, 0.05, 0.97],
  [0.4, 0.1, 0.1, 0.95],
  [0.8, 0.1, 0.1, 0.95],
] as const;

/** Likewise, for seasons that change fast: often another summit of the likelihood. */
const firstSeasonalWeights = [
  [0.1, 0.05, 0.8, 0.97],
  [0.4, 0.05, 0.8, 0.97],
] as const;

/** Estimates to start from, of a kind whose first states are known, in groups to search from. */
export function firstEstimates(kind: EtsKind, states: FirstStates): Estimate[][] {
  const groups = kind.season === 'N' ? [firstWeights] : [firstWeights, firstSeasonalWeights];
  return groups.map((group) => group.map((weights) => firstEstimate(kind, states, weights)));
}

function firstEstimate(
  kind: EtsKind,
  states: FirstStates,
  [alpha, beta, gamma, phi]: readonly [number, number, number, number],
): Estimate {
  const estimate = new Float64Array(slots.season + states.season.length);
  const trend = kind.trend !== 'N';
  estimate.set([alpha, trend ? beta : 0, kind.season === 'N' ? 0 : gamma]);
  estimate[slots.phi] = kind.trend === 'Ad' ? phi : trend ? 1 : 0;
  estimate[slots.level] = trend ? states.line.intercept : states.level;
  estimate[slots.slope] = trend ? states.line.slope : 0;
  estimate.set(states.season, slots.season);
  return estimate;
}

/** An estimate made to fit a kind of another trend. */
export function adaptEstimate(estimate: Estimate, kind: EtsKind): Estimate {
  const adapted = estimate.slice();
  if (kind.trend === 'N') {
    adapted[slots.beta] = 0;
    adapted[slots.phi] = 0;
    adapted[slots.slope] = 0;
  } else {
    adapted[slots.beta] = Math.max(least[slots.beta]!, adapted[slots.beta]!);
    adapted[slots.phi] = kind.trend === 'A' ? 1 : greatest[slots.phi]!;
  }
  return adapted;
}

/** What the search of one kind comes to. */
export interface Optimum {
  readonly kind: EtsKind;
  readonly estimate: Estimate;
  /** In units of the pass. */
  readonly deviance: number;
}

/** The start where the kind is likeliest, or undefined if none is allowed. */
function bestStart(kind: EtsKind, starts: readonly Estimate[], pass: Pass): Estimate | undefined {
  let best: Estimate | undefined;
  let value = Infinity;
  for (const start of starts) {
    const found = devianceOf(kind, start, pass, noWeights());
    if (found < value) {
      value = found;
      best = start;
    }
  }
  return best;
}

/** The most likely estimate near `start`. */
function descendFrom(kind: EtsKind, start: Estimate, pass: Pass): Optimum {
  const estimate = start.slice();
  const problem = createProblem(kind, estimate, pass, noiseOf(kind, estimate, pass));
  const x = Float64Array.from(problem.free, (slot, i) =>
    Math.min(problem.upper[i]!, Math.max(problem.lower[i]!, estimate[slot]! / problem.widths[i]!)),
  );
  const deviance = descend(problem, x, { tolerance, maxIterations });
  for (const [i, slot] of problem.free.entries()) estimate[slot] = x[i]! * problem.widths[i]!;
  return { kind, estimate, deviance };
}

/**
 * The most likely estimate of a kind, near the best start of each group of `starts`: the likelihood may have several summits,
 * and searches from different places find them.
 */
export function estimateKind(
  kind: EtsKind,
  starts: readonly (readonly Estimate[])[],
  pass: Pass,
): Optimum | undefined {
  let best: Optimum | undefined;
  for (const group of starts) {
    const start = bestStart(kind, group, pass);
    if (start === undefined) continue;
    const optimum = descendFrom(kind, start, pass);
    if (optimum.deviance < (best?.deviance ?? Infinity)) best = optimum;
  }
  return best;
}

/** Root of the mean squared error of an estimate. */
function noiseOf(kind: EtsKind, estimate: Estimate, pass: Pass): number {
  run(kind, estimate, pass, noWeights());
  let squares = 0;
  for (let t = 0; t < pass.y.length; t++) squares += (pass.y[t]! - pass.fitted[t]!) ** 2;
  return Math.max(1e-12, Math.sqrt(squares / pass.y.length));
}
