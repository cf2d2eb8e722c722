/** Target treatments and their exact undoing. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seriesValues } from '../../series/panel.ts';
import { applyRecipe, multiplicativeSlope, recipeOffset, undoRecipe } from '../../series/recipe.ts';
import { recipes } from '../../state/run-state.ts';
import { panelOf } from './make-panel.ts';

describe('every recipe', () => {
  it('is undone exactly: the treated future, restored, is the future', () => {
    const positive = fc.double({ min: 0.01, max: 1e6, noNaN: true });
    fc.assert(
      fc.property(
        fc.array(fc.array(positive, { minLength: 12, maxLength: 30 }), {
          minLength: 1,
          maxLength: 3,
        }),
        fc.integer({ min: 1, max: 6 }),
        fc.constantFrom(...recipes),
        (series, season, recipe) => {
          const horizon = 4;
          const panel = panelOf(series);
          const treated = applyRecipe(panel, recipe, season);
          const origins = Int32Array.from(series, (values) => values.length - horizon);
          const future = new Float64Array(series.length * horizon);
          series.forEach((_, i) =>
            future.set(seriesValues(treated, i).subarray(-horizon), i * horizon),
          );
          const restored = undoRecipe(future, panel, origins, horizon, recipe, season);
          series.forEach((values, i) => {
            for (let k = 0; k < horizon; k++) {
              const actual = values[values.length - horizon + k]!;
              expect(Math.abs(restored[i * horizon + k]! - actual)).toBeLessThan(
                1e-6 * Math.max(1, actual) + 1e-4,
              );
            }
          });
        },
      ),
    );
  });
  it('says how many leading observations it uses up', () => {
    const panel = panelOf([[1, 2, 3, 4, 5]]);
    for (const recipe of recipes) {
      expect(5 - applyRecipe(panel, recipe, 2).y.length).toBe(recipeOffset(recipe, 2));
    }
  });
});

describe('multiplicativeSlope', () => {
  const seasonal = (t: number) => Math.sin((2 * Math.PI * t) / 12);
  it('is near 1 when the season grows with the level', () => {
    const panel = panelOf([
      Array.from({ length: 144 }, (_, t) => Math.exp(t / 40) * (10 + 3 * seasonal(t))),
    ]);
    expect(multiplicativeSlope(panel, 12, 0)!).toBeCloseTo(1, 1);
  });
  it('is near 0 when the season keeps its size', () => {
    const panel = panelOf([Array.from({ length: 144 }, (_, t) => 100 + t + 10 * seasonal(t))]);
    expect(Math.abs(multiplicativeSlope(panel, 12, 0)!)).toBeLessThan(0.1);
  });
  it('is undefined where a value is not above zero', () => {
    const panel = panelOf([Array.from({ length: 144 }, (_, t) => seasonal(t))]);
    expect(multiplicativeSlope(panel, 12, 0)).toBeUndefined();
  });
  it('is undefined where squares are beyond what a number can hold', () => {
    const values = Array.from({ length: 144 }, (_, t) => 1e300 * (10 + 3 * seasonal(t + 0.1 * t)));
    expect(multiplicativeSlope(panelOf([values]), 12, 0)).toBeUndefined();
  });
  it('never reads the last steps', () => {
    const values = Array.from({ length: 144 }, (_, t) => 100 + t + 10 * seasonal(t));
    const before = multiplicativeSlope(panelOf([values]), 12, 24);
    const changed = values.map((value, t) => (t >= 120 ? value * 1000 : value));
    expect(multiplicativeSlope(panelOf([changed]), 12, 24)).toBe(before);
  });
});
