/** Fits a member of the Theta family to one series: season out, process estimated, forecast, season back. */
import {
  deseasonalise,
  reseasonalise,
  type SeasonalAdjustment,
} from '../../series/seasonal-adjustment.ts';
import type { LocalContext, LocalFit } from '../model.ts';
import { minimiseOnLine } from '../numerics/line-search.ts';
import { constantFit, isConstant, randomWalkFit } from '../numerics/plain-fits.ts';
import { binaryScale, rescale } from '../numerics/scaling.ts';
import {
  dynamicLines,
  forecastTheta,
  profileTheta,
  runTheta,
  staticLines,
  type ThetaLines,
  type ThetaParameters,
  type ThetaPath,
  thetaVariances,
} from './theta-process.ts';

/** Which member of the family. */
export interface ThetaKind {
  /** The paper's abbreviation. */
  readonly name: 'STM' | 'OTM' | 'DSTM' | 'DOTM';
  /** Whether the line is that of the values up to each time, rather than of all. */
  readonly dynamic: boolean;
  /** Whether theta is estimated, rather than 2. */
  readonly optimised: boolean;
  /** Range of alpha. */
  readonly alpha: readonly [number, number];
}

/** Fewest values that are more than a random walk. */
export const shortestTheta = 4;

/** Greatest theta, and the weight of the line that goes with it. */
const greatestTheta = 1e10;
const greatestWeight = 1 - 1 / greatestTheta;

/** First errors that are not counted: the dynamic process knows no line before it has seen some values. */
function errorsSkipped(n: number, dynamic: boolean): number {
  return dynamic ? Math.min(3, Math.max(1, n - 4)) : 0;
}

/**
 * Parameters of the least sum of squared errors one step ahead: a search over alpha, all else in closed form, which leaves
 * no local minimum of a simplex search to end in.
 */
function estimateTheta(
  values: Float64Array,
  lines: ThetaLines,
  { dynamic, optimised, alpha: [lower, upper] }: ThetaKind,
): ThetaParameters {
  const skip = errorsSkipped(values.length, dynamic);
  const range = optimised ? ([0, greatestWeight] as const) : ([0.5, 0.5] as const);
  const profile = { weight: 0, level: 0, loss: 0 };
  const loss = (alpha: number): number => {
    profileTheta(values, lines, alpha, skip, range, profile);
    return profile.loss;
  };
  const alpha = minimiseOnLine(loss, { lower, upper });
  profileTheta(values, lines, alpha, skip, range, profile);
  return { alpha, weight: profile.weight, level: profile.level };
}

/** Root of the errors' variance, with the estimated numbers taken off the count. */
function errorDeviation(values: Float64Array, { fitted }: ThetaPath, kind: ThetaKind): number {
  const n = values.length;
  const skip = errorsSkipped(n, kind.dynamic);
  let squares = 0;
  for (let t = skip; t < n; t++) squares += (values[t]! - fitted[t]!) ** 2;
  return Math.sqrt(squares / Math.max(1, n - skip - (kind.optimised ? 3 : 2)));
}

/** Parts of the series in its own units: (level + trend) with the season is `fitted`. */
function componentsOf(
  { fitted, level, trend }: ThetaPath,
  adjustment: SeasonalAdjustment,
  scale: number,
): Record<string, Float64Array> {
  const { kind, indices } = adjustment;
  const parts = {
    fitted: rescale(reseasonalise(fitted, adjustment, 0), scale),
    level: rescale(level, scale),
    trend: rescale(trend, scale),
  };
  if (kind === 'none') return parts;
  const season = fitted.map((_, t) => indices[t % indices.length]!);
  return { ...parts, season: kind === 'additive' ? rescale(season, scale) : season };
}

/**
 * The fit of `kind`. Fewer than four values are a random walk, equal ones stay as they are. The deviations are those of the
 * state space form, with the errors' variance from the series without its season.
 */
export function fitTheta(history: Float64Array, context: LocalContext, kind: ThetaKind): LocalFit {
  const n = history.length;
  if (isConstant(history)) return constantFit(history, context);
  if (n < shortestTheta) {
    return randomWalkFit(history, context, `fewer than ${shortestTheta} values`);
  }
  const { horizon, season } = context;
  const scale = binaryScale(history);
  const adjustment = deseasonalise(
    history.map((value) => value / scale),
    season,
  );
  const values = adjustment.adjusted;
  const lines = kind.dynamic ? dynamicLines(values) : staticLines(values);
  const parameters = estimateTheta(values, lines, kind);
  const path = runTheta(values, lines, parameters);
  const end = {
    t: n,
    level: path.lastLevel,
    intercept: lines.intercepts[n]!,
    slope: lines.slopes[n]!,
    mean: lines.mean,
  };
  const forecast = forecastTheta(end, parameters, kind.dynamic, horizon);
  return {
    mean: rescale(reseasonalise(forecast, adjustment, n), scale),
    parameters: {
      kind: kind.name,
      alpha: parameters.alpha,
      theta: parameters.weight === greatestWeight ? greatestTheta : 1 / (1 - parameters.weight),
      season: adjustment.kind,
    },
    deviation: () => {
      const one = errorDeviation(values, path, kind);
      const variances = thetaVariances(n, parameters, kind.dynamic, horizon);
      const deviations = variances.map((variance) => one * Math.sqrt(variance));
      // A factor stretches the errors, what is added does not.
      const factors =
        adjustment.kind === 'multiplicative'
          ? adjustment
          : { ...adjustment, kind: 'none' as const };
      return rescale(reseasonalise(deviations, factors, n), scale);
    },
    components: () => componentsOf(path, adjustment, scale),
  };
}
