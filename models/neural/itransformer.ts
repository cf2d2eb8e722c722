/**
 * iTransformer: a transformer whose tokens are whole series.
 *
 * Liu, Hu, Zhang, Wu, Wang, Ma, Long: "iTransformer: Inverted Transformers Are Effective for Time Series Forecasting",
 * ICLR 2024, arXiv:2310.06625, section 3. The window of each series becomes one token by a linear layer, an encoder lets
 * the series attend to each other, and a second linear layer reads each series' horizon off its token. The order of
 * the series does not matter, so there are no positions.
 *
 * C series, L look-back; x [batch, C, L] window; h [batch, C, D] tokens; D hidden.
 */
import { z } from 'zod';
import type { Expression } from '../../tensor/expression.ts';
import { add, layerNorm } from '../../tensor/functions.ts';
import type { NetworkContext, NeuralModel } from '../model.ts';
import { feedForward, selfAttention } from '../layers/attention.ts';
import { linear, perStep, stepWidth } from '../layers/linear.ts';
import { instanceNorm } from '../layers/normalisation.ts';

const hyperparameters = z
  .strictObject({
    layers: z.int().min(1).max(12).default(2).describe('Encoder layers; the paper has 2 to 4'),
    heads: z.int().min(1).max(64).default(8).describe('Attention heads, a divisor of hidden'),
    hidden: z
      .int()
      .min(1)
      .max(2048)
      .default(256)
      .describe('Width of a token; the paper has 128 to 256 for few series, else 512'),
    feedForward: z
      .int()
      .min(1)
      .max(8192)
      .default(256)
      .describe('Width between the two layers after attention; in the paper that of a token'),
    dropout: z
      .number()
      .min(0)
      .max(0.95)
      .default(0.1)
      .describe('Dropout of tokens, attention weights and layers'),
  })
  .refine(({ heads, hidden }) => hidden % heads === 0, 'hidden must be a multiple of heads');

type ITransformer = z.infer<typeof hyperparameters>;

/** Layer normalisation of each token: `<name>.scale` and `<name>.shift` [D]. */
function tokenNorm(
  { declare, hyperparameters: { hidden: D } }: NetworkContext<ITransformer>,
  name: string,
  h: Expression,
): Expression {
  const scale = declare(`${name}.scale`, [D], { kind: 'constant', value: 1 });
  return layerNorm(h, scale, declare(`${name}.shift`, [D], { kind: 'constant', value: 0 }));
}

/** One layer of the encoder: h <- norm(h + attention(h)), then h <- norm(h + feed-forward(h)). */
function encoderLayer(
  context: NetworkContext<ITransformer>,
  name: string,
  h: Expression,
): Expression {
  const { heads, dropout, feedForward: hidden } = context.hyperparameters;
  const { output } = selfAttention(context, `${name}.attention`, h, { heads, dropout });
  const attended = add(h, context.dropout(output, dropout));
  const normed = tokenNorm(context, `${name}.attention.norm`, attended);
  const fed = feedForward(context, `${name}.feed-forward`, normed, { hidden, dropout });
  return tokenNorm(
    context,
    `${name}.feed-forward.norm`,
    add(normed, context.dropout(fed, dropout)),
  );
}

/** Series as tokens; one sample holds all series. */
export const itransformer: NeuralModel<ITransformer> = {
  name: 'itransformer',
  family: 'neural',
  summary: 'A transformer whose tokens are whole series; all series at once',
  source: 'Liu et al. 2024, iTransformer: Inverted Transformers Are Effective, ICLR',
  hyperparameters,
  trainingDefaults: { learningRate: 0.001, maxSteps: 1000 },
  costly: true,
  searchSpace: {
    layers: { kind: 'choice', values: [2, 3] },
    hidden: { kind: 'choice', values: [64, 128, 256] },
    feedForward: { kind: 'choice', values: [64, 128, 256] },
    dropout: { kind: 'uniform', low: 0, high: 0.3 },
  },
  multivariate: () => true,
  forward(inputs, context) {
    const { shape, declare, dropout, hyperparameters: options } = context;
    const { lookBack: L } = shape;
    const { layers, hidden: D } = options;
    const { values, restore } = instanceNorm(inputs, context);
    let h = dropout(linear(declare, 'embedding', values, L, D), options.dropout);
    for (let layer = 0; layer < layers; layer++) h = encoderLayer(context, `layer${layer}`, h);
    h = tokenNorm(context, 'norm', h);
    return restore(perStep(linear(declare, 'head', h, D, stepWidth(shape)), shape));
  },
};
