/** Intake: makes sure that the panel is stored and the champion, if any, is known before the orchestrator decides anything. */
import type { Services } from '../services/index.ts';
import type { RunState } from '../state/run-state.ts';

/** The node before all agents; it decides nothing. */
export function intake(services: Services) {
  return async (state: RunState): Promise<Partial<RunState>> => {
    const panel = state.panel ?? (await services.panels.ingest(state.request));
    const champion = services.findChampion(state.request, panel);
    return { panel, champion };
  };
}
