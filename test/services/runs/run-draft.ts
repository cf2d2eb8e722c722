/** A run to record, for tests of what is done with runs. */
import type { RunDraft } from '../../../services/runs/runs.ts';

/** The draft of run `id`. */
export function runDraft(id: string): RunDraft {
  return {
    id,
    request: { data: 'series.csv', horizon: 12, preset: 'fast', trials: 6, seed: 1 },
    panel: {
      uri: `sha256:${'0'.repeat(64)}`,
      series: 2,
      observations: 48,
      frequency: 'MS',
      shortest: 24,
      longest: 24,
      layout: 'long',
      repairs: [],
    },
    graphVersion: '1',
    forkOf: null,
    out: 'out',
  };
}
