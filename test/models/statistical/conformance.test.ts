/** What every statistical model promises, whatever the series. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { statisticalModels } from '../../../models/statistical/index.ts';
import type { LocalFit } from '../../../models/model.ts';

/** Numbers as series hold them, of any sign and size, many of them zero. */
const value = fc.oneof(
  fc.double({ min: -1e3, max: 1e3, noNaN: true }),
  fc.integer({ min: 0, max: 3 }),
  fc.double({ noDefaultInfinity: true, noNaN: true }),
  fc.constantFrom(0, 1e300, -1e300, 1e-300, Number.MAX_VALUE, 5e-324),
);
const histories = fc
  .array(value, { minLength: 1, maxLength: 40 })
  .map((values) => Float64Array.from(values));
const contexts = fc.record({
  horizon: fc.integer({ min: 1, max: 15 }),
  season: fc.integer({ min: 1, max: 13 }),
});

/** A noisy season of twelve steps on a rising level; the noise follows from the place. */
const seasonal = Float64Array.from(
  { length: 60 },
  (_, t) => 100 + t + 20 * Math.sin((2 * Math.PI * t) / 12) + 5 * Math.sin(7.3 * t * t),
);

function expectWhole(fit: LocalFit, n: number, horizon: number): void {
  const deviation = fit.deviation();
  expect(fit.mean).toHaveLength(horizon);
  expect(deviation).toHaveLength(horizon);
  expect(fit.mean.every(Number.isFinite)).toBe(true);
  expect(deviation.every((d) => Number.isFinite(d) && d >= 0)).toBe(true);
  for (const parameter of Object.values(fit.parameters)) {
    expect(typeof parameter === 'string' || Number.isFinite(parameter)).toBe(true);
  }
  for (const component of Object.values(fit.components())) {
    expect(component).toHaveLength(n);
    expect(component.every((v) => Number.isFinite(v) || Number.isNaN(v))).toBe(true);
  }
}

describe.each(statisticalModels.map((model) => [model.name, model] as const))('%s', (_, model) => {
  const settings = model.hyperparameters.parse({});
  const numRuns = model.costly === true ? 25 : 60;

  it('fits any history of one value or more, finitely and twice alike, and leaves it as it is', () => {
    fc.assert(
      fc.property(histories, contexts, (history, context) => {
        const before = history.slice();
        const fit = model.fit(history, context, settings);
        expectWhole(fit, history.length, context.horizon);
        expect(history).toEqual(before);
        expect(model.fit(history, context, settings).mean).toEqual(fit.mean);
      }),
      { seed: 7, numRuns },
    );
  });

  it.each([
    ['of one value', [5]],
    ['of two values', [5, 7]],
    ['of zeros', Array.from({ length: 40 }, () => 0)],
    ['of zeros but one', [...Array.from({ length: 39 }, () => 0), 4]],
    ['of tiny values', [...seasonal].map((v) => v * 1e-300)],
    ['of huge values', [...seasonal].map((v) => v * 1e300)],
    ['of negative values', [...seasonal].map((v) => -v)],
    ['with a step', seasonal.map((v, t) => (t < 30 ? v : v + 1e6))],
    ['with a season as long as half of it', [...seasonal].slice(0, 24)],
  ])('fits a series %s', (_what, values) => {
    const history = Float64Array.from(values);
    expectWhole(model.fit(history, { horizon: 14, season: 12 }, settings), history.length, 14);
  });

  it('says the same in other units', () => {
    const context = { horizon: 12, season: 12 };
    const plain = model.fit(seasonal, context, settings);
    for (const unit of [1024, 1e-3]) {
      const scaled = model.fit(
        seasonal.map((v) => v * unit),
        context,
        settings,
      );
      for (const [h, v] of plain.mean.entries()) {
        expect(Math.abs(scaled.mean[h]! / unit - v)).toBeLessThan(1e-3 * Math.abs(v));
      }
      const deviation = scaled.deviation();
      for (const [h, d] of plain.deviation().entries()) {
        expect(Math.abs(deviation[h]! / unit - d)).toBeLessThan(0.01 * d + 1e-9);
      }
    }
  });

  it('keeps a constant series constant', () => {
    const { mean } = model.fit(new Float64Array(36).fill(7), { horizon: 5, season: 4 }, settings);
    for (const v of mean) expect(v).toBeCloseTo(7, 6);
  });

  it('needs a whole number of values, one at least', () => {
    for (const season of [1, 12]) {
      const needed = model.minimumLength({ horizon: 3, season }, settings);
      expect(Number.isInteger(needed) && needed >= 1).toBe(true);
    }
  });

  it('says what it is, and refuses hyper-parameters that it does not have', () => {
    expect(model.name).toMatch(/^[a-z]+(-[a-z]+)*$/);
    expect(model.summary.length).toBeGreaterThan(10);
    expect(model.source.length).toBeGreaterThan(10);
    expect(model.family).toBe('statistical');
    expect(() => model.hyperparameters.parse({ unknown: 1 })).toThrow('unknown');
  });

  it('searches among settings that it takes', () => {
    for (const [name, dimension] of Object.entries(model.searchSpace)) {
      const values =
        dimension.kind === 'choice' ? dimension.values : [dimension.low, dimension.high];
      for (const v of values)
        expect(() => model.hyperparameters.parse({ [name]: v })).not.toThrow();
    }
  });
});

describe('the list of statistical models', () => {
  it('has no name twice', () => {
    const names = statisticalModels.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });
});
