/** Losses of quantile forecasts. */
import { constant, type Expression } from '../../../tensor/expression.ts';
import {
  add,
  concat,
  maximum,
  minimum,
  mul,
  reduceMean,
  sub,
  unsqueeze,
} from '../../../tensor/functions.ts';
import { type Loss, type LossFrame, outputAt } from './loss.ts';

/** Pinball loss max(q e, (q - 1) e) of e = actual - forecast. */
const pinball = (error: Expression, level: number | Expression): Expression =>
  maximum(mul(error, level), mul(error, typeof level === 'number' ? level - 1 : sub(level, 1)));

/** Pinball loss at one level. */
export const quantile: Loss = {
  name: 'quantile',
  summary: 'pinball loss at one level; the forecast is that quantile',
  source: 'Koenker and Bassett 1978, Regression Quantiles, Econometrica 46',
  needs: 'shape',
  pointIs: 'quantile',
  outputs: () => 1,
  locations: () => 1,
  losses: (outputs, { scaled }, { settings }) =>
    pinball(sub(scaled, outputAt(outputs, 0)), settings.level),
  point: (outputs, frame) => frame.unscale(outputAt(outputs, 0)),
};

/** Mean of the pinball losses at several levels. */
export const multiQuantile: Loss = {
  name: 'multi-quantile',
  summary: 'mean pinball loss at several levels; the forecast is the median',
  source: 'Wen et al. 2017, A Multi-Horizon Quantile Recurrent Forecaster, arXiv:1711.11053',
  needs: 'shape',
  pointIs: 'median',
  outputs: ({ levels }) => levels.length,
  locations: ({ levels }) => levels.length,
  losses(outputs, { scaled }, { settings: { levels } }) {
    const error = sub(unsqueeze(scaled, -1), outputs); // [..., horizon, levels]
    return reduceMean(pinball(error, constant(levels)), -1);
  },
  point: (outputs, frame) => frame.unscale(medianAmong(outputs, frame)),
  quantiles(outputs, frame) {
    const { levels } = frame.settings;
    const rising = levels.map((_, i) => outputAt(outputs, i));
    // From the middle outwards, so that the middle level stays as it is.
    const middle = middleOf(levels);
    for (let i = middle + 1; i < levels.length; i++)
      rising[i] = maximum(rising[i]!, rising[i - 1]!);
    for (let i = middle - 1; i >= 0; i--) rising[i] = minimum(rising[i]!, rising[i + 1]!);
    return concat(
      rising.map((values) => unsqueeze(frame.unscale(values), -1)),
      -1,
    );
  },
};

/** Position of the level nearest to one half. */
function middleOf(levels: readonly number[]): number {
  const distances = levels.map((level) => Math.abs(level - 0.5));
  return distances.indexOf(Math.min(...distances));
}

/** The output of level one half; between the levels around it by interpolation, the nearest one beyond all of them. */
function medianAmong(outputs: Expression, { settings: { levels } }: LossFrame): Expression {
  const middle = middleOf(levels);
  const other = levels[middle]! < 0.5 ? middle + 1 : middle - 1;
  if (levels[middle] === 0.5 || levels[other] === undefined) return outputAt(outputs, middle);
  const share = (0.5 - levels[middle]!) / (levels[other] - levels[middle]!);
  const [near, far] = [outputAt(outputs, middle), outputAt(outputs, other)];
  return add(mul(near, 1 - share), mul(far, share));
}
