/** Search account: what the decision of a search says, its options, reason and evidence. */
import type { Hyperparameters } from '../models/model.ts';
import type { Evidence } from '../state/decision.ts';
import type { StudySummary } from '../state/run-state.ts';
import type { Option } from './choice.ts';

type Found = StudySummary['best'][number];

/** The best configuration of each model. */
export const leadersOf = (best: readonly Found[]): Found[] =>
  best.filter(({ forecaster }, k) => best.findIndex((one) => one.forecaster === forecaster) === k);

/** To prefer a configuration. */
export const preference = (entry: Found): Option<Found | null> => ({
  action: `prefer ${entry.forecaster}`,
  value: entry,
  whyNot: `validation MASE ${entry.score.toFixed(3)} is higher`,
});

/** What the search came to, in words. */
export const found = (winner: Found | null, trials: number, seed: number): string =>
  winner === null
    ? `none of ${trials} trials gave a usable configuration`
    : `validation MASE ${winner.score.toFixed(3)} is the lowest of ${trials} trials (seed ${seed})`;

/** The winner and the score of each model. */
export function evidenceOf(best: readonly Found[], winner: Found | null): Evidence {
  return {
    ...(winner !== null && { configuration: describe(winner.hyperparameters, winner.settings) }),
    scores: Object.fromEntries(best.map((entry) => [entry.forecaster, entry.score])),
  };
}

/** Which models have no usable configuration, and why. */
export function unusable(failures: Record<string, string>, best: readonly Found[]): string {
  return Object.entries(failures)
    .filter(([name]) => best.every(({ forecaster }) => forecaster !== name))
    .map(([name, failure]) => `; ${name} was not used: ${failure}`)
    .join('');
}

function describe(hyperparameters: Hyperparameters, settings: Hyperparameters): string {
  return Object.entries({ ...settings, ...hyperparameters })
    .map(
      ([name, value]) =>
        `${name} ${typeof value === 'number' ? Number(value.toPrecision(3)) : value}`,
    )
    .join(', ');
}
