/** Score ranking: how agents read a table of scores. */
import type { ScoreRow } from '../state/run-state.ts';

/** Rows of the validation folds, best first. */
export function rank(scores: readonly ScoreRow[]): ScoreRow[] {
  return scores
    .filter((score) => score.kind === 'validation' && score.mase !== null)
    .sort((a, b) => a.mase! - b.mase!);
}

/** MASE of every model on one kind of folds. */
export function maseByModel(scores: readonly ScoreRow[], kind: ScoreRow['kind']) {
  return Object.fromEntries(scores.filter((s) => s.kind === kind).map((s) => [s.model, s.mase]));
}

/** MASE of `model` on the validation folds; null if it has none. */
export function maseOf(scores: readonly ScoreRow[], model: string): number | null {
  return scores.find((score) => score.kind === 'validation' && score.model === model)?.mase ?? null;
}
