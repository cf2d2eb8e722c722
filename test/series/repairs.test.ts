/** Repairs of raw series. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseFrequency } from '../../series/frequency.ts';
import { repairSeries } from '../../series/repairs.ts';

const nan = Number.NaN;
const daily = parseFrequency('D');
const dayMs = 86_400_000;
const repaired = (days: number[], values: number[], frequency = daily) =>
  repairSeries(
    'a',
    Float64Array.from(days, (day) => day * dayMs),
    Float64Array.from(values),
    frequency,
  );
const outcome = (days: number[], values: number[]) => {
  const { time, values: after, repairs } = repaired(days, values);
  return {
    days: [...time].map((at) => at / dayMs),
    values: [...after],
    repairs: repairs.map(({ kind, count }) => [kind, count]),
  };
};

describe('repairSeries', () => {
  it('gives a sound series back as it is', () => {
    const time = Float64Array.of(0, dayMs);
    const values = Float64Array.of(1, 2);
    const result = repairSeries('a', time, values, daily);
    expect(result.time).toBe(time);
    expect(result.values).toBe(values);
    expect(result.repairs).toEqual([]);
  });

  it('sorts by time', () => {
    expect(outcome([2, 0, 1], [30, 10, 20])).toEqual({
      days: [0, 1, 2],
      values: [10, 20, 30],
      repairs: [['sorted', 1]],
    });
  });

  it('keeps the last present value of a time and counts contradictions', () => {
    const { values, repairs } = repaired([0, 0, 1, 1, 1], [1, 2, 5, nan, 5]);
    expect([...values]).toEqual([2, 5]);
    expect(repairs).toEqual([
      {
        kind: 'duplicates-dropped',
        series: 'a',
        count: 3,
        detail: 'earlier rows of one time were dropped, 1 of them with another value',
      },
    ]);
  });

  it('cuts missing ends off and interpolates inside, infinite values included', () => {
    expect(outcome([0, 1, 2, 3, 4, 5], [nan, 1, nan, Infinity, 4, -Infinity])).toEqual({
      days: [1, 2, 3, 4],
      values: [1, 2, 3, 4],
      repairs: [
        ['missing-trimmed', 2],
        ['missing-interpolated', 2],
      ],
    });
  });

  it('fills gaps of the grid, counting what was missing before apart', () => {
    expect(outcome([0, 1, 4, 5], [0, nan, 4, 5])).toEqual({
      days: [0, 1, 2, 3, 4, 5],
      values: [0, 1, 2, 3, 4, 5],
      repairs: [
        ['missing-interpolated', 1],
        ['gaps-interpolated', 2],
      ],
    });
  });

  it('fills months by calendar', () => {
    const month = (text: string): number => Date.parse(text) / dayMs;
    const { time } = repaired(
      [month('2023-12-31'), month('2024-01-31'), month('2024-03-31')],
      [1, 2, 4],
      parseFrequency('ME'),
    );
    expect(new Date(time[2]!).toISOString().slice(0, 10)).toBe('2024-02-29');
  });

  it('leaves a gap that is far longer than the series, as after a wrong date', () => {
    const { time, repairs } = repaired([0, 1, 2, 3_000_000], [1, 2, 3, 4]);
    expect(time).toHaveLength(4);
    expect(repairs.map(({ kind }) => kind)).toEqual(['gaps-left']);
  });

  it('empties a series without a value', () => {
    expect(outcome([0, 1], [nan, nan])).toEqual({
      days: [],
      values: [],
      repairs: [['missing-trimmed', 2]],
    });
    expect(outcome([], []).values).toEqual([]);
  });

  it('leaves rising times, finite values and nothing to repair a second time', () => {
    const rows = fc.array(
      fc.tuple(fc.integer({ min: 0, max: 60 }), fc.double({ min: -1e300, max: 1e300 })),
      { maxLength: 30 },
    );
    fc.assert(
      fc.property(rows, (observations) => {
        const before = observations.map(([, value]) => value);
        const days = observations.map(([day]) => day);
        const { time, values } = repaired(days, before);
        for (let i = 1; i < time.length; i++) expect(time[i]! - time[i - 1]!).toBe(dayMs);
        expect(values.every((value) => Number.isFinite(value))).toBe(true);
        expect(repairSeries('a', time, values, daily).repairs).toEqual([]);
        expect(observations.map(([, value]) => value)).toEqual(before);
      }),
    );
  });
});
