/**
 * Optimised Theta: the Theta method with the curvature theta estimated rather than 2 (Fiorucci, Pellegrini, Louzada,
 * Petropoulos, Koehler 2016, section 3.1).
 *
 *   y[t] = l[t-1] + (1 - 1/theta) D[t] + e[t],   l[t] = alpha y[t] + (1-alpha) l[t-1]
 *
 * theta = 1 is simple exponential smoothing; the greater it is, the more of the line's slope is followed.
 */
import { z } from 'zod';
import type { LocalModel } from '../model.ts';
import { fitTheta, shortestTheta, type ThetaKind } from '../theta/fit-theta.ts';

const optimised: ThetaKind = { name: 'OTM', dynamic: false, optimised: true, alpha: [0.1, 0.99] };

/** Theta, alpha and the first level of the least squared errors one step ahead. */
export const optimisedTheta: LocalModel<Record<string, never>> = {
  name: 'optimised-theta',
  family: 'statistical',
  summary: 'Theta method with an estimated share of the straight line’s slope',
  source: 'Fiorucci et al. 2016, Models for optimising the theta method, section 3.1',
  hyperparameters: z.strictObject({}),
  searchSpace: {},
  minimumLength: () => shortestTheta,
  fit: (history, context) => fitTheta(history, context, optimised),
};
