/** Tests of NLinear, DLinear and RLinear against their equations, written out in double precision. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dlinear, movingAverageMatrix } from '../../../models/neural/dlinear.ts';
import { nlinear } from '../../../models/neural/nlinear.ts';
import { rlinear } from '../../../models/neural/rlinear.ts';
import type { ArrayValue } from '../../../tensor/values.ts';
import {
  type BareNetwork,
  expectClose,
  expectGradients,
  inDouble,
  noise,
  randomWeights,
  runBare,
  shapeOf,
} from './network-oracle.ts';
import { linear as plainLinear, moments, type PlainWeights, rowsOf } from './plain-mathematics.ts';
import { definitionOf, freshWeights, runNetwork } from './run-network.ts';
import { rowOf, windowFeeds, windowOf } from './stacked-network.ts';

const lookBack = 10;
const horizon = 4;
const window = Float32Array.from({ length: lookBack }, (_, t) => Math.sin(t * t) + 0.3 * t);

/** values W + b. */
function linear(values: ArrayLike<number>, weight: ArrayValue, bias: ArrayValue): number[] {
  return Array.from(bias.data, (b, k) =>
    Array.from(values).reduce((sum, value, t) => sum + value * weight.data[t * horizon + k]!, b),
  );
}

/** Mean over `kernel` steps around each, ends repeated. */
function movingAverage(values: ArrayLike<number>, kernel: number): number[] {
  const half = (kernel - 1) / 2;
  const at = (t: number): number => values[Math.min(Math.max(t, 0), values.length - 1)]!;
  return Array.from(values, (_, t) => {
    let sum = 0;
    for (let k = t - half; k <= t + half; k++) sum += at(k);
    return sum / kernel;
  });
}

describe('NLinear', () => {
  it('is a linear layer on the window less its last value, which is added back', async () => {
    const definition = definitionOf(nlinear, lookBack, horizon);
    const weights = freshWeights(definition);
    const last = window[lookBack - 1]!;
    const shifted = Array.from(window, (value) => value - last);
    const expected = linear(shifted, weights['linear.weight']!, weights['linear.bias']!);
    const forecast = await runNetwork(definition, weights, [window]);
    for (const [k, value] of forecast.entries()) expect(value).toBeCloseTo(expected[k]! + last, 4);
  });

  it("begins within the bounds of the paper's layers", () => {
    for (const { data } of Object.values(freshWeights(definitionOf(nlinear, 400, 50)))) {
      expect(Math.max(...data.map(Math.abs))).toBeLessThanOrEqual(1 / 20);
      expect(Math.max(...data)).toBeGreaterThan(0.9 / 20);
    }
  });
});

describe('DLinear', () => {
  it.each([1, 3, 9, 25])(
    'adds up a layer on the trend and one on the rest, kernel %i',
    async (kernel) => {
      const definition = definitionOf(dlinear, lookBack, horizon, { kernel });
      const weights = freshWeights(definition);
      const trend = movingAverage(window, kernel);
      const rest = trend.map((value, t) => window[t]! - value);
      const ofTrend = linear(trend, weights['trend.weight']!, weights['trend.bias']!);
      const ofRest = linear(rest, weights['seasonal.weight']!, weights['seasonal.bias']!);
      const forecast = await runNetwork(definition, weights, [window]);
      for (const [k, value] of forecast.entries()) {
        expect(value).toBeCloseTo(ofTrend[k]! + ofRest[k]!, 4);
      }
    },
  );

  it('averages with a matrix whose columns sum to one', () => {
    const lengths = fc.integer({ min: 1, max: 40 });
    fc.assert(
      fc.property(lengths, fc.integer({ min: 0, max: 30 }), (length, half) => {
        const matrix = movingAverageMatrix(length, 2 * half + 1);
        for (let column = 0; column < length; column++) {
          let sum = 0;
          for (let row = 0; row < length; row++) sum += matrix[row * length + column]!;
          expect(sum).toBeCloseTo(1, 5);
        }
      }),
    );
  });

  it('refuses an even kernel', () => {
    expect(dlinear.hyperparameters.safeParse({ kernel: 24 }).success).toBe(false);
  });

  it('has layers of its own for each channel, if individual', async () => {
    const [channels, outputs, kernel] = [3, 2, 5];
    const network: BareNetwork = {
      model: dlinear,
      shape: shapeOf(lookBack, horizon, { channels, outputs, locations: outputs }),
      hyperparameters: { kernel, individual: true },
      feeds: { window: noise([2, channels, lookBack], 1) },
    };
    const plain = (w: PlainWeights): number[] =>
      [0, 1].flatMap((row) =>
        rowsOf(rowOf(network.feeds['window']!, row), lookBack).flatMap((own, c) => {
          const ofChannel = Object.entries(w).map(([name, values]): [string, Float64Array] => {
            const size = values.length / channels;
            return [name, values.subarray(c * size, (c + 1) * size)];
          });
          const layers = Object.fromEntries(ofChannel);
          const trend = movingAverage(own, kernel);
          const rest = trend.map((value, t) => own[t]! - value);
          const ofRest = plainLinear(layers, 'seasonal', [rest])[0]!;
          return plainLinear(layers, 'trend', [trend])[0]!.map((value, k) => value + ofRest[k]!);
        }),
      );
    const weights = randomWeights(network);
    expectClose(await runBare(network, weights), plain(inDouble(weights)));
    await expectGradients(network, plain);
  });

  it('is multivariate only if individual', () => {
    const { multivariate, hyperparameters } = dlinear;
    expect(multivariate!(hyperparameters.parse({}))).toBe(false);
    expect(multivariate!(hyperparameters.parse({ individual: true }))).toBe(true);
  });
});

describe('RLinear', () => {
  it.each([false, true])(
    'is a linear layer inside instance normalisation, gaps %s',
    async (gaps) => {
      const network: BareNetwork = {
        model: rlinear,
        shape: shapeOf(lookBack, horizon, { outputs: 2, locations: 1 }),
        hyperparameters: {},
        feeds: windowFeeds(3, lookBack, gaps),
      };
      const plainRow = (w: PlainWeights, row: number): number[] => {
        const { window: x, observed } = windowOf(network, row);
        const { mean, variance } = moments(x, observed);
        const spread = Math.sqrt(variance + 1e-5);
        const [scale, shift] = [w['revin.scale']![0]!, w['revin.shift']![0]!];
        const z = x.map((value, t) => (((value - mean) / spread) * scale + shift) * observed[t]!);
        // The second output is no value of the series.
        return plainLinear(w, 'linear', [z])[0]!.map((y, k) =>
          k % 2 === 0 ? ((y - shift) / scale) * spread + mean : y,
        );
      };
      const plain = (w: PlainWeights): number[] => [0, 1, 2].flatMap((row) => plainRow(w, row));
      const weights = randomWeights(network);
      expectClose(await runBare(network, weights), plain(inDouble(weights)));
      await expectGradients(network, plain);
    },
  );
});
