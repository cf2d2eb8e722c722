/** Tests of column of a training. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type ColumnContent,
  createColumn,
  layOutColumn,
  scaleOf,
} from '../../../services/training/column.ts';
import { missingMark } from '../../../services/training/masked.ts';
import type { Panel } from '../../../series/panel.ts';
import { panelOf, sine } from './series.ts';

const rule = { lookBack: 4, horizon: 2, padShort: true };

const columnOf = (panel: Panel, stepsFromEnd: number, content: ColumnContent = 'shape') =>
  createColumn(panel, stepsFromEnd, content, layOutColumn(panel, { ...rule, stepsFromEnd }));

describe('the column that networks train on', () => {
  it('is the same for the same shape at every scale', () => {
    const shape = sine(200, { noise: 0.3 });
    const expected = columnOf(panelOf([shape]), 20);
    for (const [size, level] of [
      [1e12, 3e12],
      [1e-9, 4e-9],
      [1e200, 0],
    ] as const) {
      const scaled = panelOf([shape.map((value) => size * value + level)]);
      const column = columnOf(scaled, 20);
      for (const [k, value] of column.entries()) expect(value).toBeCloseTo(expected[k]!, 5);
    }
  });

  it('takes level and spread from the training part alone', () => {
    const values = sine(100);
    const changed = values.map((value, k) => (k >= 80 ? 1e6 : value));
    const column = columnOf(panelOf([values]), 20);
    const other = columnOf(panelOf([changed]), 20);
    expect(other.subarray(0, 80)).toEqual(column.subarray(0, 80));
  });

  it('keeps values as they are where their units matter', () => {
    expect([...columnOf(panelOf([[1, 2], [4]]), 1, 'units')]).toEqual([1, 2, 4]);
  });

  it('is finite for constant series, also where rounding gives them a spread', () => {
    for (const value of [0, 0.1, -7e15, 1e-300]) {
      const column = columnOf(panelOf([new Float64Array(333).fill(value)]), 10);
      expect(column.every((scaled) => scaled === 0)).toBe(true);
    }
  });
});

describe('the scale of some values', () => {
  it('is the mean and standard deviation by definition', () => {
    const values = fc.float64Array({ min: -1e6, max: 1e6, minLength: 2, noNaN: true });
    fc.assert(
      fc.property(values, (sample) => {
        const mean = sample.reduce((sum, value) => sum + value, 0) / sample.length;
        const squares = sample.reduce((sum, value) => sum + (value - mean) ** 2, 0);
        const deviation = Math.sqrt(squares / sample.length);
        fc.pre(deviation > 1e-6);
        const { level, spread } = scaleOf(sample);
        expect(level).toBeCloseTo(mean, 5);
        expect(spread / deviation).toBeCloseTo(1, 6);
      }),
    );
  });

  it('does not overflow where squares would', () => {
    expect(scaleOf(Float64Array.of(-1e300, 1e300)).spread).toBeCloseTo(1e300, -290);
  });
});

describe('gaps and short series', () => {
  it('are marked, and statistics are those of what is observed', () => {
    const whole = columnOf(panelOf([[3, 1, 2, 5, 9, 4]]), 0);
    const gappy = columnOf(panelOf([[3, Number.NaN, 1, 2, Infinity, 5, 9, 4]]), 0);
    expect([...gappy].filter((value) => value < 1e38)).toEqual([...whole]);
    expect([...gappy].map((value) => value > 1e38)).toEqual([0, 1, 0, 0, 1, 0, 0, 0].map(Boolean));
  });

  it('get places before them from the horizon and one observation on, unless that is turned off', () => {
    const panel = panelOf([2, 3, 5, 6, 9].map((length) => new Float64Array(length).fill(1)));
    const layout = layOutColumn(panel, { ...rule, stepsFromEnd: 0 });
    expect([...layout.padding]).toEqual([0, 3, 3, 0, 0]);
    expect([...layout.offsets]).toEqual([0, 2, 8, 16, 22, 31]);
    const off = layOutColumn(panel, { ...rule, padShort: false, stepsFromEnd: 0 });
    expect([...off.offsets]).toEqual([...panel.offsets]);
    const column = createColumn(panel, 0, 'units', layout);
    expect([...column.subarray(2, 8)]).toEqual([
      ...[0, 0, 0].fill(Math.fround(missingMark)),
      1,
      1,
      1,
    ]);
  });

  it('keep their zero where proportions matter', () => {
    const column = columnOf(panelOf([[0, 2, 4, 6, 3, 1]]), 0, 'zero');
    expect(column[0]).toBe(0);
    expect(column[3]! / column[1]!).toBeCloseTo(3, 6);
  });
});
