/** Forecast: which models in which weights, with which intervals. */
import { sharesOverall, weightedMembers } from '../series/ensemble/member.ts';
import { defaultQuantiles, registeredName } from '../state/request.ts';
import type { Services } from '../services/index.ts';
import type { Panel } from '../series/panel.ts';
import type { Candidate, ForecastSummary, RunState } from '../state/run-state.ts';
import { evidenceOf, reasonFor } from './forecast-account.ts';
import { type AgentContext, defineAgent } from './agent.ts';
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
    const members = residuals.validation.filter(
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
    const better = betterLeftOut(residuals.validation, members, chosen.value, shape);
    const used = weightedMembers(weights);
    const serving = trained.filter(({ name }) => used.includes(name));
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
    const shared = sharesOverall(weights);
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

/** Trains the serving models again with the evaluation folds, where the preset has the minutes for it. */
function refit(
  { request, panel: summary, features }: Pick<RunState, 'request' | 'panel' | 'features'>,
  candidates: readonly Candidate[],
  panel: Panel,
  services: Services,
  context: AgentContext,
): Promise<Candidate[]> {
  if (request.preset === 'fast') return Promise.resolve([]);
  return services.refitter.refit({
    key: `${context.idempotencyKey}/refit`,
    run: context.run,
    name: registeredName(request),
    candidates,
    panel,
    panelUri: summary!.uri,
    featuresUri: features!.uri,
    plan: foldPlanOf(panel, request.horizon),
    seasons: features!.seasons,
    seed: request.seed,
    withinMs: context.remainingMs(),
    signal: context.signal,
    emit: context.emit,
  });
}

/** `candidates`, with those of the same name in `others` in their places. */
const replaced = (candidates: readonly Candidate[], others: readonly Candidate[]): Candidate[] =>
  candidates.map((one) => others.find(({ name }) => name === one.name) ?? one);
