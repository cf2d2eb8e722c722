/** Tests of sampling of a training. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSampleIndex } from '../../../services/training/sample-index.ts';
import {
  createEpochDraw,
  createEpochs,
  createShuffle,
} from '../../../services/training/sampling.ts';

describe('the shuffle of an epoch', () => {
  it('holds every item exactly once, whatever their number', () => {
    const sizes = fc.integer({ min: 1, max: 700 });
    fc.assert(
      fc.property(sizes, fc.nat(), fc.nat(50), (count, seed, epoch) => {
        const shuffle = createShuffle(count, seed, epoch);
        const items = Array.from({ length: count }, (_, position) => shuffle(position));
        expect(items.sort((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, i) => i));
      }),
    );
  });

  it('puts every item at every place about equally often', () => {
    const count = 6;
    const epochs = 6000;
    const seen = new Float64Array(count * count);
    for (let epoch = 0; epoch < epochs; epoch++) {
      const shuffle = createShuffle(count, 1, epoch);
      for (let position = 0; position < count; position++) {
        seen[position * count + shuffle(position)]! += 1;
      }
    }
    const expected = epochs / count;
    const chiSquare = seen.reduce((sum, n) => sum + (n - expected) ** 2 / expected, 0);
    // 99.9 % point of chi-square with (6 - 1)^2 degrees of freedom.
    expect(chiSquare).toBeLessThan(52.6);
  });

  it('leaves no trace of the order of neighbours in a large epoch', () => {
    const count = 100_000;
    const shuffle = createShuffle(count, 3, 0);
    let products = 0;
    for (let position = 0; position + 1 < count; position++) {
      products += (shuffle(position) / count - 0.5) * (shuffle(position + 1) / count - 0.5);
    }
    // Correlation of neighbours, with a standard error of 1 / sqrt(count).
    expect(Math.abs((12 * products) / count)).toBeLessThan(4 / Math.sqrt(count));
  });
});

describe('the endless sequence of epochs', () => {
  it('differs from epoch to epoch and does not depend on where reading begins', () => {
    const count = 50;
    const whole = createEpochs(count, 9);
    const first = Array.from({ length: 3 * count }, (_, position) => whole(position));
    expect(first.slice(0, count)).not.toEqual(first.slice(count, 2 * count));
    const late = createEpochs(count, 9);
    for (const position of [149, 20, 75, 76, 0]) expect(late(position)).toBe(first[position]);
  });
});

/** Windows of 6 and 2 steps in series of these lengths, before their last `stepsFromEnd`. */
function indexOf(lengths: readonly number[], stepsFromEnd: number) {
  const offsetOf = (i: number): number => lengths.slice(0, i).reduce((sum, n) => sum + n, 0);
  const series = lengths.map((length, i) => ({
    offset: offsetOf(i),
    first: 0,
    end: length - stepsFromEnd - 8 + 1,
  }));
  return createSampleIndex(series, 6, 2);
}

describe('the draw of windows', () => {
  const index = indexOf([30, 5, 40], 3);

  it('gives the same windows to a step however the steps are cut into calls', () => {
    const whole = createEpochDraw(index, 8, 1).starts(0, 20);
    const draw = createEpochDraw(index, 8, 1);
    const parts = [draw.starts(0, 3), draw.starts(3, 1), draw.starts(4, 16)];
    expect(parts.flatMap((part) => [...part])).toEqual([...whole]);
  });

  it('stays inside the training part of series that are long enough', () => {
    const starts = [...createEpochDraw(index, 8, 1).starts(0, 50)].map(Number);
    const allowed = new Set([
      ...Array.from({ length: 30 - 3 - 8 + 1 }, (_, k) => k),
      ...Array.from({ length: 40 - 3 - 8 + 1 }, (_, k) => 35 + k),
    ]);
    expect(new Set(starts)).toEqual(allowed);
  });

  it('takes all windows in every step where there are fewer than a batch', () => {
    const few = indexOf([10], 0);
    const draw = createEpochDraw(few, 64, 1);
    expect(draw.batch).toBe(3);
    expect([...draw.starts(7, 1)].map(Number).sort((a, b) => a - b)).toEqual([0, 1, 2]);
  });
});
