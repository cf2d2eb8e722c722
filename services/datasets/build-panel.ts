/** From series as read to a panel: one frequency, one grid, no missing values, and a note of everything that was changed. */
import { setImmediate } from 'node:timers/promises';
import { defaultSeason, formatFrequency, type Frequency } from '../../series/frequency.ts';
import { createPanel, type Panel } from '../../series/panel.ts';
import { repairSeries } from '../../series/repairs.ts';
import { fail } from '../../state/errors.ts';
import {
  createFrequencyDetector,
  voteFrequency,
  type FrequencyDetector,
} from './frequency-vote.ts';
import type { Observations, RawSeries } from './raw-series.ts';
import type { RepairLog } from './repair-log.ts';
import { alignToGrid, inOrder, isOfFrequency, ranksOf, syntheticTimes } from './time-grid.ts';

interface TimedSeries extends Observations {
  /** The times in rising order. */
  readonly sorted: Float64Array;
}

/** Observations handled between two turns of the event loop. */
const turn = 250_000;

/**
 * Builds the panel of frequency `requested`, or of the one that most series have. Series that have no value, no or another
 * frequency, or far more gaps than observations are left out and noted. Fails with FREQUENCY_UNDETECTED, NO_USABLE_SERIES
 * or INPUT_EMPTY.
 */
export async function buildPanel(
  path: string,
  raw: RawSeries,
  requested: Frequency | undefined,
  log: RepairLog,
): Promise<Panel> {
  const order = new Map<Float64Array, Float64Array>();
  const sortedOnce = (time: Float64Array): Float64Array => {
    let sorted = order.get(time);
    if (!sorted) order.set(time, (sorted = inOrder(time)));
    return sorted;
  };
  const read = raw.ids.map((_, i): TimedSeries => {
    const { time, values } = raw.observations(i);
    return { time, values, sorted: sortedOnce(time) };
  });
  const { series, frequency, detector } = settleTimes(raw, read, requested, log);
  const ids: string[] = [];
  const kept: Observations[] = [];
  let done = 0;
  for (const [i, one] of series.entries()) {
    const id = raw.ids[i]!;
    const whole = requested !== undefined || belongs(one.sorted, frequency, detector, id, log);
    const repaired = whole ? repair(id, one, frequency, log) : undefined;
    if (repaired) {
      ids.push(id);
      kept.push(repaired);
      remark(id, repaired.values, frequency, log);
    }
    done += one.time.length;
    if (done > turn) {
      done = 0;
      await setImmediate();
    }
  }
  return joinSeries(path, ids, kept, frequency, log);
}

/** Decides on the frequency, and turns times into positions or positions into times where it asks for that. */
function settleTimes(
  raw: RawSeries,
  read: readonly TimedSeries[],
  requested: Frequency | undefined,
  log: RepairLog,
): { series: readonly TimedSeries[]; frequency: Frequency; detector: FrequencyDetector } {
  const wantsIndex = requested?.unit === 'index';
  let series = read;
  let isPositions = raw.meaning === 'positions';
  if (raw.meaning === 'ranks' || (wantsIndex && raw.meaning === 'calendar')) {
    const why = wantsIndex
      ? 'the frequency was given as index'
      : 'decimal years fall on no calendar';
    series = read.map((one) => retimed(one, ranksOf(one.time, one.sorted)));
    for (const [i, id] of raw.ids.entries())
      log.note('order-as-time', id, series[i]!.time.length, why);
    isPositions = true;
  }
  const detector = createFrequencyDetector(isPositions);
  const vote = (): Frequency => voteFrequency(raw.ids, (i) => series[i]!.sorted, detector);
  if (requested && isPositions && !wantsIndex) {
    const last = series.reduce((most, { sorted }) => Math.max(most, sorted.at(-1) ?? 0), 0);
    const step = vote().count;
    series = series.map((one) => retimed(one, syntheticTimes(one.time, last, step, requested)));
    for (const [i, id] of raw.ids.entries()) {
      log.note('synthetic-time', id, series[i]!.time.length, formatFrequency(requested));
    }
  }
  return { series, frequency: requested ?? vote(), detector };
}

function retimed(series: TimedSeries, time: Float64Array): TimedSeries {
  return { time, values: series.values, sorted: inOrder(time) };
}

/** Whether the series is of the panel's frequency, which its own need not equal: daily data may pass over weekends. */
function belongs(
  sorted: Float64Array,
  frequency: Frequency,
  detector: FrequencyDetector,
  id: string,
  log: RepairLog,
): boolean {
  const own = detector.detect(sorted);
  if (own && formatFrequency(own) === formatFrequency(frequency)) return true;
  if (isOfFrequency(sorted, frequency)) return true;
  if (own) log.note('other-frequency-dropped', id, sorted.length, formatFrequency(frequency));
  else log.note('irregular-dropped', id, sorted.length);
  return false;
}

/** The series on the grid, whole; undefined if it has no value or far more gaps than values. */
function repair(
  id: string,
  { time, values, sorted }: TimedSeries,
  frequency: Frequency,
  log: RepairLog,
): Observations | undefined {
  let infinite = 0;
  for (const value of values) if (value === Infinity || value === -Infinity) infinite++;
  if (infinite > 0) log.note('infinite-as-missing', id, infinite);
  if (!values.some(Number.isFinite)) {
    log.note('all-missing-dropped', id, values.length);
    return undefined;
  }
  const aligned = alignToGrid(time, sorted, frequency);
  if (aligned.moved > 0) log.note('aligned-to-grid', id, aligned.moved, formatFrequency(frequency));
  const repaired = repairSeries(id, aligned.time, values, frequency);
  for (const { kind, count } of repaired.repairs) log.note(kind, id, count);
  return repaired.repairs.some(({ kind }) => kind === 'gaps-left') ? undefined : repaired;
}

/** Fewer observations than this, or than two seasons, and a series is called short. */
const fewObservations = 8;

function remark(id: string, values: Float64Array, frequency: Frequency, log: RepairLog): void {
  const enough = Math.max(fewObservations, 2 * defaultSeason(frequency));
  if (values.length < enough) log.note('short-series', id, values.length, `${enough} observations`);
  if (values.length > 1 && values.every((value) => value === values[0])) {
    log.note('constant-series', id, values.length);
  }
}

function joinSeries(
  path: string,
  ids: readonly string[],
  series: readonly Observations[],
  frequency: Frequency,
  log: RepairLog,
): Panel {
  if (ids.length === 0) {
    const first = log.list().find(({ kind }) => kind.endsWith('-dropped') || kind === 'gaps-left');
    return fail('NO_USABLE_SERIES', { path, why: first?.detail ?? 'it names no series' });
  }
  const offsets = new Uint32Array(ids.length + 1);
  for (const [i, { values }] of series.entries()) offsets[i + 1] = offsets[i]! + values.length;
  const total = offsets[ids.length]!;
  if (total < 2) fail('INPUT_EMPTY', { path, what: 'one observation that is present' });
  const time = new Float64Array(total);
  const y = new Float64Array(total);
  for (const [i, one] of series.entries()) {
    time.set(one.time, offsets[i]);
    y.set(one.values, offsets[i]);
  }
  return createPanel({ ids, offsets, time, y, frequency });
}
