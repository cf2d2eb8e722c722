/** A seasonal ARIMA model chosen and estimated for one series, with its forecasts, their deviations and its parts. */
import {
  difference,
  differencePolynomial,
  firstDifferences,
  integrate,
  isConstant,
  seasonalDifferences,
} from './differencing.ts';
import type { ArmaEstimate } from './estimation.ts';
import { createFilter, type InnovationFilter, predict, runFilter } from './innovations.ts';
import { type ArimaOrder, formatOrder, lostValues, polynomialCount } from './orders.ts';
import type { SparsePolynomial } from './polynomials.ts';
import { searchOrders } from './search.ts';

/** What may be chosen, and how much effort a series is worth. */
export interface AutoArimaOptions {
  readonly maxP: number;
  readonly maxQ: number;
  readonly maxSeasonalP: number;
  readonly maxSeasonalQ: number;
  readonly maxTotal: number;
  readonly stepwise: boolean;
  readonly seasonal: boolean;
}

/** A fitted model. */
export interface AutoArimaFit {
  readonly order: ArimaOrder;
  readonly estimate: ArmaEstimate | undefined;
  /** Variance of the innovations, corrected for the parameters, in the series' units. */
  readonly variance: number;
  /** Forecast [horizon]. */
  readonly mean: Float64Array;
  /** Forecasts one step ahead [n]; the values themselves where differencing leaves none. */
  fitted(): Float64Array;
  /** Errors of those forecasts [n]. */
  residual(): Float64Array;
  /** Standard deviation of the forecast errors [horizon]. */
  deviation(): Float64Array;
  /** In words: the orders, and why there is nothing better. */
  readonly description: string;
}

/** Only this many values at the end of a series are estimated from. */
const longestEstimated = 10_000;
/** Longer seasons are differenced but have no coefficients of their own: a state of some hundred entries is enough. */
const longestSeasonalPolynomial = 200;
/** Values filtered, all evaluations together, after which the search keeps what it has: some seconds. */
const mostWork = 2e7;

/** Shorter series are taken for random walks. */
const fewestTested = 6;

/** A model of no parameters, of series that differencing makes constant. */
const noOrder = { p: 0, q: 0, seasonalP: 0, seasonalQ: 0 } as const;

/** Chooses how often to difference: the season first, then what the test asks for. */
function chooseDifferences(values: Float64Array, season: number): ArimaOrder {
  const seasonalD = seasonalDifferences(values, season);
  const rest = seasonalD === 1 ? difference(values, season) : values;
  // Too few values say nothing of a level to return to.
  const d = values.length < fewestTested ? 1 - seasonalD : firstDifferences(rest, 2);
  return { ...noOrder, d, seasonalD, season, constant: false };
}

function differenced(values: Float64Array, { d, seasonalD, season }: ArimaOrder): Float64Array {
  let rest = values;
  for (let i = 0; i < seasonalD; i++) rest = difference(rest, season);
  for (let i = 0; i < d; i++) rest = difference(rest, 1);
  return rest;
}

/**
 * Weights of past innovations in y(n + h) [horizon], the process written as an infinite moving average (Box and Jenkins 1976,
 * section 5.1).
 */
function movingAverageWeights(
  phi: SparsePolynomial,
  theta: SparsePolynomial,
  differences: Float64Array,
  horizon: number,
): Float64Array {
  const stationary = new Float64Array(horizon);
  if (horizon > 0) stationary[0] = 1;
  for (let i = 0; i < theta.lags.length; i++) {
    if (theta.lags[i]! < horizon) stationary[theta.lags[i]!]! += theta.coefficients[i]!;
  }
  for (let k = 1; k < horizon; k++) {
    for (let i = 0; i < phi.lags.length; i++) {
      const lag = phi.lags[i]!;
      if (lag <= k) stationary[k]! += phi.coefficients[i]! * stationary[k - lag]!;
    }
  }
  return integrate(new Float64Array(differences.length), stationary, differences);
}

/** Standard deviations of the forecast errors, from the variance of the innovations. */
function deviations(weights: Float64Array, variance: number): Float64Array {
  let sum = 0;
  return weights.map((weight) => {
    sum += weight * weight;
    return Math.sqrt(variance * sum);
  });
}

/** The fit of a model without coefficients: its differences are a constant, forever. */
function plainFit(values: Float64Array, base: ArimaOrder, horizon: number): AutoArimaFit {
  const rest = differenced(values, base);
  const level = rest.length > 0 ? rest[rest.length - 1]! : 0;
  const coefficients = differencePolynomial(base.d, base.seasonalD, base.season);
  const order = { ...base, constant: level !== 0 };
  return {
    order,
    estimate: undefined,
    variance: 0,
    mean: integrate(values, new Float64Array(horizon).fill(level), coefficients),
    fitted: () => values.slice(),
    residual: () => new Float64Array(values.length),
    deviation: () => new Float64Array(horizon),
    description: `${formatOrder(order)}, nothing varies`,
  };
}

/** Runs the chosen model over the whole series. */
function finalFilter(rest: Float64Array, { filter, order }: ArmaEstimate): InnovationFilter {
  if (filter.values.length === rest.length) return filter;
  const whole = createFilter(rest, filter.polynomials, order.constant);
  runFilter(whole, 1e-9);
  return whole;
}

/** Chooses, estimates and forecasts; `values` [n], n >= 1, of moderate size. */
export function autoArima(
  values: Float64Array,
  season: number,
  horizon: number,
  options: AutoArimaOptions,
): AutoArimaFit {
  const n = values.length;
  const tail = values.subarray(Math.max(0, n - longestEstimated));
  const usedSeason = options.seasonal ? season : 1;
  const base = isConstant(values)
    ? { ...noOrder, d: 0, seasonalD: 0, season: usedSeason, constant: true }
    : chooseDifferences(tail, usedSeason);
  const sample = differenced(tail, base);
  if (isConstant(sample)) return plainFit(values, base, horizon);
  const third = Math.floor(n / 3);
  const seasonalMost =
    usedSeason > 1 && usedSeason <= longestSeasonalPolynomial ? Math.floor(third / usedSeason) : 0;
  const { best } = searchOrders(sample, base, {
    p: Math.min(options.maxP, third),
    q: Math.min(options.maxQ, third),
    seasonalP: Math.min(options.maxSeasonalP, seasonalMost),
    seasonalQ: Math.min(options.maxSeasonalQ, seasonalMost),
    total: options.maxTotal,
    stepwise: options.stepwise,
    work: mostWork,
  });
  const { order } = best;
  const filter = finalFilter(differenced(values, order), best);
  const coefficients = differencePolynomial(order.d, order.seasonalD, order.season);
  const count = polynomialCount(order) + (order.constant ? 1 : 0);
  const used = filter.values.length;
  const variance = filter.sumOfSquares / Math.max(1, used - count);
  const { phi, theta } = filter.polynomials;
  const lost = lostValues(order);
  const errorAt = (t: number): number => (t < lost ? 0 : filter.innovations[t - lost]!);
  return {
    order,
    estimate: best,
    variance,
    mean: integrate(values, predict(filter, horizon), coefficients),
    fitted: () => values.map((value, t) => value - errorAt(t)),
    residual: () => values.map((_, t) => errorAt(t)),
    deviation: () => deviations(movingAverageWeights(phi, theta, coefficients, horizon), variance),
    description: formatOrder(order),
  };
}
