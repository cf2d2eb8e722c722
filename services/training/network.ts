/** The graphs of a training: a network over scaled windows, and its loss on windows gathered from one flat column. */
import type {
  DeclareParameter,
  Hyperparameters,
  Initialiser,
  NetworkContext,
  NetworkShape,
  NeuralModel,
} from '../../models/model.ts';
import { constant, input, parameter } from '../../tensor/expression.ts';
import type { Dimension, Expression } from '../../tensor/expression.ts';
import {
  abs,
  add,
  div,
  gather,
  greater,
  less,
  mul,
  reduceMax,
  reduceMean,
  slice,
  sqrt,
  square,
  squeeze,
  sub,
  unsqueeze,
  where,
} from '../../tensor/functions.ts';
import { assert } from '../../state/errors.ts';
import type { TrainingSettings } from './settings.ts';

/** What determines a network's graph. */
export interface NetworkDefinition extends Pick<NetworkShape, 'lookBack' | 'horizon'> {
  readonly model: NeuralModel;
  readonly hyperparameters: Hyperparameters;
  readonly scaler: TrainingSettings['scaler'];
}

/** A forward graph with the parameters that it declared. */
export interface Network {
  /** [batch, horizon], in the units of the window. */
  readonly forecast: Expression;
  /** [batch, horizon] as the network itself gives it. */
  readonly scaledForecast: Expression;
  /** Brings values [batch, steps] into the network's units. */
  readonly scale: (values: Expression) => Expression;
  readonly parameters: readonly Expression[];
  readonly initialisers: Readonly<Record<string, Initialiser>>;
}

/** Spread up to which a training window counts as constant, in standard deviations of its series. */
const constantInTraining = 1e-3;

/**
 * The network on `window` [batch, lookBack]. With scaler `window` it is affine-equivariant: a window a x + b, a > 0,
 * gives the forecast a f(x) + b. A window whose spread is at most `constantUpTo` is only shifted on the way in, so that
 * next to no spread does not make an endless target; what comes out is always scaled by the true spread, so that the
 * forecast of a constant window is its level.
 */
export function buildNetwork(
  definition: NetworkDefinition,
  window: Expression,
  constantUpTo = 0,
): Network {
  const { model, hyperparameters, scaler, lookBack, horizon } = definition;
  const { context, parameters, initialisers } = createContext(model, hyperparameters, {
    ...pointForecast,
    lookBack,
    horizon,
  });
  const forward = (values: Expression): Expression =>
    squeeze(model.forward({ window: values }, context), -1);
  if (scaler === 'none') {
    const forecast = forward(window);
    return { forecast, scaledForecast: forecast, scale: (x) => x, parameters, initialisers };
  }
  const mean = reduceMean(window, 1, true); // [batch, 1]
  const deviation = sub(window, mean);
  // Squares are taken relative to the largest deviation: those of very large or small values leave float32.
  const largest = reduceMax(abs(deviation), 1, true);
  const unit = where(greater(largest, 0), largest, 1);
  const spread = mul(unit, sqrt(reduceMean(square(div(deviation, unit)), 1, true))); // [batch, 1]
  const divisor = where(greater(spread, constantUpTo), spread, 1);
  const scale = (values: Expression): Expression => div(sub(values, mean), divisor);
  const scaledForecast = forward(scale(window));
  const forecast = add(mul(scaledForecast, spread), mean);
  return { scaledForecast, forecast, scale, parameters, initialisers };
}

/** Sizes of a network that forecasts one value a step from the series alone. */
const pointForecast = {
  channels: 1,
  outputs: 1,
  locations: 1,
  future: 0,
  historical: 0,
  static: 0,
  categories: [],
} as const;

function createContext(
  { name: model }: NeuralModel,
  hyperparameters: Hyperparameters,
  shape: NetworkShape,
) {
  const parameters: Expression[] = [];
  const initialisers: Record<string, Initialiser> = {};
  const declare: DeclareParameter = (name, dimensions, initialiser) => {
    assert(!(name in initialisers), `${model} declares parameter ${name} twice`);
    initialisers[name] = initialiser;
    const declared = parameter(name, dimensions);
    parameters.push(declared);
    return declared;
  };
  const context: NetworkContext = {
    shape,
    hyperparameters,
    training: false,
    declare,
    declareStatistic: (name, dimensions, start) =>
      declare(name, dimensions, { kind: 'constant', value: start }),
    dropout: (x) => x,
    expose: () => undefined,
  };
  return { context, parameters, initialisers };
}

/** The network on windows gathered by start position, and its loss. */
export interface WindowGraph extends Network {
  /** Input [observations]: all series in one flat column. */
  readonly series: Expression;
  /** Input [batch], int64: where the windows start in the column. */
  readonly starts: Expression;
  /** [batch] loss of each window, the mean over its horizon. */
  readonly losses: Expression;
  /** Scalar: the mean of `losses`. */
  readonly loss: Expression;
}

/** Builds the loss of `definition` over `batch` windows, which are gathered inside the graph. */
export function buildWindowGraph(
  definition: NetworkDefinition,
  loss: TrainingSettings['loss'],
  batch: Dimension,
): WindowGraph {
  const { lookBack, horizon } = definition;
  const steps = lookBack + horizon;
  const series = input('series', 'float32', ['observations']);
  const starts = input('starts', 'int64', [batch]);
  const offsets = constant(
    Array.from({ length: steps }, (_, step) => step),
    [1, steps],
    'int64',
  );
  const values = gather(series, add(unsqueeze(starts, 1), offsets)); // [batch, lookBack + horizon]
  const network = buildNetwork(definition, slice(values, 1, 0, lookBack), constantInTraining);
  const target = network.scale(slice(values, 1, lookBack, steps));
  const losses = reduceMean(pointLoss(loss, sub(network.scaledForecast, target)), 1);
  return { ...network, series, starts, losses, loss: reduceMean(losses) };
}

function pointLoss(loss: TrainingSettings['loss'], error: Expression): Expression {
  if (loss === 'mse') return square(error);
  if (loss === 'mae') return abs(error);
  // Huber (1964) with delta 1: e^2 / 2 near zero, |e| - 1/2 beyond.
  const size = abs(error);
  return where(less(size, 1), mul(square(error), 0.5), sub(size, 0.5));
}
