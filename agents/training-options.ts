/** Training options: which of the searched configurations can be trained together or alone, and under which names. */
import type { Recipe, StudySummary } from '../state/run-state.ts';
import type { Option } from './choice.ts';

type Configuration = StudySummary['best'][number];

/** The model's name, the number of its configuration from the second on, and the treatment of the target. */
export function nameOf(
  configurations: readonly Configuration[],
  index: number,
  recipe: Recipe,
): string {
  const { forecaster } = configurations[index]!;
  const rank = configurations
    .slice(0, index + 1)
    .filter((one) => one.forecaster === forecaster).length;
  return [forecaster, ...(rank > 1 ? [rank] : []), ...(recipe === 'plain' ? [] : [recipe])].join(
    '-',
  );
}

/**
 * Milliseconds for the next of `waiting` trainings, best first: an even share of what is left, or a third of it, as some need
 * seconds only and boosting that is cut short forecasts badly.
 */
export function timeForNext(leftMs: number, waiting: number): number {
  return leftMs / Math.min(3, waiting);
}

/** All configurations close to the best; only the best; each other one alone. */
export function trainingOptions(
  study: StudySummary,
  tolerance: number,
): Option<readonly Configuration[]>[] {
  const best = study.best[0]!;
  const close = study.best.filter((configuration) => configuration.score <= best.score * tolerance);
  const together = {
    action: `train ${close.map((_, k) => nameOf(close, k, 'plain')).join('+')}`,
    value: close,
    whyNot: '',
  };
  const alone = study.best.map((configuration, k) => ({
    action: `train ${nameOf(study.best, k, 'plain')}`,
    value: [configuration],
    whyNot: close.includes(configuration)
      ? 'another configuration is close enough to be worth averaging with'
      : `its score ${configuration.score.toFixed(3)} is more than ${Math.round((tolerance - 1) * 100)} % above the best`,
  }));
  return close.length > 1 ? [together, ...alone] : alone;
}
