/**
 * Dynamic Theta: the straight line is that of the values up to each time, so that it bends as the series does (Fiorucci,
 * Pellegrini, Louzada, Petropoulos, Koehler 2016, section 3.2).
 *
 *   y[t] = l[t-1] + (1 - 1/theta) ((1-alpha)^(t-1) A[t-1] + (1 - (1-alpha)^t) / alpha B[t-1]) + e[t]
 *   l[t] = alpha y[t] + (1-alpha) l[t-1]
 *   B[t] = ((t-2) B[t-1] + 6/t (y[t] - mean of y[1..t-1])) / (t+1),   A[t] = mean of y[1..t] - (t+1)/2 B[t]
 */
import { z } from 'zod';
import type { LocalModel } from '../model.ts';
import { fitTheta, shortestTheta, type ThetaKind } from '../theta/fit-theta.ts';

const hyperparameters = z.strictObject({
  optimised: z.boolean().default(true).describe('Whether theta is estimated (DOTM) or 2 (DSTM)'),
});

const kinds: readonly [ThetaKind, ThetaKind] = [
  { name: 'DOTM', dynamic: true, optimised: true, alpha: [0.1, 0.99] },
  { name: 'DSTM', dynamic: true, optimised: false, alpha: [0.1, 0.99] },
];

/** The dynamic optimised Theta model, or with theta = 2 the dynamic standard one. */
export const dynamicTheta: LocalModel<z.infer<typeof hyperparameters>> = {
  name: 'dynamic-theta',
  family: 'statistical',
  summary: 'Theta method whose straight line follows the series, with an estimated share of it',
  source: 'Fiorucci et al. 2016, Models for optimising the theta method, section 3.2',
  hyperparameters,
  searchSpace: { optimised: { kind: 'choice', values: [true, false] } },
  minimumLength: () => shortestTheta,
  fit: (history, context, { optimised }) => fitTheta(history, context, kinds[optimised ? 0 : 1]),
};
