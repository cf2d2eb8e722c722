/** Repairs one raw series into what models take: rising, regular, without missing values; and says what was done. */
import { addSteps, stepsBetween } from './calendar.ts';
import type { Frequency } from './frequency.ts';

/** Everything that a repair may do. */
export const repairKinds = [
  'sorted',
  'duplicates-dropped',
  'missing-trimmed',
  'missing-interpolated',
  'gaps-interpolated',
  'gaps-left',
] as const;
export type RepairKind = (typeof repairKinds)[number];

/** One kind of repair of one series: how many observations it touched, and in words. */
export interface Repair {
  readonly kind: RepairKind;
  /** Id of the series. */
  readonly series: string;
  readonly count: number;
  readonly detail: string;
}

/** A series without faults, and what was done for it. */
export interface RepairedSeries {
  readonly time: Float64Array;
  readonly values: Float64Array;
  readonly repairs: readonly Repair[];
}

interface Observations {
  readonly time: Float64Array;
  readonly values: Float64Array;
}

/** Gaps are filled as long as the series grows to no more than this many times its length, plus some room. */
const greatestGrowth = 10;
const growthRoom = 1000;

/**
 * Repairs one series. In this order: sorts by time (stable); of observations at one time the last present one wins, as
 * corrections are appended; infinite counts as missing; missing values at both ends are cut off; gaps in the grid of
 * `frequency` are filled (not if `frequency` is undefined, nor beyond ten times the length, which is a wrong date rather
 * than a gap); inner missing values and gaps are interpolated linearly over positions. A series without any value comes out
 * empty. Timestamps off the grid are kept. The input is not changed; where nothing was wrong its arrays come back.
 */
export function repairSeries(
  series: string,
  time: Float64Array,
  values: Float64Array,
  frequency: Frequency | undefined,
): RepairedSeries {
  const repairs: Repair[] = [];
  const note = (kind: RepairKind, count: number, detail: string): void => {
    if (count > 0) repairs.push({ kind, series, count, detail });
  };
  let current: Observations = { time, values };
  current = sortByTime(current, note);
  current = dropDuplicates(current, note);
  current = trimMissing(current, note);
  const missing = countMissing(current.values);
  note('missing-interpolated', missing, 'missing values were interpolated');
  if (frequency !== undefined) current = fillGaps(current, frequency, note);
  return { ...interpolate(current), repairs };
}

type Note = (kind: RepairKind, count: number, detail: string) => void;

function sortByTime(raw: Observations, note: Note): Observations {
  const { time, values } = raw;
  let disorder = 0;
  for (let i = 1; i < time.length; i++) if (time[i]! < time[i - 1]!) disorder++;
  if (disorder === 0) return raw;
  const order = Uint32Array.from(time, (_, i) => i).sort((a, b) => time[a]! - time[b]! || a - b);
  note('sorted', disorder, 'observations came before an earlier one');
  return {
    time: Float64Array.from(order, (i) => time[i]!),
    values: Float64Array.from(order, (i) => values[i]!),
  };
}

function dropDuplicates(raw: Observations, note: Note): Observations {
  const { time, values } = raw;
  let kept = time.length === 0 ? 0 : 1;
  for (let i = 1; i < time.length; i++) if (time[i] !== time[i - 1]) kept++;
  if (kept === time.length) return raw;
  const result = { time: new Float64Array(kept), values: new Float64Array(kept) };
  let conflicts = 0;
  let at = -1;
  for (let i = 0; i < time.length; i++) {
    const isNew = i === 0 || time[i] !== time[i - 1];
    if (isNew) {
      at++;
      result.time[at] = time[i]!;
      result.values[at] = values[i]!;
    } else if (Number.isFinite(values[i]!)) {
      if (Number.isFinite(result.values[at]!) && result.values[at] !== values[i]) conflicts++;
      result.values[at] = values[i]!;
    }
  }
  const contrary = conflicts > 0 ? `, ${conflicts} of them with another value` : '';
  note(
    'duplicates-dropped',
    time.length - kept,
    `earlier rows of one time were dropped${contrary}`,
  );
  return result;
}

function trimMissing(raw: Observations, note: Note): Observations {
  const { time, values } = raw;
  let from = 0;
  let to = values.length;
  while (from < to && !Number.isFinite(values[from]!)) from++;
  while (to > from && !Number.isFinite(values[to - 1]!)) to--;
  const cut = values.length - (to - from);
  if (cut === 0) return raw;
  note('missing-trimmed', cut, 'missing values at the beginning or end were cut off');
  return { time: time.subarray(from, to), values: values.subarray(from, to) };
}

function fillGaps(raw: Observations, frequency: Frequency, note: Note): Observations {
  const { time, values } = raw;
  const skipped = new Float64Array(time.length);
  let missing = 0;
  for (let i = 1; i < time.length; i++) {
    skipped[i] = Math.max(0, stepsBetween(time[i - 1]!, time[i]!, frequency) - 1);
    missing += skipped[i]!;
  }
  if (missing === 0) return raw;
  const length = time.length + missing;
  if (length > greatestGrowth * time.length + growthRoom) {
    note('gaps-left', missing, 'more is missing than is there; check the timestamps');
    return raw;
  }
  // A month's day is kept through short months: the greatest day of the series is the one to return to.
  let anchorDay = 1;
  for (const at of time) anchorDay = Math.max(anchorDay, new Date(at).getUTCDate());
  const result = { time: new Float64Array(length), values: new Float64Array(length) };
  let at = 0;
  for (let i = 0; i < time.length; i++) {
    for (let k = 1; k <= skipped[i]!; k++) {
      result.time[at] = addSteps(time[i - 1]!, frequency, k, anchorDay);
      result.values[at++] = Number.NaN;
    }
    result.time[at] = time[i]!;
    result.values[at++] = values[i]!;
  }
  note('gaps-interpolated', missing, 'missing rows were added and interpolated');
  return result;
}

function countMissing(values: Float64Array): number {
  let missing = 0;
  for (const value of values) if (!Number.isFinite(value)) missing++;
  return missing;
}

/** Puts the straight line between its neighbours in place of what is missing; first and last value are present. */
function interpolate(raw: Observations): Observations {
  if (countMissing(raw.values) === 0) return raw;
  const values = raw.values.slice();
  let before = 0;
  for (let i = 1; i < values.length; i++) {
    if (!Number.isFinite(values[i]!)) continue;
    for (let k = before + 1; k < i; k++) {
      const weight = (k - before) / (i - before);
      values[k] = (1 - weight) * values[before]! + weight * values[i]!;
    }
    before = i;
  }
  return { time: raw.time, values };
}
