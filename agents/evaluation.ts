/** Evaluation: is anything good enough, judged against the naive forecasts and the champion on rolling origins? */
import type { Candidate, EvaluationSummary, ScoreRow } from '../state/run-state.ts';
import { registeredName } from '../state/request.ts';
import { defineAgent } from './agent.ts';
import { select, type Option } from './choice.ts';
import {
  baselines,
  foldCounts,
  foldPlanOf,
  localModels,
  portfolioOf,
  usableNetworks,
} from './plan.ts';

type Verdict = { readonly promote: Candidate | null };

export const evaluation = defineAgent({
  name: 'evaluation',
  decides: 'whether a model is good enough to be trusted and promoted',
  reads: ['request', 'panel', 'features', 'candidates', 'champion', 'drift', 'portfolio', 'scores'],
  writes: ['scores'],
  async run(state, services, context) {
    const { request, panel: summary, features, scores: earlier } = state;
    const panel = await services.panels.get(summary!.uri, features!.calendar);
    const plan = foldPlanOf(panel, request.horizon);
    const networks = usableNetworks(state);
    const { uri, scores } = await services.judging.judge(context.run, context.idempotencyKey, {
      panel,
      plan,
      season: features!.season,
      seasons: features!.seasons,
      locals: localModels(portfolioOf(state)),
      networks,
      signal: context.signal,
    });
    const ranking = rank(scores);
    const best = ranking[0]?.model ?? baselines.seasonalNaive;
    const naive = maseOf(scores, baselines.seasonalNaive);
    const bestNetwork = ranking
      .map(({ model }) => networks.find(({ name }) => name === model))
      .find((network) => network !== undefined);
    const networkMase = bestNetwork === undefined ? null : maseOf(scores, bestNetwork.name);
    const beats = networkMase !== null && naive !== null && networkMase < naive;

    const options = verdicts(bestNetwork, beats, state.champion?.version ?? null);
    const { chosen, alternatives } = select('evaluation', options, context.choice);
    if (chosen.value.promote !== null) promote(chosen.value.promote);
    context.emit('evaluation-finished', { best, scores });

    const summaryOfScores: EvaluationSummary = {
      round: (earlier?.round ?? 0) + 1,
      featuresVersion: features!.version,
      candidates: networks.length,
      uri,
      scores: scores.slice(0, 128),
      ...foldCounts(plan),
      best,
      beatsSeasonalNaive: beats,
    };
    return {
      update: { scores: summaryOfScores },
      decision: {
        action: chosen.action,
        reason: reasonOf(bestNetwork, networkMase, naive),
        evidence: {
          round: summaryOfScores.round,
          ...foldCounts(plan),
          validationMase: maseByModel(scores, 'validation'),
          testMase: maseByModel(scores, 'test'),
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

function rank(scores: readonly ScoreRow[]): ScoreRow[] {
  return scores
    .filter((score) => score.kind === 'validation' && score.mase !== null)
    .sort((a, b) => a.mase! - b.mase!);
}

function maseByModel(scores: readonly ScoreRow[], kind: ScoreRow['kind']) {
  return Object.fromEntries(scores.filter((s) => s.kind === kind).map((s) => [s.model, s.mase]));
}

function maseOf(scores: readonly ScoreRow[], model: string): number | null {
  return scores.find((score) => score.kind === 'validation' && score.model === model)?.mase ?? null;
}

function verdicts(
  network: Candidate | undefined,
  beats: boolean,
  champion: { model: string; version: number } | null,
): Option<Verdict>[] {
  const keep: Option<Verdict> = {
    action: champion === null ? 'promote nothing' : `keep ${champion.model}@${champion.version}`,
    value: { promote: null },
    whyNot: 'a network beats seasonal-naive and whatever was in production',
  };
  if (network === undefined) return [keep];
  if (champion?.model === network.version.model && champion.version === network.version.version)
    return [keep];
  const promote: Option<Verdict> = {
    action: `promote ${network.name}`,
    value: { promote: network },
    whyNot: `${network.name} does not beat seasonal-naive on the validation folds`,
  };
  return beats ? [promote, keep] : [keep, promote];
}

function reasonOf(
  network: Candidate | undefined,
  mase: number | null,
  naive: number | null,
): string {
  if (network === undefined) return 'there is no network to judge, only the naive family';
  if (mase === null || naive === null) return 'no validation fold could be scored';
  const change = Math.abs(1 - mase / naive) * 100;
  return `${network.name} has validation MASE ${mase.toFixed(3)}, seasonal-naive ${naive.toFixed(3)}: ${change.toFixed(1)} % ${mase < naive ? 'better' : 'worse'}`;
}
