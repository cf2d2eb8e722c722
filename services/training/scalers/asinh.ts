/** Asinh scaler: the robust scaler, then the area hyperbolic sine, which is linear near zero and logarithmic far out. */
import type { Expression } from '../../../tensor/expression.ts';
import {
  abs,
  add,
  exp,
  log,
  maximum,
  minimum,
  mul,
  neg,
  sign,
  sqrt,
  square,
  sub,
} from '../../../tensor/functions.ts';
import { medianSpreadOf } from './robust.ts';
import { affineScale, type Scaler } from './scaler.ts';

/** Beyond these, squares and exponentials would leave float32. */
const largestValue = 1e15;
const largestImage = 30;

const areaSine = (x: Expression): Expression => {
  const size = minimum(abs(x), largestValue);
  return mul(sign(x), log(add(size, sqrt(add(square(size), 1)))));
};

const hyperbolicSine = (x: Expression): Expression => {
  const bounded = maximum(minimum(x, largestImage), -largestImage);
  return mul(sub(exp(bounded), exp(neg(bounded))), 0.5);
};

/** For spiky series, such as electricity prices, that also take negative values. */
export const asinh: Scaler = {
  name: 'asinh',
  summary: 'robust, then the area hyperbolic sine: spikes count by their logarithm',
  source:
    'Uniejewski, Weron, Ziel 2018, Variance stabilizing transformations, IEEE Trans. Power Systems 33',
  equivariant: true,
  affine: false,
  fit(view) {
    const { median, spread } = medianSpreadOf(view);
    const inner = affineScale(median, spread, view.constantUpTo);
    return {
      scale: (values) => areaSine(inner.scale(values)),
      unscale: (values) => inner.unscale(hyperbolicSine(values)),
    };
  },
};
