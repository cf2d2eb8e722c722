/** Names of frequencies, their seasons and their calendar. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addSteps,
  candidateSeasons,
  defaultSeason,
  formatFrequency,
  type Frequency,
  frequencyUnits,
  futureTimes,
  parseFrequency,
  stepsBetween,
} from '../../series/frequency.ts';

const day = (text: string): number => Date.parse(`${text}T00:00:00Z`);
const iso = (time: number): string => new Date(time).toISOString().slice(0, 10);

const frequencies: fc.Arbitrary<Frequency> = fc
  .record({
    unit: fc.constantFrom(...frequencyUnits),
    count: fc.integer({ min: 1, max: 30 }),
    anchor: fc.constantFrom('start' as const, 'end' as const),
  })
  .map((frequency) =>
    ['month', 'quarter', 'year'].includes(frequency.unit)
      ? frequency
      : { ...frequency, anchor: 'start' },
  );

describe('names of frequencies', () => {
  it.each([
    ['15min', 'minute', 15, 'start'],
    ['T', 'minute', 1, 'start'],
    ['H', 'hour', 1, 'start'],
    ['hourly', 'hour', 1, 'start'],
    ['2 h', 'hour', 2, 'start'],
    ['Daily', 'day', 1, 'start'],
    ['B', 'business-day', 1, 'start'],
    ['W-SUN', 'week', 1, 'start'],
    ['week', 'week', 1, 'start'],
    ['M', 'month', 1, 'end'],
    ['MS', 'month', 1, 'start'],
    ['month-end', 'month', 1, 'end'],
    ['monthly', 'month', 1, 'start'],
    ['QS-OCT', 'quarter', 1, 'start'],
    ['Q', 'quarter', 1, 'end'],
    ['A-DEC', 'year', 1, 'end'],
    ['YS', 'year', 1, 'start'],
    ['index', 'index', 1, 'start'],
  ])('reads %s', (text, unit, count, anchor) => {
    expect(parseFrequency(text)).toEqual({ unit, count, anchor });
  });

  it.each(['', 'x', '0h', '-1h', 'm', 'ms', '1.5h', 'h2', '5', 'constructor', 'W-JANUARY'])(
    'refuses "%s" and says what is known',
    (text) => {
      expect(() => parseFrequency(text)).toThrow(/no known frequency; use one of s, min, h, D/);
    },
  );

  it('are read back as they are written', () => {
    fc.assert(
      fc.property(frequencies, (frequency) => {
        expect(parseFrequency(formatFrequency(frequency))).toEqual(frequency);
      }),
    );
  });
});

describe('calendar seasons', () => {
  it.each([
    ['s', 3600, [60, 3600]],
    ['min', 1440, [1440, 10_080]],
    ['15min', 96, [96, 672]],
    ['h', 24, [24, 168]],
    ['6h', 4, [4, 28]],
    ['24h', 7, [7]],
    ['5h', 1, []],
    ['D', 7, [7, 365]],
    ['B', 5, [5, 260]],
    ['W', 52, [52]],
    ['MS', 12, [12]],
    ['2ME', 6, [6]],
    ['QS', 4, [4]],
    ['YS', 1, []],
    ['index', 1, []],
  ])('of %s are %i by default, of %j', (text, usual, candidates) => {
    const frequency = parseFrequency(text);
    expect(defaultSeason(frequency)).toBe(usual);
    expect(candidateSeasons(frequency)).toEqual(candidates);
  });
});

describe('steps through the calendar', () => {
  const month = parseFrequency('MS');
  const monthEnd = parseFrequency('ME');
  const business = parseFrequency('B');

  it('keep the day of the month, clamped to short months', () => {
    expect(iso(addSteps(day('2024-01-31'), month, 1))).toBe('2024-02-29');
    expect(iso(addSteps(day('2023-02-28'), month, 1, 31))).toBe('2023-03-31');
    expect(iso(addSteps(day('2024-02-29'), parseFrequency('YS'), 1))).toBe('2025-02-28');
    expect(iso(addSteps(day('0001-03-31'), month, -1))).toBe('0001-02-28');
  });

  it('go from month end to month end', () => {
    expect([...futureTimes(day('2023-11-30'), monthEnd, 4)].map(iso)).toEqual([
      '2023-12-31',
      '2024-01-31',
      '2024-02-29',
      '2024-03-31',
    ]);
    expect(iso(addSteps(day('2024-06-30'), parseFrequency('QE'), -1))).toBe('2024-03-31');
  });

  it('pass over weekends in business days', () => {
    expect([...futureTimes(day('2024-05-30'), business, 3)].map(iso)).toEqual([
      '2024-05-31',
      '2024-06-03',
      '2024-06-04',
    ]);
    expect(iso(addSteps(day('2024-06-01'), business, 1))).toBe('2024-06-03');
    expect(iso(addSteps(day('2024-06-02'), business, -1))).toBe('2024-05-31');
  });

  it('keep the time of day', () => {
    const noon = day('2024-01-31') + 12 * 3_600_000;
    expect(addSteps(noon, month, 1) - day('2024-02-29')).toBe(12 * 3_600_000);
  });

  it('lead back to where they began, and are counted by stepsBetween', () => {
    const weekdays = fc.integer({ min: -7000, max: 7000 }).map((week) => week * 7 * 86_400_000);
    fc.assert(
      fc.property(
        frequencies,
        weekdays,
        fc.integer({ min: 0, max: 4 }),
        fc.integer({ min: -200, max: 200 }),
        (frequency, monday, weekday, steps) => {
          const inMonths = ['month', 'quarter', 'year'].includes(frequency.unit);
          // 1970-01-05 was a Monday. Months start from their last or first day, which no clamping touches.
          const some = monday + (4 + weekday) * 86_400_000;
          const from = inMonths ? addSteps(some, { ...frequency, count: 1 }, 0, 1) : some;
          const to = addSteps(from, frequency, steps, inMonths ? 1 : undefined);
          expect(addSteps(to, frequency, -steps, inMonths ? 1 : undefined)).toBe(from);
          expect(stepsBetween(from, to, frequency)).toBe(steps + 0);
        },
      ),
    );
  });

  it('rise', () => {
    fc.assert(
      fc.property(frequencies, fc.integer({ min: -1e12, max: 1e12 }), (frequency, last) => {
        const times = futureTimes(last, frequency, 5);
        const all = [last, ...times];
        for (let i = 1; i < all.length; i++) expect(all[i]).toBeGreaterThan(all[i - 1]!);
      }),
    );
  });
});
