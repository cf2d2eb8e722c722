/** Runs a network of the list on given windows with given or fresh weights. */
import type { Hyperparameters, NeuralModel } from '../../../models/model.ts';
import { buildNetwork, type NetworkDefinition } from '../../../services/training/network.ts';
import { input } from '../../../tensor/expression.ts';
import { initialState } from '../../../tensor/initialise.ts';
import { createProgram } from '../../../tensor/program.ts';
import type { ParameterValues } from '../../../tensor/values.ts';

/** A network of the given sizes with default hyper-parameters, unscaled. */
export function definitionOf(
  model: NeuralModel,
  lookBack: number,
  horizon: number,
  hyperparameters: Hyperparameters = model.hyperparameters.parse({}),
): NetworkDefinition {
  return { model, hyperparameters, lookBack, horizon, scaler: 'none' };
}

/** Weights as a training with `seed` begins with. */
export function freshWeights(definition: NetworkDefinition, seed = 1): ParameterValues {
  const window = input('window', 'float32', ['batch', definition.lookBack]);
  const { parameters, initialisers } = buildNetwork(definition, window);
  return initialState(parameters, initialisers, seed).parameters;
}

/** Forecasts [rows, horizon] for `windows` [rows, lookBack]. */
export async function runNetwork(
  definition: NetworkDefinition,
  parameters: ParameterValues,
  windows: readonly ArrayLike<number>[],
): Promise<Float32Array> {
  const window = input('window', 'float32', ['batch', definition.lookBack]);
  const { forecast } = buildNetwork(definition, window);
  const program = await createProgram({ forecast }, { parameters, threads: 1 });
  const data = Float32Array.from(windows.flatMap((values) => Array.from(values)));
  const shape = [windows.length, definition.lookBack];
  const outputs = await program.run({ window: { data, shape } });
  await program.release();
  return outputs['forecast']!;
}
