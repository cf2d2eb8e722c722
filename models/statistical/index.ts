/** The statistical family, in the order in which it is listed, documented and tried: cheapest first. */
import type { LocalModel } from '../model.ts';
import { windowAverage } from './window-average.ts';
import { seasonalWindowAverage } from './seasonal-window-average.ts';
import { ses } from './ses.ts';
import { holt } from './holt.ts';
import { dampedTrend } from './damped-trend.ts';
import { holtWinters } from './holt-winters.ts';
import { ets } from './ets.ts';
import { theta } from './theta.ts';
import { optimisedTheta } from './optimised-theta.ts';
import { dynamicTheta } from './dynamic-theta.ts';
import { croston } from './croston.ts';
import { crostonSba } from './croston-sba.ts';
import { tsb } from './tsb.ts';
import { adida } from './adida.ts';
import { imapa } from './imapa.ts';
import { ces } from './ces.ts';
import { mstl } from './mstl.ts';
import { arima } from './arima.ts';

/** Every statistical model; adding one here is all that help, validation and the conformance suite need. */
export const statisticalModels: readonly LocalModel[] = [
  windowAverage,
  seasonalWindowAverage,
  ses,
  holt,
  dampedTrend,
  holtWinters,
  ets,
  theta,
  optimisedTheta,
  dynamicTheta,
  croston,
  crostonSba,
  tsb,
  adida,
  imapa,
  ces,
  mstl,
  arima,
];
