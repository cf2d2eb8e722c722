/** Puts timestamps on the regular grid of a frequency, and gives positions a calendar or the other way round. */
import {
  addSteps,
  daysInMonth,
  fixedUnitMs,
  monthAndDay,
  stepsBetween,
} from '../../series/calendar.ts';
import type { Frequency } from '../../series/frequency.ts';

/** `time` in rising order: itself if it already is. */
export function inOrder(time: Float64Array): Float64Array {
  for (let k = 1; k < time.length; k++) if (time[k]! < time[k - 1]!) return time.toSorted();
  return time;
}

/**
 * Whether `frequency` is that of a series with these times in rising order: at least half of its steps are of that length
 * (a series of up to three observations may have gaps only), and no more than a tenth fall together.
 */
export function isOfFrequency(sorted: Float64Array, frequency: Frequency): boolean {
  let steps = 0;
  let single = 0;
  let none = 0;
  for (let k = 1; k < sorted.length; k++) {
    if (sorted[k] === sorted[k - 1]) continue;
    const between = stepsBetween(sorted[k - 1]!, sorted[k]!, frequency);
    steps++;
    if (between === 1) single++;
    if (between === 0) none++;
  }
  return none * 10 <= steps && (single * 2 >= steps || (steps <= 2 && none === 0));
}

/** Times on the grid. */
export interface Aligned {
  readonly time: Float64Array;
  /** How many times were moved. */
  readonly moved: number;
}

/**
 * Moves every time to the nearest point of the grid that most of them lie on. `sorted` holds the same times in rising order;
 * a day of the month that all share is kept, else periods get their first or last day as the frequency's anchor says.
 */
export function alignToGrid(
  time: Float64Array,
  sorted: Float64Array,
  frequency: Frequency,
): Aligned {
  const { unit, count } = frequency;
  if (unit === 'month' || unit === 'quarter' || unit === 'year') {
    return moveEach(time, periodGrid(sorted, frequency));
  }
  if (unit === 'business-day') {
    const first = sorted[0]!;
    return moveEach(time, (at) => addSteps(first, frequency, stepsBetween(first, at, frequency)));
  }
  const step = count * fixedUnitMs[unit];
  const base = sorted[0]!;
  if (sorted.every((at) => (at - base) % step === 0)) return { time, moved: 0 };
  const phase = commonPhase(sorted, step);
  return moveEach(time, (at) => Math.round((at - phase) / step) * step + phase);
}

function moveEach(time: Float64Array, nearest: (at: number) => number): Aligned {
  const aligned = time.map(nearest);
  let moved = 0;
  for (let k = 0; k < time.length; k++) if (aligned[k] !== time[k]) moved++;
  return moved === 0 ? { time, moved } : { time: aligned, moved };
}

function periodGrid(sorted: Float64Array, frequency: Frequency): (at: number) => number {
  const first = sorted[0]!;
  let latest = 1;
  for (const at of sorted) latest = Math.max(latest, monthAndDay(at).day);
  const isOneDay = sorted.every((at) => {
    const { month, day } = monthAndDay(at);
    return day === Math.min(latest, daysInMonth(month));
  });
  const anchorDay = isOneDay ? latest : 1;
  return (at) => addSteps(first, frequency, stepsBetween(first, at, frequency), anchorDay);
}

/** The commonest place of `times` within a step. */
function commonPhase(times: Float64Array, step: number): number {
  const counts = new Map<number, number>();
  let best = 0;
  for (const at of times) {
    const phase = ((at % step) + step) % step;
    const count = (counts.get(phase) ?? 0) + 1;
    counts.set(phase, count);
    if (count > (counts.get(best) ?? 0)) best = phase;
  }
  return counts.has(best) ? best : times[0]! % step;
}

/** The place of each time among the distinct ones of `sorted`, from 0. */
export function ranksOf(time: Float64Array, sorted: Float64Array): Float64Array {
  const ranks = new Map<number, number>();
  for (const at of sorted) if (!ranks.has(at)) ranks.set(at, ranks.size);
  return time.map((at) => ranks.get(at)!);
}

/** Saturday the first and Monday the third of January 2000: where the last position of a file without times is put. */
const lastDay = { any: Date.UTC(2000, 0, 1), business: Date.UTC(2000, 0, 3) };

/** Times for `positions` that are `step` apart, such that position `last` falls at the beginning of 2000. */
export function syntheticTimes(
  positions: Float64Array,
  last: number,
  step: number,
  frequency: Frequency,
): Float64Array {
  const end = frequency.unit === 'business-day' ? lastDay.business : lastDay.any;
  return positions.map((position) =>
    addSteps(end, frequency, Math.round((position - last) / step)),
  );
}
