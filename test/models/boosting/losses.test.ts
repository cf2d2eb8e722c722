/** Losses: derivatives against finite differences, and the best constants. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  absolute,
  huber,
  logistic,
  type Loss,
  poisson,
  quantile,
  softmax,
  squared,
  tweedie,
} from '../../../models/boosting/losses.ts';
import { weightedQuantile } from '../../../models/boosting/weighted-quantile.ts';

const counts = [0, 0, 1, 3, 2, 7, 0.5, 1];
const values = [-2, 0.3, 5, -1.25, 8, 2, 0.7, 3];
const cases: readonly (readonly [string, Loss, readonly number[]])[] = [
  ['squared', squared, values],
  ['absolute', absolute, values],
  ['huber', huber(1.5), values],
  ['quantile', quantile(0.8), values],
  ['poisson', poisson, counts],
  ['tweedie', tweedie(1.3), counts],
  ['logistic', logistic, [0, 1, 1, 0, 1, 1, 0, 1]],
  ['softmax', softmax(3), [0, 1, 2, 2, 1, 0, 1, 1]],
];

/** Derivatives of all outputs at `scores` [outputs][rows]. */
function derive(loss: Loss, target: Float64Array, weights: Float64Array, scores: Float64Array[]) {
  const derivatives = scores.map(() => ({
    gradients: new Float64Array(target.length),
    hessians: new Float64Array(target.length),
  }));
  loss.derive(target, weights, scores, derivatives);
  return derivatives;
}

describe.each(cases)('the %s loss', (name, loss, targets) => {
  const target = Float64Array.from(targets);
  const weights = Float64Array.from(targets, (_, i) => 0.5 + (i % 3));
  const scoresAt = fc
    .array(fc.double({ min: -2, max: 2, noNaN: true }), {
      minLength: loss.outputs * target.length,
      maxLength: loss.outputs * target.length,
    })
    .map((all) =>
      Array.from({ length: loss.outputs }, (_, k) =>
        Float64Array.from(all.slice(k * target.length, (k + 1) * target.length)),
      ),
    );
  const lossOf = (scores: readonly Float64Array[], row: number): number =>
    weights[row]! *
    loss.measure(
      target[row]!,
      Float64Array.from(scores, (score) => score[row]!),
    );

  it('has the gradient of its measure', () => {
    fc.assert(
      fc.property(scoresAt, (scores) => {
        const step = 1e-6;
        for (const [k, { gradients }] of derive(loss, target, weights, scores).entries()) {
          for (let row = 0; row < target.length; row++) {
            const at = scores[k]![row]!;
            // Not across a kink.
            if (Math.abs(at - target[row]!) < 1e-5) continue;
            const moved = (by: number): Float64Array[] =>
              scores.map((score, j) => (j === k ? score.with(row, at + by) : score));
            const slope = (lossOf(moved(step), row) - lossOf(moved(-step), row)) / (2 * step);
            expect(gradients[row]).toBeCloseTo(slope, 5);
          }
        }
      }),
      { numRuns: 30 },
    );
  });

  it.runIf(!['absolute', 'quantile', 'huber'].includes(name))('has its hessian', () => {
    fc.assert(
      fc.property(scoresAt, (scores) => {
        const step = 1e-5;
        for (const [k, { hessians }] of derive(loss, target, weights, scores).entries()) {
          const slopes = [step, -step].map(
            (by) =>
              derive(
                loss,
                target,
                weights,
                scores.map((score, j) => (j === k ? score.map((s) => s + by) : score)),
              )[k]!.gradients,
          );
          for (let row = 0; row < target.length; row++) {
            const curvature = (slopes[0]![row]! - slopes[1]![row]!) / (2 * step);
            expect(hessians[row]).toBeCloseTo(curvature, 4);
          }
        }
      }),
      { numRuns: 30 },
    );
  });

  it.runIf(name !== 'huber')('starts from the best constant', () => {
    const start = loss.start(target, weights);
    const total = (shift: number): number => {
      const scores = Array.from(start, (value, k) =>
        new Float64Array(target.length).fill(value + (k === 0 ? shift : 0)),
      );
      return target.reduce((sum, _, row) => sum + lossOf(scores, row), 0);
    };
    expect(total(0)).toBeLessThanOrEqual(total(1e-3) + 1e-12);
    expect(total(0)).toBeLessThanOrEqual(total(-1e-3) + 1e-12);
  });
});

describe('weightedQuantile', () => {
  it('is the quantile of the values repeated as often as they weigh', () => {
    const entry = fc.tuple(
      fc.double({ noNaN: true, min: -1e6, max: 1e6 }),
      fc.integer({ min: 1, max: 4 }),
    );
    fc.assert(
      fc.property(fc.array(entry, { minLength: 1, maxLength: 20 }), (entries) => {
        const repeated = entries.flatMap(([value, times]) =>
          Array.from({ length: times }, () => value),
        );
        const ones = new Float64Array(repeated.length).fill(1);
        const weighted = weightedQuantile(
          Float64Array.from(entries, ([value]) => value),
          Float64Array.from(entries, ([, times]) => times),
          0.3,
        );
        expect(weighted).toBe(weightedQuantile(Float64Array.from(repeated), ones, 0.3));
      }),
    );
  });

  it('is the median as everybody has it', () => {
    const of = (...all: number[]): number =>
      weightedQuantile(Float64Array.from(all), new Float64Array(all.length).fill(1), 0.5);
    expect(of(3, 1, 2)).toBe(2);
    expect(of(4, 1, 2, 3)).toBe(2.5);
  });
});
