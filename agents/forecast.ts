/** Forecast: which models in which weights, with which intervals. */
import { type Member, sharesOverall, weightedMembers } from '../series/ensemble/member.ts';
import { defaultQuantiles } from '../state/request.ts';
import type { ForecastSummary } from '../state/run-state.ts';
import { evidenceOf, reasonFor } from './forecast-account.ts';
import { defineAgent } from './agent.ts';
import { select } from './choice.ts';
import {
  baselines,
  foldCounts,
  foldPlanOf,
  hierarchyOf,
  localModels,
  portfolioOf,
  usableCandidates,
} from './plan.ts';
import { betterLeftOut, ensembleOptions } from './ensemble-options.ts';
import { refit, replaced, worthRefitting } from './refitting.ts';

export const forecast = defineAgent({
  name: 'forecast',
  decides: 'which models in which weights, with which intervals',
  reads: ['request', 'panel', 'features', 'candidates', 'champion', 'drift', 'portfolio', 'scores'],
  writes: ['prediction', 'candidates'],
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
    const judged = distinct(residuals.validation, features!.season, portfolio);
    const members = judged.filter(
      ({ name }) =>
        trained.some((candidate) => candidate.name === name) || portfolio.includes(name),
    );
    const shape = {
      folds: foldCounts(plan).validationFolds,
      series: panel.ids.length,
      horizon: request.horizon,
    };
    const fallback = residuals.validation.find(({ name }) => name === baselines.seasonalNaive);
    const { chosen, alternatives } = select(
      'forecast',
      ensembleOptions({ members, shape, ...(fallback && { fallback: fallback.residuals }) }),
      context.choice,
    );
    const { weights } = chosen.value;
    const better = betterLeftOut(judged, members, chosen.value, shape);
    const used = weightedMembers(weights);
    const shared = sharesOverall(weights);
    const serving = worthRefitting(trained, shared);
    const refitted = await refit(state, serving, panel, services, context);
    const made = await services.forecaster.forecast({
      panel,
      plan,
      horizon: request.horizon,
      season: features!.season,
      seasons: features!.seasons,
      weights,
      locals,
      trained: replaced(trained, refitted),
      residuals,
      hierarchy: hierarchyOf(request, summary!),
      levels: defaultQuantiles,
      signal: context.signal,
    });
    context.emit('forecast-ready', { weights: shared, scores: made.scores });
    const prediction: ForecastSummary = {
      uri: made.uri,
      method: weights.method,
      weights: shared,
      scores: made.scores,
      fallbacks: made.fallbacks,
    };
    return {
      update: { prediction, candidates: replaced(state.candidates, refitted) },
      decision: {
        action: chosen.action,
        reason: reasonFor(plan, members.length, used.length, chosen.value) + better,
        evidence: { method: weights.method, ...evidenceOf(shared, made, refitted) },
        alternatives,
      },
    };
  },
});

/** Without a season the two baselines are one forecast, which must not count twice where both may be used. */
function distinct(
  members: readonly Member[],
  season: number,
  portfolio: readonly string[],
): readonly Member[] {
  if (season > 1 || !portfolio.includes(baselines.naive)) return members;
  return members.filter(({ name }) => name !== baselines.seasonalNaive);
}
