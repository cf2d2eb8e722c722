/** Every method of combining forecasts, and the selection that greedy methods rest on. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  combinedError,
  combineResiduals,
  memberErrors,
  type ResidualShape,
  sampleOf,
} from '../../series/ensemble/member.ts';
import { bestMember } from '../../series/ensemble/methods/best-member.ts';
import { greedy } from '../../series/ensemble/methods/greedy.ts';
import { greedyPerSeries } from '../../series/ensemble/methods/greedy-per-series.ts';
import { selectGreedily } from '../../series/ensemble/methods/greedy-selection.ts';
import { ensembleMethods } from '../../series/ensemble/methods/index.ts';
import { inverseError } from '../../series/ensemble/methods/inverse-error.ts';
import { stacking } from '../../series/ensemble/methods/stacking.ts';
import { generate, normals } from './make-panel.ts';

const member = (name: string, residuals: ArrayLike<number>) => ({
  name,
  residuals: Float64Array.from(residuals),
});

/** Members of two folds of three series, two steps each, some of them without a forecast here and there. */
const residual = fc.oneof(
  { weight: 8, arbitrary: fc.double({ min: -10, max: 10, noNaN: true }) },
  { weight: 1, arbitrary: fc.constant(Number.NaN) },
);
const shape: ResidualShape = { folds: 2, series: 3, horizon: 2 };
const samples = fc
  .array(fc.array(residual, { minLength: 12, maxLength: 12 }), { minLength: 1, maxLength: 5 })
  .filter((rows) => rows.every((row) => row.some(Number.isFinite)))
  .map((rows) =>
    sampleOf(
      rows.map((row, m) => member(`m${m}`, row)),
      shape,
    ),
  );

describe.each(ensembleMethods)('$name', (method) => {
  it('gives weights that add up to 1, overall and in each series, and the same ones again', () => {
    fc.assert(
      fc.property(samples, (sample) => {
        const made = method.fit(sample, shape.series);
        const groups = [made.weights];
        for (let i = 0; made.perSeries !== undefined && i < shape.series; i++) {
          const members = sample.names.length;
          groups.push(made.perSeries.subarray(i * members, (i + 1) * members));
        }
        for (const weights of groups) {
          expect(weights.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 9);
          expect(weights.every((weight) => weight >= 0)).toBe(true);
        }
        expect(method.fit(sample, shape.series)).toEqual(made);
        expect(Number.isFinite(combinedError(sample, made))).toBe(true);
      }),
    );
  });

  it('gives nothing to a member that explodes on the validation folds', () => {
    const normal = normals(3);
    const calm = generate(12, () => normal());
    const wild = calm.map((value, k) => (k % 5 === 0 ? 1e12 : value));
    const sample = sampleOf([member('wild', wild), member('calm', calm)], shape);
    expect(combinedError(sample, method.fit(sample, 3))).toBeLessThan(2);
  });

  it('describes itself', () => {
    expect(method.summary.length).toBeGreaterThan(10);
    expect(method.source).toMatch(/\d{4}/);
  });
});

describe('greedy selection', () => {
  it('averages two members whose errors cancel', () => {
    const weights = selectGreedily(
      [Float64Array.of(1, 1, 1), Float64Array.of(-1, -1, -1)],
      new Float64Array(3),
      { rounds: 20 },
    );
    expect([...weights]).toEqual([0.5, 0.5]);
  });

  it('is never worse than the best member on what it was selected on', () => {
    fc.assert(
      fc.property(samples, (sample) => {
        const error = combinedError(sample, greedy.fit(sample, 3));
        const best = Math.min(...memberErrors(sample));
        expect(error).toBeLessThanOrEqual(best * (1 + 1e-9) + 1e-12);
      }),
    );
  });

  it('selects as the definition says: each round the member with the lowest error of the plain average', () => {
    const normal = normals(7);
    const members = Array.from({ length: 4 }, (_, m) => generate(50, () => normal() + m / 3));
    const counts = [0, 0, 0, 0];
    let best = Number.POSITIVE_INFINITY;
    let prefix = counts;
    const errorOf = (given: readonly number[]): number => {
      const total = given.reduce((sum, count) => sum + count, 0);
      return generate(50, (k) =>
        Math.abs(given.reduce((sum, count, m) => sum + count * members[m]![k]!, 0) / total),
      ).reduce((sum, size) => sum + size / 50, 0);
    };
    for (let round = 0; round < 12; round++) {
      const errors = counts.map((_, m) => errorOf(counts.map((c, k) => (k === m ? c + 1 : c))));
      const winner = errors.indexOf(Math.min(...errors));
      counts[winner]! += 1;
      if (errors[winner]! < best) {
        best = errors[winner]!;
        prefix = counts.map((count) => count / (round + 1));
      }
    }
    const weights = selectGreedily(members, new Float64Array(50), { rounds: 12 });
    for (const [m, share] of prefix.entries()) expect(weights[m]).toBeCloseTo(share, 12);
  });

  it('prefers a member already chosen where two help alike', () => {
    const a = Float64Array.of(1, -1, 2);
    const b = Float64Array.of(-1, 1, -1.5);
    const weights = selectGreedily([a, b, b.slice()], new Float64Array(3), { rounds: 30 });
    expect(weights[2]).toBe(0);
    expect(weights[1]).toBeGreaterThan(0);
  });

  it('counts a hole of a member as what is served in its place', () => {
    const rarely = Float64Array.of(0.1, NaN, NaN, NaN);
    const always = Float64Array.of(1, 1, 1, 1);
    const fallback = Float64Array.of(5, 5, 5, 5);
    const weights = selectGreedily([rarely, always], fallback, { rounds: 1 });
    expect([...weights]).toEqual([0, 1]);
  });
});

describe('greedy per series', () => {
  it('follows a series that many folds speak for, and hardly one that a single fold speaks for', () => {
    const rest = 18;
    const madeWith = (folds: number): Float64Array => {
      const normal = normals(5);
      const series = rest + 1;
      const size = folds * series * 4;
      const isFirst = (k: number): boolean => Math.floor(k / 4) % series === 0;
      const good = generate(size, (k) => normal() * (isFirst(k) ? 3 : 1));
      const other = generate(size, (k) => normal() * (isFirst(k) ? 1 : 3));
      const sample = sampleOf([member('good', good), member('other', other)], {
        folds,
        series,
        horizon: 4,
      });
      return greedyPerSeries.fit(sample, series).perSeries!;
    };
    expect(madeWith(8)[1]).toBeGreaterThan(0.5);
    expect(madeWith(1)[1]).toBeLessThan(0.5);
    expect(madeWith(8)[2 * rest + 1]).toBeLessThan(0.4);
  });
});

describe('stacking', () => {
  it('finds the weights that least squares theory gives independent members: the inverse variances', () => {
    const normal = normals(11);
    const size = 20_000;
    const sample = sampleOf(
      [1, 1.2].map((deviation) =>
        member(
          `m${deviation}`,
          generate(size, () => deviation * normal()),
        ),
      ),
      { folds: 1, series: size / 10, horizon: 10 },
    );
    expect(stacking.fit(sample, size / 10).weights[0]).toBeCloseTo(1.44 / 2.44, 1);
  });

  it('weighs members that cannot be told apart equally', () => {
    const one = generate(12, (k) => Math.sin(k));
    const sample = sampleOf([member('a', one), member('b', one)], shape);
    expect([...stacking.fit(sample, 3).weights]).toEqual([0.5, 0.5]);
  });
});

describe('inverse error', () => {
  it('weighs by the inverse square, and leaves out who errs a quarter more than the best', () => {
    const sample = sampleOf(
      [
        member('a', new Float64Array(12).fill(1)),
        member('b', new Float64Array(12).fill(1.2)),
        member('c', new Float64Array(12).fill(2)),
      ],
      shape,
    );
    const { weights } = inverseError.fit(sample, 3);
    expect(weights[0]! / weights[1]!).toBeCloseTo(1.44, 9);
    expect(weights[2]).toBe(0);
    expect([...bestMember.fit(sample, 3).weights]).toEqual([1, 0, 0]);
  });
});

describe('residuals of a combination', () => {
  it('are actual minus the combined forecast, whatever the rule', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 3, maxLength: 6 }),
        fc.integer({ min: -50, max: 50 }),
        fc.constantFrom('median', 'trimmed-mean', 'average'),
        (forecasts, actual, rule) => {
          const equal = new Float64Array(forecasts.length).fill(1 / forecasts.length);
          const members = forecasts.map((_, m) => `m${m}`);
          const made = (values: readonly number[]): number =>
            combineResiduals(
              sampleOf(
                values.map((value, m) => member(`m${m}`, [value])),
                { folds: 1, series: 1, horizon: 1 },
              ),
              { method: rule, rule, members, weights: equal },
            )[0]!;
          const combined = made(forecasts);
          expect(made(forecasts.map((value) => actual - value))).toBeCloseTo(actual - combined, 9);
        },
      ),
    );
  });

  it('share the weight of a member that made no forecast among the others', () => {
    const sample = sampleOf([member('a', [2, NaN, NaN]), member('b', [4, 4, NaN])], {
      folds: 1,
      series: 3,
      horizon: 1,
    });
    const weights = { method: 'mean', rule: 'average', members: ['a', 'b'] } as const;
    const combined = combineResiduals(sample, { ...weights, weights: Float64Array.of(0.5, 0.5) });
    expect([...combined]).toEqual([3, 4, NaN]);
  });
});
