/** Median: the median of the models close to the best. */
import { type EnsembleMethod, equalWeights } from './method.ts';

export const median: EnsembleMethod = {
  name: 'median',
  summary: 'the median of the models close to the best',
  source:
    'Petropoulos and Svetunkov (2020), A simple combination of univariate models, International Journal of Forecasting 36',
  perSeries: false,
  fit: (sample) => ({
    method: 'median',
    rule: 'median',
    members: sample.names,
    weights: equalWeights(sample),
  }),
};
