/** Recipe choice: how the target is treated before a network sees it, and why. */
import { type Recipe, recipes } from '../state/run-state.ts';
import type { Option } from './choice.ts';

/** From this slope of log spread on log level, the spread counts as growing with the level. */
const multiplicativeFrom = 0.5;

/** The treatments that fit the data, best first. */
export function recipeOptions(season: number, slope: number | undefined): Option<Recipe>[] {
  const multiplicative = slope !== undefined && slope >= multiplicativeFrom;
  const fitting = recipes.filter(
    (recipe) =>
      recipe === 'plain' ||
      (recipe === 'log' && slope !== undefined) ||
      (recipe === 'seasonal-difference' && season > 1),
  );
  const ordered = multiplicative
    ? ['log' as const, ...fitting.filter((r) => r !== 'log')]
    : fitting;
  return ordered.map((value) => ({
    action: `treat target ${value}`,
    value,
    whyNot: {
      plain: 'the spread grows with the level',
      log: 'the spread does not grow with the level',
      'seasonal-difference': 'kept for when the direct treatment fails to beat seasonal-naive',
    }[value],
  }));
}

/** Why the target is treated so. */
export function reasonFor(recipe: Recipe, slope: number | undefined, again: boolean): string {
  if (again) return `the earlier treatment did not beat seasonal-naive, so ${recipe} is tried`;
  if (recipe === 'log')
    return `the spread grows with the level (slope ${(slope ?? NaN).toFixed(3)}), so the logarithm is modelled`;
  return 'the spread does not grow with the level, so the target stays as it is';
}
