/** Best member: the one model that errs least. */
import { memberAlone, memberErrors } from '../member.ts';
import type { EnsembleMethod } from './method.ts';

export const bestMember: EnsembleMethod = {
  name: 'best-member',
  summary: 'the one model that errs least',
  source:
    'Model selection by rolling origins (Tashman 2000, International Journal of Forecasting 16)',
  perSeries: false,
  fit(sample) {
    const errors = memberErrors(sample);
    let best = 0;
    for (let m = 1; m < errors.length; m++) {
      if (errors[m]! < errors[best]! || Number.isNaN(errors[best]!)) best = m;
    }
    return memberAlone(sample.names, best);
  },
};
