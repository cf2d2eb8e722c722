/** Feature engineer: finds the season, decides how the target is treated and which calendar columns join the panel, and builds the derived inputs, all without reading the evaluation folds. */
import { calendarEvidence } from '../series/calendar-evidence.ts';
import { multiplicativeSlope } from '../series/recipe.ts';
import { recipes, type FeaturePlan, type Recipe } from '../state/run-state.ts';
import { defineAgent } from './agent.ts';
import { judgeCalendar, treatmentsOf } from './calendar-choice.ts';
import { select, type Option } from './choice.ts';
import {
  countTrainable,
  foldCounts,
  foldPlanOf,
  consideredNetworks,
  seasonsToTry,
} from './plan.ts';

/** From this slope of log spread on log level, the spread counts as growing with the level. */
const multiplicativeFrom = 0.5;

export const featureEngineer = defineAgent({
  name: 'feature-engineer',
  decides: 'which derived inputs and which treatment of the target earn their place',
  reads: ['request', 'panel', 'champion', 'features'],
  writes: ['features'],
  async run({ request, panel: summary, champion, features: earlier }, services, context) {
    const panel = await services.panels.get(summary!.uri);
    const plan = foldPlanOf(panel, request.horizon);
    const stepsFromEnd = plan.trainStepsFromEnd;
    const { season, seasons, candidates, reason } = services.spectral.detectSeason(
      panel,
      stepsFromEnd,
    );
    const spectrum = services.spectral.describePanel(panel, 200, stepsFromEnd);
    if (earlier === null) services.baseline.announce(panel, request.horizon, season, context.emit);

    const slope = multiplicativeSlope(panel, season, stepsFromEnd);
    const networks = plan.folds.length > 0 ? consideredNetworks(request) : [];
    const calendar = judgeCalendar({
      frequency: panel.frequency,
      season,
      takers: networks.filter((model) => model.exogenous?.includes('future')).map((m) => m.name),
      taken: champion?.columns ?? [],
      evidence: () => calendarEvidence(panel, season, stepsFromEnd),
    });
    const tried = earlier?.tried ?? [];
    const fitting = recipeOptions(season, slope).filter(({ value }) => !tried.includes(value));
    const options = treatmentsOf(fitting, calendar);
    const { chosen, alternatives } = select('feature-engineer', options, context.choice);
    const { recipe, positions } = chosen.value;
    const stored = await services.features.build(panel, { season, stepsFromEnd });
    context.emit('features-built', { uri: stored.uri, columns: stored.columns, rows: stored.rows });

    const { horizon } = request;
    const features: FeaturePlan = {
      version: (earlier?.version ?? 0) + 1,
      uri: stored.uri,
      columns: stored.columns.slice(0, 64),
      season,
      seasons: seasonsToTry(seasons, panel.frequency),
      recipe,
      tried: [...tried, recipe],
      untried: fitting.filter(({ value }) => value !== recipe).map(({ value }) => value),
      trainable: plan.folds.length > 0 ? countTrainable(panel, horizon, recipe, season) : 0,
      calendar: positions.length > 0 ? { positions: [...positions], stepsAhead: horizon } : null,
    };
    return {
      update: { features },
      decision: {
        action: chosen.action,
        reason: `season ${season}: ${reason}; ${reasonFor(recipe, slope, earlier !== null)}; ${positions === calendar.positions ? calendar.reason : 'the calendar as chosen'}`,
        evidence: {
          season,
          seasonCandidates: candidates
            .slice(0, 4)
            .map((c) => `${c.season} (acf ${c.acf.toFixed(2)})`),
          spectralEntropy: round(spectrum.entropy),
          spectralFlatness: round(spectrum.flatness),
          multiplicativeSlope: slope === undefined ? null : round(slope),
          trainableSeries: features.trainable,
          ...foldCounts(plan),
          columns: stored.columns.slice(0, 12),
          calendarJoins: [...positions],
          calendar: calendar.evidence,
          ...(summary!.columns && { exogenous: summary!.columns.slice(0, 12) }),
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

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
