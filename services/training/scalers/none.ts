/** No scaler: the network sees the values as they are. */
import type { Scaler } from './scaler.ts';

/** For values that are scaled already, and for protocols that fix it. */
export const none: Scaler = {
  name: 'none',
  summary: 'values as given',
  source: 'Zeng et al. 2023, Are Transformers Effective for Time Series Forecasting?, AAAI',
  equivariant: false,
  affine: true,
  fit: () => ({ scale: (values) => values, unscale: (values) => values }),
};
