/** Tests of TSMixer against its equations, written out in double precision. */
import { describe, expect, it } from 'vitest';
import { tsmixer } from '../../../models/neural/tsmixer.ts';
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
  batchNorm,
  linear,
  map,
  type Matrix,
  moments,
  type PlainWeights,
  relu,
  rowsOf,
  sum,
  transposed,
} from './plain-mathematics.ts';

const channels = 3;

const networkOf = (lookBack: number, horizon: number, instanceNorm = true): BareNetwork => ({
  model: tsmixer,
  shape: shapeOf(lookBack, horizon, { channels, outputs: 2, locations: 1 }),
  hyperparameters: { blocks: 2, hidden: 5, dropout: 0, instanceNorm },
  feeds: { window: noise([4, channels, lookBack], 1) },
});

/** [batch * channels * horizon * outputs]. */
function plainTsMixer(network: BareNetwork, w: PlainWeights, training: boolean): number[] {
  const { lookBack, outputs } = network.shape;
  const rows = rowsOf(network.feeds['window']!.data as Float32Array, lookBack);
  const reversible = network.hyperparameters['instanceNorm'] === true;
  const statistics = rows.map((row) => moments(row));
  const values = rows.map((row, r) => {
    if (!reversible) return row;
    const { mean, variance } = statistics[r]!;
    const [scale, shift] = [w['revin.scale']!, w['revin.shift']!].map((p) => p[r % channels]!);
    return row.map((x) => ((x - mean) / Math.sqrt(variance + 1e-5)) * scale! + shift!);
  });
  let samples: Matrix[] = [];
  for (let r = 0; r < rows.length; r += channels) samples.push(values.slice(r, r + channels));
  const normed = (name: string): number[][][] =>
    batchNorm(
      w,
      name,
      samples.map((sample) => sample.flat()),
      training,
      1e-3,
    ).map((flat) => rowsOf(flat, lookBack));
  for (const block of ['block0', 'block1']) {
    const forTime = normed(`${block}.time.norm`);
    samples = samples.map((sample, i) =>
      sum(sample, map(linear(w, `${block}.time`, forTime[i]!), relu)),
    );
    const forSeries = normed(`${block}.series.norm`);
    samples = samples.map((sample, i) => {
      const hidden = map(linear(w, `${block}.series.hidden`, transposed(forSeries[i]!)), relu);
      return sum(sample, transposed(linear(w, `${block}.series.output`, hidden)));
    });
  }
  return linear(w, 'head', samples.flat()).flatMap((row, r) =>
    row.map((value, k) => {
      if (!reversible || k % outputs > 0) return value;
      const { mean, variance } = statistics[r]!;
      const [scale, shift] = [w['revin.scale']!, w['revin.shift']!].map((p) => p[r % channels]!);
      return ((value - shift!) / scale!) * Math.sqrt(variance + 1e-5) + mean;
    }),
  );
}

describe('TSMixer', () => {
  it.each([
    ['of its defaults', 6, 3, true],
    ['of a single step', 1, 1, true],
    ['without instance normalisation', 5, 2, false],
  ])('computes the equations of the paper %s', async (_, lookBack, horizon, instanceNorm) => {
    const network = networkOf(lookBack, horizon, instanceNorm);
    const weights = randomWeights(network);
    const expected = plainTsMixer(network, inDouble(weights), false);
    expectClose(await runBare(network, weights), expected);
  });

  it('has the gradients of its equations', async () => {
    const network = networkOf(5, 2);
    await expectGradients(network, (w) => plainTsMixer(network, w, true));
  });

  it('forecasts a series from the others as well', async () => {
    const network = networkOf(6, 2);
    const weights = randomWeights(network);
    const before = await runBare(network, weights);
    const data = Float32Array.from(network.feeds['window']!.data as Float32Array);
    data.set([0, 1, 2, 3, 4, 5].map((t) => Math.cos(t * t))); // the first series of the first sample
    const feeds = { window: { ...network.feeds['window']!, data } };
    const after = await runBare({ ...network, feeds }, weights);
    const changed = Array.from(after, (value, k) => Math.abs(value - before[k]!) > 1e-3);
    expect(changed.slice(4, 12)).toContain(true); // the other series of that sample
    expect(changed.slice(12)).not.toContain(true); // other samples
  });
});
