/** Labels: by their definition, by what is known at the origin alone, and where there is none. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { quantile } from '../../../series/quantiles.ts';
import {
  classNames,
  type LabelPlan,
  labelSeries,
} from '../../../services/classification/labels.ts';
import { createGrowingSample } from '../../../services/classification/order-statistics.ts';
import { generate, normals, randomWalk } from '../../series/make-panel.ts';

const planOf = (plan: Partial<LabelPlan>): LabelPlan => ({
  horizon: 2,
  kind: 'direction',
  threshold: 0,
  unit: 'percent',
  side: 'above',
  ...plan,
});
const classesOf = (values: ArrayLike<number>, plan: Partial<LabelPlan>): number[] => [
  ...labelSeries(Float64Array.from(values), planOf(plan)).classes,
];

describe('labels', () => {
  it('tell directions by the value at the horizon, with a flat zone of percents', () => {
    const values = [100, 90, 101, 90, 103, 103, Number.NaN];
    expect(classesOf(values, {})).toEqual([NaN, 1, 0, 1, 1, NaN, NaN, NaN]);
    expect(classesOf(values, { threshold: 1.5 })).toEqual([NaN, 1, 1, 2, 2, NaN, NaN, NaN]);
    expect(classNames(planOf({ threshold: 1.5 }))).toEqual(['down', 'flat', 'up']);
  });

  it('tell events by any of the next values, where all of them are known', () => {
    const event = { kind: 'event', threshold: 5, unit: 'value' } as const;
    expect(classesOf([1, 2, 6, 1, 1, Number.NaN, 9], event)).toEqual([
      NaN,
      1,
      1,
      0,
      NaN,
      NaN,
      NaN,
      NaN,
    ]);
    expect(classesOf([1, 2, 6, 7, 8], { ...event, side: 'below' })).toEqual([
      NaN,
      1,
      0,
      0,
      NaN,
      NaN,
    ]);
  });

  it('take the quantile of an event from what is known', () => {
    const values = randomWalk(60, normals(3));
    const classes = classesOf(values, { kind: 'event', threshold: 0.8, unit: 'quantile' });
    for (let t = 10; t <= 58; t++) {
      const bound = quantile(values.slice(0, t).sort(), 0.8);
      expect(classes[t]).toBe(Number(Math.max(values[t]!, values[t + 1]!) > bound));
    }
    expect(classes.slice(0, 10).every(Number.isNaN)).toBe(true);
  });

  it('tell volatile stretches from calm ones, whatever the level of positive series', () => {
    const normal = normals(5);
    let level = 1000;
    const values = generate(400, (t) => {
      level *= Math.exp((Math.floor(t / 50) % 2 === 0 ? 0.001 : 0.02) * normal());
      return level;
    });
    const classes = classesOf(values, { kind: 'regime', horizon: 10 });
    const inside = (from: number): number[] => classes.slice(from + 5, from + 35);
    expect(inside(150).every((label) => label === 1)).toBe(true);
    expect(inside(200).every((label) => label === 0)).toBe(true);
    expect(
      classesOf(
        values.map((value) => value * 1e-6),
        { kind: 'regime', horizon: 10 },
      ),
    ).toEqual(classes);
  });

  it('and what they are measured against depend on no value beyond their span', () => {
    const values = randomWalk(80, normals(7)).map((value) => value + 20);
    const kinds: Partial<LabelPlan>[] = [
      { threshold: 0.5, unit: 'deviations' },
      { kind: 'event', threshold: 0.7, unit: 'quantile' },
      { kind: 'regime' },
    ];
    for (const plan of kinds) {
      const before = labelSeries(values, planOf(plan));
      const origin = 50;
      const changed = values.map((value, t) => (t < origin ? value : -3 * value));
      const after = labelSeries(changed, planOf(plan));
      expect(after.reference.slice(0, origin + 1)).toEqual(before.reference.slice(0, origin + 1));
      expect(after.classes.slice(0, origin - 1)).toEqual(before.classes.slice(0, origin - 1));
    }
  });
});

describe('a growing sample', () => {
  it('has the quantiles of what was added', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 1, maxLength: 40 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (numbers, level) => {
          const values = Float64Array.from(numbers);
          const sample = createGrowingSample(values);
          for (let k = 0; k < values.length; k++) {
            sample.add(k);
            expect(sample.quantile(level)).toBeCloseTo(
              quantile(values.slice(0, k + 1).sort(), level),
              12,
            );
          }
        },
      ),
      { numRuns: 100 },
    );
  });
});
