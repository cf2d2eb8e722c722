/** Variances of forecast errors against simulations of the models that they belong to. */
import { describe, expect, it } from 'vitest';
import { forecastMean, forecastVariance } from '../../../models/smoothing/forecast.ts';
import type { EtsKind } from '../../../models/smoothing/kind.ts';
import { createRandom } from '../../../tensor/random.ts';

const weights = { alpha: 0.4, beta: 0.1, gamma: 0.2, phi: 0.9 };
const horizon = 10;
const paths = 40_000;

/** Mean and variance of simulated futures, by step. */
function simulate(
  { error, season }: EtsKind,
  states: { level: number; slope: number; season: Float64Array },
  sigma: number,
) {
  const random = createRandom(3, error, season);
  const period = states.season.length;
  const sums = new Float64Array(horizon);
  const squares = new Float64Array(horizon);
  const { alpha, beta, gamma, phi } = weights;
  for (let path = 0; path < paths; path++) {
    let { level, slope } = states;
    const s = states.season.slice();
    for (let h = 0; h < horizon; h++) {
      const trend = level + phi * slope;
      const place = period === 0 ? 0 : h % period;
      const index = period === 0 ? 0 : s[place]!;
      const mean = season === 'M' ? trend * index : trend + index;
      const noise = sigma * random.normal();
      const e = error === 'A' ? noise : mean * noise;
      sums[h]! += mean + e;
      squares[h]! += (mean + e) ** 2;
      level = trend + alpha * (season === 'M' ? e / index : e);
      slope = phi * slope + beta * (season === 'M' ? e / index : e);
      if (period > 0) s[place] = index + gamma * (season === 'M' ? e / trend : e);
    }
  }
  const mean = sums.map((v) => v / paths);
  return { mean, variance: squares.map((v, h) => v / paths - mean[h]! ** 2) };
}

describe('forecasts', () => {
  it.each([
    ['A', 'N', []],
    ['A', 'A', [2, -1, -1]],
    ['M', 'N', []],
    ['M', 'A', [2, -1, -1]],
    ['M', 'M', [1.2, 0.9, 0.9]],
  ] as const)(
    'of errors %s and season %s have the spread of their simulated futures',
    (error, season, indices) => {
      const kind: EtsKind = { error, trend: 'Ad', season };
      const states = { level: 20, slope: 0.5, season: Float64Array.from(indices) };
      const sigma = error === 'A' ? 2 : 0.06;
      const simulated = simulate(kind, states, sigma);
      const mean = forecastMean(kind, weights, states, horizon);
      const variance = forecastVariance(kind, weights, states, sigma ** 2, horizon);
      for (let h = 0; h < horizon; h++) {
        expect(Math.abs(mean[h]! / simulated.mean[h]! - 1)).toBeLessThan(0.005);
        expect(Math.abs(variance[h]! / simulated.variance[h]! - 1)).toBeLessThan(0.05);
      }
    },
  );
});
