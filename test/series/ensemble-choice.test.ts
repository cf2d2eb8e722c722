/** Choice between ensembles, what is plausible, and the combination that is served. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { judgeEnsembles, outOfSample } from '../../series/ensemble/choice.ts';
import { combineForecasts } from '../../series/ensemble/combination.ts';
import { type EnsembleWeights, memberAlone, sampleOf } from '../../series/ensemble/member.ts';
import { bestMember } from '../../series/ensemble/methods/best-member.ts';
import { greedyPerSeries } from '../../series/ensemble/methods/greedy-per-series.ts';
import {
  isPlausible,
  plausibleRange,
  withoutImplausible,
} from '../../series/ensemble/plausibility.ts';
import { planFolds } from '../../series/folds.ts';
import { generate, normals, panelOf, randomWalk } from './make-panel.ts';

const noisy = (name: string, size: number, seed: number, deviation: number, shift = 0) => {
  const normal = normals(seed, name);
  return { name, residuals: generate(size, () => shift + deviation * normal()) };
};

describe('judgeEnsembles', () => {
  it('prefers an average of members whose errors are independent', () => {
    const shape = { folds: 4, series: 20, horizon: 6 };
    const members = ['a', 'b', 'c', 'd'].map((name) => noisy(name, 480, 1, 1));
    const [first] = judgeEnsembles(sampleOf(members, shape), 20);
    expect(first!.judgedOn).toBe('other folds');
    expect(first!.weights.weights.filter((weight) => weight > 0)).toHaveLength(4);
    expect(first!.error).toBeLessThan(0.5);
  });

  it('prefers the best member where no other adds anything', () => {
    const shape = { folds: 3, series: 20, horizon: 6 };
    const good = noisy('good', 360, 2, 1);
    const bad = { name: 'bad', residuals: good.residuals.map((value) => 3 * value) };
    const [first] = judgeEnsembles(sampleOf([bad, good], shape), 20);
    expect(first!.weights).toMatchObject({ method: 'best-member' });
    expect([...first!.weights.weights]).toEqual([0, 1]);
  });

  it('judges on folds left out: a member that was right by chance on one fold is seen through', () => {
    const shape = { folds: 3, series: 1, horizon: 50 };
    const steady = noisy('steady', 150, 3, 1);
    const lucky = noisy('lucky', 150, 4, 2.5);
    lucky.residuals.fill(0, 0, 50);
    const sample = sampleOf([steady, lucky], shape);
    const left = outOfSample(bestMember, sample, 1)!;
    // Without the first fold nobody would take the lucky one for it.
    expect([...left.subarray(0, 50)]).toEqual([...steady.residuals.subarray(0, 50)]);
  });

  it('splits series where there is one fold, and weighs none by itself then', () => {
    const shape = { folds: 1, series: 30, horizon: 4 };
    const sample = sampleOf([noisy('a', 120, 5, 1), noisy('b', 120, 6, 1)], shape);
    const judged = judgeEnsembles(sample, 30);
    expect(judged.every(({ judgedOn }) => judgedOn === 'other series')).toBe(true);
    expect(judged.some(({ weights }) => weights.method === 'greedy-per-series')).toBe(false);
    expect(outOfSample(greedyPerSeries, sample, 30)).toBeNull();
  });

  it('asks for a clear gain where nothing can be left out', () => {
    const shape = { folds: 1, series: 1, horizon: 6 };
    const a = { name: 'a', residuals: Float64Array.of(1, -1, 1, -1, 1, -1) };
    const b = { name: 'b', residuals: Float64Array.of(1.1, -1.1, 1.1, -1.1, 1.1, -0.9) };
    const [first] = judgeEnsembles(sampleOf([a, b], shape), 1);
    expect(first!.judgedOn).toBe('the same residuals');
    expect(first!.weights.method).toBe('best-member');
  });

  const walks = (gain: (fold: number) => number) => {
    const shape = { folds: 4, series: 30, horizon: 6 };
    const naive = noisy('naive', 720, 9, 1);
    const residuals = naive.residuals.map((value, k) => value * (1 - gain(Math.floor(k / 180))));
    return sampleOf([{ name: 'clever', residuals }, naive], shape);
  };

  it('keeps a baseline that is beaten by little, and on some folds only', () => {
    for (const gains of [
      [0.04, -0.03, 0.02, -0.01],
      [0.3, -0.08, -0.06, -0.07],
    ]) {
      const sample = walks((fold) => gains[fold]!);
      const [first, ...others] = judgeEnsembles(sample, 30, ['naive']);
      expect(first!.weights).toMatchObject({ method: 'baseline' });
      expect([...first!.weights.weights]).toEqual([0, 1]);
      expect(others.some(({ error }) => error < first!.error)).toBe(true);
      expect([...judgeEnsembles(sample, 30)[0]!.weights.weights]).not.toEqual([0, 1]);
    }
  });

  it('does not keep a baseline that is beaten clearly on every fold', () => {
    const [first] = judgeEnsembles(
      walks((fold) => 0.1 + fold / 100),
      30,
      ['naive'],
    );
    expect(first!.weights.method).not.toBe('baseline');
    expect(first!.weights.weights[0]).toBe(1);
  });

  it('weighs series by themselves where they differ and many folds say so', () => {
    const shape = { folds: 8, series: 10, horizon: 12 };
    const size = 8 * 10 * 12;
    const isEven = (k: number): boolean => Math.floor(k / 12) % 2 === 0;
    const one = noisy('one', size, 7, 1);
    const two = noisy('two', size, 8, 1);
    const members = [
      { name: 'one', residuals: one.residuals.map((v, k) => (isEven(k) ? v : v * 3 + 3)) },
      { name: 'two', residuals: two.residuals.map((v, k) => (isEven(k) ? v * 3 - 3 : v)) },
    ];
    const [first] = judgeEnsembles(sampleOf(members, shape), 10);
    expect(first!.weights.method).toBe('greedy-per-series');
    expect(first!.weights.perSeries![0]).toBeGreaterThan(0.7);
    expect(first!.weights.perSeries![2]).toBeLessThan(0.3);
  });
});

describe('plausibleRange', () => {
  it('holds what the series does next, for walks, trends, growth and seasons', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e6 }), fc.constantFrom(0, 1, 2, 3), (seed, kind) => {
        const walk = randomWalk(60, normals(seed));
        const values = walk.map((value, t) =>
          kind === 0
            ? value
            : kind === 1
              ? value + 5 * t
              : kind === 2
                ? 1.15 ** t
                : Math.sin(t) * 10 + value,
        );
        const range = plausibleRange(values.subarray(0, 48), 12);
        expect(isPlausible(values.subarray(48), range)).toBe(true);
      }),
    );
  });

  it('does not hold an explosion, a NaN or an infinity', () => {
    const range = plausibleRange(randomWalk(60, normals(1)), 12);
    expect(isPlausible(Float64Array.of(0, 1e12), range)).toBe(false);
    expect(isPlausible(Float64Array.of(0, NaN), range)).toBe(false);
    expect(isPlausible(Float64Array.of(0, Number.NEGATIVE_INFINITY), range)).toBe(false);
  });

  it('is finite arithmetic at any size, and scales with the series', () => {
    const walk = randomWalk(60, normals(2)).map((value) => value + 20);
    for (const size of [1e-300, 1, 1e300]) {
      const range = plausibleRange(
        walk.map((value) => value * size),
        6,
      );
      expect(isPlausible(Float64Array.of(30 * size), range)).toBe(true);
    }
    expect(isPlausible(Float64Array.of(0), plausibleRange(new Float64Array(9), 3))).toBe(true);
  });
});

describe('a member that explodes', () => {
  const horizon = 4;
  const panel = panelOf([1, 2, 3].map((seed) => randomWalk(80, normals(seed))));
  const plan = planFolds([80, 80, 80], horizon, 10);

  it('is not judged where its forecast was absurd, and stays as it is elsewhere', () => {
    const folds = plan.folds.filter(({ kind }) => kind === 'validation').length;
    const residuals = new Float64Array(folds * 3 * horizon).fill(0.5);
    residuals.fill(-1e12, horizon, 2 * horizon);
    const [kept] = withoutImplausible([{ name: 'wild', residuals }], {
      panel,
      plan,
      kind: 'validation',
      season: 1,
    });
    expect(kept!.residuals.subarray(horizon, 2 * horizon).every(Number.isNaN)).toBe(true);
    expect([...kept!.residuals.subarray(0, horizon)]).toEqual([0.5, 0.5, 0.5, 0.5]);
    expect(residuals[horizon]).toBe(-1e12);
  });

  it('only when it is served is left out for the series that it explodes on, and named', () => {
    const values = [1, 2, 3].map((value) => new Float64Array(12).fill(value / 10));
    values[0]!.fill(1e12, horizon, 2 * horizon);
    const forecasts = values.map((one, m) => ({ name: `m${m}`, values: one }));
    const members = ['m0', 'm1', 'm2'];
    const rangeOf = (i: number) => plausibleRange(panel.y.subarray(i * 80, (i + 1) * 80), horizon);
    for (const rule of ['average', 'median', 'trimmed-mean'] as const) {
      const weights: EnsembleWeights = {
        method: rule,
        rule,
        members,
        weights: Float64Array.of(0.5, 0.25, 0.25),
      };
      const made = combineForecasts(forecasts, weights, horizon, rangeOf);
      expect(made.point.every((value) => value > 0 && value < 1)).toBe(true);
      expect(made.point[horizon]).toBeCloseTo(0.25, 9);
      expect([...made.leftOut]).toEqual([1, 0, 0]);
      expect([...made.tookPart.subarray(3, 6)]).toEqual([0, 1, 1]);
    }
  });

  it('leaves a series without a forecast where no other member has one', () => {
    const forecasts = [{ name: 'a', values: Float64Array.of(1e12, 1e12, 0, 0) }];
    const made = combineForecasts(forecasts, memberAlone(['a'], 0), 2, (i) =>
      plausibleRange(panel.y.subarray(i * 80, (i + 1) * 80), 2),
    );
    expect([...made.point]).toEqual([NaN, NaN, 0, 0]);
  });

  it('gives its series to the members of the others where it had all the weight there', () => {
    const forecasts = [
      { name: 'a', values: Float64Array.of(NaN, 1) },
      { name: 'b', values: Float64Array.of(2, 3) },
    ];
    const made = combineForecasts(
      forecasts,
      {
        method: 'greedy-per-series',
        rule: 'average',
        members: ['a', 'b'],
        weights: Float64Array.of(0.5, 0.5),
        perSeries: Float64Array.of(1, 0, 1, 0),
      },
      1,
      () => ({ low: -10, high: 10 }),
    );
    expect([...made.point]).toEqual([2, 1]);
  });
});
