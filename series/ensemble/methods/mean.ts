/** Mean: equal weights of the models close to the best. */
import { type EnsembleMethod, equalWeights } from './method.ts';

export const mean: EnsembleMethod = {
  name: 'mean',
  summary: 'equal weights of the models close to the best',
  source: 'Clemen (1989), Combining forecasts: a review, International Journal of Forecasting 5',
  perSeries: false,
  fit: (sample) => ({
    method: 'mean',
    rule: 'average',
    members: sample.names,
    weights: equalWeights(sample),
  }),
};
