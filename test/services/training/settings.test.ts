/** Tests of settings of a training. */
import { describe, expect, it } from 'vitest';
import { planFolds } from '../../../series/folds.ts';
import {
  defaultLookBack,
  levelsOf,
  lookBackCandidates,
  trainingSettingsSchema,
} from '../../../services/training/settings.ts';
import { panelOf } from './series.ts';

const dataOf = (lengths: readonly number[], horizon: number, season: number) => ({
  panel: panelOf(lengths.map((length) => new Float64Array(length))),
  plan: planFolds(lengths, horizon, horizon),
  season,
});

describe('look-backs to try', () => {
  it('are multiples of horizon and season that fit the training part', () => {
    const data = dataOf([1000], 24, 7);
    const candidates = lookBackCandidates(data);
    expect(candidates).toContain(7 * 24);
    expect(candidates).toContain(7 * 7);
    for (const steps of candidates) {
      expect(steps + 24).toBeLessThanOrEqual(1000 - data.plan.trainStepsFromEnd);
    }
  });

  it('leave a window to all but the shortest tenth of the usable series', () => {
    const lengths = Array.from({ length: 100 }, (_, i) => 60 + 10 * i);
    const data = dataOf(lengths, 6, 12);
    const longest = lookBackCandidates(data).at(-1)!;
    const longerThan = (steps: number): number =>
      lengths.filter((length) => length - data.plan.trainStepsFromEnd >= steps).length;
    expect(longerThan(longest + 6)).toBeGreaterThanOrEqual(0.9 * longerThan(12 + 6));
  });

  it('are never empty, however short the series', () => {
    expect(lookBackCandidates(dataOf([3, 2], 5, 12))).toEqual([1]);
    expect(lookBackCandidates(dataOf([20], 12, 12)).length).toBeGreaterThan(0);
  });

  it('begin with one that spans three horizons and two seasons', () => {
    expect(defaultLookBack(dataOf([5000], 48, 24))).toBe(144);
    expect(defaultLookBack(dataOf([5000], 10, 52))).toBe(104);
  });
});

describe('settings', () => {
  it('are refused outside their range or under unknown names', () => {
    for (const wrong of [
      { lookBack: 0 },
      { lookBack: 4, loss: 'mape' },
      { lookBack: 4, rate: 1 },
      { lookBack: 4, quantiles: '0.5,0.1' },
      { lookBack: 4, quantiles: '0.5,' },
      { lookBack: 4, quantiles: '0.5,1' },
      { lookBack: 4, schedule: 'random' },
    ]) {
      expect(trainingSettingsSchema.safeParse(wrong).success).toBe(false);
    }
  });

  it('know the scaler by its earlier name', () => {
    expect(trainingSettingsSchema.parse({ lookBack: 4, scaler: 'window' }).scaler).toBe('standard');
  });

  it('give the levels of quantiles', () => {
    expect(levelsOf('0.05, 0.5,0.95')).toEqual([0.05, 0.5, 0.95]);
    expect(levelsOf('0.5,0.5')).toBeUndefined();
  });
});
