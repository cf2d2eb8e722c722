/** Trimmed mean: the mean of the middle half of the models close to the best. */
import { type EnsembleMethod, equalWeights } from './method.ts';

export const trimmedMean: EnsembleMethod = {
  name: 'trimmed-mean',
  summary: 'the mean of the middle half of the models close to the best',
  source:
    'Jose and Winkler (2008), Simple robust averages of forecasts, International Journal of Forecasting 24',
  perSeries: false,
  fit: (sample) => ({
    method: 'trimmed-mean',
    rule: 'trimmed-mean',
    members: sample.names,
    weights: equalWeights(sample),
  }),
};
