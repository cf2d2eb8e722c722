/** Refitting: how the models that serve are trained once more, and how they replace what they were. */
import type { Panel } from '../series/panel.ts';
import type { Services } from '../services/index.ts';
import { registeredName } from '../state/request.ts';
import type { Candidate, RunState } from '../state/run-state.ts';
import type { AgentContext } from './agent.ts';
import { foldPlanOf } from './plan.ts';

/** Milliseconds that the preset for seconds has for it. */
const quickMs = 10_000;

/** The least share of the forecast that is worth training again. */
const leastShare = 0.01;

/** The candidates whose share is worth it, the heaviest first, so that a limit leaves out what matters least. */
export function worthRefitting(
  candidates: readonly Candidate[],
  shares: readonly { readonly model: string; readonly weight: number }[],
): Candidate[] {
  return shares
    .filter(({ weight }) => weight >= leastShare)
    .toSorted((a, b) => b.weight - a.weight)
    .flatMap(({ model }) => candidates.filter(({ name }) => name === model));
}

/** Trains the serving models again with the evaluation folds, as far as the time reaches. */
export function refit(
  { request, panel: summary, features }: Pick<RunState, 'request' | 'panel' | 'features'>,
  candidates: readonly Candidate[],
  panel: Panel,
  services: Services,
  context: AgentContext,
): Promise<Candidate[]> {
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
    withinMs: Math.min(context.remainingMs(), request.preset === 'fast' ? quickMs : Infinity),
    signal: context.signal,
    emit: context.emit,
  });
}

/** `candidates`, with those of the same name in `others` in their places. */
export const replaced = (
  candidates: readonly Candidate[],
  others: readonly Candidate[],
): Candidate[] => candidates.map((one) => others.find(({ name }) => name === one.name) ?? one);
