/** Drift: does new data still look like the data that a model was made from? */
import { type Panel, seriesTimes, seriesValues } from '../../series/panel.ts';
import { median } from '../../series/quantiles.ts';
import { autocorrelation } from '../../series/statistics.ts';
import { windowStarts } from './geometry.ts';
import { compareSamples, compareSpectra, type DriftMeasure } from './measures.ts';
import { type Ordinary, sketch } from './ordinary.ts';
import {
  type DriftProfile,
  driftProfileSchema,
  idHash,
  longestHistory,
  profilePanel,
} from './profile.ts';
import {
  bandPower,
  meanBands,
  pool,
  standardChanges,
  standardValues,
  type Yardstick,
} from './samples.ts';

export type { DriftMeasure } from './measures.ts';
export type { DriftProfile } from './profile.ts';

export interface DriftReport {
  /** Whether any measure exceeds its threshold. */
  readonly drifted: boolean;
  readonly measures: readonly DriftMeasure[];
  /** Why, in words. */
  readonly reason: string;
}

/**
 * What is compared, and why so. Values of different series, trending and seasonal ones, cannot be pooled as they are:
 * a trend alone would carry any of them out of its reference. So a window of recent values, in whole seasons, is taken
 * less the level at the end of the reference, in units of the series' deviation, and compared with windows of the
 * reference less the level before them, in the same units. How far a series usually wanders in that time is thus part of
 * the reference: a trend or a random walk that goes on as before is no drift, a jump is. Level and deviation are kept for
 * at most 100 series. Changes are over one season and by size, which leaves no season and no trend in them. The spectrum is by
 * shares of power, which level and deviation do not touch, and finds a season that has changed its length or its shape.
 *
 * New is what is later than the reference's end, series by series. If nothing is, the whole panel is compared with the
 * whole reference, so that the same data never drifts. Longer new stretches are compared window by window; the farthest counts.
 */
export interface Drift {
  /** The reference: small, plain JSON. `residuals` of forecasts in units of scale, NaN where absent. */
  profile(panel: Panel, residuals?: Float64Array): DriftProfile;
  /** Reads a profile back from its JSON bytes. */
  parseProfile(bytes: Uint8Array): DriftProfile;
  /** Compares a panel, and residuals if both sides have them, with a reference. */
  compare(reference: DriftProfile, panel: Panel, residuals?: Float64Array): DriftReport;
}

const greatestWindows = 16;
const fewestResiduals = 20;

/** Needs nothing; results depend on the arguments alone. */
export function createDrift(): Drift {
  return {
    profile: (panel, residuals) =>
      profilePanel(panel, residuals === undefined ? null : profileResiduals(residuals)),
    parseProfile: (bytes) => driftProfileSchema.parse(JSON.parse(new TextDecoder().decode(bytes))),
    compare(reference, panel, residuals) {
      const matched = matchSeries(reference, panel);
      const measures = [
        ...compareSeries(reference, matched),
        ...compareResiduals(reference, residuals),
      ];
      const drifted = measures.some((measure) => measure.drifted);
      return { drifted, measures, reason: reasonFor(measures, matched, reference) };
    },
  };
}

/** One series of the panel that the reference knows. */
interface Matched {
  readonly values: Float64Array;
  readonly yardstick: Yardstick;
  /** How many of its values are later than the reference. */
  readonly fresh: number;
}

function matchSeries(reference: DriftProfile, panel: Panel): Matched[] {
  const known = new Map(reference.series.map((row) => [row[0], row]));
  const matched: Matched[] = [];
  for (let i = 0; i < panel.ids.length; i++) {
    const row = known.get(idHash(panel.ids[i]!));
    const values = seriesValues(panel, i).subarray(-longestHistory);
    if (row === undefined || values.length === 0) continue;
    const [, end, level, scale, change] = row;
    const times = seriesTimes(panel, i).subarray(-longestHistory);
    let fresh = 0;
    while (fresh < times.length && times[times.length - 1 - fresh]! > end) fresh++;
    matched.push({ values, yardstick: { level, scale, change }, fresh });
  }
  return matched;
}

/** What is as old as the reference, if there is enough of it, and what is newer; of two measures of one kind the worse. */
function compareSeries(reference: DriftProfile, matched: readonly Matched[]): DriftMeasure[] {
  if (matched.length === 0) return [];
  const fresh = freshLength(matched);
  const length = median(matched.map(({ values }) => values.length));
  const isWhole = length - fresh >= 0.8 * reference.length;
  const recent = fresh > 0 ? fresh : length;
  const measures = [
    ...(isWhole ? compareWhole(reference, matched) : []),
    ...(isWhole && fresh === 0 ? [] : compareWindows(reference, matched, recent)),
    ...compareSpectrum(reference, matched, recent),
  ];
  const excess = ({ statistic, threshold }: DriftMeasure): number => statistic / threshold;
  return measures.filter((one) =>
    measures.every(
      (other) => other.name !== one.name || other.on !== one.on || excess(other) <= excess(one),
    ),
  );
}

/** How many new values the middle series has. */
function freshLength(matched: readonly Matched[]): number {
  return Math.ceil(median(matched.map((series) => series.fresh)));
}

/** All values that are not newer than the reference with all that it had: the same, unless history was rewritten. */
function compareWhole(reference: DriftProfile, matched: readonly Matched[]): DriftMeasure[] {
  const { season } = reference;
  const known = matched.map(({ values, fresh, yardstick }) => ({
    values: values.subarray(0, values.length - fresh),
    yardstick,
  }));
  const values = pool(known.map((s) => standardValues(s.values, 0, s.values.length, s.yardstick)));
  const changes = pool(
    known.map((s) => standardChanges(s.values, season, s.values.length, season, s.yardstick)),
  );
  const widest = reference.windows.at(-1);
  const size = (effective: number | undefined, total: number): number =>
    effective === undefined ? total / 4 : (effective * reference.length) / widest!.length;
  const ofValues = size(widest?.ordinaryValues.effective, values.length);
  const ofChanges = size(widest?.ordinaryChanges.effective, changes.length);
  return [
    ...compareSamples('values', reference.values, [values], both(ofValues)),
    ...compareSamples('changes', reference.changes, [changes], both(ofChanges)),
  ];
}

function both(size: number): { referenceSize: number; recentSize: number } {
  return { referenceSize: size, recentSize: size };
}

/** New values window by window, each against the block before it, or the reference's level where that is not at hand. */
function compareWindows(
  reference: DriftProfile,
  matched: readonly Matched[],
  recent: number,
): DriftMeasure[] {
  const { season, block } = reference;
  const fitting = reference.windows.filter(({ length }) => length <= recent);
  const profiled = fitting.at(-1) ?? reference.windows[0];
  const window = profiled?.length ?? season * Math.ceil(recent / season);
  const samples = windowOffsets(recent, window).map((offset) => {
    const ofWindow = matched.map(({ values, yardstick }) => {
      const to = Math.max(0, values.length - offset);
      const from = Math.max(0, to - window);
      const level = from < block ? yardstick.level : median(values.subarray(from - block, from));
      return {
        values: standardValues(values, from, to, { level, scale: yardstick.scale }),
        changes: standardChanges(values, Math.max(season, from), to, season, yardstick),
      };
    });
    return {
      values: pool(ofWindow.map((sample) => sample.values)),
      changes: pool(ofWindow.map((sample) => sample.changes)),
    };
  });
  const compare = (
    on: 'values' | 'changes',
    sketch: readonly number[],
    ordinary: Ordinary | undefined,
  ): DriftMeasure[] => {
    const effective = ordinary?.effective ?? samples[0]![on].length / 4;
    return compareSamples(
      on,
      sketch,
      samples.map((sample) => sample[on]),
      {
        referenceSize: (effective * reference.length) / window,
        recentSize: effective,
        ...(ordinary === undefined ? {} : { ordinary }),
      },
    );
  };
  return [
    // Without windows in the reference nothing says how far a trend leads in that time.
    ...(profiled === undefined ? [] : compare('values', profiled.values, profiled.ordinaryValues)),
    ...compare('changes', reference.changes, profiled?.ordinaryChanges),
  ];
}

/**
 * Where windows that cover the `recent` newest values end, counted from the end: the first begins right after the reference,
 * where a jump would be, the last ends with the data. If there are too many, the latest and the first.
 */
function windowOffsets(recent: number, window: number): number[] {
  const offsets: number[] = [];
  for (let offset = recent - window; offset > 0; offset -= window) offsets.push(offset);
  offsets.push(0);
  const [first, ...later] = offsets;
  return [first!, ...later.slice(-(greatestWindows - 1))];
}

/** Mean spectrum of the segments of the latest `recent` values, one at least. */
function compareSpectrum(
  { segment, spectrum }: DriftProfile,
  matched: readonly Matched[],
  recent: number,
): DriftMeasure[] {
  if (spectrum === null) return [];
  const bands = meanBands(
    matched.map(({ values }) => {
      const latest = values.subarray(-Math.max(recent, segment));
      const starts = windowStarts(latest.length, segment, 0, greatestWindows);
      return meanBands(starts.map((from) => bandPower(latest.subarray(from, from + segment))));
    }),
  );
  return bands === undefined ? [] : [compareSpectra(spectrum.bands, bands, spectrum.ordinary)];
}

function profileResiduals(residuals: Float64Array): DriftProfile['residuals'] {
  const sample = pool([residuals]);
  return { sketch: sketch(sample), effective: Math.round(independent(sample)) };
}

/** To how many independent values a sample in its order amounts, if each depends on the one before. */
function independent(sample: Float64Array): number {
  const memory = Math.min(0.99, Math.max(0, autocorrelation(sample, 1)));
  return (sample.length * (1 - memory)) / (1 + memory);
}

function compareResiduals(
  { residuals: reference }: DriftProfile,
  residuals: Float64Array | undefined,
): DriftMeasure[] {
  if (reference === null || residuals === undefined) return [];
  const sample = pool([residuals]);
  if (sample.length < fewestResiduals) return [];
  return compareSamples('residuals', reference.sketch, [sample], {
    referenceSize: reference.effective,
    recentSize: independent(sample),
  });
}

function reasonFor(
  measures: readonly DriftMeasure[],
  matched: readonly Matched[],
  reference: DriftProfile,
): string {
  const shown = ({ name, on, statistic, threshold }: DriftMeasure): string =>
    `${name} of ${on} ${statistic.toFixed(2)} (${threshold.toFixed(2)} allowed)`;
  const beyond = measures.filter((measure) => measure.drifted);
  const fresh = matched.length === 0 ? 0 : freshLength(matched);
  const what =
    fresh === 0
      ? 'the data, none of it newer than the reference,'
      : `the ${fresh} newest steps of ${matched.length} of ${reference.series.length} sampled series`;
  if (beyond.length > 0) {
    return `${what} left the reference: ${beyond.map(shown).join(', ')}`;
  }
  if (matched.length === 0) return 'the data holds none of the series of the reference';
  const nearest = measures.toSorted(
    (a, b) => b.statistic / b.threshold - a.statistic / a.threshold,
  )[0];
  const evidence =
    nearest === undefined ? 'nothing could be measured' : `at most ${shown(nearest)}`;
  return `${what} stayed within the reference: ${evidence}`;
}
