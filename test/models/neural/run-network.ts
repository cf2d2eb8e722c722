/** Runs a network of the list on given windows with given or fresh weights. */
import type { Hyperparameters, NeuralModel } from '../../../models/model.ts';
import { buildNetwork, type NetworkDefinition } from '../../../services/training/network.ts';
import { plainLayout, type SampleLayout } from '../../../services/training/sample-layout.ts';
import { input } from '../../../tensor/expression.ts';
import type { NetworkInputs } from '../../../models/model.ts';
import { initialState } from '../../../tensor/initialise.ts';
import { createProgram } from '../../../tensor/program.ts';
import { type Feed, type ParameterValues, sizeOf } from '../../../tensor/values.ts';

/** A network of the given sizes with default hyper-parameters, unscaled. */
export function definitionOf(
  model: NeuralModel,
  lookBack: number,
  horizon: number,
  hyperparameters: Hyperparameters = model.hyperparameters.parse({}),
  more: Partial<NetworkDefinition> = {},
): NetworkDefinition {
  return { model, hyperparameters, lookBack, horizon, scaler: 'none', ...more };
}

/** A layout with so many columns of each kind, or series in a sample, and scales that change nothing. */
export function layoutOf(sizes: {
  readonly channels?: number;
  readonly masked?: boolean;
  readonly future?: number;
  readonly historical?: number;
  readonly static?: number;
  /** Number of labels of each categorical column. */
  readonly categories?: readonly number[];
}): SampleLayout {
  const columns = (count = 0, kind: string) =>
    Array.from({ length: count }, (_, i) => ({ name: `${kind}-${i}`, level: 0, spread: 1 }));
  return {
    channels: sizes.channels ?? null,
    masked: sizes.masked ?? false,
    future: columns(sizes.future, 'future'),
    historical: columns(sizes.historical, 'historical'),
    static: columns(sizes.static, 'static'),
    categories: (sizes.categories ?? []).map((count, i) => ({
      name: `category-${i}`,
      labels: Array.from({ length: count }, (_, k) => `label-${k}`),
    })),
  };
}

/** The network's inputs as expressions of a graph, by name. */
export function inputsOf({
  lookBack,
  horizon,
  layout = plainLayout,
}: NetworkDefinition): NetworkInputs {
  const rows = layout.channels === null ? ['batch'] : ['batch', layout.channels];
  const float = (name: string, ...sizes: number[]) => input(name, 'float32', [...rows, ...sizes]);
  const steps = lookBack + horizon;
  return {
    window: float('window', lookBack),
    ...(layout.masked && { observed: float('observed', lookBack) }),
    ...(layout.future.length > 0 && { future: float('future', steps, layout.future.length) }),
    ...(layout.historical.length > 0 && {
      historical: float('historical', lookBack, layout.historical.length),
    }),
    ...(layout.static.length > 0 && { static: float('static', layout.static.length) }),
    ...(layout.categories.length > 0 && {
      categories: input('categories', 'int64', [...rows, layout.categories.length]),
    }),
  };
}

/** Values for all inputs of `rows` samples: noise, codes 0 and 1, and every fourth value of the window missing. */
export function feedsOf(
  { lookBack, horizon, layout = plainLayout }: NetworkDefinition,
  rows: number,
  noise: (length: number, seed: number) => Float32Array,
): Record<string, Feed> {
  const leading = layout.channels === null ? [rows] : [rows, layout.channels];
  const float = (seed: number, ...sizes: number[]): Feed => {
    const shape = [...leading, ...sizes];
    return { data: noise(sizeOf(shape), seed), shape };
  };
  const observed = float(2, lookBack);
  const mask = (observed.data as Float32Array).map((_, k) =>
    layout.masked && k % 4 === 1 ? 0 : 1,
  );
  const window = float(1, lookBack);
  const codes = [...leading, layout.categories.length];
  return {
    window: { ...window, data: (window.data as Float32Array).map((value, k) => value * mask[k]!) },
    observed: { ...observed, data: mask },
    future: float(3, lookBack + horizon, layout.future.length),
    historical: float(4, lookBack, layout.historical.length),
    static: float(5, layout.static.length),
    categories: {
      data: BigInt64Array.from({ length: sizeOf(codes) }, (_, k) => BigInt(k % 2)),
      shape: codes,
    },
  };
}

/** Weights as a training with `seed` begins with, statistics included. */
export function freshWeights(definition: NetworkDefinition, seed = 1): ParameterValues {
  const network = buildNetwork(definition, inputsOf(definition));
  const { parameters, following, initialisers } = network;
  return initialState(parameters, initialisers, seed, following).parameters;
}

/** What a network gives for `feeds`, by name: `forecast`, `outputs`, and what it exposes. */
export async function runOnFeeds(
  definition: NetworkDefinition,
  parameters: ParameterValues,
  feeds: Readonly<Record<string, Feed>>,
): Promise<Record<string, Float32Array>> {
  const { forecast, outputs, exposed } = buildNetwork(definition, inputsOf(definition));
  const program = await createProgram(
    { forecast, outputs, ...exposed },
    { parameters, threads: 1 },
  );
  const results = await program.run(feeds);
  await program.release();
  return results;
}

/** Forecasts [rows, horizon] for `windows` [rows, lookBack]; of all series [rows, channels * lookBack] of a sample. */
export async function runNetwork(
  definition: NetworkDefinition,
  parameters: ParameterValues,
  windows: readonly ArrayLike<number>[],
): Promise<Float32Array> {
  const { forecast } = buildNetwork(definition, inputsOf(definition));
  const program = await createProgram({ forecast }, { parameters, threads: 1 });
  const data = Float32Array.from(windows.flatMap((values) => Array.from(values)));
  const channels = definition.layout?.channels ?? null;
  const across = channels === null ? [] : [channels];
  const shape = [windows.length, ...across, definition.lookBack];
  const outputs = await program.run({ window: { data, shape } });
  await program.release();
  return outputs['forecast']!;
}
