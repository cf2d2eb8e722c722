/** Tests of validation of a training. */
import { describe, expect, it } from 'vitest';
import { planFolds, type FoldPlan } from '../../../series/folds.ts';
import { nlinear } from '../../../models/neural/nlinear.ts';
import { createSampleData } from '../../../services/training/sample-data.ts';
import { validationStarts } from '../../../services/training/validation.ts';
import { panelOf } from './series.ts';

const startsOf = (lengths: readonly number[], plan: FoldPlan, lookBack: number): number[] => {
  const panel = panelOf(lengths.map((length) => new Float64Array(length)));
  const { horizon } = plan;
  const { validation } = createSampleData({
    model: nlinear,
    panel,
    plan,
    horizon,
    lookBack,
    padShort: false,
    multivariate: false,
    content: 'units',
  });
  return [...validationStarts(validation)].map(Number);
};

describe('validation windows', () => {
  it('have their whole horizon between the training part and the first test fold', () => {
    const horizon = 4;
    const lookBack = 10;
    const plan = planFolds([200], horizon, 20);
    const firstTest = Math.max(
      ...plan.folds.filter(({ kind }) => kind === 'test').map(({ stepsFromEnd }) => stepsFromEnd),
    );
    const expected = [];
    for (let start = 0; start + lookBack + horizon <= 200; start++) {
      const target = start + lookBack;
      if (target >= 200 - plan.trainStepsFromEnd && target + horizon <= 200 - firstTest) {
        expected.push(start);
      }
    }
    expect(expected.length).toBeGreaterThan(1);
    expect(startsOf([200], plan, lookBack)).toEqual(expected);
  });

  it('reach back at most to the beginning of their series', () => {
    const plan = planFolds([100], 5, 10);
    for (const start of startsOf([100, 22], plan, 12).filter((at) => at >= 100)) {
      expect(start).toBeGreaterThanOrEqual(100);
      expect(start + 12 + 5).toBeLessThanOrEqual(122);
    }
    expect(startsOf([12], plan, 12)).toEqual([]);
  });

  it('are none without a validation fold', () => {
    const plan: FoldPlan = {
      horizon: 3,
      folds: [{ kind: 'test', stepsFromEnd: 3 }],
      trainStepsFromEnd: 3,
    };
    expect(startsOf([50], plan, 5)).toEqual([]);
  });

  it('are thinned out evenly over all series where they are very many', () => {
    const lengths = Array.from({ length: 30_000 }, () => 40);
    const plan = planFolds(lengths, 2, 10);
    const starts = startsOf(lengths, plan, 10);
    expect(starts.length).toBeLessThanOrEqual(20_000);
    expect(starts.length).toBeGreaterThan(10_000);
    const gaps = new Set(
      starts.slice(1).map((start, k) => Math.floor(start / 40) - Math.floor(starts[k]! / 40)),
    );
    expect(Math.max(...gaps)).toBeLessThanOrEqual(2);
  });
});
