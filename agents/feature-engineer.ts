/** Feature engineer: finds the season, decides how the target is treated, and builds the derived inputs, all without reading the evaluation folds. */
import { applyRecipe, multiplicativeSlope, recipeOffset } from '../series/recipe.ts';
import { seriesLength, seriesValues, type Panel } from '../series/panel.ts';
import { recipes, type FeaturePlan, type Recipe } from '../state/run-state.ts';
import { defineAgent } from './agent.ts';
import { select, type Option } from './choice.ts';
import { foldCounts, foldPlanOf, neuralModelsOf, shortestLookBack } from './plan.ts';

/** From this slope of log spread on log level, the spread counts as growing with the level. */
const multiplicativeFrom = 0.5;

export const featureEngineer = defineAgent({
  name: 'feature-engineer',
  decides: 'which derived inputs and which treatment of the target earn their place',
  reads: ['request', 'panel', 'features'],
  writes: ['features'],
  async run({ request, panel: summary, features: earlier }, services, context) {
    const panel = await services.panels.get(summary!.uri);
    const plan = foldPlanOf(panel, request.horizon);
    const stepsFromEnd = plan.trainStepsFromEnd;
    const { season, candidates, reason } = services.spectral.detectSeason(panel, stepsFromEnd);
    const spectrum = services.spectral.describePanel(panel, 200, stepsFromEnd);
    if (earlier === null) services.baseline.announce(panel, request.horizon, season, context.emit);

    const slope = multiplicativeSlope(panel, season, stepsFromEnd);
    const tried = earlier?.tried ?? [];
    const options = recipeOptions(season, slope).filter(({ value }) => !tried.includes(value));
    const { chosen, alternatives } = select('feature-engineer', options, context.choice);
    const stored = await services.features.build(panel, { season, stepsFromEnd });
    context.emit('features-built', { uri: stored.uri, columns: stored.columns, rows: stored.rows });

    const allowed = neuralModelsOf(request).length > 0 && plan.folds.length > 0;
    const trainable = allowed ? countTrainable(panel, request.horizon, chosen.value, season) : 0;
    const features: FeaturePlan = {
      version: (earlier?.version ?? 0) + 1,
      uri: stored.uri,
      columns: stored.columns.slice(0, 64),
      season,
      recipe: chosen.value,
      tried: [...tried, chosen.value],
      untried: options.filter((option) => option !== chosen).map((option) => option.value),
      trainable,
    };
    return {
      update: { features },
      decision: {
        action: chosen.action,
        reason: `season ${season}: ${reason}; ${reasonFor(chosen.value, slope, earlier !== null)}`,
        evidence: {
          season,
          seasonCandidates: candidates
            .slice(0, 4)
            .map((c) => `${c.season} (acf ${c.acf.toFixed(2)})`),
          spectralEntropy: round(spectrum.entropy),
          spectralFlatness: round(spectrum.flatness),
          multiplicativeSlope: slope === undefined ? null : round(slope),
          trainableSeries: trainable,
          ...foldCounts(plan),
          columns: stored.columns.slice(0, 12),
        },
        alternatives,
      },
    };
  },
});

/** The treatments that fit the data, best first. */
function recipeOptions(season: number, slope: number | undefined): Option<Recipe>[] {
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

function reasonFor(recipe: Recipe, slope: number | undefined, again: boolean): string {
  if (again) return `the earlier treatment did not beat seasonal-naive, so ${recipe} is tried`;
  if (recipe === 'log')
    return `the spread grows with the level (slope ${round(slope ?? NaN)}), so the logarithm is modelled`;
  return 'the spread does not grow with the level, so the target stays as it is';
}

/** Series that have a window to learn from and are not constant where they may be read. */
function countTrainable(panel: Panel, horizon: number, recipe: Recipe, season: number): number {
  const { trainStepsFromEnd } = foldPlanOf(panel, horizon);
  const needed = shortestLookBack(panel, horizon) + horizon + recipeOffset(recipe, season);
  const treated = applyRecipe(panel, recipe, season);
  let count = 0;
  for (let i = 0; i < panel.ids.length; i++) {
    if (seriesLength(panel, i) - trainStepsFromEnd < needed) continue;
    const readable = seriesValues(treated, i).subarray(
      0,
      seriesLength(treated, i) - trainStepsFromEnd,
    );
    if (readable.some((value) => value !== readable[0])) count += 1;
  }
  return count;
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
