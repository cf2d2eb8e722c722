/** The graphs of a training: a network over scaled look-backs, and its loss on samples gathered from flat columns. */
import type {
  Hyperparameters,
  Initialiser,
  NetworkInputs,
  NetworkShape,
  NeuralModel,
} from '../../models/model.ts';
import type { Dimension, Expression } from '../../tensor/expression.ts';
import {
  concat,
  div,
  maximum,
  mul,
  reduceMean,
  reduceSum,
  reshape,
  slice,
} from '../../tensor/functions.ts';
import { findLoss } from './losses/index.ts';
import type { Loss, LossFrame, LossSettings } from './losses/loss.ts';
import { createNetworkContext, type Statistic, type TrainingMode } from './network-context.ts';
import {
  type ColumnPlan,
  gatherSample,
  plainLayout,
  type SampleLayout,
  shapeOf,
} from './sample-layout.ts';
import { findScaler } from './scalers/index.ts';
import type { Scale } from './scalers/scaler.ts';

/** What determines a network's graph. */
export interface NetworkDefinition extends Pick<NetworkShape, 'lookBack' | 'horizon'> {
  readonly model: NeuralModel;
  readonly hyperparameters: Hyperparameters;
  /** Name of a scaler. */
  readonly scaler: string;
  /** Name of a loss; `mae` if left out. */
  readonly loss?: string;
  readonly lossSettings?: LossSettings;
  /** Windows of single series without gaps if left out. */
  readonly layout?: SampleLayout;
}

/** Median, interval of 80 per cent, no season. */
const defaultLossSettings: LossSettings = { level: 0.5, levels: [0.1, 0.5, 0.9], season: 1 };

/** A forward graph with what it declared. */
export interface Network {
  /** Point forecast [batch, horizon], or [batch, channels, horizon], in units of the window. */
  readonly forecast: Expression;
  /** [..., horizon, levels] in units, where the loss gives any. */
  readonly quantiles?: Expression;
  /** [..., horizon, size] in units: parameters of a distribution whose quantiles are computed outside. */
  readonly distribution?: Expression;
  /** [..., horizon, outputs] in scaled units. */
  readonly outputs: Expression;
  readonly loss: Loss;
  readonly frame: LossFrame;
  readonly scale: Scale;
  readonly parameters: readonly Expression[];
  /** What follows the training; empty unless the graph is one that trains. */
  readonly statistics: readonly Statistic[];
  /** The leaves of all statistics. */
  readonly following: readonly Expression[];
  readonly initialisers: Readonly<Record<string, Initialiser>>;
  /** Inner values that the model showed, by name. */
  readonly exposed: Readonly<Record<string, Expression>>;
}

/** How a graph is built. */
export interface NetworkOptions {
  /** Spread up to which a look-back counts as constant on its way in; 0 if left out. */
  readonly constantUpTo?: number;
  /** A graph that trains where given. */
  readonly mode?: TrainingMode;
}

/** Spread up to which a training window counts as constant, in standard deviations of its series. */
const constantInTraining = 1e-3;

/** The network on `inputs`: `window` in any units, 0 where missing; exogenous columns scaled. */
export function buildNetwork(
  definition: NetworkDefinition,
  inputs: NetworkInputs,
  { constantUpTo = 0, mode }: NetworkOptions = {},
): Network {
  const { model, hyperparameters, lookBack, horizon, layout = plainLayout } = definition;
  const loss = findLoss(definition.loss ?? 'mae');
  const settings = definition.lossSettings ?? defaultLossSettings;
  const shape: NetworkShape = {
    lookBack,
    horizon,
    outputs: loss.outputs(settings),
    locations: loss.locations(settings),
    ...shapeOf(layout),
  };
  const { context, ...collected } = createNetworkContext(model, hyperparameters, shape, mode);
  const { window, observed } = inputs;
  const view = { window, ...(observed && { observed }), constantUpTo };
  const scale = findScaler(definition.scaler).fit({
    ...view,
    channels: shape.channels,
    declare: context.declare,
  });
  const present = (x: Expression): Expression => (observed === undefined ? x : mul(x, observed));
  const scaledWindow = present(scale.scale(window));
  const { learned } = scale;
  const seen = learned === undefined ? scaledWindow : present(learned.enter(scaledWindow));
  const given = model.forward({ ...inputs, window: seen }, context);
  const outputs = learned === undefined ? given : mapLocations(given, shape, learned.leave);
  const frame: LossFrame = { settings, ...view, scaledWindow, unscale: scale.unscale };
  return {
    forecast: loss.point(outputs, frame),
    ...(loss.quantiles && { quantiles: loss.quantiles(outputs, frame) }),
    ...(loss.distribution && { distribution: loss.distribution.parameters(outputs, frame) }),
    outputs,
    loss,
    frame,
    scale,
    ...collected,
  };
}

/** Applies `map`, which takes [..., steps], to those of `outputs` that are values of the series. */
function mapLocations(
  outputs: Expression,
  { horizon, outputs: width, locations }: NetworkShape,
  map: (values: Expression) => Expression,
): Expression {
  if (locations === 0) return outputs;
  const leading = outputs.shape.slice(0, -2);
  const values = locations === width ? outputs : slice(outputs, -1, 0, locations);
  const mapped = map(reshape(values, [...leading, horizon * locations]));
  const back = reshape(mapped, [...leading, horizon, locations]);
  return locations === width ? back : concat([back, slice(outputs, -1, locations)], -1);
}

/** The network on samples gathered by start position, and its loss. */
export interface WindowGraph extends Network {
  /** Flat columns that are the same in every step, by name; see `gatherSample`. */
  readonly data: readonly Expression[];
  /** What each step has its own values of: `starts`, and `owners` where there are static columns. */
  readonly batch: readonly Expression[];
  /** [batch] loss of each sample, the weighted mean over its steps. */
  readonly losses: Expression;
  /** [batch] sum of the weights of each sample's steps; left out where all count alike. */
  readonly counts?: Expression;
  /** Scalar: the weighted mean over all steps. */
  readonly value: Expression;
}

/** What `buildWindowGraph` needs beside the definition. */
export interface WindowGraphOptions extends Partial<ColumnPlan> {
  readonly mode?: TrainingMode;
}

/** Builds the loss of `definition` over `batch` samples, which are gathered inside the graph. */
export function buildWindowGraph(
  definition: NetworkDefinition,
  batch: Dimension,
  { mode, seriesLength = 0, weighted = false }: WindowGraphOptions = {},
): WindowGraph {
  const { layout = plainLayout } = definition;
  const sample = gatherSample(layout, definition, { seriesLength, weighted }, batch);
  const network = buildNetwork(definition, sample.inputs, {
    constantUpTo: constantInTraining,
    ...(mode && { mode }),
  });
  const scaled = network.scale.scale(sample.target);
  const steps = network.loss.losses(
    network.outputs,
    { scaled, inUnits: sample.target },
    network.frame,
  );
  const axes = steps.shape.map((_, axis) => axis).slice(1);
  const { data, batch: fed, weights } = sample;
  if (weights === undefined) {
    const losses = reduceMean(steps, axes);
    return { ...network, data, batch: fed, losses, value: reduceMean(losses) };
  }
  const counts = reduceSum(weights, axes);
  const sums = reduceSum(mul(steps, weights), axes);
  const losses = div(sums, maximum(counts, leastCount));
  const value = div(reduceSum(sums), maximum(reduceSum(counts), leastCount));
  return { ...network, data, batch: fed, losses, counts, value };
}

/** Keeps a sample in which nothing counts from dividing by zero. */
const leastCount = 1e-6;
