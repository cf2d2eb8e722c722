/** Feature engineer: finds the season, decides how the target is treated and which calendar columns join the panel, and builds the derived inputs, all without reading the evaluation folds. */
import { calendarEvidence } from '../series/calendar-evidence.ts';
import { multiplicativeSlope } from '../series/recipe.ts';
import type { FeaturePlan } from '../state/run-state.ts';
import { defineAgent } from './agent.ts';
import { judgeCalendar, treatmentsOf } from './calendar-choice.ts';
import { select } from './choice.ts';
import {
  countTrainable,
  foldCounts,
  foldPlanOf,
  consideredNetworks,
  seasonsToTry,
} from './plan.ts';
import { reasonFor, recipeOptions } from './recipe-choice.ts';

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

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
