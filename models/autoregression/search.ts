/**
 * Stepwise search for the orders of a seasonal ARIMA model (Hyndman and Khandakar 2008, "Automatic time series forecasting: the
 * forecast package for R", Journal of Statistical Software 27). Every candidate is estimated by exact maximum
 * likelihood; no conditional sums of squares stand in for it where a series is long.
 */
import {
  type ArmaEstimate,
  type EstimationEffort,
  estimate,
  isUsable,
  startFrom,
  startOf,
} from './estimation.ts';
import { type ArimaOrder, polynomialCount } from './orders.ts';

/** What may be chosen. */
export interface SearchLimits {
  readonly p: number;
  readonly q: number;
  readonly seasonalP: number;
  readonly seasonalQ: number;
  /** Highest sum of the four if all models are compared; the stepwise search goes beyond. */
  readonly total: number;
  readonly stepwise: boolean;
  /** Evaluations of the likelihood, in values filtered, after which the best model so far is kept. */
  readonly work: number;
}

/** How a search ended. */
export interface SearchResult {
  readonly best: ArmaEstimate;
  /** Models that were estimated. */
  readonly models: number;
}

const mostModels = 94;

/** Changes of (P, Q, p, q) that are tried around the best model, in this order; the first that helps becomes the best. */
const moves: readonly (readonly [number, number, number, number])[] = [
  [-1, 0, 0, 0],
  [0, -1, 0, 0],
  [1, 0, 0, 0],
  [0, 1, 0, 0],
  [-1, -1, 0, 0],
  [-1, 1, 0, 0],
  [1, -1, 0, 0],
  [1, 1, 0, 0],
  [0, 0, -1, 0],
  [0, 0, 0, -1],
  [0, 0, 1, 0],
  [0, 0, 0, 1],
  [0, 0, -1, -1],
  [0, 0, -1, 1],
  [0, 0, 1, -1],
  [0, 0, 1, 1],
];

const searchEffort: EstimationEffort = { tolerance: 1e-5, maxIterations: 20, settled: 1e-4 };
const finalEffort: EstimationEffort = { tolerance: 1e-9, maxIterations: 60, settled: 1e-9 };

/** The candidates seen so far, and the best of them. */
interface Candidates {
  /** Estimates the model unless it was seen before or lies outside the limits; whether it is the best so far. */
  consider(order: ArimaOrder, near?: ArmaEstimate): boolean;
  readonly all: ArmaEstimate[];
  best(): ArmaEstimate | undefined;
  spent(): boolean;
}

function createCandidates(values: Float64Array, limits: SearchLimits): Candidates {
  const seen = new Set<string>();
  const all: ArmaEstimate[] = [];
  let best: ArmaEstimate | undefined;
  let work = 0;
  const spent = (): boolean => work > limits.work || all.length >= mostModels;
  return {
    all,
    best: () => best,
    spent,
    consider(order, near) {
      const { p, q, seasonalP, seasonalQ, constant } = order;
      const inside =
        Math.min(p, q, seasonalP, seasonalQ) >= 0 &&
        p <= limits.p &&
        q <= limits.q &&
        seasonalP <= limits.seasonalP &&
        seasonalQ <= limits.seasonalQ;
      const key = `${p},${q},${seasonalP},${seasonalQ},${constant}`;
      if (!inside || seen.has(key) || (best !== undefined && spent())) return false;
      seen.add(key);
      // A model with as many parameters as values has no criterion.
      if (values.length - polynomialCount(order) - (constant ? 1 : 0) - 2 <= 0) return false;
      const start =
        near === undefined ? startOf(values, order) : startFrom(near.free, near.order, order);
      const found = estimate(values, order, start, searchEffort);
      work += found.evaluations * values.length;
      all.push(found);
      if (!isUsable(found) || !(found.aicc < (best?.aicc ?? Number.POSITIVE_INFINITY)))
        return false;
      best = found;
      return true;
    },
  };
}

/** The models that the stepwise search begins with. */
function seeds(base: ArimaOrder, constants: readonly boolean[]): ArimaOrder[] {
  const seasonal = base.season > 1 ? 1 : 0;
  const constant = constants[0]!;
  return [
    { ...base, constant, p: 2, q: 2, seasonalP: seasonal, seasonalQ: seasonal },
    ...constants.map((own) => ({ ...base, constant: own })),
    { ...base, constant, p: 1, seasonalP: seasonal },
    { ...base, constant, q: 1, seasonalQ: seasonal },
  ];
}

function clampOrder(order: ArimaOrder, limits: SearchLimits): ArimaOrder {
  return {
    ...order,
    p: Math.min(order.p, limits.p),
    q: Math.min(order.q, limits.q),
    seasonalP: Math.min(order.seasonalP, limits.seasonalP),
    seasonalQ: Math.min(order.seasonalQ, limits.seasonalQ),
  };
}

/** Goes from model to better neighbour until there is none. */
function walk(candidates: Candidates, constants: readonly boolean[]): void {
  for (let best = candidates.best(); best !== undefined && !candidates.spent(); ) {
    const { order } = best;
    const neighbours = moves.map(([P, Q, p, q]) => ({
      ...order,
      seasonalP: order.seasonalP + P,
      seasonalQ: order.seasonalQ + Q,
      p: order.p + p,
      q: order.q + q,
    }));
    if (constants.length > 1) neighbours.push({ ...order, constant: !order.constant });
    const from = best;
    if (!neighbours.some((next) => candidates.consider(next, from))) return;
    best = candidates.best();
  }
}

/** All models within the limits, small ones first. */
function compareAll(
  candidates: Candidates,
  base: ArimaOrder,
  limits: SearchLimits,
  constants: readonly boolean[],
): void {
  const orders: ArimaOrder[] = [];
  for (let p = 0; p <= limits.p; p++)
    for (let q = 0; q <= limits.q; q++)
      for (let seasonalP = 0; seasonalP <= limits.seasonalP; seasonalP++)
        for (let seasonalQ = 0; seasonalQ <= limits.seasonalQ; seasonalQ++)
          for (const constant of constants)
            orders.push({ ...base, p, q, seasonalP, seasonalQ, constant });
  const small = orders.filter((order) => polynomialCount(order) <= limits.total);
  for (const order of small.sort((a, b) => polynomialCount(a) - polynomialCount(b)))
    candidates.consider(order);
}

/**
 * The best usable model of the differenced `values` [n], n >= 1, not constant, around `base`, whose differences are settled;
 * the plain one where no other is usable.
 */
export function searchOrders(
  values: Float64Array,
  base: ArimaOrder,
  limits: SearchLimits,
): SearchResult {
  const constants = base.d + base.seasonalD <= 1 ? [true, false] : [false];
  const candidates = createCandidates(values, limits);
  if (limits.stepwise) {
    for (const order of seeds(base, constants)) candidates.consider(clampOrder(order, limits));
    walk(candidates, constants);
  } else {
    compareAll(candidates, base, limits, constants);
  }
  const models = candidates.all.length;
  // The best by the quick estimates may turn out unusable by the careful one: then the next.
  const ranked = candidates.all.filter(isUsable).sort((a, b) => a.aicc - b.aicc);
  for (const { order, free } of ranked.slice(0, 5)) {
    const best = estimate(values, order, free, finalEffort);
    if (Number.isFinite(best.aicc) && isUsable(best)) return { best, models };
  }
  const plain = { ...base, constant: base.d + base.seasonalD === 0 };
  return { best: estimate(values, plain, new Float64Array(0), finalEffort), models };
}
