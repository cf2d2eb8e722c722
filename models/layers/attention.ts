/** The two halves of a transformer's encoder layer, without the normalisation around them. */
import type { Expression } from '../../tensor/expression.ts';
import { add, erf, matMul, mul, reshape, softmax, transpose } from '../../tensor/functions.ts';
import { assert } from '../../state/errors.ts';
import type { NetworkContext } from '../model.ts';
import { linear } from './linear.ts';

/** How attention is computed. */
export interface AttentionSettings {
  /** How many heads share the width of the tokens, which they divide. */
  readonly heads: number;
  /** Dropout of attention weights. */
  readonly dropout?: number;
  /** Scores of the layer below, which are added to this one's (He et al. 2021, RealFormer). */
  readonly previous?: Expression | undefined;
}

/** What attention gives. */
export interface Attended {
  /** [batch, tokens, width]. */
  readonly output: Expression;
  /** [batch, heads, tokens, tokens], before the softmax. */
  readonly scores: Expression;
}

/**
 * Multi-head self-attention (Vaswani et al. 2017, section 3.2) among the tokens of x [batch, tokens, width]: linear
 * layers `<name>.query`, `.key`, `.value`, `.output`. Keys have no bias: it would add the same to all scores of a query,
 * which the softmax takes away again. The weights are exposed as `<name>` [batch, heads, tokens, tokens].
 */
export function selfAttention(
  { declare, dropout, expose }: NetworkContext,
  name: string,
  x: Expression,
  { heads, dropout: rate = 0, previous }: AttentionSettings,
): Attended {
  const [batch, tokens, width] = x.shape as readonly [string | number, number, number];
  assert(width % heads === 0, `${heads} heads share a width of ${width}`);
  const size = width / heads;
  const split = (projected: Expression, permutation: readonly number[]): Expression =>
    transpose(reshape(projected, [batch, tokens, heads, size]), permutation);
  const bound = 1 / Math.sqrt(width);
  const keyWeight = declare(`${name}.key.weight`, [width, width], { kind: 'uniform', bound });
  const query = split(linear(declare, `${name}.query`, x, width, width), [0, 2, 1, 3]);
  const key = split(matMul(x, keyWeight), [0, 2, 3, 1]); // [batch, heads, size, tokens]
  const value = split(linear(declare, `${name}.value`, x, width, width), [0, 2, 1, 3]);
  const own = matMul(mul(query, 1 / Math.sqrt(size)), key);
  const scores = previous === undefined ? own : add(own, previous);
  const weights = softmax(scores);
  expose(name, weights);
  const mixed = matMul(dropout(weights, rate), value); // [batch, heads, tokens, size]
  const joined = reshape(transpose(mixed, [0, 2, 1, 3]), [batch, tokens, width]);
  return { output: linear(declare, `${name}.output`, joined, width, width), scores };
}

/**
 * Two linear layers over each token with GELU and dropout between them: `<name>.hidden` and `<name>.output`. As
 * gelu(h) = c z (1 + erf(z)) with z = c h and c = sqrt(1/2), the factors c are multiplied into the weights instead of the
 * far larger arrays of all tokens.
 */
export function feedForward(
  { declare, dropout }: NetworkContext,
  name: string,
  x: Expression,
  { hidden, dropout: rate }: { readonly hidden: number; readonly dropout: number },
): Expression {
  const width = x.shape.at(-1) as number;
  const layer = (part: string, from: number, to: number) => {
    const bound = 1 / Math.sqrt(from);
    const weight = declare(`${name}.${part}.weight`, [from, to], { kind: 'uniform', bound });
    const bias = declare(`${name}.${part}.bias`, [to], { kind: 'uniform', bound });
    return { weight: mul(weight, Math.SQRT1_2), bias };
  };
  const first = layer('hidden', width, hidden);
  const second = layer('output', hidden, width);
  const z = add(matMul(x, first.weight), mul(first.bias, Math.SQRT1_2));
  const inner = dropout(mul(z, add(erf(z), 1)), rate); // gelu / c
  return add(matMul(inner, second.weight), second.bias);
}
