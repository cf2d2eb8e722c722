/** Rolling-origin folds. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { foldOrigin, planFolds } from '../../series/folds.ts';

const origins = (lengths: number[], horizon: number, minimum: number): (string | number)[][] =>
  planFolds(lengths, horizon, minimum).folds.map((fold) => [
    fold.kind,
    foldOrigin(lengths[0]!, fold),
  ]);

describe('planFolds', () => {
  it('puts test folds on the last tenth of the length, validation folds on the fifth before it', () => {
    expect(origins([100], 5, 20)).toEqual([
      ['validation', 70],
      ['validation', 75],
      ['validation', 80],
      ['validation', 85],
      ['test', 90],
      ['test', 95],
    ]);
    expect(planFolds([10_000], 5, 20).folds).toHaveLength(16);
  });

  it('has two validation folds wherever half of the length is left before them', () => {
    expect(origins([72], 12, 20)).toEqual([
      ['validation', 36],
      ['validation', 48],
      ['test', 60],
    ]);
    expect(origins([71], 12, 20)).toEqual([
      ['validation', 47],
      ['test', 59],
    ]);
  });

  it('gives up folds step by step where history is short', () => {
    expect(origins([60], 5, 46)).toEqual([
      ['validation', 50],
      ['test', 55],
    ]);
    expect(origins([100], 5, 72).map(([kind]) => kind)).toEqual([
      'validation',
      'validation',
      'validation',
      'test',
      'test',
    ]);
    expect(origins([60], 5, 52)).toEqual([['validation', 55]]);
    expect(planFolds([60], 5, 56)).toEqual({ horizon: 5, folds: [], trainStepsFromEnd: 0 });
    expect(planFolds([], 5, 1).folds).toEqual([]);
    expect(planFolds([5], 5, 0).folds).toEqual([]);
  });

  it('keeps folds apart, inside the series of middle length, and out of what training may read', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 3000 }), { minLength: 1, maxLength: 20 }),
        fc.integer({ min: 1, max: 100 }),
        fc.integer({ min: 1, max: 200 }),
        (lengths, horizon, minimum) => {
          const plan = planFolds(lengths, horizon, minimum);
          const enough = lengths.filter(
            (length) => length - plan.trainStepsFromEnd >= minimum,
          ).length;
          expect(plan.folds.length === 0 || 2 * enough >= lengths.length).toBe(true);
          let earlier = plan.trainStepsFromEnd;
          for (const fold of plan.folds) {
            expect(fold.stepsFromEnd).toBe(earlier);
            earlier -= horizon;
          }
          expect(earlier).toBe(0);
          const kinds = plan.folds.map(({ kind }) => kind);
          expect(kinds.toSorted().toReversed()).toEqual(kinds);
        },
      ),
    );
  });
});
