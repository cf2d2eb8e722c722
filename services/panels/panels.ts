/** Panels: reads the input once, keeps it as an artifact, and hands it out again by reference. */
import { calendarPositions, withCalendar } from '../../series/derived.ts';
import { qualifiedNames } from '../../series/exogenous.ts';
import { formatFrequency } from '../../series/frequency.ts';
import { seriesLength, type Panel } from '../../series/panel.ts';
import type { RunRequest } from '../../state/request.ts';
import type { CalendarPlan, PanelSummary } from '../../state/run-state.ts';
import type { Artifacts } from '../artifacts/artifacts.ts';
import type { Datasets } from '../datasets/datasets.ts';
import { decodePanel, encodePanel } from '../datasets/panel-codec.ts';
import { loadHierarchy } from '../hierarchy/hierarchical-data.ts';
import { encodeHierarchy } from '../hierarchy/hierarchy-codec.ts';

export interface Panels {
  /**
   * Reads, checks and repairs the data that `request` names, and stores the panel; with a hierarchy also which of its series
   * are sums. Errors as `Datasets.load` and `loadHierarchy`.
   */
  ingest(request: RunRequest): Promise<PanelSummary>;
  /**
   * The stored panel, with the calendar columns of `calendar` if given; the last ones asked for stay in memory. What
   * networks are trained on, judged on and forecast with is one and the same panel only with the same `calendar`.
   */
  get(uri: string, calendar?: CalendarPlan | null): Promise<Panel>;
}

const kept = 2;
const reportedRepairs = 24;
const reportedColumns = 256;

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
      const { loaded, hierarchy } =
        request.hierarchy === undefined
          ? { loaded: await datasets.load(request), hierarchy: null }
          : await loadHierarchy(datasets, request);
      const { panel, repairs, layout } = loaded;
      const uri = await artifacts.put(encodePanel(panel));
      remember(uri, panel);
      return {
        uri,
        layout,
        ...sizesOf(panel),
        frequency: formatFrequency(panel.frequency),
        ...(panel.exogenous && {
          columns: qualifiedNames(panel.exogenous).slice(0, reportedColumns),
        }),
        ...(hierarchy && { hierarchy: await artifacts.put(encodeHierarchy(hierarchy)) }),
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
    async get(uri, calendar = null) {
      const stored = remember(uri, recent.get(uri) ?? decodePanel(await artifacts.get(uri)));
      if (calendar === null) return stored;
      const key = `${uri} ${calendar.positions.join(' ')} ${calendar.stepsAhead}`;
      return remember(key, recent.get(key) ?? addCalendar(stored, calendar));
    },
  };
}

function addCalendar(panel: Panel, { positions, stepsAhead }: CalendarPlan): Panel {
  const known = calendarPositions(panel.frequency);
  return withCalendar(
    panel,
    known.filter((position) => positions.includes(position)),
    stepsAhead,
  );
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
