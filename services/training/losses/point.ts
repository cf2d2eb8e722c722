/** Losses of a point forecast. */
import type { Expression } from '../../../tensor/expression.ts';
import {
  abs,
  add,
  div,
  greater,
  less,
  maximum,
  mul,
  reduceMean,
  reduceSum,
  slice,
  square,
  sub,
  where,
} from '../../../tensor/functions.ts';
import { type Loss, type LossFrame, outputAt } from './loss.ts';

/** What losses of one value a step have in common. */
const oneValue = {
  needs: 'shape',
  pointIs: 'median',
  outputs: () => 1,
  locations: () => 1,
  point: (outputs: Expression, frame: LossFrame) => frame.unscale(outputAt(outputs, 0)),
} as const;

const errorOf = (outputs: Expression, actual: Expression): Expression =>
  sub(outputAt(outputs, 0), actual);

/** |e|. */
export const mae: Loss = {
  ...oneValue,
  name: 'mae',
  summary: 'mean absolute error',
  source: 'Gneiting 2011, Making and Evaluating Point Forecasts, JASA 106',
  losses: (outputs, { scaled }) => abs(errorOf(outputs, scaled)),
};

/** e squared. */
export const mse: Loss = {
  ...oneValue,
  name: 'mse',
  summary: 'mean squared error',
  source: 'Gneiting 2011, Making and Evaluating Point Forecasts, JASA 106',
  pointIs: 'mean',
  losses: (outputs, { scaled }) => square(errorOf(outputs, scaled)),
};

/** With delta 1: e^2 / 2 near zero, |e| - 1/2 beyond. */
export const huber: Loss = {
  ...oneValue,
  name: 'huber',
  summary: 'squared error up to one scaled unit, absolute error beyond',
  source:
    'Huber 1964, Robust Estimation of a Location Parameter, Annals of Mathematical Statistics 35',
  losses(outputs, { scaled }) {
    const error = errorOf(outputs, scaled);
    const size = abs(error);
    return where(less(size, 1), mul(square(error), 0.5), sub(size, 0.5));
  },
};

/** Seasonal naive error, in scaled units, from which on it is divided by; nearly constant look-backs have none. */
const leastSeasonalError = 1e-3;

/** |e| over the mean |x_t - x_(t - season)| of the look-back. */
export const mase: Loss = {
  ...oneValue,
  name: 'mase',
  summary: 'absolute error, relative to the seasonal naive error within the look-back',
  source: 'Hyndman and Koehler 2006, Another Look at Measures of Forecast Accuracy, IJF 22',
  losses(outputs, { scaled }, frame) {
    const size = seasonalError(frame);
    const divisor = where(greater(size, leastSeasonalError), size, 1);
    return div(abs(errorOf(outputs, scaled)), divisor);
  },
};

/** [..., 1], in scaled units, over pairs of which both are observed; in look-backs of one season the season is one step. */
function seasonalError({ scaledWindow, observed, settings }: LossFrame): Expression {
  const length = scaledWindow.shape.at(-1) as number;
  if (length < 2) return mul(scaledWindow, 0);
  const season = settings.season < length ? settings.season : 1;
  const later = (x: Expression): Expression => slice(x, -1, season);
  const earlier = (x: Expression): Expression => slice(x, -1, 0, length - season);
  const changes = abs(sub(later(scaledWindow), earlier(scaledWindow)));
  if (observed === undefined) return reduceMean(changes, -1, true);
  const pairs = mul(later(observed), earlier(observed));
  return div(reduceSum(mul(changes, pairs), -1, true), maximum(reduceSum(pairs, -1, true), 1));
}

/** Smallest |a| + |f|, in deviations of the series, that an error is divided by. */
const leastSum = 1e-3;

/** 2 |a - f| / (|a| + |f|), on the scale 0..2. */
export const smape: Loss = {
  ...oneValue,
  name: 'smape',
  summary: 'symmetric percentage error; for series whose zero means something',
  source: 'Makridakis et al. 2020, The M4 Competition, IJF 36, equation 1',
  needs: 'zero',
  losses(outputs, { inUnits }, frame) {
    const forecast = frame.unscale(outputAt(outputs, 0));
    const sum = add(abs(inUnits), abs(forecast));
    return div(mul(abs(sub(forecast, inUnits)), 2), maximum(sum, leastSum));
  },
};
