/** What a fitted exponential smoothing says of the future: means and the deviations of its errors. */
import type { EtsKind } from './kind.ts';
import type { Weights } from './recursion.ts';

/** States after the last value. */
export interface LastStates {
  readonly level: number;
  readonly slope: number;
  /** In force at the next `period` values, the next one first; empty where there is no season. */
  readonly season: Float64Array;
}

/** phi + phi^2 + ... + phi^h, by h from 1 on. */
function dampedSums(phi: number, horizon: number): Float64Array {
  const sums = new Float64Array(horizon);
  let power = 1;
  let sum = 0;
  for (let h = 0; h < horizon; h++) {
    power *= phi;
    sum += power;
    sums[h] = sum;
  }
  return sums;
}

/** Point forecasts [horizon]: the recursion without errors (Hyndman et al. 2008, table 2.1). */
export function forecastMean(
  kind: EtsKind,
  { phi }: Weights,
  { level, slope, season }: LastStates,
  horizon: number,
): Float64Array {
  return dampedSums(phi, horizon).map((sum, h) => {
    const trend = level + sum * slope;
    if (kind.season === 'N') return trend;
    const index = season[h % season.length]!;
    return kind.season === 'A' ? trend + index : trend * index;
  });
}

/**
 * Variances of the forecast errors [horizon] for errors of variance `sigma2` (relative ones where the kind has such):
 * Hyndman et al. 2008, section 6.3, classes 1 and 2 exactly, and class 3, where relative errors meet a multiplicative
 * season, by its approximation for small `sigma2` with the covariance of level and season added.
 */
export function forecastVariance(
  kind: EtsKind,
  { alpha, beta, gamma, phi }: Weights,
  states: LastStates,
  sigma2: number,
  horizon: number,
): Float64Array {
  const { season } = states;
  const period = season.length;
  const weights = dampedSums(phi, horizon).map(
    (sum, j) => alpha + beta * sum + (kind.season === 'A' && (j + 1) % period === 0 ? gamma : 0),
  );
  if (kind.error === 'A') {
    let sum = 1;
    return weights.map((weight) => {
      const variance = sigma2 * sum;
      sum += weight * weight;
      return variance;
    });
  }
  const trend = forecastMean(
    kind.season === 'M' ? { ...kind, season: 'N' } : kind,
    { alpha, beta, gamma, phi },
    states,
    horizon,
  );
  const theta = new Float64Array(horizon);
  const variances = new Float64Array(horizon);
  for (let h = 0; h < horizon; h++) {
    let sum = 0;
    for (let j = 0; j < h; j++) sum += weights[j]! ** 2 * theta[h - 1 - j]!;
    const square = trend[h]! ** 2;
    theta[h] = square + sigma2 * sum;
    if (kind.season !== 'M') {
      variances[h] = theta[h]! * (1 + sigma2) - square;
      continue;
    }
    // An error moves the level and, from a season later on, the index of its place: the two go together.
    let shared = 0;
    for (let k = h - period; k >= 0; k -= period) {
      shared += gamma * sigma2 * weights[h - k - 1]! * trend[k]!;
    }
    const growth = (1 + gamma * gamma * sigma2) ** Math.floor(h / period);
    const second = (1 + sigma2) * (theta[h]! * growth + 4 * shared * trend[h]!);
    variances[h] = season[h % period]! ** 2 * (second - (trend[h]! + shared) ** 2);
  }
  return variances;
}
