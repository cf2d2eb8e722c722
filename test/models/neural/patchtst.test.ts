/** Tests of PatchTST against its equations, written out in double precision. */
import { describe, expect, it } from 'vitest';
import { patchIndices, patchtst } from '../../../models/neural/patchtst.ts';
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
  gelu,
  linear,
  map,
  type Matrix,
  moments,
  type PlainWeights,
  rowsOf,
  selfAttention,
  sum,
} from './plain-mathematics.ts';

const sizes = { patch: 4, stride: 3, layers: 2, heads: 2, hidden: 4, feedForward: 5 } as const;

const networkOf = (
  lookBack: number,
  horizon: number,
  others: Record<string, number | boolean> = {},
): BareNetwork => ({
  model: patchtst,
  shape: shapeOf(lookBack, horizon, { outputs: 2, locations: 1 }),
  hyperparameters: { ...sizes, dropout: 0, ...others },
  feeds: { window: noise([3, lookBack], 1) },
});

/** Patches as the paper has them: of the window with its last value repeated `stride` times. */
function patchesOf(values: readonly number[], patch: number, stride: number): number[][] {
  const padded = [...values, ...Array.from({ length: stride }, () => values.at(-1)!)];
  const patches: number[][] = [];
  for (let start = 0; start + patch <= padded.length; start += stride) {
    patches.push(padded.slice(start, start + patch));
  }
  return patches;
}

/** [batch * horizon * outputs]; `training` says which statistics normalise. */
function plainPatchTst(network: BareNetwork, w: PlainWeights, training: boolean): number[] {
  const { lookBack, outputs } = network.shape;
  const { patch, stride, layers, heads } = sizes;
  const { residualAttention = true, affine = false } = network.hyperparameters;
  const windows = rowsOf(network.feeds['window']!.data as Float32Array, lookBack);
  const statistics = windows.map((window) => moments(window));
  const scale = affine ? w['revin.scale']![0]! : 1;
  const shift = affine ? w['revin.shift']![0]! : 0;
  const spreads = statistics.map(({ variance }) => Math.sqrt(variance + 1e-5));
  const length = Math.min(patch, lookBack);
  let tokens = windows.map((window, row) => {
    const values = window.map((x) => ((x - statistics[row]!.mean) / spreads[row]!) * scale + shift);
    const patches = patchesOf(values, length, Math.min(stride, length));
    const embedded = linear(w, 'embedding', patches);
    return sum(embedded, rowsOf(w['position']!, embedded[0]!.length));
  });
  const normed = (name: string, samples: readonly Matrix[]): number[][][] => {
    const count = samples[0]!.length;
    const flat = batchNorm(w, name, samples.flat(), training, 1e-5);
    return samples.map((_, row) => flat.slice(row * count, (row + 1) * count));
  };
  let scores: number[][][][] | undefined;
  for (let layer = 0; layer < layers; layer++) {
    const name = `layer${layer}`;
    const attended = tokens.map((rows, i) =>
      selfAttention(w, `${name}.attention`, rows, heads, scores?.[i]),
    );
    if (residualAttention) scores = attended.map((of) => of.scores);
    const first = normed(
      `${name}.attention.norm`,
      tokens.map((rows, i) => sum(rows, attended[i]!.output)),
    );
    const fed = first.map((rows) => {
      const hidden = map(linear(w, `${name}.feed-forward.hidden`, rows), gelu);
      return sum(rows, linear(w, `${name}.feed-forward.output`, hidden));
    });
    tokens = normed(`${name}.feed-forward.norm`, fed);
  }
  return tokens.flatMap((rows, i) =>
    linear(w, 'head', [rows.flat()])[0]!.map((value, k) =>
      k % outputs === 0 ? ((value - shift) / scale) * spreads[i]! + statistics[i]!.mean : value,
    ),
  );
}

describe('PatchTST', () => {
  it.each([
    ['of its defaults', 11, 3, {}],
    ['with a patch longer than the look-back', 3, 2, {}],
    ['of a single step', 1, 1, {}],
    ['with learned instance normalisation', 10, 2, { affine: true }],
    ['without residual attention', 10, 2, { residualAttention: false }],
  ])('computes the equations of the paper %s', async (_, lookBack, horizon, others) => {
    const network = networkOf(lookBack, horizon, others);
    const weights = randomWeights(network);
    const expected = plainPatchTst(network, inDouble(weights), false);
    expectClose(await runBare(network, weights), expected);
  });

  it('normalises by the batch while it trains', async () => {
    const network = networkOf(11, 3);
    const weights = randomWeights(network);
    const expected = plainPatchTst(network, inDouble(weights), true);
    expectClose(await runBare(network, weights, true), expected);
  });

  it('has the gradients of its equations', async () => {
    const network = networkOf(9, 2, { affine: true });
    await expectGradients(network, (w) => plainPatchTst(network, w, true));
  });

  it('cuts 336 steps into 42 patches and 512 into 64, as in the paper', () => {
    expect(patchIndices(336, 16, 8).patches).toBe(42);
    expect(patchIndices(512, 16, 8).patches).toBe(64);
    expect(patchIndices(336, 16, 8).indices.at(-1)).toBe(335);
  });

  it('refuses heads that do not divide the width, and strides that leave gaps', () => {
    expect(patchtst.hyperparameters.safeParse({ heads: 3, hidden: 16 }).success).toBe(false);
    expect(patchtst.hyperparameters.safeParse({ patch: 4, stride: 5 }).success).toBe(false);
  });
});
