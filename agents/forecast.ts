/** Forecast: which models in which weights, with which intervals. */
import type { FoldPlan } from '../series/folds.ts';
import { defaultQuantiles, registeredName } from '../state/request.ts';
import type { Services } from '../services/index.ts';
import type { Panel } from '../series/panel.ts';
import type { Candidate, ForecastSummary, RunState } from '../state/run-state.ts';
import { type AgentContext, defineAgent } from './agent.ts';
import { select } from './choice.ts';
import { foldCounts, foldPlanOf, localModels, portfolioOf, usableCandidates } from './plan.ts';
import { betterLeftOut, weightOptions } from './weight-options.ts';

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
    const { chosen, alternatives } = select('forecast', weightOptions(members), context.choice);
    const better = betterLeftOut(residuals.validation, members, chosen.value);
    const serving = trained.filter(({ name }) => chosen.value.some(({ model }) => model === name));
    const refitted = await refit(state, serving, panel, services, context);
    const made = await services.forecaster.forecast({
      panel,
      plan,
      horizon: request.horizon,
      season: features!.season,
      seasons: features!.seasons,
      weights: chosen.value,
      locals,
      trained: replaced(trained, refitted),
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
      update: { prediction, candidates: replaced(state.candidates, refitted) },
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
          ...(refitted.length > 0 && { refitted: refitted.map(({ name }) => name) }),
          fallbackSeries: made.fallbacks.reduce((sum, fallback) => sum + fallback.series, 0),
        },
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
