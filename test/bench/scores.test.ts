/** Tests of the scores that benchmarks gather: by hand, by the product's own measures, and for quantiles in between. */
import { describe, expect, it } from 'vitest';
import {
  certainForecast,
  createTally,
  interpolateQuantiles,
  levels,
  normalQuantiles,
} from '../../bench/scores.ts';
import { cutSeries } from '../../bench/task-data/task.ts';
import { coverage, wql } from '../../series/quantile-accuracy.ts';
import { parseFrequency } from '../../series/frequency.ts';

const frequency = parseFrequency('D');
const task = { horizon: 2, season: 1 };
const windowOf = (...series: number[][]) =>
  cutSeries(
    series.map((values, i) => ({ id: `s${i}`, values: Float64Array.from(values), start: 0 })),
    task,
    frequency,
    2,
  );

describe('the scores of a benchmark', () => {
  it('average MASE and sMAPE over series, without those that have no scale in MASE', () => {
    const tally = createTally(task);
    // Errors 1 and 3 by a scale of 2; errors 0 and 10 without one.
    const window = windowOf([2, 4, 6, 10, 10], [5, 5, 5, 5, 15]);
    tally.add(window, certainForecast(Float64Array.of(9, 13, 5, 5)));
    const scores = tally.scores();
    expect(scores.mase).toBeCloseTo(1, 12);
    expect(scores.smape).toBeCloseTo((200 / 19 + 600 / 23 + 0 + 2000 / 20) / 4, 12);
    expect(scores).toMatchObject({ forecasts: 2, unscaled: 1, coverage80: 0.25, coverage95: 0.25 });
  });

  it('agree with the measures of the product for one series', () => {
    const tally = createTally(task);
    const window = windowOf([3, 1, 4, 1, 5, 9, 2]);
    const mean = Float64Array.of(7, 6);
    const quantiles = normalQuantiles(mean, Float64Array.of(1, 3));
    tally.add(window, { mean, quantiles });
    const scores = tally.scores();
    const at = (level: (typeof levels)[number]): number[] =>
      [0, 1].map((k) => quantiles[k * levels.length + levels.indexOf(level)]!);
    const deciles = levels.filter((level) => level >= 0.1 && level <= 0.9);
    const flat = [0, 1].flatMap((k) => deciles.map((level) => at(level)[k]!));
    expect(scores.wql).toBeCloseTo(wql(window.test, flat, deciles), 12);
    expect(scores.coverage80).toBe(coverage(window.test, at(0.1), at(0.9)));
    // Scale: the mean of 2, 3, 3 and 4.
    const width = (k: number): number => at(0.975)[k]! - at(0.025)[k]!;
    const outside = window.test[0]! - at(0.975)[0]!;
    expect(scores.msis).toBeCloseTo((width(0) + 40 * outside + width(1)) / 2 / 3, 12);
    expect(outside).toBeGreaterThan(0);
    expect(scores.coverage95).toBe(0.5);
  });

  it('pool the quantile losses of all windows', () => {
    const [both, one, two] = [createTally(task), createTally(task), createTally(task)];
    const first = windowOf([1, 2, 3, 4]);
    const second = windowOf([10, 20, 30, 50]);
    for (const tally of [both, one]) tally.add(first, certainForecast(Float64Array.of(2, 2)));
    for (const tally of [both, two]) tally.add(second, certainForecast(Float64Array.of(20, 20)));
    const pooled = (one.scores().wql * 7 + two.scores().wql * 80) / 87;
    expect(both.scores().wql).toBeCloseTo(pooled, 12);
  });

  it('take no forecast that is missing', () => {
    const tally = createTally(task);
    const missing = certainForecast(Float64Array.of(1, Number.NaN));
    expect(() => tally.add(windowOf([1, 2, 3, 4]), missing)).toThrow('s0 is forecast');
  });
});

describe('quantiles between those that are given', () => {
  it('are those of a normal distribution where the given ones are', () => {
    const mean = Float64Array.of(3, -1);
    const deviation = Float64Array.of(2, 0.5);
    const all = normalQuantiles(mean, deviation);
    const known = [0.025, 0.1, 0.5, 0.9, 0.975] as const;
    const given = [0, 1].flatMap((k) =>
      known.map((level) => all[k * levels.length + levels.indexOf(level)]!),
    );
    for (const [at, value] of interpolateQuantiles(Float64Array.from(given), known).entries()) {
      expect(value).toBeCloseTo(all[at]!, 10);
    }
  });
});
