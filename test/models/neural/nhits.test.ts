/** Tests of N-HiTS against the equations of its paper, written out step by step in double precision. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { interpolationMatrix, maxPool, nhits } from '../../../models/neural/nhits.ts';
import { input } from '../../../tensor/expression.ts';
import { createProgram } from '../../../tensor/program.ts';
import { sizeOf } from '../../../tensor/values.ts';
import {
  type BareNetwork,
  buildBare,
  expectClose,
  expectGradients,
  inDouble,
  noise,
  randomWeights,
  runBare,
  shapeOf,
} from './network-oracle.ts';
import type { PlainWeights } from './plain-mathematics.ts';
import { expectParts, perceptron, rowOf, windowFeeds, windowOf } from './stacked-network.ts';

const small = { width: 9, layers: 2, pooling: '3-2-1', downsampling: '4-2-1' } as const;

/** A small network on three windows; with `columns` it has exogenous ones of all kinds. */
function networkOf({ gaps = false, columns = false, outputs = 1 }): BareNetwork {
  const [lookBack, horizon] = [10, 8];
  const counts = columns ? { future: 2, historical: 1, static: 3 } : {};
  const feeds = windowFeeds(3, lookBack, gaps);
  if (columns) {
    feeds['future'] = noise([3, lookBack + horizon, 2], 3);
    feeds['historical'] = noise([3, lookBack, 1], 4);
    feeds['static'] = noise([3, 3], 5);
  }
  return {
    model: nhits,
    shape: shapeOf(lookBack, horizon, { ...counts, outputs, locations: 1 }),
    hyperparameters: small,
    feeds,
  };
}

/** Maximum of every `kernel` values, counted from the end. */
function pool(values: readonly number[], kernel: number): number[] {
  const result: number[] = [];
  for (let end = values.length; end > 0; end -= kernel) {
    result.unshift(Math.max(...values.slice(Math.max(0, end - kernel), end)));
  }
  return result;
}

/** Pools every column of [steps, columns], flattened by time. */
function poolColumns(values: readonly number[], columns: number, kernel: number): number[] {
  const pooled = Array.from({ length: columns }, (_, c) =>
    pool(
      values.filter((_value, k) => k % columns === c),
      kernel,
    ),
  );
  return pooled[0]!.flatMap((_, t) => pooled.map((column) => column[t]!));
}

/** Section 3.4: the line through the two knots around each step. */
function interpolate(knots: readonly number[], steps: number): number[] {
  const share = steps / knots.length;
  return Array.from({ length: steps }, (_, step) => {
    const time = step + 0.5;
    const middle = (knot: number): number => (knot + 0.5) * share;
    const next = knots.findIndex((_knot, j) => middle(j) > time);
    if (next === 0) return knots[0]!;
    if (next < 0) return knots.at(-1)!;
    const slope = (knots[next]! - knots[next - 1]!) / (middle(next) - middle(next - 1));
    return knots[next - 1]! + slope * (time - middle(next - 1));
  });
}

/** Forecasts of row `row`, [horizon * outputs], by the equations. */
function plainRow(network: BareNetwork, w: PlainWeights, row: number): number[] {
  const { feeds, shape } = network;
  const { horizon, outputs } = shape;
  const { window, observed, level } = windowOf(network, row);
  const forecast = new Float64Array(horizon * outputs);
  for (let step = 0; step < horizon; step++) forecast[step * outputs] = level;
  let residual = window;
  for (const [i, kernel] of [3, 2, 1].entries()) {
    const knots = Math.floor(horizon / [4, 2, 1][i]!);
    const x = pool(residual, kernel);
    for (const name of ['historical', 'future']) {
      const columns = feeds[name];
      if (columns) x.push(...poolColumns(rowOf(columns, row), columns.shape[2]!, kernel));
    }
    if (feeds['static']) x.push(...rowOf(feeds['static'], row));
    const theta = perceptron(w, `stack-${i + 1}.block-1`, x, small.layers);
    for (let output = 0; output < outputs; output++) {
      const from = window.length + output * knots;
      const values = interpolate(theta.slice(from, from + knots), horizon);
      for (const [step, value] of values.entries()) forecast[step * outputs + output]! += value;
    }
    residual = residual.map((value, t) => (value - theta[t]!) * observed[t]!);
  }
  return Array.from(forecast);
}

const plainNhits = (network: BareNetwork, w: PlainWeights): number[] =>
  [0, 1, 2].flatMap((row) => plainRow(network, w, row));

describe('N-HiTS', () => {
  it.each([
    {},
    { gaps: true },
    { columns: true },
    { outputs: 3 },
    { gaps: true, columns: true, outputs: 2 },
  ])('computes the equations of the paper, and has their gradient: %o', async (kind) => {
    const network = networkOf(kind);
    const weights = randomWeights(network);
    const forecast = await runBare(network, weights);
    expectClose(forecast, plainNhits(network, inDouble(weights)));
    await expectGradients(network, (w) => plainNhits(network, w));
  });

  it('exposes parts that add up to the forecast', async () => {
    const names = ['level', 'stack-1', 'stack-2', 'stack-3'];
    await expectParts(networkOf({ gaps: true, columns: true }), names);
  });

  it('has some 0.9 million parameters in each of three blocks at look-back 96 and horizon 24', () => {
    const window = noise([1, 96], 1);
    const shape = shapeOf(96, 24);
    const { parameters } = buildBare(
      { model: nhits, shape, hyperparameters: {}, feeds: { window } },
      false,
    );
    for (const stack of ['stack-1', 'stack-2', 'stack-3']) {
      const arrays = parameters.filter(({ name }) => name!.startsWith(stack));
      const count = arrays.reduce((sum, array) => sum + sizeOf(array.shape as number[]), 0);
      expect(count).toBeGreaterThan(0.8e6);
      expect(count).toBeLessThan(0.9e6);
    }
  });

  it('wants pooling and downsampling for the same number of stacks, in whole numbers', () => {
    const accepts = (given: object): boolean => nhits.hyperparameters.safeParse(given).success;
    expect(accepts({ pooling: '4-1', downsampling: '8-1' })).toBe(true);
    expect(accepts({ pooling: '4-1' })).toBe(false);
    expect(accepts({ pooling: '2-0-1' })).toBe(false);
    expect(accepts({ pooling: '2,2,1' })).toBe(false);
  });
});

describe('interpolation', () => {
  const sizes = fc.tuple(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 40 }));
  const draw = (knots: readonly number[], steps: number, matrix: Float32Array): number[] =>
    Array.from({ length: steps }, (_, step) =>
      knots.reduce((sum, knot, j) => sum + knot * matrix[j * steps + step]!, 0),
    );

  it('draws the lines through the knots', () => {
    fc.assert(
      fc.property(
        sizes,
        fc.infiniteStream(fc.double({ min: -1, max: 1 })),
        ([n, steps], stream) => {
          const knots = Array.from({ length: n }, () => stream.next().value);
          const values = draw(knots, steps, interpolationMatrix(n, steps, 'linear'));
          for (const [step, value] of interpolate(knots, steps).entries()) {
            expect(values[step]).toBeCloseTo(value, 5);
          }
        },
      ),
    );
  });

  it('repeats the nearest knot', () => {
    expect(draw([1, 2, 3], 6, interpolationMatrix(3, 6, 'nearest'))).toEqual([1, 1, 2, 2, 3, 3]);
    expect(draw([1, 2], 5, interpolationMatrix(2, 5, 'nearest'))).toEqual([1, 1, 1, 2, 2]);
  });

  it('draws parabolas through the knots by cubic convolution, away from the ends', () => {
    const parabola = (t: number): number => 3 * t * t - 2 * t + 1;
    const middles = Array.from({ length: 8 }, (_, j) => parabola((j + 0.5) * 4));
    const values = draw(middles, 32, interpolationMatrix(8, 32, 'cubic'));
    for (let step = 6; step < 26; step++) {
      expect(values[step]! / parabola(step + 0.5)).toBeCloseTo(1, 5);
    }
  });

  it.each(['linear', 'nearest', 'cubic'] as const)('keeps constants and knots (%s)', (kind) => {
    fc.assert(
      fc.property(sizes, ([n, steps]) => {
        const level = draw(Array<number>(n).fill(5), steps, interpolationMatrix(n, steps, kind));
        for (const value of level) expect(value).toBeCloseTo(5, 4);
        const knots = Array.from({ length: n }, (_, j) => j * j);
        expect(draw(knots, n, interpolationMatrix(n, n, kind))).toEqual(knots);
      }),
    );
  });
});

describe('max pooling', () => {
  it.each([
    [7, 2],
    [8, 4],
    [5, 16],
    [6, 1],
  ])(
    'takes the maximum of windows that end at the newest value, %i steps by %i',
    async (steps, k) => {
      const x = input('x', 'float32', ['batch', steps]);
      const program = await createProgram({ pooled: maxPool(x, k) }, { threads: 1 });
      // All below zero, so that padding with zeros would show.
      const rows = [0, 1, 2].map((row) =>
        Array.from({ length: steps }, (_, t) => -1 - ((7 * t + 3 * row) % 5)),
      );
      const data = Float32Array.from(rows.flat());
      const { pooled } = await program.run({ x: { data, shape: [3, steps] } });
      await program.release();
      expect(Array.from(pooled!)).toEqual(rows.flatMap((row) => pool(row, k)));
    },
  );
});
