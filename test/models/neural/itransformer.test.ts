/** Tests of iTransformer against its equations, written out in double precision. */
import { describe, expect, it } from 'vitest';
import { itransformer } from '../../../models/neural/itransformer.ts';
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
import {
  gelu,
  layerNorm,
  linear,
  map,
  moments,
  type PlainWeights,
  rowsOf,
  selfAttention,
  sum,
} from './plain-mathematics.ts';

const channels = 3;

const networkOf = (lookBack: number, horizon: number, gaps = false): BareNetwork => {
  const sizes = [2, channels, lookBack];
  const window = noise(sizes, 1);
  const observed = {
    shape: sizes,
    data: Float32Array.from({ length: 2 * channels * lookBack }, (_, k) => (k % 4 === 1 ? 0 : 1)),
  };
  return {
    model: itransformer,
    shape: shapeOf(lookBack, horizon, { channels, outputs: 2, locations: 1 }),
    hyperparameters: { layers: 2, heads: 2, hidden: 4, feedForward: 5, dropout: 0 },
    feeds: gaps ? { window, observed } : { window },
  };
};

/** [batch * channels * horizon * outputs]. */
function plainITransformer(network: BareNetwork, w: PlainWeights): number[] {
  const { lookBack, outputs } = network.shape;
  const { window, observed } = network.feeds;
  const rows = rowsOf(window!.data as Float32Array, lookBack);
  const seen = observed
    ? rowsOf(observed.data as Float32Array, lookBack)
    : rows.map((row) => row.map(() => 1));
  const statistics = rows.map((row, r) => moments(row, seen[r]));
  const values = rows.map((row, r) => {
    const { mean, variance } = statistics[r]!;
    return row.map((x, t) => ((x - mean) / Math.sqrt(variance + 1e-5)) * seen[r]![t]!);
  });
  const forecasts: number[][] = [];
  for (let r = 0; r < rows.length; r += channels) {
    let h = linear(w, 'embedding', values.slice(r, r + channels));
    for (const layer of ['layer0', 'layer1']) {
      const { output } = selfAttention(w, `${layer}.attention`, h, 2);
      h = layerNorm(w, `${layer}.attention.norm`, sum(h, output));
      const hidden = map(linear(w, `${layer}.feed-forward.hidden`, h), gelu);
      const fed = linear(w, `${layer}.feed-forward.output`, hidden);
      h = layerNorm(w, `${layer}.feed-forward.norm`, sum(h, fed));
    }
    forecasts.push(...linear(w, 'head', layerNorm(w, 'norm', h)));
  }
  return forecasts.flatMap((row, r) =>
    row.map((value, k) => {
      const { mean, variance } = statistics[r]!;
      return k % outputs > 0 ? value : value * Math.sqrt(variance + 1e-5) + mean;
    }),
  );
}

describe('iTransformer', () => {
  it.each([
    ['of its defaults', 6, 3, false],
    ['of a single step', 1, 1, false],
    ['of windows with gaps', 7, 2, true],
  ])('computes the equations of the paper %s', async (_, lookBack, horizon, gaps) => {
    const network = networkOf(lookBack, horizon, gaps);
    const weights = randomWeights(network);
    expectClose(await runBare(network, weights), plainITransformer(network, inDouble(weights)));
  });

  it('has the gradients of its equations', async () => {
    const network = networkOf(5, 2);
    await expectGradients(network, (w) => plainITransformer(network, w));
  });

  it('gives a series the same forecast wherever it stands among the others', async () => {
    const network = networkOf(6, 2);
    const weights = randomWeights(network);
    const before = await runBare(network, weights);
    const series = rowsOf(network.feeds['window']!.data as Float32Array, 6);
    const swapped = [1, 0, 2, 3, 4, 5].flatMap((row) => series[row]!);
    const window = { ...network.feeds['window']!, data: Float32Array.from(swapped) };
    const after = await runBare({ ...network, feeds: { window } }, weights);
    const size = 2 * 2;
    expectClose(after.subarray(0, size), before.subarray(size, 2 * size));
    expectClose(after.subarray(size, 2 * size), before.subarray(0, size));
  });

  it('refuses heads that do not divide the width', () => {
    expect(itransformer.hyperparameters.safeParse({ heads: 3, hidden: 16 }).success).toBe(false);
  });
});
