/** Tests of the schedules of the learning rate. */
import { describe, expect, it } from 'vitest';
import { learningRateAt } from '../../../services/training/schedule.ts';
import { trainingSettingsSchema } from '../../../services/training/settings.ts';

const settingsOf = (settings: object) =>
  trainingSettingsSchema.parse({ lookBack: 1, learningRate: 0.8, maxSteps: 100, ...settings });

const ratesOf = (settings: object): number[] =>
  Array.from({ length: 100 }, (_, step) => learningRateAt(settingsOf(settings), step));

describe('the learning rate', () => {
  it('is halved at equal distances in steps', () => {
    const rates = ratesOf({ schedule: 'step', learningRateDecay: 3 });
    expect([0, 24, 25, 50, 75, 99].map((step) => rates[step])).toEqual([
      0.8, 0.8, 0.4, 0.2, 0.1, 0.1,
    ]);
  });

  it('stays where it is if constant, or without halvings', () => {
    expect(new Set(ratesOf({ schedule: 'constant' }))).toEqual(new Set([0.8]));
    expect(new Set(ratesOf({ schedule: 'step', learningRateDecay: 0 }))).toEqual(new Set([0.8]));
  });

  it('rises in a line and falls in a cosine to nearly nothing', () => {
    const rates = ratesOf({ schedule: 'cosine', warmUp: 0.2 });
    expect(rates[0]).toBeCloseTo(0.8 / 21, 10);
    expect(rates[10]).toBeCloseTo((0.8 * 11) / 21, 10);
    expect(Math.max(...rates)).toBe(rates[20]);
    expect(rates[20]).toBeCloseTo(0.8, 10);
    expect(rates[60]).toBeCloseTo(0.4, 10); // half way down
    expect(rates[99]).toBeLessThan(0.001);
    const cold = ratesOf({ schedule: 'cosine', warmUp: 0 });
    expect(cold[0]).toBe(0.8);
  });

  it('goes up from a twenty-fifth and down to nearly nothing in one cycle', () => {
    const rates = ratesOf({ schedule: 'one-cycle', warmUp: 0.3 });
    expect(rates[0]).toBeCloseTo(0.8 / 25, 10);
    expect(rates[30]).toBeCloseTo(0.8, 10);
    expect(rates[65]).toBeCloseTo(0.4, 4); // half way down
    expect(rates[99]).toBeLessThan(0.001);
    for (let k = 1; k < 100; k++) expect(rates[k]! > rates[k - 1]!).toBe(k <= 30);
  });

  it('has an end where a training goes on beyond its most steps', () => {
    expect(learningRateAt(settingsOf({ schedule: 'cosine' }), 200)).toBeGreaterThan(0);
  });
});
