/** Runs a model's graph by itself, without training service: its forecast, and its gradients against a plain function. */
import { expect } from 'vitest';
import type { Hyperparameters, NetworkShape, NeuralModel } from '../../../models/model.ts';
import { createNetworkContext } from '../../../services/training/network-context.ts';
import { constant, type Dimension, type Expression, input } from '../../../tensor/expression.ts';
import { mul, reduceSum } from '../../../tensor/functions.ts';
import { gradients } from '../../../tensor/gradient.ts';
import { initialState } from '../../../tensor/initialise.ts';
import { createProgram } from '../../../tensor/program.ts';
import { createRandom } from '../../../tensor/random.ts';
import type { Feed, ParameterValues } from '../../../tensor/values.ts';
import type { PlainWeights } from './plain-mathematics.ts';

/** A network and what it is fed. */
export interface BareNetwork {
  readonly model: NeuralModel;
  readonly shape: NetworkShape;
  readonly hyperparameters: Hyperparameters;
  /** `window` and what else the model takes, by the names of `NetworkInputs`; the first axis is the batch. */
  readonly feeds: Readonly<Record<string, Feed>>;
}

/** Sizes of a univariate point forecast, with others in their place. */
export const shapeOf = (lookBack: number, horizon: number, others: Partial<NetworkShape> = {}) => ({
  lookBack,
  horizon,
  channels: 1,
  outputs: 1,
  locations: 1,
  future: 0,
  historical: 0,
  static: 0,
  categories: [],
  ...others,
});

/** Standard normal numbers. */
export function noise(shape: readonly number[], seed: number): Feed {
  const { normal } = createRandom(seed, 'noise');
  const size = shape.reduce((product, length) => product * length, 1);
  return { data: Float32Array.from({ length: size }, normal), shape };
}

/** The graph, for a known batch where it trains and for any other where not; nothing is dropped. */
export function buildBare(
  { model, shape, hyperparameters, feeds }: BareNetwork,
  training: boolean,
) {
  const mode = training ? { dropout: (x: Expression) => x } : undefined;
  const { context, ...collected } = createNetworkContext(
    model,
    model.hyperparameters.parse(hyperparameters),
    shape,
    mode,
  );
  const inputs: Record<string, Expression> = {};
  for (const [name, { shape: sizes }] of Object.entries(feeds)) {
    const batch: Dimension = training ? sizes[0]! : 'batch';
    inputs[name] = input(name, 'float32', [batch, ...sizes.slice(1)]);
  }
  const forecast = model.forward({ ...inputs, window: inputs['window']! }, context);
  return { forecast, inputs, ...collected };
}

/** Weights and statistics, all of them random; those called variance positive. */
export function randomWeights(network: BareNetwork, seed = 1): ParameterValues {
  const { parameters, following, initialisers } = buildBare(network, false);
  const values = initialState([...parameters, ...following], initialisers, seed).parameters;
  for (const [name, { data }] of Object.entries(values)) {
    const { normal } = createRandom(seed, 'weights', name);
    for (let i = 0; i < data.length; i++) data[i]! += 0.3 * normal();
    if (name.endsWith('.variance'))
      for (let i = 0; i < data.length; i++) data[i] = data[i]! ** 2 + 0.1;
  }
  return values;
}

/** The same in double precision. */
export function inDouble(weights: ParameterValues): Record<string, Float64Array> {
  return Object.fromEntries(
    Object.entries(weights).map(([name, { data }]) => [name, Float64Array.from(data)]),
  );
}

/** What `model.forward` gives, flat. */
export async function runBare(
  network: BareNetwork,
  parameters: ParameterValues,
  training = false,
): Promise<Float32Array> {
  const { forecast } = buildBare(network, training);
  const program = await createProgram({ forecast }, { parameters, threads: 1 });
  const outputs = await program.run(network.feeds);
  await program.release();
  return outputs['forecast']!;
}

/** Asserts that two lists of numbers agree. */
export function expectClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance = 1e-4,
): void {
  expect(actual.length).toBe(expected.length);
  for (let k = 0; k < expected.length; k++) {
    const scale = 1 + Math.abs(expected[k]!);
    expect(Math.abs(actual[k]! - expected[k]!) / scale, `entry ${k}`).toBeLessThan(tolerance);
  }
}

/**
 * Asserts that the gradient of every parameter is that of `plain`, the training forward pass in double precision, by
 * central differences at up to four entries of each.
 */
export async function expectGradients(
  network: BareNetwork,
  plain: (weights: PlainWeights) => readonly number[],
): Promise<void> {
  const weights = randomWeights(network, 3);
  const { forecast, parameters } = buildBare(network, true);
  const sizes = forecast.shape as readonly number[];
  const direction = noise(sizes, 11).data as Float32Array;
  const loss = reduceSum(mul(forecast, constant(direction, sizes)));
  const outputs = gradients(loss, parameters).map((g, i) => [`d ${parameters[i]!.name!}`, g]);
  const program = await createProgram(Object.fromEntries(outputs), {
    parameters: weights,
    threads: 1,
  });
  const results = await program.run(network.feeds);
  await program.release();
  const base = inDouble(weights);
  const lossAt = (name: string, entry: number, shift: number): number => {
    const moved = Float64Array.from(base[name]!);
    moved[entry]! += shift;
    const values = plain({ ...base, [name]: moved });
    return values.reduce((total, value, k) => total + value * direction[k]!, 0);
  };
  const random = createRandom(5, 'entries');
  const h = 1e-5;
  for (const { name } of parameters) {
    const { length } = base[name!]!;
    for (let draw = 0; draw < Math.min(4, length); draw++) {
      const entry = random.integer(length);
      const expected = (lossAt(name!, entry, h) - lossAt(name!, entry, -h)) / (2 * h);
      const actual = results[`d ${name!}`]![entry]!;
      const error = Math.abs(actual - expected) / (1 + Math.abs(expected));
      expect(error, `${name!}[${entry}]: ${actual}, not ${expected}`).toBeLessThan(1e-3);
    }
  }
}
