/** Stacking: weights by regression, not negative and adding up to 1, with the least absolute error and a pull to equal weights. */
import { memberErrors, thinned } from '../member.ts';
import { enoughForSelection } from './greedy.ts';
import { closeToBest, type EnsembleMethod, normalised, withForecasts } from './method.ts';

/** The pull to equal weights, as a share of the regression's own curvature. */
const pull = 0.02;
/** Least squares, reweighed by the inverse of the last residuals, approach least absolute errors (Schlossmacher 1973). */
const reweighings = 8;

export const stacking: EnsembleMethod = {
  name: 'stacking',
  summary: 'weights by regression, pulled to equal ones',
  source:
    'Breiman (1996), Stacked regressions, Machine Learning 24; ridge: Hoerl and Kennard (1970)',
  perSeries: false,
  fit(sample) {
    const thin = withForecasts(thinned(sample, enoughForSelection));
    const residuals = withoutHoles(thin.residuals, thin.fallback);
    const centre = normalised(closeToBest(memberErrors(sample)));
    let weights = centre;
    for (let round = 0; round < reweighings; round++) {
      const gram = weightedGram(residuals, weights);
      weights = minimiseOnSimplex(...withPull(gram, centre), weights);
    }
    return { method: 'stacking', rule: 'average', members: sample.names, weights };
  },
};

/** Holes are filled with what the other members err on average, as they share the weight of the one that is missing. */
function withoutHoles(residuals: readonly Float64Array[], fallback: Float64Array): Float64Array[] {
  const filling = fallback.map((otherwise, k) => {
    let sum = 0;
    let count = 0;
    for (const values of residuals) {
      if (Number.isNaN(values[k]!)) continue;
      sum += values[k]!;
      count += 1;
    }
    return count > 0 ? sum / count : otherwise;
  });
  return residuals.map((values) =>
    values.map((value, k) => (Number.isNaN(value) ? filling[k]! : value)),
  );
}

/** Products of the members' residuals [members * members], each place weighted by the inverse size of the current residual. */
function weightedGram(residuals: readonly Float64Array[], weights: Float64Array): Float64Array {
  const members = residuals.length;
  const length = residuals[0]!.length;
  const current = new Float64Array(length);
  for (let m = 0; m < members; m++) {
    if (weights[m] === 0) continue;
    for (let k = 0; k < length; k++) current[k]! += weights[m]! * residuals[m]![k]!;
  }
  let size = 0;
  for (const value of current) size += Math.abs(value);
  const least = (size / length) * 1e-2 || 1;
  const importance = current.map((value) => 1 / Math.max(Math.abs(value), least) / length);
  const gram = new Float64Array(members * members);
  for (let a = 0; a < members; a++) {
    for (let b = 0; b <= a; b++) {
      let sum = 0;
      for (let k = 0; k < length; k++)
        sum += importance[k]! * residuals[a]![k]! * residuals[b]![k]!;
      gram[a * members + b] = sum;
      gram[b * members + a] = sum;
    }
  }
  return gram;
}

/** Adds the ridge around `centre`: w'Gw + r |w - c|^2 is w'(G + rI)w - 2 r c'w but for a constant. */
function withPull(
  gram: Float64Array,
  centre: Float64Array,
): [gram: Float64Array, linear: Float64Array] {
  const members = centre.length;
  const diagonal = Array.from(centre, (_, m) => gram[m * members + m]!).sort((a, b) => a - b);
  const ridge = pull * diagonal[members >> 1]!;
  const ridged = gram.slice();
  for (let m = 0; m < members; m++) ridged[m * members + m]! += ridge;
  return [ridged, centre.map((value) => ridge * value)];
}

/** Most exchanges of weight between two members. */
const exchanges = 500;

/**
 * The point of the simplex with the least w'Gw - 2 l'w, from `start` on: weight goes from the member whose gradient is
 * highest to the one whose is lowest, as much as is best, until none gains (pairwise Frank-Wolfe; Lacoste-Julien, Jaggi 2015).
 */
function minimiseOnSimplex(
  gram: Float64Array,
  linear: Float64Array,
  start: Float64Array,
): Float64Array {
  const members = start.length;
  const weights = start.slice();
  const slope = (m: number): number => {
    let sum = -linear[m]!;
    for (let k = 0; k < members; k++) sum += gram[m * members + k]! * weights[k]!;
    return sum;
  };
  for (let exchange = 0; exchange < exchanges; exchange++) {
    const slopes = weights.map((_, m) => slope(m));
    let to = 0;
    let from = -1;
    for (let m = 0; m < members; m++) {
      if (slopes[m]! < slopes[to]!) to = m;
      if (weights[m]! > 0 && (from < 0 || slopes[m]! > slopes[from]!)) from = m;
    }
    const gap = slopes[from]! - slopes[to]!;
    const scale = Math.abs(slopes[from]!) + Math.abs(slopes[to]!);
    if (!(gap > 1e-9 * scale)) break;
    const curvature =
      gram[from * members + from]! + gram[to * members + to]! - 2 * gram[from * members + to]!;
    const step = curvature > 0 ? Math.min(weights[from]!, gap / curvature) : weights[from]!;
    weights[to]! += step;
    weights[from] = Math.max(0, weights[from]! - step);
  }
  return normalised(weights.map((weight) => (weight < 1e-3 ? 0 : weight)));
}
