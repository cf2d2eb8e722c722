/** Forecast: which models in which weights, with which intervals. */
import type { FoldPlan } from '../series/folds.ts';
import { defaultQuantiles } from '../state/request.ts';
import type { ForecastSummary } from '../state/run-state.ts';
import { defineAgent } from './agent.ts';
import { select } from './choice.ts';
import { foldCounts, foldPlanOf, localModels, portfolioOf, usableCandidates } from './plan.ts';
import { betterLeftOut, weightOptions } from './weight-options.ts';

export const forecast = defineAgent({
  name: 'forecast',
  decides: 'which models in which weights, with which intervals',
  reads: ['request', 'panel', 'features', 'candidates', 'champion', 'drift', 'portfolio', 'scores'],
  writes: ['prediction'],
  async run(state, services, context) {
    const { request, panel: summary, features, scores } = state;
    const panel = await services.panels.get(summary!.uri, features!.calendar);
    const plan = foldPlanOf(panel, request.horizon);
    const portfolio = portfolioOf(state);
    const locals = localModels(portfolio);
    const trained = usableCandidates(state);
    const residuals = await services.judging.residuals(scores?.uri ?? null, {
      panel,
      plan,
      season: features!.season,
      seasons: features!.seasons,
      locals,
      trained: [],
      signal: context.signal,
    });
    const members = residuals.validation.filter(
      ({ name }) =>
        trained.some((candidate) => candidate.name === name) || portfolio.includes(name),
    );
    const { chosen, alternatives } = select('forecast', weightOptions(members), context.choice);
    const better = betterLeftOut(residuals.validation, members, chosen.value);
    const made = await services.forecaster.forecast({
      panel,
      plan,
      horizon: request.horizon,
      season: features!.season,
      seasons: features!.seasons,
      weights: chosen.value,
      locals,
      trained,
      residuals,
      levels: defaultQuantiles,
      signal: context.signal,
    });
    context.emit('forecast-ready', { weights: chosen.value, scores: made.scores });
    const prediction: ForecastSummary = {
      uri: made.uri,
      weights: chosen.value.map(({ model, weight }) => ({ model, weight })),
      scores: made.scores,
      fallbacks: made.fallbacks,
    };
    const test = made.scores.find((score) => score.kind === 'test');
    return {
      update: { prediction },
      decision: {
        action: chosen.action,
        reason: reasonFor(plan, members.length, chosen.value.length) + better,
        evidence: {
          weights: Object.fromEntries(
            chosen.value.map(({ model, weight }) => [model, Math.round(weight * 1000) / 1000]),
          ),
          intervals: `conformal, from ${made.residualsUsed} validation residuals`,
          testMase: test?.mase ?? null,
          testCoverage80: test?.coverage80 ?? null,
          testCoverage95: test?.coverage95 ?? null,
          fallbackSeries: made.fallbacks.reduce((sum, fallback) => sum + fallback.series, 0),
        },
        alternatives,
      },
    };
  },
});

function reasonFor(plan: FoldPlan, members: number, used: number): string {
  if (foldCounts(plan).validationFolds === 0) {
    return 'there is no validation fold, so the safest baseline is used';
  }
  if (members === 0) {
    return 'none of the models that the request names was trained and judged, so the safest baseline is used';
  }
  if (members === 1) return 'it is the only model that this run may use';
  return used > 1
    ? 'the average has the lowest error on the validation folds'
    : 'no average of models has a clearly lower error on the validation folds';
}
