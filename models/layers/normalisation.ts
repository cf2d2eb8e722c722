/** Normalisation of a window by itself. */
import type { Expression } from '../../tensor/expression.ts';
import {
  add,
  concat,
  div,
  mul,
  reduceMean,
  reduceSum,
  slice,
  sqrt,
  square,
  sub,
  maximum,
  unsqueeze,
} from '../../tensor/functions.ts';
import type { NetworkContext, NetworkInputs } from '../model.ts';

/** A window on a common scale, and the way back. */
export interface InstanceNorm {
  /** In the shape of the window: mean 0 and variance 1 over time; 0 where nothing was observed. */
  readonly values: Expression;
  /** Brings those outputs of a forecast [..., horizon, outputs] that are values of the series to the window's scale. */
  readonly restore: (forecast: Expression) => Expression;
}

/**
 * Reversible instance normalisation (Kim et al. 2022, ICLR): each window less its mean, divided by its standard
 * deviation sqrt(variance + epsilon), both over what was observed. With `affine` a learned scale and shift for each
 * channel follow, and are undone on the way back: `revin.scale` and `revin.shift`, [1] or [channels, 1].
 */
export function instanceNorm(
  { window: x, observed }: NetworkInputs,
  { declare, shape }: Pick<NetworkContext, 'declare' | 'shape'>,
  { affine = false, epsilon = 1e-5 }: { affine?: boolean; epsilon?: number } = {},
): InstanceNorm {
  const time = x.shape.length - 1;
  const average = (values: Expression): Expression => {
    if (observed === undefined) return reduceMean(values, time, true);
    const count = maximum(reduceSum(observed, time, true), 1);
    return div(reduceSum(mul(values, observed), time, true), count);
  };
  const mean = average(x); // [batch, 1] or [batch, channels, 1]
  const deviation = sub(x, mean);
  const spread = sqrt(add(average(square(deviation)), epsilon));
  const seen = (values: Expression): Expression =>
    observed === undefined ? values : mul(values, observed);
  const raise = (forecast: Expression): Expression =>
    add(mul(forecast, unsqueeze(spread, -1)), unsqueeze(mean, -1));
  const { outputs, locations } = shape;
  const standard = div(deviation, spread);
  if (!affine) {
    return {
      values: seen(standard),
      restore: (forecast) => onFirst(forecast, locations, outputs, raise),
    };
  }
  const sizes = time === 1 ? [1] : [shape.channels, 1];
  const scale = declare('revin.scale', sizes, { kind: 'constant', value: 1 });
  const shift = declare('revin.shift', sizes, { kind: 'constant', value: 0 });
  const undo = (forecast: Expression): Expression =>
    div(sub(forecast, unsqueeze(shift, -1)), unsqueeze(scale, -1));
  return {
    values: seen(add(mul(standard, scale), shift)),
    restore: (forecast) => onFirst(forecast, locations, outputs, (y) => raise(undo(y))),
  };
}

/** `change` on the first `some` of the `all` entries of the last axis. */
function onFirst(
  x: Expression,
  some: number,
  all: number,
  change: (x: Expression) => Expression,
): Expression {
  if (some === all) return change(x);
  if (some === 0) return x;
  const axis = x.shape.length - 1;
  return concat([change(slice(x, axis, 0, some)), slice(x, axis, some)], axis);
}
