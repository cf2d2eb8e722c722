/** Likelihood of a normal distribution. */
import type { Expression } from '../../../tensor/expression.ts';
import {
  add,
  concat,
  div,
  log,
  mul,
  softplus,
  square,
  sub,
  unsqueeze,
} from '../../../tensor/functions.ts';
import { normalQuantile } from '../../../series/statistics.ts';
import { type Loss, outputAt } from './loss.ts';

/** Least deviation in scaled units: a forecast that is nearly sure must not make endless gradients. */
const leastDeviation = 1e-3;

/** A positive spread from an output; at 0 it is 0.69. */
export const spreadOf = (output: Expression): Expression => add(softplus(output), leastDeviation);

/** -log density of mean m and deviation s: log s + ((y - m) / s)^2 / 2 + log(2 pi) / 2, in scaled units. */
export const normal: Loss = {
  name: 'normal',
  summary: 'likelihood of a normal distribution; the forecast is its mean, which is its median',
  source: 'Nix and Weigend 1994, Estimating the Mean and Variance of the Target Distribution, ICNN',
  needs: 'shape',
  pointIs: 'median',
  outputs: () => 2,
  locations: () => 1,
  losses(outputs, { scaled }) {
    const deviation = spreadOf(outputAt(outputs, 1));
    const standardised = div(sub(scaled, outputAt(outputs, 0)), deviation);
    return add(add(log(deviation), mul(square(standardised), 0.5)), 0.5 * Math.log(2 * Math.PI));
  },
  point: (outputs, frame) => frame.unscale(outputAt(outputs, 0)),
  quantiles(outputs, frame) {
    const mean = outputAt(outputs, 0);
    const deviation = spreadOf(outputAt(outputs, 1));
    const values = frame.settings.levels.map((level) =>
      frame.unscale(add(mean, mul(deviation, normalQuantile(level)))),
    );
    return concat(
      values.map((value) => unsqueeze(value, -1)),
      -1,
    );
  },
};
