/** Greedy ensemble selection. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { combinedError, combineResiduals, selectGreedily } from '../../series/ensemble.ts';

const member = (name: string, residuals: number[]) => ({
  name,
  residuals: Float64Array.from(residuals),
});

describe('selectGreedily', () => {
  it('averages two members whose errors cancel', () => {
    const weights = selectGreedily([member('high', [1, 1, 1]), member('low', [-1, -1, -1])]);
    expect([...weights]).toEqual([0.5, 0.5]);
  });
  it('keeps to one member when no other helps', () => {
    const weights = selectGreedily([member('good', [0.1, -0.1]), member('bad', [5, 5])]);
    expect([...weights]).toEqual([1, 0]);
  });
  it('is never worse than the best member, and weights sum to 1', () => {
    const residuals = fc.array(fc.double({ min: -10, max: 10, noNaN: true }), {
      minLength: 6,
      maxLength: 6,
    });
    fc.assert(
      fc.property(fc.array(residuals, { minLength: 1, maxLength: 5 }), (rows) => {
        const members = rows.map((row, i) => member(`m${i}`, row));
        const weights = selectGreedily(members);
        const best = Math.min(...members.map((one) => combinedError([one], [1])));
        expect(combinedError(members, weights)).toBeLessThanOrEqual(best + 1e-9);
        expect(weights.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 9);
      }),
    );
  });
  it('finds the same weights in very many residuals as in a few', () => {
    const many = (value: number) => new Float64Array(1_000_000).fill(value);
    const weights = selectGreedily([
      { name: 'high', residuals: many(1) },
      { name: 'low', residuals: many(-1) },
    ]);
    expect([...weights]).toEqual([0.5, 0.5]);
  });
  it('is not thrown off by a member that explodes', () => {
    const weights = selectGreedily([member('calm', [0.5, 0.5]), member('wild', [1e300, -1e300])]);
    expect([...weights]).toEqual([1, 0]);
  });
});

describe('combineResiduals', () => {
  it('shares the weight of a member that made no forecast among the others', () => {
    const combined = combineResiduals(
      [member('a', [2, NaN, NaN]), member('b', [4, 4, NaN])],
      [0.5, 0.5],
    );
    expect([...combined]).toEqual([3, 4, NaN]);
  });
});
