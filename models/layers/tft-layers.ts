/** Layers of the Temporal Fusion Transformer: each declares its weights when it is made, and may then be applied often. */
import type { Expression } from '../../tensor/expression.ts';
import { add, elu, layerNorm, matMul, mul, reshape, sigmoid } from '../../tensor/functions.ts';
import type { NetworkContext } from '../model.ts';

/** What layers are made with. */
export interface LayerContext extends Pick<NetworkContext, 'declare'> {
  /** Width H of the model. */
  readonly width: number;
  /** Dropout at the model's rate. */
  readonly drop: (x: Expression) => Expression;
}

/** [..., from] -> [..., to]. */
export type Layer = (x: Expression) => Expression;

/** The leading axis of layers that several variables have one each of; none where there is one variable. */
export type Lead = readonly [] | readonly [variables: number];

/** The leading axis for so many variables. */
export const leadOf = (count: number): Lead => (count === 1 ? [] : [count]);

/** Declares a matrix [..., from, to], uniform on +-1 / sqrt(from). */
export const matrix = (
  { declare }: LayerContext,
  name: string,
  [from, to]: readonly [number, number],
  lead: Lead = [],
): Expression => {
  const bound = 1 / Math.sqrt(from);
  return declare(`${name}.weight`, [...lead, from, to], { kind: 'uniform', bound });
};

/** Declares a row that is filled with `value`: [size], or [variables, 1, size]. */
export const row = (
  { declare }: LayerContext,
  name: string,
  size: number,
  { lead = [], value = 0 }: { readonly lead?: Lead; readonly value?: number } = {},
): Expression =>
  declare(name, lead.length === 0 ? [size] : [...lead, 1, size], { kind: 'constant', value });

/** x W + b; with `lead`, each variable of x [variables, ..., from] has its own. */
export function dense(
  context: LayerContext,
  name: string,
  sizes: readonly [number, number],
  lead: Lead = [],
): Layer {
  const weight = matrix(context, name, sizes, lead);
  const bias = row(context, `${name}.bias`, sizes[1], { lead });
  return (x) => add(matMul(x, weight), bias);
}

/** Of what width a layer's result is, and for how many variables. */
export interface LayerSize {
  /** H unless given. */
  readonly to?: number;
  readonly lead?: Lead;
}

/**
 * LayerNorm(skip + GLU(x)) with GLU(x) = sigmoid(x W4 + b4) * (x W5 + b5) (equation 5), x [..., H] after dropout: how
 * every part of the network hands on its result, so that it can be passed over.
 */
export function gate(
  context: LayerContext,
  name: string,
  { to = context.width, lead = [] }: LayerSize = {},
): (x: Expression, skip: Expression) => Expression {
  const open = dense(context, `${name}.gate`, [context.width, to], lead);
  const value = dense(context, `${name}.value`, [context.width, to], lead);
  const scale = row(context, `${name}.scale`, to, { lead, value: 1 });
  const shift = row(context, `${name}.shift`, to, { lead });
  return (x, skip) => {
    const dropped = context.drop(x);
    const sum = add(skip, mul(sigmoid(open(dropped)), value(dropped)));
    return layerNorm(sum, scale, shift, 1, 1e-3);
  };
}

/** A gated residual network from its first linear layer on: LayerNorm(skip + GLU(ELU(first) W1 + b1)). */
export function gatedRest(
  context: LayerContext,
  name: string,
  size: LayerSize = {},
): (first: Expression, skip: Expression) => Expression {
  const { width } = context;
  const second = dense(context, `${name}.second`, [width, width], size.lead);
  const gated = gate(context, name, size);
  return (first, skip) => gated(second(elu(first)), skip);
}

/** GRN(a, c) = LayerNorm(a + GLU(W1 ELU(W2 a + W3 c + b2) + b1)), a [..., H], c [batch, H] (equations 2 to 4). */
export function gatedResidual(
  context: LayerContext,
  name: string,
  side?: Expression,
): (a: Expression) => Expression {
  const { width } = context;
  const first = dense(context, `${name}.first`, [width, width]);
  const rest = gatedRest(context, name);
  const aside = sideImage(context, name, side);
  return (a) => rest(aside(first(a)), a);
}

/**
 * Adds c W3 to a first layer's result, for a static context c [batch, H]; without one there is nothing to add. The result
 * is that of one step [batch, H], or of several one after the other [steps * batch, H].
 */
export function sideImage(
  context: LayerContext,
  name: string,
  side: Expression | undefined,
): (x: Expression) => Expression {
  if (side === undefined) return (x) => x;
  const { width } = context;
  const image = matMul(side, matrix(context, `${name}.context`, [width, width]));
  return (x) => {
    if (x.shape[0] === side.shape[0]) return add(x, image);
    return reshape(add(reshape(x, [-1, ...side.shape]), image), x.shape);
  };
}
