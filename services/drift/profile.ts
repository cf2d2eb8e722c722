/** Profile: what a panel was like, in a few kilobytes of JSON, for later comparison. */
import { z } from 'zod';
import { formatFrequency } from '../../series/frequency.ts';
import { type Panel, seriesTimes, seriesValues } from '../../series/panel.ts';
import { median } from '../../series/quantiles.ts';
import { evenlySpaced } from '../../series/sampling.ts';
import { detectSeason } from '../spectral/season-detection.ts';
import { type Geometry, geometryOf, windowStarts } from './geometry.ts';
import { ordinaryOf, sketch } from './ordinary.ts';
import {
  bandPower,
  meanBands,
  pool,
  rounded,
  standardChanges,
  standardValues,
  type Yardstick,
  yardstickOf,
} from './samples.ts';
import { distanceOfBands } from './measures.ts';

const sketchSchema = z.array(z.number()).max(81);
const ordinarySchema = z.object({ psi: z.number(), ks: z.number(), effective: z.number() });

/** A reference to compare later data with: under 16 KB of JSON whatever the panel's size. */
export const driftProfileSchema = z.object({
  version: z.literal(1),
  frequency: z.string(),
  /** Lengths in steps: the season, the usual series, the block before a window, a spectral segment (0 = none). */
  season: z.int().positive(),
  length: z.int().nonnegative(),
  block: z.int().positive(),
  segment: z.int().nonnegative(),
  /** Sampled series: hash of the id, last time, level, scale of values, scale of changes. */
  series: z.array(z.tuple([z.number(), z.number(), z.number(), z.number(), z.number()])).max(100),
  /** All values, standardised by the row above. */
  values: sketchSchema,
  changes: sketchSchema,
  /** Values of windows less the level before them, and how far windows usually are from the whole. */
  windows: z.array(
    z.object({
      length: z.int().positive(),
      values: sketchSchema,
      ordinaryValues: ordinarySchema,
      ordinaryChanges: ordinarySchema,
    }),
  ),
  /** Share of power by frequency band, and how far segments usually are from it; null where too short. */
  spectrum: z.object({ bands: z.array(z.number()).max(24), ordinary: z.number() }).nullable(),
  /** Of forecasts, if any were given; `effective` = independent ones among them. */
  residuals: z.object({ sketch: sketchSchema, effective: z.number() }).nullable(),
});
export type DriftProfile = z.infer<typeof driftProfileSchema>;

const sampledSeries = 100;
/** Latest values of a series that are looked at, in the reference as in what is compared with it. */
export const longestHistory = 8192;
const greatestWindows = 24;

interface Sampled {
  readonly values: Float64Array;
  readonly yardstick: Yardstick;
}

/** Profiles a panel by at most 100 evenly spaced series and their latest 8,192 values. */
export function profilePanel(panel: Panel, residuals: DriftProfile['residuals']): DriftProfile {
  const chosen = Array.from(evenlySpaced(panel.ids.length, sampledSeries)).filter(
    (i) => seriesValues(panel, i).length > 0,
  );
  const histories = chosen.map((i) => seriesValues(panel, i).subarray(-longestHistory));
  const length = Math.floor(median(histories.map((values) => values.length))) || 0;
  const season = detectSeason(panel, (i) =>
    seriesValues(panel, i).subarray(-longestHistory),
  ).season;
  const geometry = geometryOf(season, length);
  const sampled = histories.map(
    (values): Sampled => ({ values, yardstick: yardstickOf(values, geometry) }),
  );
  return {
    version: 1,
    frequency: formatFrequency(panel.frequency),
    season,
    length,
    block: geometry.block,
    segment: geometry.segment,
    series: sampled.map(({ yardstick }, k) => [
      idHash(panel.ids[chosen[k]!]!),
      seriesTimes(panel, chosen[k]!).at(-1)!,
      yardstick.level,
      yardstick.scale,
      yardstick.change,
    ]),
    values: sketch(
      pool(sampled.map((s) => standardValues(s.values, 0, s.values.length, s.yardstick))),
    ),
    changes: sketch(pool(sampled.map((series) => allChanges(series, season)))),
    windows: geometry.windows.map((window) => profileWindows(sampled, window, geometry)),
    spectrum: profileSpectrum(sampled, geometry.segment),
    residuals,
  };
}

function allChanges({ values, yardstick }: Sampled, season: number): Float64Array {
  return standardChanges(values, season, values.length, season, yardstick);
}

/** The j-th window of every series from its end, pooled, for all j that some series has. */
function profileWindows(
  sampled: readonly Sampled[],
  window: number,
  { block, season }: Geometry,
): DriftProfile['windows'][number] {
  const room = Math.max(block, season);
  const starts = sampled.map(({ values }) =>
    windowStarts(values.length, window, room, greatestWindows),
  );
  const positions = Array.from({ length: Math.max(...starts.map((s) => s.length)) }, (_, j) => j);
  const pooled = (of: (series: Sampled, start: number) => Float64Array): Float64Array[] =>
    positions.map((j) =>
      pool(sampled.flatMap((series, i) => (j in starts[i]! ? [of(series, starts[i]![j]!)] : []))),
    );
  const values = pooled((series, start) => {
    const level = median(series.values.subarray(start - block, start));
    const yardstick = { level, scale: series.yardstick.scale };
    return standardValues(series.values, start, start + window, yardstick);
  });
  const changesOfWindows = pooled((series, start) =>
    standardChanges(series.values, start, start + window, season, series.yardstick),
  );
  return {
    length: window,
    values: sketch(pool(values)),
    ordinaryValues: ordinaryOf(values),
    ordinaryChanges: ordinaryOf(changesOfWindows),
  };
}

function profileSpectrum(sampled: readonly Sampled[], segment: number): DriftProfile['spectrum'] {
  if (segment === 0) return null;
  const starts = sampled.map(({ values }) =>
    windowStarts(values.length, segment, 0, greatestWindows),
  );
  const positions = Array.from({ length: Math.max(...starts.map((s) => s.length)) }, (_, j) => j);
  const segments = positions
    .map((j) =>
      meanBands(
        sampled.map(({ values }, i) => {
          const start = starts[i]![j];
          return start === undefined
            ? undefined
            : bandPower(values.subarray(start, start + segment));
        }),
      ),
    )
    .filter((bands) => bands !== undefined);
  const bands = meanBands(segments);
  if (bands === undefined || segments.length < 2) return null;
  // Each from the others: a segment is near a mean that it is part of.
  const distances = segments.map((one, j) =>
    distanceOfBands(meanBands(segments.toSpliced(j, 1))!, one),
  );
  return {
    bands: Array.from(bands, rounded),
    ordinary: rounded(Math.max(...distances)),
  };
}

/** 32-bit FNV-1a of an id: enough to find a hundred series again, and it keeps names out of the profile. */
export function idHash(id: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < id.length; i++) {
    hash = Math.imul(hash ^ id.charCodeAt(i), 0x01000193);
  }
  return hash >>> 0;
}
