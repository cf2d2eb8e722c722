/** Panels: reads the input once, keeps it as an artifact, and hands it out again by reference. */
import { formatFrequency } from '../../series/frequency.ts';
import { seriesLength, type Panel } from '../../series/panel.ts';
import type { RunRequest } from '../../state/request.ts';
import type { PanelSummary } from '../../state/run-state.ts';
import type { Artifacts } from '../artifacts/artifacts.ts';
import type { Datasets } from '../datasets/datasets.ts';
import { decodePanel, encodePanel } from '../datasets/panel-codec.ts';

export interface Panels {
  /** Reads, checks and repairs the data that `request` names, and stores the panel. Errors as `Datasets.load`. */
  ingest(request: RunRequest): Promise<PanelSummary>;
  /** The stored panel; the last ones asked for stay in memory. */
  get(uri: string): Promise<Panel>;
}

const kept = 2;
const reportedRepairs = 24;

/** Panels over a reader and a content-addressed store. */
export function createPanels(dependencies: { datasets: Datasets; artifacts: Artifacts }): Panels {
  const { datasets, artifacts } = dependencies;
  const recent = new Map<string, Panel>();
  const remember = (uri: string, panel: Panel): Panel => {
    recent.delete(uri);
    recent.set(uri, panel);
    const oldest = recent.keys().next().value;
    if (recent.size > kept && oldest !== undefined) recent.delete(oldest);
    return panel;
  };
  return {
    async ingest(request) {
      const { panel, repairs, layout } = await datasets.load(request);
      const uri = await artifacts.put(encodePanel(panel));
      remember(uri, panel);
      return {
        uri,
        layout,
        ...sizesOf(panel),
        frequency: formatFrequency(panel.frequency),
        repairs: repairs
          .slice(0, reportedRepairs)
          .map(({ kind, series, observations, detail }) => ({
            kind,
            series,
            observations,
            detail,
          })),
      };
    },
    async get(uri) {
      const known = recent.get(uri);
      return remember(uri, known ?? decodePanel(await artifacts.get(uri)));
    },
  };
}

function sizesOf(panel: Panel) {
  let shortest = Infinity;
  let longest = 0;
  for (let i = 0; i < panel.ids.length; i++) {
    shortest = Math.min(shortest, seriesLength(panel, i));
    longest = Math.max(longest, seriesLength(panel, i));
  }
  return { series: panel.ids.length, observations: panel.y.length, shortest, longest };
}
