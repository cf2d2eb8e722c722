/** What forecasts can be made of, in order of preference, and what is said about models that may not be used. */
import { describe, expect, it } from 'vitest';
import { betterLeftOut, ensembleOptions } from '../../agents/ensemble-options.ts';
import { weightedMembers } from '../../series/ensemble/member.ts';
import { generate, normals } from '../series/make-panel.ts';

const shape = { folds: 2, series: 10, horizon: 4 };
const noisy = (name: string, deviation: number) => {
  const normal = normals(1, name);
  return { name, residuals: generate(80, () => deviation * normal()) };
};
const scaled = (name: string, factor: number) => {
  const { residuals } = noisy('seasonal-naive', 1);
  return { name, residuals: residuals.map((value) => factor * value) };
};

describe('ensembleOptions', () => {
  it('puts the model with the lowest validation error first where no other adds anything', () => {
    const options = ensembleOptions({
      members: [scaled('tft', 2), scaled('seasonal-naive', 1)],
      shape,
    });
    expect(options.map(({ action }) => action).slice(0, 2)).toEqual([
      'use seasonal-naive',
      'use tft',
    ]);
    expect(options[1]!.whyNot).toMatch(/error on .* is \d\.\d+ .*, against \d\.\d+/);
  });

  it('offers each kind of combination once, with the error that it was judged by, and every model alone', () => {
    const members = ['a', 'b', 'c'].map((name) => noisy(name, 1));
    const options = ensembleOptions({ members, shape });
    const actions = options.map(({ action }) => action);
    expect(new Set(actions).size).toBe(actions.length);
    expect(actions[0]).toBe('average a+b+c');
    expect(actions).toContain('median of a+b+c');
    expect(actions.some((action) => action.startsWith('average per series '))).toBe(true);
    for (const name of ['a', 'b', 'c']) expect(actions).toContain(`use ${name}`);
    expect(options[0]!.value.reason).toContain('judged on other folds');
    const { perSeries } = options.find(({ action }) => action.includes('per series'))!.value
      .weights;
    expect(perSeries).toHaveLength(30);
  });

  it('are the baselines where nothing was judged', () => {
    const missing = { name: 'tft', residuals: new Float64Array(80).fill(Number.NaN) };
    for (const members of [[], [missing]]) {
      const options = ensembleOptions({ members, shape });
      expect(options.map(({ action }) => action)).toEqual(['use seasonal-naive', 'use naive']);
      expect(weightedMembers(options[0]!.value.weights)).toEqual(['seasonal-naive']);
    }
  });

  it('holds a model that forecasts little against what is served in its place', () => {
    const rare = noisy('rare', 0.1);
    rare.residuals.fill(Number.NaN, 8);
    const members = [rare, noisy('steady', 1)];
    const fallback = new Float64Array(80).fill(3);
    const alone = ensembleOptions({ members, shape, fallback });
    const errorOf = (action: string): number =>
      alone.find((option) => option.action === action)!.value.error;
    expect(errorOf('use rare')).toBeGreaterThan(errorOf('use steady'));
  });
});

describe('betterLeftOut', () => {
  const good = scaled('seasonal-naive', 1);
  const bad = scaled('tft', 2);
  const served = (name: string) =>
    ensembleOptions({ members: [good, bad], shape }).find(({ action }) => action === `use ${name}`)!
      .value;

  it('names the best model that the request does not allow, and by how much it is better', () => {
    const said = betterLeftOut([good, bad], [bad], served('tft'), shape);
    expect(said).toContain('seasonal-naive errs 50 % less');
  });

  it('says nothing where what is served is the best', () => {
    expect(betterLeftOut([good, bad], [good], served('seasonal-naive'), shape)).toBe('');
    expect(betterLeftOut([good, bad], [good, bad], served('tft'), shape)).toBe('');
  });
});
