/** Variable selection of the Temporal Fusion Transformer (section 4.2), and the variables that it selects from. */
import type { Expression } from '../../tensor/expression.ts';
import {
  add,
  matMul,
  mul,
  reduceSum,
  reshape,
  softmax,
  transpose,
  unsqueeze,
} from '../../tensor/functions.ts';
import {
  gatedRest,
  type LayerContext,
  type Lead,
  leadOf,
  matrix,
  row,
  sideImage,
} from './tft-layers.ts';

/** Variables as embeddings of width H; one alone has no axis of variables. */
export interface Variables {
  readonly count: number;
  /** [variables, batch, H]. */
  readonly embeddings: Expression;
  /** Each embedding times its matrix of `weights` [variables, H, to]: [variables, batch, to]. */
  readonly image: (weights: Expression) => Expression;
  /** The sum of those images over the variables, which is the image of all embeddings side by side: [batch, to]. */
  readonly joint: (weights: Expression) => Expression;
}

/** Variables whose embeddings [variables, batch, H] are computed already. */
export function embeddedVariables(embeddings: Expression): Variables {
  const count = embeddings.shape.length === 2 ? 1 : (embeddings.shape[0] as number);
  const image = (weights: Expression): Expression => matMul(embeddings, weights);
  return { count, embeddings, image, joint: (weights) => reduceSum(image(weights), 0) };
}

/**
 * Numbers x [variables, batch, 1] as variables with the embeddings x v + u. The image of one under W is x (v W) + u W:
 * W is multiplied with two rows, not with every sample.
 */
export function scalarVariables(
  context: LayerContext,
  name: string,
  count: number,
): (x: Expression) => Variables {
  const { declare, width } = context;
  const lead = leadOf(count);
  const deviation = Math.sqrt(2 / (1 + width));
  const slope = declare(`${name}.slope`, [...lead, 1, width], { kind: 'normal', deviation });
  const offset = row(context, `${name}.offset`, width, { lead });
  const offsets = lead.length === 0 ? unsqueeze(offset, 0) : offset; // [variables, 1, H]
  return (x) => ({
    count,
    embeddings: add(mul(x, slope), offset),
    image: (weights) => add(mul(x, matMul(slope, weights)), matMul(offsets, weights)),
    joint(weights) {
      const to = weights.shape.at(-1)!;
      const numbers = transpose(reshape(x, [count, x.shape.at(-2)!])); // [batch, variables]
      const slopes = reshape(matMul(slope, weights), [count, to]);
      return add(matMul(numbers, slopes), reduceSum(matMul(offset, weights), 0));
    },
  });
}

/** What a selection gives. */
export interface Selection {
  /** [batch, H]. */
  readonly selected: Expression;
  /** [batch, variables]: how much of each, in sum 1; left out where there is one. */
  readonly weights?: Expression;
}

/**
 * Sum of one GRN of each embedding (equations 7, 8), weighted by the softmax of a GRN of all embeddings and the static
 * context c (equation 6). Of one variable all is taken.
 */
export function variableSelection(
  context: LayerContext,
  name: string,
  count: number,
  side?: Expression,
): (variables: Variables) => Selection {
  const { width } = context;
  const lead: Lead = leadOf(count);
  const first = matrix(context, `${name}.each.first`, [width, width], lead);
  const bias = row(context, `${name}.each.first.bias`, width, { lead });
  const rest = gatedRest(context, `${name}.each`, { lead });
  const each = (variables: Variables): Expression =>
    rest(add(variables.image(first), bias), variables.embeddings);
  if (count === 1) return (variables) => ({ selected: each(variables) });
  const jointFirst = matrix(context, `${name}.joint.first`, [width, width], lead);
  const jointBias = row(context, `${name}.joint.first.bias`, width);
  const jointSkip = matrix(context, `${name}.joint.skip`, [width, count], lead);
  const jointRest = gatedRest(context, `${name}.joint`, { to: count });
  const aside = sideImage(context, `${name}.joint`, side);
  return (variables) => {
    const inner = aside(add(variables.joint(jointFirst), jointBias));
    const weights = softmax(jointRest(inner, variables.joint(jointSkip)));
    const shares = unsqueeze(transpose(weights), -1); // [variables, batch, 1]
    return { selected: reduceSum(mul(each(variables), shares), 0), weights };
  };
}
