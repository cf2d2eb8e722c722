/** Gradient boosting: how it learns, stops and weighs, and what it makes of missing values and categories. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { boost, type BoostingRules } from '../../../models/boosting/boost.ts';
import { absolute, poisson, squared } from '../../../models/boosting/losses.ts';
import { permutationImportance } from '../../../models/boosting/permutation-importance.ts';
import type { TabularTask } from '../../../models/model.ts';
import { gradientBoosting } from '../../../models/trees/gradient-boosting.ts';
import { createTable } from '../../../series/table.ts';
import { createRandom } from '../../../tensor/random.ts';
import { meanSquare, randomTable, randomTarget, takeRows } from './tables.ts';

const fit = (task: TabularTask, settings: object = {}) =>
  gradientBoosting.fit(task, gradientBoosting.hyperparameters.parse({ rounds: 30, ...settings }));
const rules = (changes: object = {}): BoostingRules =>
  gradientBoosting.hyperparameters.parse({ rounds: 30, ...changes });

const table = randomTable(400, 4, { categories: [8], seed: 21 });
const target = randomTarget(table);

describe('gradient boosting', () => {
  it('lowers the training loss with every round', () => {
    let before = Number.POSITIVE_INFINITY;
    for (const rounds of [1, 2, 3, 5, 8, 13, 21]) {
      const error = meanSquare(target, fit({ table, target, seed: 1 }, { rounds }).predict(table));
      expect(error).toBeLessThan(before);
      before = error;
    }
  });

  it('with one tree, full steps and single rows in leaves repeats the target', () => {
    const settings = { rounds: 1, learningRate: 1, leaves: 400, minimumRows: 1 };
    const unique = randomTable(100, 1, { seed: 3 });
    const values = randomTarget(unique);
    const predictions = fit({ table: unique, target: values, seed: 1 }, settings).predict(unique);
    for (const [row, value] of values.entries()) expect(predictions[row]).toBeCloseTo(value, 9);
  });

  it('keeps the rounds up to the best validation loss', () => {
    const random = createRandom(9, 'noise');
    const noisy = target.map((y) => y + 3 * random.normal());
    const rows = Array.from({ length: 400 }, (_, row) => row);
    const part = (positions: number[]) => ({
      table: takeRows(table, positions),
      target: Float64Array.from(positions, (row) => noisy[row]!),
    });
    const validation = part(rows.slice(300));
    const task = { ...part(rows.slice(0, 300)), validation, seed: 1 };
    const boosted = boost(task, squared, rules({ rounds: 200, patience: 15, learningRate: 0.2 }));
    const best = boosted.losses.indexOf(Math.min(...boosted.losses));
    expect(boosted.forest.roots).toHaveLength(best + 1);
    expect(boosted.losses).toHaveLength(best + 16);
    const stopped = fit(task, { rounds: 200, patience: 15, learningRate: 0.2 });
    const error = meanSquare(validation.target, stopped.predict(validation.table));
    expect(error / 2).toBeCloseTo(boosted.losses[best]!, 9);
  });

  it('takes a weight for so many equal rows', () => {
    const entry = fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 60, maxLength: 60 });
    const small = randomTable(60, 3, { categories: [6], missing: 0.1, seed: 5 });
    const values = randomTarget(small);
    const settings = { rounds: 5, minimumRows: 1, minimumHessian: 3, leaves: 6 };
    fc.assert(
      fc.property(entry, (counts) => {
        fc.pre(counts.some((count) => count > 0));
        const repeated = counts.flatMap((count, row) => Array.from({ length: count }, () => row));
        const present = repeated.filter((row, i) => row !== repeated[i - 1]);
        const pick = (from: Float64Array, rows: number[]) =>
          Float64Array.from(rows, (row) => from[row]!);
        const weighted = fit(
          {
            table: takeRows(small, present),
            target: pick(values, present),
            weights: pick(Float64Array.from(counts), present),
            seed: 1,
          },
          settings,
        ).predict(small);
        const twice = fit(
          { table: takeRows(small, repeated), target: pick(values, repeated), seed: 1 },
          settings,
        ).predict(small);
        for (const row of present) expect(weighted[row]).toBeCloseTo(twice[row]!, 9);
      }),
      { numRuns: 10 },
    );
  });

  it('learns on which side missing values belong', () => {
    const random = createRandom(4, 'missing');
    const x = Float64Array.from({ length: 300 }, (_, row) =>
      row % 3 === 0 ? NaN : random.normal(),
    );
    for (const level of [5, -5]) {
      const y = x.map((value) => (Number.isNaN(value) ? level : Math.sign(value) * 5));
      const one = createTable([{ name: 'x', values: x }], 300);
      const learned = fit({ table: one, target: y, seed: 1 }, { learningRate: 1, rounds: 3 });
      expect(meanSquare(y, learned.predict(one))).toBeLessThan(1e-12);
    }
  });

  it('parts categories that no threshold on their codes parts', () => {
    const codes = Float64Array.from({ length: 600 }, (_, row) => row % 12);
    const y = codes.map((code) => ([1, 4, 5, 9].includes(code) ? 3 : -1));
    const one = createTable([{ name: 'c', values: codes, categories: 12 }], 600);
    const settings = { learningRate: 1, rounds: 1, leaves: 2 };
    const predictions = fit({ table: one, target: y, seed: 1 }, settings).predict(one);
    expect(meanSquare(y, predictions)).toBeLessThan(1e-12);
  });

  it('forecasts the median with the absolute loss and the 0.9 quantile with the quantile loss', () => {
    const random = createRandom(6, 'skewed');
    const x = Float64Array.from({ length: 3000 }, () => Math.floor(3 * random.uniform()));
    const y = x.map((value) => value * 10 + Math.exp(random.normal()));
    const one = createTable([{ name: 'x', values: x }], 3000);
    for (const [settings, level] of [
      [{ loss: 'absolute' }, 0.5],
      [{ loss: 'quantile', quantile: 0.9 }, 0.9],
    ] as const) {
      const predictions = fit(
        { table: one, target: y, seed: 1 },
        { ...settings, rounds: 60 },
      ).predict(one);
      const below = y.filter((value, row) => value <= predictions[row]!).length / 3000;
      expect(Math.abs(below - level)).toBeLessThan(0.02);
    }
  });

  it('keeps the mean of counts with the poisson loss, even where a leaf has none', () => {
    const random = createRandom(8, 'counts');
    const x = Float64Array.from({ length: 2000 }, () => Math.floor(4 * random.uniform()));
    const y = x.map((value) => (value === 0 ? 0 : Math.floor(random.uniform() * 2 * value)));
    const one = createTable([{ name: 'x', values: x }], 2000);
    const learned = fit({ table: one, target: y, seed: 1 }, { loss: 'poisson', rounds: 200 });
    const predictions = learned.predict(one);
    for (const group of [1, 2, 3]) {
      const rows = Array.from(x.keys()).filter((row) => x[row] === group);
      const mean = rows.reduce((sum, row) => sum + y[row]!, 0) / rows.length;
      expect(predictions[rows[0]!]).toBeCloseTo(mean, 2);
    }
    expect(predictions[x.indexOf(0)]).toBeLessThan(0.01);
    expect(poisson.problem(-1)).toMatch('not negative');
  });

  it('scores left-out rows as well as drawn ones', () => {
    const boosted = boost({ table, target, seed: 1 }, absolute, rules({ rowFraction: 0.3 }));
    expect(boosted.forest.roots).toHaveLength(30);
    const learned = fit({ table, target, seed: 1 }, { rowFraction: 0.3, columnFraction: 0.6 });
    expect(meanSquare(target, learned.predict(table))).toBeLessThan(4);
  });

  it('keeps trees within their depth and leaves', () => {
    const depthOf = (children: Int32Array, node: number): number =>
      node < 0
        ? 0
        : 1 + Math.max(...[0, 1].map((side) => depthOf(children, children[2 * node + side]!)));
    const { forest } = boost(
      { table, target, seed: 1 },
      squared,
      rules({ maximumDepth: 3, leaves: 7, minimumRows: 1 }),
    );
    const depths = Array.from(forest.roots, (root) => depthOf(forest.children, root));
    expect(Math.max(...depths)).toBe(3);
    expect(forest.values.length).toBeLessThanOrEqual(7 * forest.roots.length);
  });

  it('loses by shuffling only what it uses', () => {
    const learned = fit({ table, target, seed: 1 });
    const rises = permutationImportance(learned, table, target, meanSquare, 1, 3);
    expect(rises['x0']).toBeGreaterThan(1);
    expect(rises['x0']).toBeGreaterThan(5 * rises['x3']!);
    const unused = createTable([...table.columns, { name: 'extra', values: target }], 400);
    expect(permutationImportance(learned, unused, target, meanSquare, 1, 1)['extra']).toBe(0);
  });
});
