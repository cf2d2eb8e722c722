/** Combination rule: how the forecasts of several models became one, by the name of the method that combined them. */
import type { CombinationRule } from '../../series/ensemble/member.ts';

/** Methods whose rule is no average are named by it; of a run without a method it is an average. */
export function ruleOf(method: string | undefined): CombinationRule {
  return method === 'median' || method === 'trimmed-mean' ? method : 'average';
}
