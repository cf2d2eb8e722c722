/** Tests of N-BEATS against the equations of its paper, written out step by step in double precision. */
import { describe, expect, it } from 'vitest';
import { nbeats, seasonalityBasis, trendBasis } from '../../../models/neural/nbeats.ts';
import {
  type BareNetwork,
  buildBare,
  expectClose,
  expectGradients,
  inDouble,
  randomWeights,
  runBare,
  shapeOf,
} from './network-oracle.ts';
import type { PlainWeights } from './plain-mathematics.ts';
import { expectParts, perceptron, windowFeeds, windowOf } from './stacked-network.ts';

const [lookBack, horizon, degree] = [9, 6, 2] as const;
const small = { width: 8, layers: 2, degree, harmonics: 1 } as const;
type Stack = 'generic' | 'trend' | 'seasonality';
const stacks = {
  generic: ['generic'],
  interpretable: ['trend', 'seasonality'],
  mixed: ['generic', 'trend', 'seasonality'],
} as const;

interface Kind {
  readonly basis: keyof typeof stacks;
  readonly blocks: number;
  readonly outputs?: number;
  readonly gaps?: boolean;
}

/** A small network on three windows. */
const networkOf = ({ basis, blocks, outputs = 1, gaps = false }: Kind): BareNetwork => ({
  model: nbeats,
  shape: shapeOf(lookBack, horizon, { outputs, locations: 1 }),
  hyperparameters: { ...small, basis, blocks },
  feeds: windowFeeds(3, lookBack, gaps),
});

/** Value at step `i` of the horizon (from 0; below 0 in the window) of what coefficients say, section 3.3 of the paper. */
function expand(stack: Stack, theta: readonly number[], i: number): number {
  const inWindow = i < 0;
  if (stack === 'generic') return theta[inWindow ? i + lookBack : i]!;
  if (stack === 'trend') {
    const t = inWindow ? (i + lookBack) / lookBack : i / horizon;
    return theta.reduce((sum, coefficient, power) => sum + coefficient * t ** power, 0);
  }
  const waves = horizon / 2 - 1;
  let sum = theta[0]!;
  for (let f = 1; f <= waves; f++) {
    const angle = (2 * Math.PI * f * i) / horizon;
    sum += theta[f]! * Math.cos(angle) + theta[waves + f]! * Math.sin(angle);
  }
  return sum;
}

/** Coefficients that a stack has for a stretch of `steps`. */
const sizeOfBasis = (stack: Stack, steps: number): number =>
  stack === 'generic' ? steps : stack === 'trend' ? degree + 1 : 2 * (horizon / 2 - 1) + 1;

/** Forecasts of row `row`, [horizon * outputs]. */
function plainRow(network: BareNetwork, w: PlainWeights, row: number): number[] {
  const { basis, blocks } = network.hyperparameters as unknown as Kind;
  const { outputs } = network.shape;
  const { window, observed, level } = windowOf(network, row);
  const forecast = new Float64Array(horizon * outputs);
  for (let i = 0; i < horizon; i++) forecast[i * outputs] = level;
  let residual = window;
  for (const stack of stacks[basis]) {
    for (let block = 1; block <= blocks; block++) {
      const name = basis === 'interpretable' ? stack : `${stack}.block-${block}`;
      const theta = perceptron(w, name, residual, small.layers);
      const size = sizeOfBasis(stack, horizon);
      const ofBackcast = sizeOfBasis(stack, lookBack);
      for (let output = 0; output < outputs; output++) {
        const own = theta.slice(ofBackcast + output * size, ofBackcast + (output + 1) * size);
        for (let i = 0; i < horizon; i++) forecast[i * outputs + output]! += expand(stack, own, i);
      }
      const backcast = theta.slice(0, ofBackcast);
      residual = residual.map(
        (value, t) => (value - expand(stack, backcast, t - lookBack)) * observed[t]!,
      );
    }
  }
  return Array.from(forecast);
}

const plainNbeats = (network: BareNetwork, w: PlainWeights): number[] =>
  [0, 1, 2].flatMap((row) => plainRow(network, w, row));

describe('N-BEATS', () => {
  it.each<Kind>([
    { basis: 'generic', blocks: 3 },
    { basis: 'interpretable', blocks: 2, gaps: true },
    { basis: 'mixed', blocks: 1 },
    { basis: 'mixed', blocks: 2, outputs: 3, gaps: true },
  ])('computes the equations of the paper, and has their gradient: %o', async (kind) => {
    const network = networkOf(kind);
    const weights = randomWeights(network);
    const forecast = await runBare(network, weights);
    expectClose(forecast, plainNbeats(network, inDouble(weights)));
    await expectGradients(network, (w) => plainNbeats(network, w));
  });

  it.each(['generic', 'interpretable', 'mixed'] as const)(
    'exposes a part for the level and for each stack, which add up to the forecast, %s',
    async (basis) => {
      await expectParts(networkOf({ basis, blocks: 2 }), ['level', ...stacks[basis]]);
    },
  );

  it('shares the weights of an interpretable stack among its blocks', () => {
    const countOf = (basis: Kind['basis'], blocks: number): number =>
      buildBare(networkOf({ basis, blocks }), false).parameters.length;
    expect(countOf('interpretable', 3)).toBe(countOf('interpretable', 1));
    expect(countOf('generic', 3)).toBe(3 * countOf('generic', 1));
  });

  it("has the paper's basis: powers of time, and waves up to half the horizon", () => {
    const trend = trendBasis(3, [0, 0.5]);
    expect(trend).toEqual({ size: 4, matrix: Float32Array.of(1, 1, 0, 0.5, 0, 0.25, 0, 0.125) });
    // H = 8: 1, cos 2 pi t, ..., cos 2 pi 3 t, and the sines.
    expect(seasonalityBasis(1, 8, [0]).size).toBe(7);
    expect(seasonalityBasis(1, 1, [0])).toEqual({ size: 1, matrix: Float32Array.of(1) });
    const { size, matrix } = seasonalityBasis(2, 8, [0.25]);
    // Frequencies 1, 1.5, ..., 3.5.
    expect(size).toBe(13);
    expect(matrix![2]).toBeCloseTo(Math.cos(2 * Math.PI * 1.5 * 0.25), 6);
    expect(matrix![12]).toBeCloseTo(Math.sin(2 * Math.PI * 3.5 * 0.25), 6);
  });
});
