/**
 * Theta: simple exponential smoothing of the series with its curvature doubled, averaged with the straight line through it
 * (Assimakopoulos and Nikolopoulos 2000). That is exponential smoothing with half of the line's slope as a drift (Hyndman
 * and Billah 2003), and is fitted so; the season is taken out first and put back at the end.
 *
 *   y[t] = l[t-1] + D[t] / 2 + e[t],   l[t] = alpha y[t] + (1-alpha) l[t-1]
 *
 * alpha: smoothing weight; l: level; D: what the least-squares line of all values adds (Fiorucci et al. 2016, equation 7).
 */
import { z } from 'zod';
import type { LocalModel } from '../model.ts';
import { fitTheta, shortestTheta, type ThetaKind } from '../theta/fit-theta.ts';

const standard: ThetaKind = {
  name: 'STM',
  dynamic: false,
  optimised: false,
  alpha: [0.0001, 0.9999],
};

/** The method that won the M3 competition, as the M4 competition's organisers ran it. */
export const theta: LocalModel<Record<string, never>> = {
  name: 'theta',
  family: 'statistical',
  summary: 'Exponential smoothing with half of the straight line’s slope as a drift',
  source: 'Assimakopoulos and Nikolopoulos 2000, The theta model; Hyndman and Billah 2003',
  hyperparameters: z.strictObject({}),
  searchSpace: {},
  minimumLength: () => shortestTheta,
  fit: (history, context) => fitTheta(history, context, standard),
};
