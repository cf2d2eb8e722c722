/** Conformal calibration: coverage, spreads, borrowed folds, adaptive levels. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  adaptLevels,
  createAdaptiveLevel,
  createTunedLevel,
} from '../../series/conformal/adaptive.ts';
import { calibrate, type Calibration } from '../../series/conformal/calibration.ts';
import { independentShare } from '../../series/conformal/dependence.ts';
import { conformalOffsets } from '../../series/conformal/offsets.ts';
import { learnSpread } from '../../series/conformal/spread.ts';
import { spreadFeatures } from '../../series/conformal/spread-features.ts';
import { likeness, standInResiduals } from '../../series/conformal/stand-in.ts';
import { seriesValues } from '../../series/panel.ts';
import { generate, normals, panelOf, randomWalk } from './make-panel.ts';

const levels = [0.025, 0.1, 0.5, 0.9, 0.975];

/** Share of `residuals` [series * horizon] inside the interval between two levels. */
function covered(
  { offsets, spreads }: Calibration,
  residuals: Float64Array,
  horizon: number,
  bounds: readonly [number, number],
): number {
  const made = offsets(bounds);
  const spread = spreads(0);
  const inside = residuals.filter((residual, k) => {
    const factor = spread[Math.floor(k / horizon)]!;
    const at = (k % horizon) * 2;
    return residual >= factor * made[at]! && residual <= factor * made[at + 1]!;
  });
  return inside.length / residuals.length;
}

/** A panel of random walks, residuals of `folds` validation folds, and those of the forecast that is served. */
function exchangeable(
  series: number,
  folds: number,
  horizon: number,
  sizeOf: (i: number) => number,
) {
  const normal = normals(4);
  const panel = panelOf(Array.from({ length: series }, () => randomWalk(40, normal)));
  const made = (count: number): Float64Array =>
    generate(count * series * horizon, (k) => {
      return normal() * sizeOf(Math.floor(k / horizon) % series) * (1 + (k % horizon) / 4);
    });
  const stepsFromEnd = Array.from({ length: folds }, (_, f) => (folds - f) * horizon);
  const task = { panel, season: 1, horizon, stepsFromEnd, residuals: made(folds) };
  return { task, served: made(20).subarray(0), series };
}

describe('calibrate', () => {
  it('covers exchangeable residuals as often as asked, within binomial error', () => {
    const horizon = 3;
    const { task, served, series } = exchangeable(150, 3, horizon, () => 1);
    const calibration = calibrate(task);
    for (const [low, high, share] of [
      [0.1, 0.9, 0.8],
      [0.025, 0.975, 0.95],
    ] as const) {
      const width = series * horizon;
      const shares = Array.from({ length: 20 }, (_, r) =>
        covered(calibration, served.subarray(r * width, (r + 1) * width), horizon, [low, high]),
      );
      const mean = shares.reduce((sum, value) => sum + value / 20, 0);
      // Calibrated on 450 rows: the coverage itself varies by the root of share (1 - share) / 450.
      expect(Math.abs(mean - share)).toBeLessThan(3 * Math.sqrt((share * (1 - share)) / 450));
    }
  });

  it('gives each series its own spread where many folds say so, and covers all of them alike', () => {
    const horizon = 4;
    const { task, served, series } = exchangeable(60, 10, horizon, (i) => (i % 2 === 0 ? 1 : 6));
    const calibration = calibrate(task);
    expect(calibration.variant).toContain('residuals');
    const spreads = calibration.spreads(0);
    expect(spreads[1]! / spreads[0]!).toBeGreaterThan(4);
    const isEven = (k: number): boolean => Math.floor(k / horizon) % 2 === 0;
    const width = series * horizon;
    const made = calibration.offsets([0.1, 0.9]);
    const shareOf = (wanted: boolean): number => {
      let inside = 0;
      let count = 0;
      for (const [k, residual] of served.entries()) {
        if (isEven(k) !== wanted) continue;
        const factor = spreads[Math.floor((k % width) / horizon)]!;
        const at = (k % horizon) * 2;
        inside += residual >= factor * made[at]! && residual <= factor * made[at + 1]! ? 1 : 0;
        count += 1;
      }
      return inside / count;
    };
    expect(Math.abs(shareOf(true) - 0.8)).toBeLessThan(0.05);
    expect(Math.abs(shareOf(false) - 0.8)).toBeLessThan(0.05);
  });

  it('borrows earlier folds where all series miss together, and is wider for it', () => {
    const horizon = 4;
    const series = 40;
    const normal = normals(9);
    const shocks = randomWalk(120, normal).map((value) => 3 * value);
    const panel = panelOf(
      Array.from({ length: series }, () => {
        const own = randomWalk(120, normal);
        return own.map((value, t) => 0.2 * value + shocks[t]!);
      }),
    );
    const residuals = standInResiduals({ panel, season: 1, horizon }, 'naive', horizon);
    const task = { panel, season: 1, horizon, stepsFromEnd: [horizon], residuals };
    const calibration = calibrate(task);
    expect(calibration.standInFolds).toBeGreaterThan(8);
    const alone = conformalOffsets(residuals, horizon, [0.1, 0.9]);
    const [low, high] = calibration.offsets([0.1, 0.9]);
    expect(high! - low!).toBeGreaterThan(1.5 * (alone[1]! - alone[0]!));
  });

  it('gives finite offsets that rise with the level, whatever the residuals', () => {
    const residual = fc.oneof(
      { weight: 5, arbitrary: fc.double({ min: -1e3, max: 1e3, noNaN: true }) },
      { weight: 1, arbitrary: fc.constantFrom(Number.NaN, 0, 1e9) },
    );
    fc.assert(
      fc.property(
        fc.array(residual, { minLength: 24, maxLength: 24 }),
        fc.integer({ min: 1, max: 1e6 }),
        (values, seed) => {
          fc.pre(values.some(Number.isFinite));
          const panel = panelOf([1, 2, 3].map((k) => randomWalk(30, normals(seed + k))));
          const calibration = calibrate({
            panel,
            season: 1,
            horizon: 2,
            stepsFromEnd: [8, 6, 4, 2],
            residuals: Float64Array.from(values),
          });
          const offsets = calibration.offsets(levels);
          for (let k = 0; k < offsets.length; k++) {
            expect(Number.isFinite(offsets[k]!)).toBe(true);
            const below = k % levels.length > 0 ? offsets[k - 1]! : Number.NEGATIVE_INFINITY;
            expect(offsets[k]).toBeGreaterThanOrEqual(below);
          }
          for (const spread of calibration.spreads(0)) expect(spread).toBeGreaterThan(0);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('learns nothing from a history that never moved before its origin', () => {
    const horizon = 2;
    const { task } = exchangeable(12, 2, horizon, () => 1);
    const { panel, residuals } = task;
    const still = new Float64Array(40).fill(3);
    const more = panelOf([...panel.ids.map((_, i) => seriesValues(panel, i)), still.with(38, 1e9)]);
    const width = panel.ids.length * horizon;
    const poisoned = [0, 1].flatMap((fold) => [
      ...residuals.subarray(fold * width, (fold + 1) * width),
      1e15,
      1e15,
    ]);
    const calibration = calibrate({ ...task, panel: more, residuals: Float64Array.from(poisoned) });
    expect(calibration.offsets(levels).every((offset) => Math.abs(offset) < 10)).toBe(true);
    expect(calibration.residualsUsed).toBe(residuals.length);
  });

  it('knows nothing without residuals', () => {
    const panel = panelOf([randomWalk(30, normals(1))]);
    const none = { panel, season: 1, horizon: 2, stepsFromEnd: [], residuals: new Float64Array(0) };
    expect(calibrate(none).offsets([0.1, 0.9]).every(Number.isNaN)).toBe(true);
    const missing = { ...none, stepsFromEnd: [2], residuals: Float64Array.of(NaN, NaN) };
    expect(calibrate(missing).offsets([0.1, 0.9]).every(Number.isNaN)).toBe(true);
  });
});

describe('learned spreads', () => {
  it('are pulled to those of the others the fewer rows a series has', () => {
    const normal = normals(5);
    const sample = (folds: number) => ({
      folds,
      series: 30,
      horizon: 6,
      residuals: generate(folds * 180, (k) => normal() * (Math.floor(k / 6) % 30 === 0 ? 5 : 1)),
    });
    const spreadOfFirst = (folds: number): number =>
      learnSpread(sample(folds), { fromFeatures: false, fromOwnResiduals: true }).spreadOf(
        0,
        undefined,
      );
    expect(spreadOfFirst(12)).toBeGreaterThan(spreadOfFirst(2));
    const single = sample(1);
    const [own, pooled] = [true, false].map((fromOwnResiduals) =>
      learnSpread(single, { fromFeatures: false, fromOwnResiduals }).spreadOf(0, undefined),
    );
    expect(own).toBe(pooled);
  });

  it('follow a feature that tells the size of residuals', () => {
    const normal = normals(6);
    const features = generate(200, (row) => (row % 2 === 0 ? -1 : 1));
    const residuals = generate(800, (k) => normal() * Math.exp(features[Math.floor(k / 4)]!));
    const spread = learnSpread(
      { folds: 1, series: 200, horizon: 4, residuals, features },
      { fromFeatures: true, fromOwnResiduals: false },
    );
    const ratio = spread.spreadOf(0, Float64Array.of(1)) / spread.spreadOf(0, Float64Array.of(-1));
    expect(Math.log(ratio)).toBeCloseTo(2, 0);
  });

  it('have features that do not depend on the units of the series', () => {
    const walk = randomWalk(80, normals(7));
    const scaled = spreadFeatures(
      walk.map((value) => 1000 * value),
      7,
      10,
    );
    for (const [k, value] of spreadFeatures(walk, 7, 10).entries()) {
      expect(scaled[k]).toBeCloseTo(value, 9);
    }
    expect([...spreadFeatures(new Float64Array(5), 7, 10)].every(Number.isFinite)).toBe(true);
  });
});

describe('stand-ins', () => {
  it('are the naive forecasts of the textbook', () => {
    const panel = panelOf([[1, 2, 3, 4, 5, 6, 7, 9]]);
    const task = { panel, season: 2, horizon: 2 };
    const at = (standIn: Parameters<typeof standInResiduals>[1]) => [
      ...standInResiduals(task, standIn, 2),
    ];
    // History 1..6, whose seasonal naive error is 2; then 7 and 9.
    expect(at('naive')).toEqual([0.5, 1.5]);
    expect(at('drift')).toEqual([0, 0.5]);
    expect(at('seasonal-naive')).toEqual([1, 1.5]);
    expect(at('seasonal-drift')).toEqual([0, 0.5]);
  });

  it('are likened by correlation and size', () => {
    const some = Float64Array.of(1, -2, 3, NaN);
    const { correlation, ratio } = likeness(
      some,
      some.map((value) => 2 * value),
    );
    expect(correlation).toBeCloseTo(1, 12);
    expect(ratio).toBeCloseTo(0.5, 12);
  });
});

describe('independentShare', () => {
  it('is 1 where series miss by themselves and small where they miss together', () => {
    const normal = normals(8);
    const shape = { folds: 12, series: 50, horizon: 3 };
    const apart = generate(1800, () => normal());
    const shocks = generate(12, () => normal());
    const together = apart.map((value, k) => 0.3 * value + shocks[Math.floor(k / 150)]!);
    expect(independentShare(apart, shape)).toBeGreaterThan(0.4);
    expect(independentShare(together, shape)).toBeLessThan(0.05);
    expect(independentShare(apart.subarray(0, 300), { ...shape, folds: 2 })).toBe(1);
  });
});

describe('adaptive levels', () => {
  it('keep the long-run share of misses within the bound of the theorem under any shift', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1e6 }),
        fc.constantFrom(0.05, 0.1, 0.2),
        (seed, target) => {
          const normal = normals(seed);
          const rate = 0.05;
          const steps = 1500;
          const level = createAdaptiveLevel(target, rate);
          let missed = 0;
          for (let t = 0; t < steps; t++) {
            const size = t < 500 ? 1 : t < 1000 ? 4 : 0.5;
            const pValue = Math.exp(-Math.abs(normal() * size));
            const miss = pValue < level.share ? 1 : 0;
            missed += miss;
            level.observe(miss);
          }
          expect(Math.abs(missed / steps - target)).toBeLessThanOrEqual(
            (1 + rate) / (rate * steps),
          );
        },
      ),
      { numRuns: 20 },
    );
  });

  it('find the fitting rate: after a shift the tuned share comes back to the target', () => {
    const level = createTunedLevel(0.1);
    let missed = 0;
    for (let t = 0; t < 4000; t++) {
      const uniform = (t * 0.618_033_988_749_895) % 1;
      const pValue = t < 1000 ? uniform : uniform / 2;
      if (t >= 2000 && pValue < level.share) missed += 1;
      level.observe(pValue);
    }
    expect(Math.abs(missed / 2000 - 0.1)).toBeLessThan(0.02);
  });

  it('ask for more where fold after fold misses, and keep the median', () => {
    const normal = normals(2);
    const folds = Array.from({ length: 12 }, (_, f) => generate(200, () => normal() * 1.25 ** f));
    const offsets = (some: readonly Float64Array[], at: readonly number[]): Float64Array =>
      conformalOffsets(Float64Array.from(some.flatMap((fold) => [...fold])), 2, at);
    const adapted = adaptLevels({ folds, offsets }, levels);
    expect(adapted[0]).toBeLessThan(0.025);
    expect(adapted[3]).toBeGreaterThan(0.9);
    expect(adapted[2]).toBe(0.5);
    expect([...adapted].sort((a, b) => a - b)).toEqual(adapted);
  });
});
