/** Greedy: models join the average one by one, with replacement, as long as that lowers its error. */
import { thinned } from '../member.ts';
import { selectGreedily } from './greedy-selection.ts';
import { withForecasts } from './method.ts';
import type { EnsembleMethod } from './method.ts';

/** Residuals that a selection looks at; more would change the weights little and cost seconds. */
export const enoughForSelection = 100_000;
const rounds = 100;

/** One set of weights for all series, by `selectGreedily`. */
export const greedy: EnsembleMethod = {
  name: 'greedy',
  summary: 'models join the average one by one as long as that lowers its error',
  source:
    'Caruana, Niculescu-Mizil, Crew, Ksikes (2004), Ensemble selection from libraries of models, ICML',
  perSeries: false,
  fit(sample) {
    const { residuals, fallback } = withForecasts(thinned(sample, enoughForSelection));
    return {
      method: 'greedy',
      rule: 'average',
      members: sample.names,
      weights: selectGreedily(residuals, fallback, { rounds }),
    };
  },
};
