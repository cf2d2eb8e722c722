/** From series as read to a panel: one frequency, one grid, no missing values, and a note of everything that was changed. */
import { setImmediate } from 'node:timers/promises';
import { defaultSeason, formatFrequency, type Frequency } from '../../series/frequency.ts';
import type { Exogenous } from '../../series/exogenous.ts';
import { createPanel, type Panel } from '../../series/panel.ts';
import { repairSeries } from '../../series/repairs.ts';
import { fail } from '../../state/errors.ts';
import { alignExogenous, type AlignedColumn } from './exogenous-alignment.ts';
import type { ExogenousColumn } from './exogenous-cells.ts';
import {
  createFrequencyDetector,
  voteFrequency,
  type FrequencyDetector,
} from './frequency-vote.ts';
import type { Observations, RawObservations, RawSeries } from './raw-series.ts';
import type { RepairLog } from './repair-log.ts';
import { alignToGrid, inOrder, isOfFrequency, ranksOf, syntheticTimes } from './time-grid.ts';

interface TimedSeries extends RawObservations {
  /** The times in rising order. */
  readonly sorted: Float64Array;
}

/** What the user wants of a panel. */
export interface PanelRequest {
  /** Undefined for the frequency that most series have. */
  readonly frequency: Frequency | undefined;
  /** For how many steps behind their end future columns must be known. */
  readonly horizon: number;
}

/** A series of the panel. */
interface FinishedSeries extends Observations {
  readonly id: string;
  readonly exogenous: readonly AlignedColumn[];
}

/** Observations handled between two turns of the event loop. */
const turn = 250_000;

/**
 * Builds the panel of the requested frequency, or of the one that most series have. Series that have no value, no or another
 * frequency, or far more gaps than observations are left out and noted. Fails with FREQUENCY_UNDETECTED, NO_USABLE_SERIES
 * or INPUT_EMPTY, and of exogenous columns as `alignExogenous`.
 */
export async function buildPanel(
  path: string,
  raw: RawSeries,
  { frequency: requested, horizon }: PanelRequest,
  log: RepairLog,
): Promise<Panel> {
  const order = new Map<Float64Array, Float64Array>();
  const sortedOnce = (time: Float64Array): Float64Array => {
    let sorted = order.get(time);
    if (!sorted) order.set(time, (sorted = inOrder(time)));
    return sorted;
  };
  const read = raw.ids.map((_, i): TimedSeries => {
    const observations = raw.observations(i);
    return { ...observations, sorted: sortedOnce(observations.time) };
  });
  const { series, frequency, detector } = settleTimes(raw, read, requested, log);
  const kept: FinishedSeries[] = [];
  let done = 0;
  for (const [i, one] of series.entries()) {
    const id = raw.ids[i]!;
    const whole = requested !== undefined || belongs(one.sorted, frequency, detector, id, log);
    const repaired = whole
      ? repair(id, one, raw.exogenous, { frequency, horizon }, log)
      : undefined;
    if (repaired) {
      kept.push(repaired);
      remark(id, repaired.values, frequency, log);
    }
    done += one.time.length;
    if (done > turn) {
      done = 0;
      await setImmediate();
    }
  }
  return joinSeries(path, kept, raw.exogenous, { frequency, horizon }, log);
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
  return { ...series, time, sorted: inOrder(time) };
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

type Settled = PanelRequest & { readonly frequency: Frequency };

/** The series on the grid, whole; undefined if it has no value or far more gaps than values. */
function repair(
  id: string,
  { time, values, sorted, exogenous: cells }: TimedSeries,
  columns: readonly ExogenousColumn[],
  { frequency, horizon }: Settled,
  log: RepairLog,
): FinishedSeries | undefined {
  let infinite = 0;
  for (const value of values) if (value === Infinity || value === -Infinity) infinite++;
  if (infinite > 0) log.note('infinite-as-missing', id, infinite);
  if (!values.some(Number.isFinite)) {
    log.note('all-missing-dropped', id, values.length);
    return undefined;
  }
  const aligned = alignToGrid(time, sorted, frequency);
  if (aligned.moved > 0) log.note('aligned-to-grid', id, aligned.moved, formatFrequency(frequency));
  const hasFuture = columns.some(({ role }) => role === 'future');
  const past = hasFuture ? withoutFuture(id, aligned.time, values, log) : { ...aligned, values };
  const repaired = repairSeries(id, past.time, past.values, frequency);
  for (const { kind, count } of repaired.repairs) log.note(kind, id, count);
  if (repaired.repairs.some(({ kind }) => kind === 'gaps-left')) return undefined;
  const series = { id, time: aligned.time, cells, grid: repaired.time };
  const exogenous = alignExogenous(columns, series, frequency, horizon, log);
  return { id, time: repaired.time, values: repaired.values, exogenous };
}

/** The rows up to the last one with a value; those behind it only tell the future of the exogenous columns. */
function withoutFuture(
  id: string,
  time: Float64Array,
  values: Float64Array,
  log: RepairLog,
): Observations {
  let last = -Infinity;
  for (let k = 0; k < time.length; k++) {
    if (Number.isFinite(values[k]!)) last = Math.max(last, time[k]!);
  }
  const past = time.filter((at) => at <= last);
  if (past.length === time.length) return { time, values };
  log.note('future-rows', id, time.length - past.length);
  return { time: past, values: values.filter((_, k) => time[k]! <= last) };
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
  series: readonly FinishedSeries[],
  columns: readonly ExogenousColumn[],
  { frequency, horizon }: Settled,
  log: RepairLog,
): Panel {
  if (series.length === 0) {
    const first = log.list().find(({ kind }) => kind.endsWith('-dropped') || kind === 'gaps-left');
    return fail('NO_USABLE_SERIES', { path, why: first?.detail ?? 'it names no series' });
  }
  const offsets = new Uint32Array(series.length + 1);
  for (const [i, { values }] of series.entries()) offsets[i + 1] = offsets[i]! + values.length;
  if (offsets[series.length]! < 2)
    fail('INPUT_EMPTY', { path, what: 'one observation that is present' });
  return createPanel({
    ids: series.map(({ id }) => id),
    offsets,
    time: joined(series.map(({ time }) => time)),
    y: joined(series.map(({ values }) => values)),
    frequency,
    ...(columns.length > 0 && { exogenous: joinExogenous(series, columns, horizon) }),
  });
}

function joined(parts: readonly Float64Array[]): Float64Array {
  const whole = new Float64Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function joinExogenous(
  series: readonly FinishedSeries[],
  columns: readonly ExogenousColumn[],
  horizon: number,
): Exogenous {
  const all = columns.map(({ name, role, kind, labels }, c) => ({
    name,
    labels,
    part: kind === 'label' ? 'categories' : role,
    values: joined(series.map(({ exogenous }) => exogenous[c]!.values)),
    ahead: joined(series.map(({ exogenous }) => exogenous[c]!.ahead)),
  }));
  const future = all.filter(({ part }) => part === 'future');
  return {
    stepsAhead: future.length > 0 ? horizon : 0,
    future: future.map(({ name, values, ahead }) => ({ name, values, ahead })),
    historical: all
      .filter(({ part }) => part === 'historical')
      .map(({ name, values }) => ({ name, values })),
    static: all
      .filter(({ part }) => part === 'static')
      .map(({ name, values }) => ({ name, values })),
    categories: all
      .filter(({ part }) => part === 'categories')
      .map(({ name, labels, values }) => ({ name, labels, codes: Uint32Array.from(values) })),
  };
}
