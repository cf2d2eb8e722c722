/** What every tree model promises. */
import { describe, expect, it } from 'vitest';
import type { TabularFit, TabularTask } from '../../../models/model.ts';
import { gradientBoosting } from '../../../models/trees/gradient-boosting.ts';
import { randomForest } from '../../../models/trees/random-forest.ts';
import { isForecastError } from '../../../state/errors.ts';
import { createTable, type Table } from '../../../series/table.ts';
import { createSession } from '../../../tensor/session.ts';
import { meanSquare, randomTable, randomTarget, takeRows } from './tables.ts';

const models = [gradientBoosting, randomForest];
const settingsOf = (model: (typeof models)[number], changes: object = {}) =>
  model.hyperparameters.parse({
    leaves: 20,
    ...(model.name === 'gradient-boosting' ? { rounds: 25, learningRate: 0.2 } : { trees: 15 }),
    ...changes,
  }) as never;

/** Rows with numbers, categories, missing values, infinities and unknown categories. */
function strangeRows(table: Table): Table {
  return createTable(
    table.columns.map((column, c) => ({
      ...column,
      values: column.values.map((value, row) =>
        row % 7 === c ? [NaN, Infinity, -Infinity, 1e30, 40][row % 5]! : value,
      ),
    })),
    table.rows,
  );
}

async function runOnnx(fit: TabularFit, table: Table) {
  const session = await createSession(fit.toOnnx(), { threads: 1 });
  const data = new Float32Array(table.rows * table.columns.length);
  for (const [c, { values }] of table.columns.entries()) {
    for (const [row, value] of values.entries()) data[row * table.columns.length + c] = value;
  }
  const results = await session.run({
    features: { data, shape: [table.rows, table.columns.length] },
  });
  await session.release();
  return results;
}

function expectClose(actual: ArrayLike<number>, expected: Float64Array, allowed = 1e-5): void {
  expect(actual).toHaveLength(expected.length);
  const scale = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const worst = expected.reduce(
    (most, value, i) => Math.max(most, Math.abs(value - actual[i]!)),
    0,
  );
  expect(worst).toBeLessThanOrEqual(allowed * scale);
}

const table = randomTable(600, 4, { missing: 0.1, categories: [3, 12], seed: 11 });
const regression: TabularTask = { table, target: randomTarget(table), seed: 7 };
const classified = (classes: number): TabularTask => ({
  ...regression,
  classes,
  target: regression.target.map((y) => Math.max(0, Math.min(classes - 1, Math.floor(y / 2 + 1)))),
});
const tasks: readonly (readonly [string, TabularTask])[] = [
  ['values', regression],
  ['two classes', classified(2)],
  ['four classes', classified(4)],
];

describe.each(models.map((model) => [model.name, model] as const))('%s', (_, model) => {
  const fitOf = (task: TabularTask, changes: object = {}): TabularFit =>
    model.fit(task, settingsOf(model, changes));

  it.each(tasks)('is the same in ONNX Runtime: %s', async (kind, task) => {
    const fit = fitOf(task);
    const rows = strangeRows(table);
    const expected = fit.predict(rows);
    const results = await runOnnx(fit, rows);
    expectClose(
      (results['prediction'] ?? results['probabilities'])!.data as Float32Array,
      expected,
    );
    if (kind === 'values') return;
    const classes = task.classes!;
    const best = Array.from({ length: rows.rows }, (__, row) => {
      const shares = expected.subarray(row * classes, (row + 1) * classes);
      return BigInt(shares.indexOf(Math.max(...shares)));
    });
    expect(Array.from(results['label']!.data as BigInt64Array)).toEqual(best);
  });

  it.each(tasks)('predicts the same after a round trip through its bytes: %s', (__, task) => {
    const fit = fitOf(task);
    const again = model.load(fit.encode());
    const rows = strangeRows(
      takeRows(
        table,
        Array.from({ length: 60 }, (_, row) => row),
      ),
    );
    expect(again.predict(rows)).toEqual(fit.predict(rows));
    expect(again.contributions(rows)).toEqual(fit.contributions(rows));
    expect(again.importance).toEqual(fit.importance);
    expect(again.encode()).toEqual(fit.encode());
    expect(again.toOnnx()).toEqual(fit.toOnnx());
  });

  it('is the same for the same seed, and another for another', () => {
    const changes = {
      columnFraction: 0.5,
      ...(model === gradientBoosting && { rowFraction: 0.5 }),
    };
    const bytes = fitOf(regression, changes).encode();
    expect(fitOf(regression, changes).encode()).toEqual(bytes);
    expect(fitOf({ ...regression, seed: 8 }, changes).encode()).not.toEqual(bytes);
  });

  it('learns what can be learned', () => {
    const rows = Array.from({ length: 600 }, (__, row) => row);
    const [learned, kept] = [rows.slice(0, 400), rows.slice(400)];
    const pick = (positions: number[]) => ({
      table: takeRows(table, positions),
      target: Float64Array.from(positions, (row) => regression.target[row]!),
    });
    const test = pick(kept);
    const fit = fitOf({ ...pick(learned), seed: 1 });
    const mean = test.target.reduce((a, b) => a + b, 0) / test.target.length;
    const variance = meanSquare(test.target, new Float64Array(200).fill(mean));
    expect(meanSquare(test.target, fit.predict(test.table))).toBeLessThan(0.45 * variance);
  });

  it.each(tasks.slice(1))('gives probabilities: %s', (__, task) => {
    const shares = fitOf(task).predict(strangeRows(table));
    const classes = task.classes!;
    expect(shares).toHaveLength(classes * table.rows);
    for (let at = 0; at < shares.length; at += classes) {
      const row = shares.subarray(at, at + classes);
      expect(row.every((share) => share >= 0 && share <= 1)).toBe(true);
      expect(row.reduce((a, b) => a + b)).toBeCloseTo(1, 12);
    }
  });

  it('shares out importance among the columns that matter', () => {
    const { gain, split } = fitOf(regression).importance;
    for (const shares of [gain!, split!]) {
      expect(Object.keys(shares)).toEqual(table.columns.map(({ name }) => name));
      expect(Object.values(shares).reduce((a, b) => a + b)).toBeCloseTo(1, 12);
    }
    expect(gain!['x0']).toBeGreaterThan(gain!['x3']!);
  });

  const column = (values: readonly number[]) => Float64Array.from(values);
  it.each([
    ['no column', { rows: 3, columns: [] }, [1, 2, 3], 2],
    ['one row', createTable([{ name: 'x', values: column([4]) }], 1), [5], 5],
    [
      'nothing but missing values',
      createTable([{ name: 'x', values: column([NaN, NaN]) }], 2),
      [1, 3],
      2,
    ],
    ['a constant target', createTable([{ name: 'x', values: column([1, 2, 3]) }], 3), [7, 7, 7], 7],
    ['a constant column', createTable([{ name: 'x', values: column([1, 1]) }], 2), [1, 3], 2],
  ] as const)('predicts a finite value from %s', async (__, given, targets, expected) => {
    const fit = fitOf({ table: given, target: column(targets), seed: 1 });
    const predictions = fit.predict(given);
    expect(predictions.every((value) => Number.isFinite(value))).toBe(true);
    // A bootstrap may miss rows; without one the constant is the mean.
    const least = model === gradientBoosting ? expected : Math.min(...targets);
    const most = model === gradientBoosting ? expected : Math.max(...targets);
    for (const value of predictions) {
      expect(value).toBeGreaterThan(least - 1e-9);
      expect(value).toBeLessThan(most + 1e-9);
    }
    if (given.columns.length === 0) return;
    expectClose((await runOnnx(fit, given))['prediction']!.data as Float32Array, predictions);
  });

  it.each([2 ** 996, 2 ** -996])('bears targets of the size of %s', (size) => {
    const fit = fitOf({ ...regression, target: regression.target.map((y) => y * size) });
    const scaled = fit.predict(table).map((value) => value / size);
    expectClose(scaled, fitOf(regression).predict(table), 1e-12);
  });

  it.each([
    ['no rows', { table: takeRows(table, []), target: new Float64Array(0), seed: 1 }],
    ['a missing target', { ...regression, target: regression.target.with(5, NaN) }],
    ['a class that is none', { ...classified(2), target: classified(2).target.with(3, 2) }],
    ['no weight at all', { ...regression, weights: new Float64Array(600) }],
    ['a negative weight', { ...regression, weights: new Float64Array(600).fill(1).with(9, -1) }],
  ] satisfies [string, TabularTask][])('refuses %s', (__, task) => {
    let caught: unknown;
    try {
      fitOf(task);
    } catch (error) {
      caught = error;
    }
    expect(isForecastError(caught, 'TABLE_INVALID')).toBe(true);
  });

  it('names the column that a table to predict lacks', () => {
    const fit = fitOf(regression);
    const without = createTable(table.columns.slice(1), table.rows);
    expect(() => fit.predict(without)).toThrow('x0');
    const reordered = createTable(table.columns.toReversed(), table.rows);
    expect(fit.predict(reordered)).toEqual(fit.predict(table));
  });

  it('stops when it is told to, with what it has', () => {
    let asked = 0;
    const fit = fitOf({ ...regression, shouldStop: () => ++asked > 3 });
    expect(asked).toBeLessThan(6);
    expect(fit.predict(table).every((value) => Number.isFinite(value))).toBe(true);
    expect(fit.encode().length).toBeLessThan(fitOf(regression).encode().length);
  });
});
