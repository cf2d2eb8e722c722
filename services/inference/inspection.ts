/** Inspection: a trained network as a file that also gives what the model exposes inside, such as the parts of a forecast. */
import type { NeuralModel } from '../../models/model.ts';
import type { Expression } from '../../tensor/expression.ts';
import { mul, sub } from '../../tensor/functions.ts';
import type { Network } from '../training/network.ts';
import { findScaler } from '../training/scalers/index.ts';
import { findNetwork, type NetworkWeights, networkOf, writeFile } from './network-file.ts';

/** What the name of a part of the forecast begins with. */
export const partPrefix = 'part:';
/** The part that is the level of the look-back, which scaling took away. */
export const levelPart = `${partPrefix}level`;

/**
 * An ONNX file with the inputs of the forecasting network, output `forecast`, and one more for each name that the model
 * exposes. Of a model that decomposes, the outputs `part:...` [batch, horizon] are in units, and with `part:level` add up
 * to the forecast; they are left out where the scaler is not affine, as then they would not. Undefined where nothing is left.
 */
export function buildInspection(
  weights: NetworkWeights,
  model: NeuralModel = findNetwork(weights.model),
): Uint8Array | undefined {
  const network = networkOf(weights, model);
  const names = Object.keys(network.exposed);
  const parts = names.filter((name) => name.startsWith(partPrefix));
  const others = names.filter((name) => !name.startsWith(partPrefix));
  const { affine } = findScaler(weights.settings.scaler);
  const outputs: Record<string, Expression> = {
    ...Object.fromEntries(others.map((name) => [name, network.exposed[name]!])),
    ...(affine && parts.length > 0 && partsInUnits(network, parts)),
  };
  if (Object.keys(outputs).length === 0) return undefined;
  return writeFile(weights, { forecast: network.forecast, ...outputs }, {});
}

function partsInUnits({ exposed, scale }: Network, parts: readonly string[]) {
  const { learned } = scale;
  const inUnits = (values: Expression): Expression =>
    scale.unscale(learned === undefined ? values : learned.leave(values));
  const none = inUnits(mul(exposed[parts[0]!]!, 0)); // [batch, horizon], what no part at all comes to
  const others = parts.filter((name) => name !== levelPart);
  const moved = others.map((name) => [name, sub(inUnits(exposed[name]!), none)] as const);
  const level = exposed[levelPart] === undefined ? none : inUnits(exposed[levelPart]);
  return { ...Object.fromEntries(moved), [levelPart]: level };
}
