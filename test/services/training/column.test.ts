/** Tests of column of a training. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createColumn, scaleOf, withoutBrokenSeries } from '../../../services/training/column.ts';
import { panelOf, sine } from './series.ts';

describe('the column that networks train on', () => {
  it('is the same for the same shape at every scale', () => {
    const shape = sine(200, { noise: 0.3 });
    const expected = createColumn(panelOf([shape]), 20, 'window');
    for (const [size, level] of [
      [1e12, 3e12],
      [1e-9, 4e-9],
      [1e200, 0],
    ] as const) {
      const scaled = panelOf([shape.map((value) => size * value + level)]);
      const column = createColumn(scaled, 20, 'window');
      for (const [k, value] of column.entries()) expect(value).toBeCloseTo(expected[k]!, 5);
    }
  });

  it('takes level and spread from the training part alone', () => {
    const values = sine(100);
    const changed = values.map((value, k) => (k >= 80 ? 1e6 : value));
    const column = createColumn(panelOf([values]), 20, 'window');
    const other = createColumn(panelOf([changed]), 20, 'window');
    expect(other.subarray(0, 80)).toEqual(column.subarray(0, 80));
  });

  it('keeps values as they are without a scaler', () => {
    expect([...createColumn(panelOf([[1, 2], [4]]), 1, 'none')]).toEqual([1, 2, 4]);
  });

  it('is finite for constant series, also where rounding gives them a spread', () => {
    for (const value of [0, 0.1, -7e15, 1e-300]) {
      const column = createColumn(panelOf([new Float64Array(333).fill(value)]), 10, 'window');
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

describe('broken series', () => {
  it('are left out, and the others keep their values', () => {
    const panel = panelOf([
      [1, 2],
      [3, Number.NaN],
      [Infinity, 4],
      [5, 6, 7],
    ]);
    const clean = withoutBrokenSeries(panel);
    expect(clean.ids).toEqual(['series-0', 'series-3']);
    expect([...clean.y]).toEqual([1, 2, 5, 6, 7]);
    expect([...clean.offsets]).toEqual([0, 2, 5]);
  });
});
