/** Network files: a trained network as one ONNX file that takes and gives values in their own units, and what it says of itself. */
import { fromBinary } from '@bufbuild/protobuf';
import { ModelProtoSchema } from 'onnx-buf';
import { findModel } from '../../models/index.ts';
import type { NetworkInputs, NeuralModel } from '../../models/model.ts';
import { assert } from '../../state/errors.ts';
import { constant, type Expression, input } from '../../tensor/expression.ts';
import { abs, cast, div, less, sub, where } from '../../tensor/functions.ts';
import { emitOnnx } from '../../tensor/onnx.ts';
import { inOrder } from '../../tensor/traversal.ts';
import type { ColumnContent } from '../training/column.ts';
import { missingFrom } from '../training/masked.ts';
import { buildNetwork, type Network } from '../training/network.ts';
import { contentFor, defineNetwork } from '../training/preparation.ts';
import { plainLayout, type SampleLayout, type ScaledColumn } from '../training/sample-layout.ts';
import { lossSettingsOf } from '../training/settings.ts';
import type { TrainedNetwork } from '../training/training.ts';

/** What of a trained network its file is made from. */
export type NetworkWeights = Pick<
  TrainedNetwork,
  'model' | 'hyperparameters' | 'settings' | 'horizon' | 'parameters'
> &
  Partial<Pick<TrainedNetwork, 'layout'>>;

/** What a file says of itself, in its metadata under `signature`. */
export interface NetworkSignature {
  readonly lookBack: number;
  readonly horizon: number;
  readonly layout: SampleLayout;
  /** What of the values the network has to be given. */
  readonly content: ColumnContent;
  readonly loss: string;
  /** Levels of its quantiles, of whatever kind. */
  readonly levels: readonly number[];
  /** Names of the inputs that it takes. */
  readonly inputs: readonly string[];
}

/** The network of that name. */
export function findNetwork(name: string): NeuralModel {
  const model = findModel(name);
  assert(model.family === 'neural', `${name} is a network`);
  return model;
}

/**
 * An ONNX file, the same bytes for the same weights, with the scaling inside. Inputs, float32 in their own units: `window`
 * [batch, lookBack], where the network was trained with gaps also NaN or more than 1e38 for a missing value; and, if it
 * was trained with such columns, `future` [batch, lookBack + horizon, columns], `historical` [batch, lookBack, columns],
 * `static` [batch, columns], `categories` int64 [batch, columns]. Outputs: `forecast` [batch, horizon], and with some
 * losses `quantiles` [batch, horizon, levels] or `distribution` [batch, horizon, parameters]. A multivariate network
 * has an axis of series after the first. `metadata` is kept in the file, beside sizes and `signature`.
 */
export function buildForecastNetwork(
  weights: NetworkWeights,
  metadata: Readonly<Record<string, string>> = {},
  model: NeuralModel = findNetwork(weights.model),
): Uint8Array {
  const { forecast, quantiles, distribution } = networkOf(weights, model);
  const outputs = {
    forecast,
    ...(quantiles && { quantiles }),
    ...(distribution && { distribution }),
  };
  return writeFile(weights, outputs, metadata);
}

/** Writes `outputs`, made of the inputs of `networkOf`, into a file. */
export function writeFile(
  weights: NetworkWeights,
  outputs: Readonly<Record<string, Expression>>,
  metadata: Readonly<Record<string, string>>,
): Uint8Array {
  const { model, settings, horizon, parameters, layout = plainLayout } = weights;
  const { lookBack, scaler, loss } = settings;
  const inputs = inOrder(Object.values(outputs)).filter(({ op }) => op === 'Input');
  const signature: NetworkSignature = {
    lookBack,
    horizon,
    layout,
    content: contentFor(settings),
    loss,
    levels: lossSettingsOf(settings).levels,
    inputs: inputs.map(({ name }) => name!).sort(),
  };
  const texts = {
    model,
    lookBack: String(lookBack),
    horizon: String(horizon),
    scaler,
    ...metadata,
    signature: JSON.stringify(signature),
  };
  return emitOnnx(outputs, { parameters, metadata: texts });
}

/** The network's graph on inputs in their own units. */
export function networkOf(weights: NetworkWeights, model: NeuralModel): Network {
  const { hyperparameters, settings, horizon, layout = plainLayout } = weights;
  const definition = defineNetwork({ model, horizon }, hyperparameters, settings, layout);
  const { lookBack } = settings;
  const across = layout.channels === null ? ['batch'] : ['batch', layout.channels];
  const leaf = (name: string, sizes: readonly number[], type: 'float32' | 'int64' = 'float32') =>
    input(name, type, [...across, ...sizes]);
  const table = (kind: 'future' | 'historical' | 'static', sizes: readonly number[]) => {
    const columns = layout[kind];
    if (columns.length === 0) return {};
    return { [kind]: scaled(leaf(kind, [...sizes, columns.length]), columns) };
  };
  const inputs: NetworkInputs = {
    ...windowInput(leaf('window', [lookBack]), layout.masked),
    ...table('future', [lookBack + horizon]),
    ...table('historical', [lookBack]),
    ...table('static', []),
    ...(layout.categories.length > 0 && {
      categories: leaf('categories', [layout.categories.length], 'int64'),
    }),
  };
  return buildNetwork(definition, inputs);
}

function windowInput(
  given: Expression,
  masked: boolean,
): Pick<NetworkInputs, 'window' | 'observed'> {
  if (!masked) return { window: given };
  // What is not a number is not less than anything either.
  const there = less(abs(given), missingFrom);
  return { window: where(there, given, 0), observed: cast(there, 'float32') };
}

function scaled(values: Expression, columns: readonly ScaledColumn[]): Expression {
  const levels = constant(columns.map(({ level }) => level));
  return div(sub(values, levels), constant(columns.map(({ spread }) => spread)));
}

/** What `file` says of itself. */
export function readSignature(file: Uint8Array): NetworkSignature {
  const { metadataProps } = fromBinary(ModelProtoSchema, file);
  const texts = new Map(metadataProps.map(({ key, value }) => [key, value]));
  const text = texts.get('signature');
  if (text !== undefined) return JSON.parse(text) as NetworkSignature;
  // Files of releases before signatures were kept: windows of one series and nothing else.
  return {
    lookBack: Number(texts.get('lookBack')),
    horizon: Number(texts.get('horizon')),
    layout: plainLayout,
    content: texts.get('scaler') === 'none' ? 'units' : 'shape',
    loss: 'mae',
    levels: [],
    inputs: ['window'],
  };
}
