/** What enters the Temporal Fusion Transformer: static contexts, and the columns of the look-back and the horizon. */
import { constant, type Expression } from '../../tensor/expression.ts';
import {
  concat,
  gather,
  matMul,
  reduceMean,
  reshape,
  slice,
  unsqueeze,
} from '../../tensor/functions.ts';
import type { NetworkContext, NetworkInputs, NetworkShape } from '../model.ts';
import { gatedResidual, type LayerContext } from './tft-layers.ts';
import { embeddedVariables, scalarVariables, variableSelection } from './tft-selection.ts';

/** Static columns, each embedded: [batch, H]. */
function staticEmbeddings(
  layers: LayerContext,
  { static: numbers, categories }: NetworkInputs,
  shape: NetworkShape,
): readonly Expression[] {
  const { declare, width } = layers;
  const deviation = Math.sqrt(2 / (1 + width));
  const embeddings: Expression[] = [];
  for (let i = 0; i < shape.static; i++) {
    const embed = scalarVariables(layers, `static.${i}`, 1);
    embeddings.push(embed(slice(numbers!, 1, i, i + 1)).embeddings);
  }
  for (const [i, codes] of shape.categories.entries()) {
    const sizes = [Math.max(codes - 1, 1), width];
    const known = declare(`category.${i}`, sizes, { kind: 'normal', deviation });
    const table = concat([reduceMean(known, 0, true), known], 0);
    embeddings.push(gather(table, reshape(slice(categories!, 1, i, i + 1), [-1])));
  }
  return embeddings;
}

/** Static contexts (section 4.3), each [batch, H]. */
export interface StaticContexts {
  /** c_s and c_e; left out where there are no static columns. */
  readonly selection?: Expression;
  readonly enrichment?: Expression;
  /** c_h and c_c: what the LSTM starts with. */
  readonly output: Expression;
  readonly cell: Expression;
}

/** Selects among the static columns and draws the four contexts from what was selected. */
export function staticContexts(
  layers: LayerContext,
  inputs: NetworkInputs,
  { shape, expose }: Pick<NetworkContext, 'shape' | 'expose'>,
): StaticContexts {
  const all = staticEmbeddings(layers, inputs, shape);
  if (all.length === 0) {
    const none = constant(new Float32Array(layers.width), [1, layers.width]);
    const zero = matMul(slice(inputs.window, 1, 0, 1), none); // [batch, H]
    return { output: zero, cell: zero };
  }
  const rows = all.map((x) => unsqueeze(x, 0));
  const embeddings = all.length === 1 ? all[0]! : concat(rows, 0);
  const select = variableSelection(layers, 'static', all.length);
  const { selected, weights } = select(embeddedVariables(embeddings));
  if (weights !== undefined) expose('selection:static', weights);
  const encode = (name: string): Expression => gatedResidual(layers, `context.${name}`)(selected);
  return {
    selection: encode('selection'),
    enrichment: encode('enrichment'),
    output: encode('output'),
    cell: encode('cell'),
  };
}

/** Columns of the two phases. */
export interface TemporalColumns {
  /** [batch, lookBack, variables]: the series, then historical columns, then future columns. */
  readonly past: Expression;
  /** [batch, horizon, variables]: future columns; without them [1, horizon, 1], the position in the horizon up to 1. */
  readonly ahead: Expression;
}

/** What is known of the look-back, and what of the horizon. */
export function temporalColumns(
  { window, historical, future }: NetworkInputs,
  { lookBack, horizon }: NetworkShape,
): TemporalColumns {
  const past = [unsqueeze(window, -1)];
  if (historical !== undefined) past.push(historical);
  if (future !== undefined) past.push(slice(future, 1, 0, lookBack));
  const positions = Array.from({ length: horizon }, (_, step) => (step + 1) / horizon);
  return {
    past: past.length === 1 ? past[0]! : concat(past, 2),
    ahead: future === undefined ? constant(positions, [1, horizon, 1]) : slice(future, 1, lookBack),
  };
}
