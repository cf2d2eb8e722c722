/** Inspection: a trained network as a file that also gives what the model exposes inside, such as the parts of a forecast. */
import type { NeuralModel } from '../../models/model.ts';
import { assert } from '../../state/errors.ts';
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
 * to the forecast; its scaler has to be affine.
 */
export function buildInspection(
  weights: NetworkWeights,
  model: NeuralModel = findNetwork(weights.model),
): Uint8Array {
  const network = networkOf(weights, model);
  const { forecast, exposed } = network;
  const parts = Object.keys(exposed).filter((name) => name.startsWith(partPrefix));
  const { affine, name: scaler } = findScaler(weights.settings.scaler);
  assert(parts.length === 0 || affine, `scaler ${scaler} takes a sum of parts apart`);
  const outputs: Record<string, Expression> = { forecast, ...exposed };
  if (parts.length > 0) Object.assign(outputs, partsInUnits(network, parts));
  return writeFile(weights, outputs, {});
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
