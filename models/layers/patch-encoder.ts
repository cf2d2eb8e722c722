/** Encoder of PatchTST: transformer layers that are normalised by the batch. */
import type { Dimension, Expression } from '../../tensor/expression.ts';
import { add } from '../../tensor/functions.ts';
import type { NetworkContext } from '../model.ts';
import { feedForward, selfAttention } from './attention.ts';
import { batchNormBy, jointMoments, moments } from './batch-norm.ts';
import { onGroups } from './sample-groups.ts';

/** Hyper-parameters of an encoder. */
export type EncoderSettings = Readonly<{
  layers: number;
  heads: number;
  /** Width between the two layers after attention. */
  feedForward: number;
  dropout: number;
  attentionDropout: number;
  /** Whether each layer adds its attention scores to those of the layer before. */
  residualAttention: boolean;
}>;

type Context = NetworkContext<EncoderSettings>;

/** Tokens between two layers: `norm` of `raw` [batch, N, D], computed by whoever reads them. */
interface Tokens {
  readonly raw: Expression;
  readonly norm: (x: Expression) => Expression;
  /** [batch, heads, N, N] of the attention before. */
  readonly scores?: Expression | undefined;
}

/** Tokens z [batch, N, D] after all layers, in the same shape. */
export function encode(context: Context, z: Expression): Expression {
  let tokens: Tokens = { raw: z, norm: (x) => x };
  for (let layer = 0; layer < context.hyperparameters.layers; layer++) {
    tokens = encoderLayer(context, `layer${layer}`, tokens);
  }
  return tokens.norm(tokens.raw);
}

/** z <- norm(z + attention(z)), then z <- norm(z + feed-forward(z)). */
function encoderLayer(context: Context, name: string, before: Tokens): Tokens {
  const { heads, dropout, feedForward: hidden, ...others } = context.hyperparameters;
  const previous = others.residualAttention && before.scores ? [before.scores] : [];
  const N = before.raw.shape[1] as number;
  const attended = normalised(
    { context, name: `${name}.attention`, numbers: heads * N * N },
    [before.raw, ...previous],
    ([raw, scoresBefore], inside) => {
      const z = before.norm(raw!);
      const { output, scores } = selfAttention(inside, `${name}.attention`, z, {
        heads,
        dropout: others.attentionDropout,
        previous: scoresBefore,
      });
      // The authors drop twice in a row here, which is one dropout of this rate.
      return [add(z, inside.dropout(output, 1 - (1 - dropout) ** 2)), scores];
    },
  );
  const half = { context, name: `${name}.feed-forward`, numbers: N * hidden };
  const fed = normalised(half, [attended.raw], ([raw], inside) => {
    const z = attended.norm(raw!);
    const output = feedForward(inside, `${name}.feed-forward`, z, { hidden, dropout });
    return [add(z, inside.dropout(output, dropout))];
  });
  return { ...fed, scores: attended.scores };
}

/** Half a layer: its name, and how many numbers the largest of its arrays has for each sample. */
interface Half {
  readonly context: Context;
  readonly name: string;
  readonly numbers: number;
}

/**
 * `half` of `inputs`, some samples at a time, gives tokens and, where there are any, scores. The tokens are normalised by
 * the whole batch, with the parameters `<name>.norm`.
 */
function normalised(
  { context, name, numbers }: Half,
  inputs: readonly Expression[],
  half: (inputs: readonly Expression[], context: Context) => readonly Expression[],
): Tokens {
  const [batch, N, D] = inputs[0]!.shape as readonly [Dimension, number, number];
  const { samples, summaries } = onGroups(context, numbers, inputs, (group, inside) => {
    const results = half(group, inside);
    if (!context.training) return { samples: results, summaries: [] };
    const { mean, variance } = moments(results[0]!, 2);
    return { samples: results, summaries: [mean, variance] };
  });
  const norm = batchNormBy(context, `${name}.norm`, {
    features: [D],
    samples: Number(batch) * N,
    moments: () => jointMoments({ mean: summaries[0]!, variance: summaries[1]! }),
  });
  return { raw: samples[0]!, norm, scores: samples[1] };
}
