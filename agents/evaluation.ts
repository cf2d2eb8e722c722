/** Evaluation: is anything good enough, judged against the naive forecasts and the champion on rolling origins? */
import type { Candidate, EvaluationSummary } from '../state/run-state.ts';
import { registeredName } from '../state/request.ts';
import { defineAgent } from './agent.ts';
import { select } from './choice.ts';
import {
  baselines,
  foldCounts,
  foldPlanOf,
  isBaseline,
  localModels,
  portfolioOf,
  usableCandidates,
} from './plan.ts';
import { maseByModel, maseOf, rank } from './score-ranking.ts';
import { reasonOf, verdicts } from './verdict.ts';

/** Share of the remaining time that fitting the statistical models may take. */
const shareOfTime = 0.6;

export const evaluation = defineAgent({
  name: 'evaluation',
  decides: 'whether a model is good enough to be trusted and promoted',
  reads: ['request', 'panel', 'features', 'candidates', 'champion', 'drift', 'portfolio', 'scores'],
  writes: ['scores'],
  async run(state, services, context) {
    const { request, panel: summary, features, scores: earlier } = state;
    const panel = await services.panels.get(summary!.uri, features!.calendar);
    const plan = foldPlanOf(panel, request.horizon);
    const trained = usableCandidates(state);
    const { uri, scores, leftOut } = await services.judging.judge(
      context.run,
      context.idempotencyKey,
      {
        panel,
        plan,
        season: features!.season,
        seasons: features!.seasons,
        locals: localModels(portfolioOf(state)),
        trained,
        ...(Number.isFinite(context.remainingMs()) && {
          maxMs: context.remainingMs() * shareOfTime,
        }),
        signal: context.signal,
      },
    );
    const ranking = rank(scores);
    const best = ranking[0]?.model ?? baselines.seasonalNaive;
    const naive = maseOf(scores, baselines.seasonalNaive);
    const bestNetwork = ranking
      .map(({ model }) => trained.find(({ name }) => name === model))
      .find((network) => network !== undefined);
    const networkMase = bestNetwork === undefined ? null : maseOf(scores, bestNetwork.name);
    const beats = isLower(networkMase, naive);
    const contender = ranking.find(({ model }) => !isBaseline(model));

    const options = verdicts(bestNetwork, beats, state.champion?.version ?? null);
    const { chosen, alternatives } = select('evaluation', options, context.choice);
    if (chosen.value.promote !== null) promote(chosen.value.promote);
    context.emit('evaluation-finished', { best, scores });

    const summaryOfScores: EvaluationSummary = {
      round: (earlier?.round ?? 0) + 1,
      featuresVersion: features!.version,
      candidates: trained.length,
      uri,
      scores: scores.slice(0, 128),
      ...foldCounts(plan),
      best,
      beatsSeasonalNaive: isLower(contender?.mase ?? null, naive),
    };
    return {
      update: { scores: summaryOfScores },
      decision: {
        action: chosen.action,
        reason: reasonOf(bestNetwork, networkMase, naive) + timeless(leftOut),
        evidence: {
          round: summaryOfScores.round,
          ...foldCounts(plan),
          validationMase: maseByModel(scores, 'validation'),
          testMase: maseByModel(scores, 'test'),
          ...(leftOut.length > 0 && { noTimeFor: leftOut }),
        },
        alternatives,
      },
    };

    function promote(winner: Candidate): void {
      const model = registeredName(request);
      const reason = `run ${context.run}: ${reasonOf(winner, networkMase, naive)}`;
      services.registry.setAlias(model, 'champion', winner.version.version, reason);
      context.emit('alias-moved', { model, alias: 'champion', version: winner.version.version });
    }
  },
});

const timeless = (leftOut: readonly string[]): string =>
  leftOut.length > 0 ? `; there was no time to judge ${leftOut.join(', ')}` : '';

const isLower = (mase: number | null, naive: number | null): boolean =>
  mase !== null && naive !== null && mase < naive;
