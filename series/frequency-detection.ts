/** Finds the sampling frequency in timestamps: calendar periods first, as months are no fixed number of days. */
import { daysInMonth, fixedUnitMs, isWeekend, monthAndDay, stepsBetween } from './calendar.ts';
import type { Frequency, FrequencyUnit } from './frequency.ts';

const dayMs = fixedUnitMs.day;
/** Below this size, times that are less than a second apart are positions and no times (11 days after 1970). */
const greatestIndex = 1e9;

/** The commonest of `values`, the smallest among equals, and the share of `values` that it makes up. */
function commonest(values: Float64Array): { value: number; share: number } {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  let best = Number.NaN;
  let most = 0;
  for (const [value, count] of counts) {
    if (count > most || (count === most && value < best)) {
      best = value;
      most = count;
    }
  }
  return { value: best, share: values.length === 0 ? 0 : most / values.length };
}

/** Differences of neighbours, without the zeros that duplicates leave. */
function positiveSteps(times: Float64Array): Float64Array {
  const steps = new Float64Array(Math.max(0, times.length - 1));
  for (let i = 0; i < steps.length; i++) steps[i] = times[i + 1]! - times[i]!;
  return steps.filter((step) => step > 0);
}

function monthFrequency(months: number, anchor: 'start' | 'end'): Frequency {
  if (months % 12 === 0) return { unit: 'year', count: months / 12, anchor };
  if (months % 3 === 0) return { unit: 'quarter', count: months / 3, anchor };
  return { unit: 'month', count: months, anchor };
}

/**
 * Months, quarters or years: strictly if all times share a day of the month (clamped to short months) or are month ends;
 * loosely (say, last trading days) if no two of them share a month.
 */
function detectMonths(times: Float64Array): { frequency: Frequency; strict: boolean } | undefined {
  const positions = Array.from(times, monthAndDay);
  const anchorDay = positions.reduce((most, { day }) => Math.max(most, day), 0);
  const allEnds = positions.every(({ month, day }) => day === daysInMonth(month));
  const oneDay = positions.every(
    ({ month, day }) => day === Math.min(anchorDay, daysInMonth(month)),
  );
  const steps = positiveSteps(Float64Array.from(positions, ({ month }) => month));
  const { value: months, share } = commonest(steps);
  if (!(share >= 0.5)) return undefined;
  if (allEnds || oneDay) {
    return { frequency: monthFrequency(months, allEnds ? 'end' : 'start'), strict: true };
  }
  const distinct = positiveSteps(times).length;
  if (steps.length < distinct) return undefined;
  const lateDays = positions.filter(({ day }) => day > 20).length;
  const anchor = lateDays * 2 > positions.length ? 'end' : 'start';
  return { frequency: monthFrequency(months, anchor), strict: false };
}

/** Daily steps that pass over every weekend: business days. */
function detectBusinessDays(times: Float64Array): Frequency | undefined {
  if (times.some(isWeekend)) return undefined;
  const frequency: Frequency = { unit: 'business-day', count: 1, anchor: 'start' };
  let single = 0;
  let overWeekend = 0;
  let all = 0;
  for (let i = 1; i < times.length; i++) {
    if (times[i] === times[i - 1]) continue;
    all++;
    if (stepsBetween(times[i - 1]!, times[i]!, frequency) !== 1) continue;
    single++;
    if (times[i]! - times[i - 1]! > 2 * dayMs) overWeekend++;
  }
  return overWeekend > 0 && single >= all / 2 ? frequency : undefined;
}

function fixedFrequency(step: number, times: Float64Array): Frequency | undefined {
  const whole = (unit: FrequencyUnit, length: number): Frequency => ({
    unit,
    count: step / length,
    anchor: 'start',
  });
  if (step === dayMs) return detectBusinessDays(times) ?? whole('day', dayMs);
  for (const unit of ['week', 'day', 'hour', 'minute', 'second'] as const) {
    if (step % fixedUnitMs[unit] === 0) return whole(unit, fixedUnitMs[unit]);
  }
  const isIndex =
    times.every((time) => Number.isInteger(time)) && Math.abs(times.at(-1)!) < greatestIndex;
  return isIndex ? whole('index', 1) : undefined;
}

/**
 * The frequency of one series' sorted `times` (epoch ms UTC, or integer positions, which come out as `index`), or
 * undefined where there are fewer than two distinct times or no step is common enough: gaps are tolerated as long as the
 * commonest step makes up at least half of all. Months, quarters and years are compared by calendar; times on one day of the
 * month anchor at the `start` (whichever day that is), month ends at the `end`.
 */
export function detectFrequency(times: Float64Array): Frequency | undefined {
  const steps = positiveSteps(times);
  if (steps.length === 0) return undefined;
  const shortest = steps.reduce((least, step) => Math.min(least, step), Number.POSITIVE_INFINITY);
  // No two dates of one day of the month are nearer than 28 days; 26 leaves room for last trading days.
  const months = shortest >= 26 * dayMs ? detectMonths(times) : undefined;
  if (months?.strict) return months.frequency;
  const { value: step, share } = commonest(steps);
  const fixed = share >= 0.5 ? fixedFrequency(step, times) : undefined;
  return fixed ?? months?.frequency;
}
