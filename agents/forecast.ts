/** Forecast: which models in which weights, with which intervals. */
import { combinedError, selectGreedily, type Member } from '../series/ensemble.ts';
import { defaultQuantiles } from '../state/request.ts';
import type { ForecastSummary } from '../state/run-state.ts';
import { defineAgent } from './agent.ts';
import { select, type Option } from './choice.ts';
import { baselines, foldPlanOf, isAllowed, localModels, usableNetworks } from './plan.ts';

type Weights = ForecastSummary['weights'];

/** An ensemble must lower the validation error by this share to be preferred to its best member. */
const worthCombining = 0.005;

export const forecast = defineAgent({
  name: 'forecast',
  decides: 'which models in which weights, with which intervals',
  reads: ['request', 'panel', 'features', 'candidates', 'champion', 'drift', 'scores'],
  writes: ['prediction'],
  async run(state, services, context) {
    const { request, panel: summary, features, scores } = state;
    const panel = await services.panels.get(summary!.uri, features!.calendar);
    const plan = foldPlanOf(panel, request.horizon);
    const locals = localModels(request);
    const networks = usableNetworks(state);
    const residuals = await services.judging.residuals(scores?.uri ?? null, {
      panel,
      plan,
      season: features!.season,
      locals,
      networks: [],
      signal: context.signal,
    });
    const members = residuals.validation.filter(
      ({ name }) => networks.some((network) => network.name === name) || isAllowed(request, name),
    );
    const { chosen, alternatives } = select('forecast', weightOptions(members), context.choice);
    const made = await services.forecaster.forecast({
      panel,
      plan,
      horizon: request.horizon,
      season: features!.season,
      weights: chosen.value,
      locals,
      networks,
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
        reason: reasonFor(members.length, chosen.value.length),
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

function reasonFor(judged: number, used: number): string {
  if (judged === 0) return 'there is no validation fold, so the safest baseline is used';
  return used > 1
    ? 'the average has the lowest error on the validation folds'
    : 'no average of models has a clearly lower error on the validation folds';
}

/** The greedy average, and every model alone, best first by their error on the validation folds. */
function weightOptions(members: readonly Member[]): Option<Weights>[] {
  const singles = members
    .map((member) => ({ member, error: combinedError([member], [1]) }))
    .filter(({ error }) => Number.isFinite(error))
    .sort((a, b) => a.error - b.error);
  const best = singles[0];
  if (best === undefined) {
    return [baselines.seasonalNaive, baselines.naive].map((model) => ({
      action: `use ${model}`,
      value: [{ model, weight: 1 }],
      whyNot: 'seasonal-naive knows the season',
    }));
  }
  const alone = singles.map(({ member, error }) => ({
    action: `use ${member.name}`,
    value: [{ model: member.name, weight: 1 }],
    whyNot: `its validation error ${error.toFixed(4)} is higher (in units of the series' scale)`,
  }));
  const usable = singles.map(({ member }) => member);
  const found = selectGreedily(usable);
  const weights = usable
    .map((member, m) => ({ model: member.name, weight: found[m]! }))
    .filter(({ weight }) => weight > 0);
  if (weights.length < 2) return alone;
  const error = combinedError(usable, found);
  const gain = 1 - error / best.error;
  const combined: Option<Weights> = {
    action: `average ${weights.map(({ model }) => model).join('+')}`,
    value: weights,
    whyNot: `it lowers the validation error by only ${(gain * 100).toFixed(2)} %`,
  };
  return gain >= worthCombining ? [combined, ...alone] : [alone[0]!, combined, ...alone.slice(1)];
}
