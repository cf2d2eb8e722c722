/** Refitting: when the models that serve are trained once more, and how they replace what they were. */
import type { Panel } from '../series/panel.ts';
import type { Services } from '../services/index.ts';
import { registeredName } from '../state/request.ts';
import type { Candidate, RunState } from '../state/run-state.ts';
import type { AgentContext } from './agent.ts';
import { foldPlanOf } from './plan.ts';

/** Trains the serving models again with the evaluation folds, where the preset has the minutes for it. */
export function refit(
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
export const replaced = (
  candidates: readonly Candidate[],
  others: readonly Candidate[],
): Candidate[] => candidates.map((one) => others.find(({ name }) => name === one.name) ?? one);
