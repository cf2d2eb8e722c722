/** Layers that several networks are built from; each declares its parameters under a prefix. */
import type { Expression } from '../../tensor/expression.ts';
import { add, concat, matMul, reshape, slice, unsqueeze } from '../../tensor/functions.ts';
import type { DeclareParameter, NetworkShape } from '../model.ts';

/**
 * x W + b over the last axis: [..., from] -> [..., to]. Both start uniform on +-1 / sqrt(from), as is usual for linear
 * layers; names `<name>.weight` [from, to] and `<name>.bias` [to].
 */
export function linear(
  declare: DeclareParameter,
  name: string,
  x: Expression,
  from: number,
  to: number,
): Expression {
  const bound = 1 / Math.sqrt(from);
  const weight = declare(`${name}.weight`, [from, to], { kind: 'uniform', bound });
  const bias = declare(`${name}.bias`, [to], { kind: 'uniform', bound });
  return add(matMul(x, weight), bias);
}

/** How many numbers a network gives for the whole horizon. */
export const stepWidth = ({ horizon, outputs }: NetworkShape): number => horizon * outputs;

/** [..., horizon * outputs] -> [..., horizon, outputs]. */
export function perStep(x: Expression, { horizon, outputs }: NetworkShape): Expression {
  return reshape(x, [...x.shape.slice(0, -1), horizon, outputs]);
}

/** Adds `level` [..., 1] to those outputs of `forecast` [..., horizon, outputs] that are values of the series. */
export function addLevel(
  forecast: Expression,
  level: Expression,
  { outputs, locations }: NetworkShape,
): Expression {
  const raised = unsqueeze(level, -1); // [..., 1, 1]
  if (locations === outputs) return add(forecast, raised);
  const axis = forecast.shape.length - 1;
  if (locations === 0) return forecast;
  const values = add(slice(forecast, axis, 0, locations), raised);
  return concat([values, slice(forecast, axis, locations)], axis);
}
