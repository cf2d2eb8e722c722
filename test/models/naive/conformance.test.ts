/** What every local model promises, and what each naive model is. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findModel, models } from '../../../models/index.ts';
import type { LocalModel } from '../../../models/model.ts';
import { naiveModels } from '../../../models/naive/index.ts';

const histories = fc
  .array(fc.double({ noDefaultInfinity: true, noNaN: true }), { minLength: 1, maxLength: 40 })
  .map((values) => Float64Array.from(values));
const contexts = fc.record({
  horizon: fc.integer({ min: 1, max: 50 }),
  season: fc.integer({ min: 1, max: 30 }),
});

describe.each(naiveModels.map((model) => [model.name, model] as const))('%s', (_, model) => {
  const settings = model.hyperparameters.parse({});

  it('forecasts any history of one value or more with finite values, and leaves it as it is', () => {
    fc.assert(
      fc.property(histories, contexts, (history, context) => {
        const before = history.slice();
        const forecast = model.fit(history, context, settings).mean;
        expect(forecast).toHaveLength(context.horizon);
        expect(forecast.every((value) => Number.isFinite(value))).toBe(true);
        expect(history).toEqual(before);
        expect(model.fit(history, context, settings).mean).toEqual(forecast);
      }),
    );
  });

  it('needs one value at least', () => {
    expect(model.minimumLength({ horizon: 3, season: 12 }, settings)).toBeGreaterThanOrEqual(1);
  });

  it('keeps a constant series constant', () => {
    const forecast = model.fit(
      new Float64Array(30).fill(1e12),
      { horizon: 5, season: 7 },
      settings,
    ).mean;
    expect([...forecast]).toEqual([1e12, 1e12, 1e12, 1e12, 1e12]);
  });

  it('does not depend on scale', () => {
    const history = Float64Array.of(3, 1, 4, 1, 5, 9, 2, 6);
    const context = { horizon: 6, season: 3 };
    const plain = model.fit(history, context, settings).mean;
    const tiny = model.fit(
      history.map((value) => value * 1e-9),
      context,
      settings,
    ).mean;
    for (const [h, value] of plain.entries()) expect(tiny[h]! / 1e-9).toBeCloseTo(value, 9);
  });

  it('is found by its name and says what it is', () => {
    expect(findModel(model.name)).toBe(model);
    expect(model.name).toMatch(/^[a-z]+(-[a-z]+)*$/);
    expect(model.summary.length).toBeGreaterThan(10);
    expect(model.source.length).toBeGreaterThan(10);
  });

  it('refuses hyper-parameters that it does not have', () => {
    expect(() => model.hyperparameters.parse({ unknown: 1 })).toThrow('unknown');
  });
});

describe('the list of models', () => {
  it('has unique names and names them all when one is unknown', () => {
    const names = models.map((model) => model.name);
    expect(new Set(names).size).toBe(names.length);
    expect(() => findModel('prophet')).toThrow(
      `There is no model "prophet"; the models are ${names.slice(0, 3).join(', ')}`,
    );
  });
});

describe('forecasts', () => {
  const forecast = (name: string, history: number[], horizon: number, season: number): number[] => [
    ...(findModel(name) as LocalModel).fit(Float64Array.from(history), { horizon, season }, {})
      .mean,
  ];

  it('of naive repeat the last value', () => {
    expect(forecast('naive', [1, 2, 7], 3, 2)).toEqual([7, 7, 7]);
  });

  it('of seasonal-naive repeat the last season, or the last value before there is one', () => {
    expect(forecast('seasonal-naive', [9, 1, 2, 3], 7, 3)).toEqual([1, 2, 3, 1, 2, 3, 1]);
    expect(forecast('seasonal-naive', [1, 2, 3], 4, 3)).toEqual([1, 2, 3, 1]);
    expect(forecast('seasonal-naive', [1, 2], 3, 3)).toEqual([2, 2, 2]);
  });

  it('of drift go on along the line through the first and the last value', () => {
    expect(forecast('drift', [1, 9, 5], 3, 1)).toEqual([7, 9, 11]);
    expect(forecast('drift', [4], 2, 1)).toEqual([4, 4]);
    expect(forecast('drift', [-1.7e308, 1.7e308], 2, 1)).toEqual([
      Number.MAX_VALUE,
      Number.MAX_VALUE,
    ]);
  });
});
