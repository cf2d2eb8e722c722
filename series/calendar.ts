/** Calendar arithmetic in UTC: steps of a frequency added to, and counted between, timestamps. */
import { assert } from '../state/errors.ts';
import type { Frequency } from './frequency.ts';

const dayMs = 86_400_000;

/** Length of one unit in milliseconds, where it has one; an index counts ones. */
export const fixedUnitMs = {
  second: 1000,
  minute: 60_000,
  hour: 3_600_000,
  day: dayMs,
  week: 7 * dayMs,
  index: 1,
} as const;

const monthsPerUnit = { month: 1, quarter: 3, year: 12 } as const;

/** Days since 1970-01-01 and the milliseconds into that day. */
function splitDay(timeMs: number): { day: number; rest: number } {
  const day = Math.floor(timeMs / dayMs);
  return { day, rest: timeMs - day * dayMs };
}

/** Months since January of year 0, and the day of that month (1..31). */
export function monthAndDay(timeMs: number): { month: number; day: number } {
  const date = new Date(timeMs);
  return { month: date.getUTCFullYear() * 12 + date.getUTCMonth(), day: date.getUTCDate() };
}

/** Days in month `month`, counted since January of year 0. */
export function daysInMonth(month: number): number {
  return monthStartDay(month + 1) - monthStartDay(month);
}

/** Day number (since 1970-01-01) of the first of `month`. */
function monthStartDay(month: number): number {
  // Date.UTC reads years 0..99 as 1900..1999, so a whole cycle of 400 years (146,097 days) is added and taken off.
  const year = Math.floor(month / 12);
  return Date.UTC(year + 400, month - year * 12, 1) / dayMs - 146_097;
}

/** 0 = Sunday ... 6 = Saturday. */
function weekday(day: number): number {
  return (((day + 4) % 7) + 7) % 7;
}

/** Whether `timeMs` falls on a Saturday or Sunday in UTC. */
export function isWeekend(timeMs: number): boolean {
  const w = weekday(Math.floor(timeMs / dayMs));
  return w === 0 || w === 6;
}

/** Business days before day `day`, counted from a fixed Monday; a weekend counts as the Friday before it. */
function businessIndex(day: number): number {
  const sinceMonday = day - 4; // 1970-01-05 was a Monday
  const week = Math.floor(sinceMonday / 7);
  return week * 5 + Math.min(sinceMonday - week * 7, 4);
}

function addBusinessDays(timeMs: number, steps: number): number {
  if (steps === 0) return timeMs;
  const { day, rest } = splitDay(timeMs);
  // Backwards from a weekend the first business day is that Friday itself.
  const fromWeekend = isWeekend(timeMs) && steps < 0 ? 1 : 0;
  const index = businessIndex(day) + steps + fromWeekend;
  const week = Math.floor(index / 5);
  return (4 + week * 7 + (index - week * 5)) * dayMs + rest;
}

function addMonths(timeMs: number, months: number, toEnd: boolean, anchorDay?: number): number {
  const { month, day } = monthAndDay(timeMs);
  const target = month + months;
  const last = daysInMonth(target);
  const targetDay = toEnd ? last : Math.min(anchorDay ?? day, last);
  return (monthStartDay(target) + targetDay - 1) * dayMs + splitDay(timeMs).rest;
}

/**
 * The timestamp `steps` steps after `timeMs` (before it, if negative), exact in the UTC calendar.
 * Months, quarters and years keep the time of day and the day of the month, clamped to the month's length:
 * `anchorDay` (1..31) is the day to return to after a short month; anchor `end` goes to the month's last day.
 * Business days skip Saturdays and Sundays.
 */
export function addSteps(
  timeMs: number,
  frequency: Frequency,
  steps: number,
  anchorDay?: number,
): number {
  assert(Number.isInteger(steps), 'steps is a whole number');
  const { unit, count, anchor } = frequency;
  if (unit === 'business-day') return addBusinessDays(timeMs, steps * count);
  if (unit === 'month' || unit === 'quarter' || unit === 'year') {
    if (steps === 0 && anchor === 'start' && anchorDay === undefined) return timeMs;
    return addMonths(timeMs, steps * count * monthsPerUnit[unit], anchor === 'end', anchorDay);
  }
  return timeMs + steps * count * fixedUnitMs[unit];
}

/**
 * The `horizon` timestamps that follow `lastMs`. `anchorDay` (1..31) as in `addSteps`; without it a monthly series
 * that ends on 28 February goes on with the 28th.
 */
export function futureTimes(
  lastMs: number,
  frequency: Frequency,
  horizon: number,
  anchorDay?: number,
): Float64Array {
  const times = new Float64Array(horizon);
  for (let h = 0; h < horizon; h++) times[h] = addSteps(lastMs, frequency, h + 1, anchorDay);
  return times;
}

/**
 * How many steps lead from `fromMs` to `toMs`, to the nearest whole step; months by calendar month, whatever the day.
 * 0 means that both fall on one position of the grid.
 */
export function stepsBetween(fromMs: number, toMs: number, frequency: Frequency): number {
  const { unit, count } = frequency;
  if (unit === 'month' || unit === 'quarter' || unit === 'year') {
    const months = monthAndDay(toMs).month - monthAndDay(fromMs).month;
    return Math.round(months / (count * monthsPerUnit[unit]));
  }
  if (unit === 'business-day') {
    const days = businessIndex(splitDay(toMs).day) - businessIndex(splitDay(fromMs).day);
    return Math.round(days / count);
  }
  return Math.round((toMs - fromMs) / (count * fixedUnitMs[unit]));
}
