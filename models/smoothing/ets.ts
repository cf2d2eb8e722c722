/**
 * Exponential smoothing in state space form: estimates kinds by maximum likelihood, chooses among them by the corrected
 * Akaike criterion, and forecasts with the chosen one (Hyndman, Koehler, Ord and Snyder 2008, "Forecasting with Exponential
 * Smoothing"; the restricted choice of Hyndman and Khandakar 2008, "Automatic time series forecasting").
 */
import { isSeasonal } from '../../series/seasonal-adjustment.ts';
import {
  adaptEstimate,
  type Estimate,
  estimateKind,
  firstEstimates,
  type Optimum,
  run,
  shortSeason,
  slots,
  weightsOf,
} from './estimate.ts';
import { forecastMean, forecastVariance, type LastStates } from './forecast.ts';
import { type FirstStates, firstSeason, firstStates, withSeason } from './initial-states.ts';
import { type EtsKind, formatKind, parameterCount, usualKinds } from './kind.ts';
import { createPass, type Pass, type Weights } from './recursion.ts';
import { binaryScale, rescale } from '../numerics/scaling.ts';

/** Which kinds are tried. */
export interface EtsOptions {
  /** Only those that suit the series' length, season and sign are; all usual ones if left out. */
  readonly kinds?: readonly EtsKind[];
}

/** A fitted exponential smoothing; everything in the units of the series. */
export interface EtsFit {
  readonly kind: EtsKind;
  /** Why it is simpler than asked for; left out where it is not. */
  readonly reason?: string;
  readonly weights: Readonly<Weights>;
  /** Corrected Akaike criterion; NaN where nothing was estimated. */
  readonly aicc: number;
  /** Variance of the errors, which are relative where `kind.error` is M; in scaled units otherwise. */
  readonly sigma2: number;
  /** Point forecasts [horizon]. */
  mean(horizon: number): Float64Array;
  /** Standard deviations of the forecast errors [horizon]. */
  deviation(horizon: number): Float64Array;
  /** Both at once, the second one squared. */
  forecast(horizon: number): { mean: Float64Array; variance: Float64Array };
  /** [n] each: forecasts one step ahead, and the states after each value; `trend` and `season` where the kind has them. */
  states(): {
    fitted: Float64Array;
    level: Float64Array;
    trend?: Float64Array;
    season?: Float64Array;
  };
}

/** Longest season that the states hold; a longer one is taken off beforehand, and is held constant. */
export const longestSeason = 24;

/** Values below this, in units of the greatest one, are not positive enough for relative errors. */
const leastPositive = 1e-8;

/** A fit in scaled units, before it is dressed. */
interface Chosen extends Optimum {
  readonly aicc: number;
  readonly reason?: string;
}

/** Corrected Akaike criterion; Infinity where there are too few values for so many parameters. */
function correctedAkaike(deviance: number, count: number, n: number): number {
  return n - count - 1 > 0 ? deviance + (2 * count * n) / (n - count - 1) : Infinity;
}

/** What was estimated of the kinds tried so far, by trend and season, for others to start from. */
type Found = Map<string, Estimate>;

/** Where the searches of a kind start: one from rules of thumb, others from kinds that it differs little from. */
function startsOf(kind: EtsKind, states: FirstStates, found: Found): Estimate[][] {
  const starts = firstEstimates(kind, states);
  const sibling = found.get(`${kind.trend}${kind.season}`);
  if (sibling !== undefined) return [...starts, [sibling]];
  const simpler = kind.trend === 'Ad' ? 'A' : 'N';
  const parent = kind.trend === 'N' ? undefined : found.get(`${simpler}${kind.season}`);
  return parent === undefined ? starts : [...starts, [adaptEstimate(parent, kind)]];
}

/** The best of the kinds by the criterion, or undefined if none can be estimated. */
function choose(kinds: readonly EtsKind[], pass: Pass): Chosen | undefined {
  const states = new Map<string, FirstStates>();
  const found: Found = new Map();
  let best: Chosen | undefined;
  for (const kind of kinds) {
    const count = parameterCount(kind, pass.period);
    if (pass.y.length - count - 1 <= 0) continue;
    if (!states.has(kind.season)) {
      states.set(kind.season, firstStates(pass.y, pass.period, kind.season));
    }
    const optimum = estimateKind(kind, startsOf(kind, states.get(kind.season)!, found), pass);
    if (optimum === undefined) continue;
    found.set(`${kind.trend}${kind.season}`, optimum.estimate);
    const aicc = correctedAkaike(optimum.deviance, count, pass.y.length);
    if (best === undefined || aicc < best.aicc) best = { ...optimum, aicc };
  }
  return best;
}

const simplest: EtsKind = { error: 'A', trend: 'N', season: 'N' };

/** The last value repeated, where there is nothing to estimate. */
function repeatLast(y: Float64Array, reason: string): Chosen {
  const estimate = new Float64Array(slots.season);
  estimate[slots.alpha] = 1;
  estimate[slots.level] = y[0]!;
  return { kind: simplest, estimate, deviance: Number.NaN, aicc: Number.NaN, reason };
}

/** Kinds that suit the series, or that come nearest to those asked for. */
function suitableKinds(
  y: Float64Array,
  period: number,
  asked: readonly EtsKind[] | undefined,
): readonly EtsKind[] {
  const positive = y.every((value) => value > leastPositive);
  const seasonal = period > 1 && period <= longestSeason && y.length >= 2 * period;
  if (asked === undefined) {
    if (!seasonal || period <= shortSeason) return usualKinds(positive, seasonal);
    // Factors of many steps are ill determined, and likelihoods of few use where the level's weight is bounded.
    const season = isSeasonal(y, period) ? 'A' : 'N';
    return usualKinds(season === 'N' && positive, true).filter((kind) => kind.season === season);
  }
  const suited = asked.map((kind) => ({
    error: positive ? kind.error : ('A' as const),
    trend: kind.trend,
    season: !seasonal ? 'N' : kind.season === 'M' && !positive ? 'A' : kind.season,
  }));
  return [...new Map(suited.map((kind) => [formatKind(kind), kind])).values()];
}

function chooseScaled(y: Float64Array, period: number, options: EtsOptions): [Chosen, Pass] {
  const kinds = suitableKinds(y, period, options.kinds);
  const seasonal = kinds.some(({ season }) => season !== 'N');
  const pass = createPass(y, seasonal ? period : 1);
  if (y.every((value) => value === y[0])) return [repeatLast(y, 'constant'), pass];
  const chosen = choose(kinds, pass);
  if (chosen !== undefined) return [chosen, pass];
  const simple = choose([simplest], pass);
  if (simple !== undefined) return [{ ...simple, reason: 'too short' }, pass];
  return [repeatLast(y, 'too short'), pass];
}

/** A season longer than the states hold, taken off before the fit. */
interface FixedSeason {
  readonly indices: Float64Array;
  readonly kind: 'A' | 'M';
}

function fixedSeasonOf(
  y: Float64Array,
  period: number,
  asked: readonly EtsKind[] | undefined,
): FixedSeason | undefined {
  if (period <= longestSeason || y.length < 2 * period) return undefined;
  const seasonal =
    asked === undefined ? isSeasonal(y, period) : asked.some(({ season }) => season !== 'N');
  if (!seasonal) return undefined;
  const additive = asked?.every(({ season }) => season !== 'M') ?? false;
  const kind = !additive && y.every((value) => value > leastPositive) ? 'M' : 'A';
  return { indices: firstSeason(y, period, kind), kind };
}

/** Why the fit is not of a kind that was asked for, or undefined if it is. */
function reasonOf(
  chosen: Chosen,
  fixed: FixedSeason | undefined,
  asked: readonly EtsKind[] | undefined,
) {
  if (chosen.reason !== undefined) return chosen.reason;
  if (fixed !== undefined) return 'long season taken off beforehand and held';
  const name = formatKind(chosen.kind);
  if (asked === undefined || asked.some((kind) => formatKind(kind) === name)) return undefined;
  return 'the kind asked for does not suit the length, season or sign of the series';
}

/**
 * Fits the series `values` [n], n >= 1, finite, with a season of `season` steps (1 for none). Never fails: what cannot be
 * estimated is replaced by something simpler, which `reason` tells.
 */
export function fitEts(values: Float64Array, season: number, options: EtsOptions = {}): EtsFit {
  const scale = binaryScale(values);
  const y = values.map((value) => value / scale);
  const fixed = fixedSeasonOf(y, season, options.kinds);
  const base = fixed === undefined ? y : withSeason(y, fixed.indices, fixed.kind, -1);
  const [chosen, pass] = chooseScaled(base, season, options);
  const reason = reasonOf(chosen, fixed, options.kinds);
  return { ...dress(chosen, pass, scale, fixed), ...(reason === undefined ? {} : { reason }) };
}

/** The fit in the units of the series; runs over the series once, so that the states can be read off. */
function dress(chosen: Chosen, pass: Pass, scale: number, fixed: FixedSeason | undefined): EtsFit {
  const { kind, estimate } = chosen;
  const n = pass.y.length;
  const weights = weightsOf(estimate, { alpha: 0, beta: 0, gamma: 0, phi: 0 });
  run(kind, estimate, pass, weights);
  const last: LastStates = {
    level: pass.level[n]!,
    slope: pass.slope[n]!,
    season: kind.season === 'N' ? new Float64Array(0) : pass.season.slice(n),
  };
  const sigma2 = errorVariance(kind, pass);
  const atHorizon = (forecast: Float64Array) =>
    fixed === undefined ? forecast : withSeason(forecast, fixed.indices, fixed.kind, 1, n);
  const deviation = (horizon: number) => {
    const roots = forecastVariance(kind, weights, last, sigma2, horizon).map((v) =>
      Math.sqrt(Math.max(0, v)),
    );
    return rescale(fixed?.kind === 'M' ? atHorizon(roots) : roots, scale);
  };
  const mean = (horizon: number) =>
    rescale(atHorizon(forecastMean(kind, weights, last, horizon)), scale);
  return {
    kind,
    weights,
    aicc: chosen.aicc + 2 * n * Math.log(scale),
    sigma2,
    mean,
    deviation,
    forecast: (horizon) => ({
      mean: mean(horizon),
      variance: rescale(
        deviation(horizon).map((v) => v * v),
        1,
      ),
    }),
    states: () => statesOf(kind, pass, scale, fixed),
  };
}

/** Mean squared error, relative where the kind has such, for each value beyond those that were estimated. */
function errorVariance(kind: EtsKind, { y, fitted, period }: Pass): number {
  let squares = 0;
  for (let t = 0; t < y.length; t++) {
    const e = y[t]! - fitted[t]!;
    squares += kind.error === 'A' ? e * e : (e / fitted[t]!) ** 2;
  }
  return squares / Math.max(1, y.length - parameterCount(kind, period) + 1);
}

function statesOf(
  kind: EtsKind,
  pass: Pass,
  scale: number,
  fixed: FixedSeason | undefined,
): ReturnType<EtsFit['states']> {
  const n = pass.y.length;
  const fitted =
    fixed === undefined ? pass.fitted : withSeason(pass.fitted, fixed.indices, fixed.kind, 1);
  const season = seasonOf(kind, pass, scale, fixed);
  return {
    fitted: rescale(fitted, scale),
    level: rescale(pass.level.subarray(1, n + 1), scale),
    ...(kind.trend === 'N' ? {} : { trend: rescale(pass.slope.subarray(1, n + 1), scale) }),
    ...(season === undefined ? {} : { season }),
  };
}

/** The seasonal state of each value, as it is after that value; a factor where the season is multiplicative. */
function seasonOf(kind: EtsKind, pass: Pass, scale: number, fixed: FixedSeason | undefined) {
  const n = pass.y.length;
  if (kind.season !== 'N') {
    const states = pass.season.subarray(pass.period, pass.period + n);
    return rescale(states, kind.season === 'A' ? scale : 1);
  }
  if (fixed === undefined) return undefined;
  const { indices } = fixed;
  const states = Float64Array.from({ length: n }, (_, t) => indices[t % indices.length]!);
  return rescale(states, fixed.kind === 'A' ? scale : 1);
}
