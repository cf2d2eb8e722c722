/** Spectral: what the frequencies of a panel say, and which season length it has. */
import type { Panel } from '../../series/panel.ts';
import { seriesValues } from '../../series/panel.ts';
import { median } from '../../series/quantiles.ts';
import { evenlySpaced } from '../../series/sampling.ts';
import { describeSpectrum } from '../../series/spectrum.ts';
import { detectSeason, type SeasonDetection } from './season-detection.ts';

export type { SeasonCandidate, SeasonDetection } from './season-detection.ts';

/** Medians over the series of a panel; all zeros where no series varies. */
export interface PanelSpectrum {
  /** How many series were described; those without variation are left out. */
  readonly series: number;
  readonly entropy: number;
  /** Centroid, bandwidth and rolloff in cycles per step. */
  readonly centroid: number;
  readonly bandwidth: number;
  readonly rolloff: number;
  readonly flatness: number;
  /** Dominant periods, rounded to steps, by how many series have them; at most eight, commonest first. */
  readonly periods: readonly {
    readonly period: number;
    readonly votes: number;
    readonly share: number;
  }[];
}

export interface Spectral {
  /**
   * Describes at most `limit` evenly spaced series (default 200) by their latest 16,384 values; the last `stepsFromEnd`
   * (default 0) are not read.
   */
  describePanel(panel: Panel, limit?: number, stepsFromEnd?: number): PanelSpectrum;
  /** Decides the season length in steps, 1 if there is none; never reads the last `stepsFromEnd` (default 0) values. */
  detectSeason(panel: Panel, stepsFromEnd?: number): SeasonDetection;
}

const longestHistory = 16_384;
const greatestPeriods = 8;

/** Needs nothing; results depend on the arguments alone. */
export function createSpectral(): Spectral {
  return {
    describePanel(panel, limit = 200, stepsFromEnd = 0) {
      const described = Array.from(evenlySpaced(panel.ids.length, limit), (i) =>
        describeSpectrum(historyOf(panel, i, stepsFromEnd)),
      ).filter((spectrum) => spectrum.entropy > 0 || spectrum.peaks.length > 0);
      const middle = (of: (spectrum: (typeof described)[number]) => number): number =>
        described.length === 0 ? 0 : median(described.map(of));
      return {
        series: described.length,
        entropy: middle((spectrum) => spectrum.entropy),
        centroid: middle((spectrum) => spectrum.centroid),
        bandwidth: middle((spectrum) => spectrum.bandwidth),
        rolloff: middle((spectrum) => spectrum.rolloff),
        flatness: middle((spectrum) => spectrum.flatness),
        periods: votesFor(described.map((spectrum) => Math.round(spectrum.dominantPeriod))),
      };
    },
    detectSeason: (panel, stepsFromEnd = 0) =>
      detectSeason(panel, (i) => historyOf(panel, i, stepsFromEnd)),
  };
}

/** The latest values of series `i` before its last `stepsFromEnd`. */
function historyOf(panel: Panel, i: number, stepsFromEnd: number): Float64Array {
  const values = seriesValues(panel, i);
  const end = Math.max(0, values.length - stepsFromEnd);
  return values.subarray(Math.max(0, end - longestHistory), end);
}

function votesFor(periods: readonly number[]): PanelSpectrum['periods'] {
  const votes = new Map<number, number>();
  for (const period of periods) if (period > 0) votes.set(period, (votes.get(period) ?? 0) + 1);
  return [...votes]
    .map(([period, count]) => ({ period, votes: count, share: count / periods.length }))
    .sort((a, b) => b.votes - a.votes || a.period - b.period)
    .slice(0, greatestPeriods);
}
