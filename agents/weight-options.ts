/** Weight options: which averages of models, and which models alone, a forecast can be made of. */
import { combinedError, selectGreedily, type Member } from '../series/ensemble.ts';
import type { ForecastSummary } from '../state/run-state.ts';
import type { Option } from './choice.ts';
import { baselines } from './plan.ts';

type Weights = ForecastSummary['weights'];

/** An ensemble must lower the validation error by this share to be preferred to its best member. */
const worthCombining = 0.005;

/** The greedy average, and every model alone, best first by their error on the validation folds. */
export function weightOptions(members: readonly Member[]): Option<Weights>[] {
  const singles = members
    .map((member) => ({ member, error: combinedError([member], [1]) }))
    .filter(({ error }) => Number.isFinite(error))
    .sort((a, b) => a.error - b.error);
  const best = singles[0];
  if (best === undefined) {
    return [baselines.seasonalNaive, baselines.naive].map((model) => ({
      action: `use ${model}`,
      value: [{ model, weight: 1 }],
      whyNot: 'seasonal-naive knows the season',
    }));
  }
  const alone = singles.map(({ member, error }) => ({
    action: `use ${member.name}`,
    value: [{ model: member.name, weight: 1 }],
    whyNot: `its validation error ${error.toFixed(4)} is higher (in units of the series' scale)`,
  }));
  const usable = singles.map(({ member }) => member);
  const found = selectGreedily(usable);
  const weights = usable
    .map((member, m) => ({ model: member.name, weight: found[m]! }))
    .filter(({ weight }) => weight > 0);
  if (weights.length < 2) return alone;
  const error = combinedError(usable, found);
  const gain = 1 - error / best.error;
  const combined: Option<Weights> = {
    action: `average ${weights.map(({ model }) => model).join('+')}`,
    value: weights,
    whyNot: `it lowers the validation error by only ${(gain * 100).toFixed(2)} %`,
  };
  return gain >= worthCombining ? [combined, ...alone] : [alone[0]!, combined, ...alone.slice(1)];
}

/**
 * Says which of the `judged` models would have had a lower validation error than the average in these `weights`, had it
 * been among the `members` that may be used; empty if none.
 */
export function betterLeftOut(
  judged: readonly Member[],
  members: readonly Member[],
  weights: Weights,
): string {
  const used = members.filter(({ name }) => weights.some(({ model }) => model === name));
  if (used.length === 0) return '';
  const error = combinedError(
    used,
    used.map(({ name }) => weights.find(({ model }) => model === name)!.weight),
  );
  const [best] = judged
    .filter((member) => !members.includes(member))
    .map((member) => ({ name: member.name, gain: 1 - combinedError([member], [1]) / error }))
    .sort((a, b) => b.gain - a.gain);
  if (best === undefined || !(best.gain > 0)) return '';
  return `; ${best.name} errs ${(best.gain * 100).toFixed(0)} % less there, but is not among the models that the request names`;
}
