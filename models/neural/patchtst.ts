/**
 * PatchTST: a transformer whose tokens are patches of the window.
 *
 * Nie, Nguyen, Sinthong, Kalagnanam: "A Time Series is Worth 64 Words: Long-term Forecasting with Transformers",
 * ICLR 2023, arXiv:2211.14730, section 3.1. Every series is forecast by itself with the same weights; its window is cut
 * into overlapping patches, an encoder lets the patches attend to each other, and one linear layer reads the horizon off
 * all of them. What the paper leaves open (residual attention scores, where dropout is) is as in the authors' code.
 *
 * L look-back; P patch length, S stride, N = floor((L - P) / S) + 2 patches, the last one filled up with the last value;
 * x_p [batch, N, P] patches; W_p [P, D], W_pos [N, D] embedding and position; z [batch, N, D] tokens; D hidden.
 */
import { z } from 'zod';
import { constant } from '../../tensor/expression.ts';
import { add, gather, reshape } from '../../tensor/functions.ts';
import type { NeuralModel } from '../model.ts';
import { linear, perStep, stepWidth } from '../layers/linear.ts';
import { instanceNorm } from '../layers/normalisation.ts';
import { encode } from '../layers/patch-encoder.ts';

const rate = (value: number, what: string) =>
  z.number().min(0).max(0.95).default(value).describe(what);

const hyperparameters = z
  .strictObject({
    patch: z
      .int()
      .min(1)
      .max(1024)
      .default(16)
      .describe('Length of a patch in steps; one longer than the look-back is shortened to it'),
    stride: z
      .int()
      .min(1)
      .max(1024)
      .default(8)
      .describe('Steps from one patch to the next, at most the length of a patch'),
    layers: z.int().min(1).max(12).default(3).describe('Encoder layers'),
    heads: z
      .int()
      .min(1)
      .max(64)
      .default(4)
      .describe(
        'Attention heads, a divisor of hidden; the paper has 4 for small data (ETTh), else 16',
      ),
    hidden: z
      .int()
      .min(1)
      .max(1024)
      .default(16)
      .describe('Width of a token; the paper has 16 for small data, else 128'),
    feedForward: z
      .int()
      .min(1)
      .max(4096)
      .default(128)
      .describe(
        'Width between the two layers after attention; the paper has 128 for small data, else 256',
      ),
    dropout: rate(0.3, 'Dropout of tokens and layers; the paper has 0.3 for small data, else 0.2'),
    attentionDropout: rate(0, 'Dropout of attention weights'),
    headDropout: rate(0, 'Dropout of the forecast in training'),
    residualAttention: z
      .boolean()
      .default(true)
      .describe('Whether each layer adds its attention scores to those of the layer before'),
    affine: z
      .boolean()
      .default(false)
      .describe('Whether the instance normalisation learns a scale and a shift'),
  })
  .refine(({ heads, hidden }) => hidden % heads === 0, 'hidden must be a multiple of heads')
  .refine(({ patch, stride }) => stride <= patch, 'stride must not exceed patch');

type PatchTst = z.infer<typeof hyperparameters>;

/** Where in a window of `lookBack` steps the entries of each patch lie, [patches, length]; patches fit the look-back. */
export function patchIndices(
  lookBack: number,
  patch: number,
  stride: number,
): { readonly indices: Int32Array; readonly patches: number; readonly length: number } {
  const length = Math.min(patch, lookBack);
  const step = Math.min(stride, length);
  const patches = Math.floor((lookBack - length) / step) + 2;
  const indices = Int32Array.from({ length: patches * length }, (_, k) =>
    Math.min(Math.floor(k / length) * step + (k % length), lookBack - 1),
  );
  return { indices, patches, length };
}

/** Patches as tokens, channel-independent. */
export const patchtst: NeuralModel<PatchTst> = {
  name: 'patchtst',
  family: 'neural',
  summary: 'A transformer whose tokens are patches of the window',
  source: 'Nie et al. 2023, A Time Series is Worth 64 Words, ICLR',
  hyperparameters,
  trainingDefaults: { learningRate: 0.001, maxSteps: 1000 },
  costly: true,
  searchSpace: {
    patch: { kind: 'choice', values: [8, 16, 24] },
    heads: { kind: 'choice', values: [4, 8, 16] },
    hidden: { kind: 'choice', values: [16, 64, 128] },
    feedForward: { kind: 'choice', values: [128, 256] },
    dropout: { kind: 'uniform', low: 0, high: 0.4 },
  },
  forward(inputs, context) {
    const { shape, declare, dropout, hyperparameters: options } = context;
    const { patch, stride, hidden: D, affine } = options;
    const batch = inputs.window.shape[0]!;
    const { values, restore } = instanceNorm(inputs, context, { affine });
    const { indices, patches: N, length: P } = patchIndices(shape.lookBack, patch, stride);
    const patched = gather(values, constant(indices, [N, P], 'int64'), 1); // x_p
    const position = declare('position', [N, D], { kind: 'uniform', bound: 0.02 });
    // z = x_p W_p + W_pos
    const z = dropout(add(linear(declare, 'embedding', patched, P, D), position), options.dropout);
    const encoded = reshape(encode(context, z), [batch, N * D]);
    const y = linear(declare, 'head', encoded, N * D, stepWidth(shape));
    return restore(perStep(dropout(y, options.headDropout), shape));
  },
};
