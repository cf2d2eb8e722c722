/** Inverse error: the models close to the best, weighted by the inverse of their squared error. */
import { memberErrors } from '../member.ts';
import { closeToBest, type EnsembleMethod, normalised } from './method.ts';

export const inverseError: EnsembleMethod = {
  name: 'inverse-error',
  summary: 'the models close to the best, weighted by the inverse of their squared error',
  source:
    'Bates and Granger (1969), The combination of forecasts, Operational Research Quarterly 20',
  perSeries: false,
  fit(sample) {
    const errors = memberErrors(sample);
    const close = closeToBest(errors);
    // A forecast without error would have infinite weight.
    const least = Math.max(...errors.filter((error) => !Number.isNaN(error))) * 1e-6 || 1;
    const shares = close.map((counts, m) =>
      counts === 0 ? 0 : (least / Math.max(errors[m]!, least)) ** 2,
    );
    return {
      method: 'inverse-error',
      rule: 'average',
      members: sample.names,
      weights: normalised(shares),
    };
  },
};
