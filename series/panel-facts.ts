/** Panel facts: the few figures of a panel that decide which models are worth their time on it. */
import { seriesLength, seriesValues, type Panel } from './panel.ts';
import { median } from './quantiles.ts';
import { evenlySpaced } from './sampling.ts';

/** What a panel is like. */
export interface PanelFacts {
  readonly series: number;
  readonly observations: number;
  readonly medianLength: number;
  /** Share of series with intermittent demand: 1.32 steps or more between two demands (Syntetos and Boylan 2005). */
  readonly intermittent: number;
}

const sampledSeries = 1000;
/** That interval as a share of zeros. */
const intermittentFrom = 1 - 1 / 1.32;

/** Reads at most a thousand series, evenly spaced, and not their last `stepsFromEnd` values. */
export function panelFacts(panel: Panel, stepsFromEnd: number): PanelFacts {
  const lengths = panel.ids.map((_, i) => seriesLength(panel, i));
  let described = 0;
  let intermittent = 0;
  for (const i of evenlySpaced(panel.ids.length, sampledSeries)) {
    const values = seriesValues(panel, i).subarray(0, Math.max(0, lengths[i]! - stepsFromEnd));
    if (values.length === 0) continue;
    described++;
    let zeros = 0;
    for (const value of values) if (value === 0) zeros++;
    // A series of nothing but zeros is no demand at all.
    if (zeros < values.length && zeros / values.length >= intermittentFrom) intermittent++;
  }
  return {
    series: panel.ids.length,
    observations: panel.y.length,
    medianLength: median(lengths),
    intermittent: described === 0 ? 0 : intermittent / described,
  };
}
