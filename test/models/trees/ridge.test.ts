/** Ridge regression: the closed form, missing values and categories, contributions, storage and export. */
import { describe, expect, it } from 'vitest';
import { ridge } from '../../../models/trees/ridge.ts';
import { createTable, type Table } from '../../../series/table.ts';
import { createSession } from '../../../tensor/session.ts';
import { generate, normals } from '../../series/make-panel.ts';

const normal = normals(2);
const rows = 80;
const size = generate(rows, () => 50 + 10 * normal());
const gaps = generate(rows, (r) => (r % 5 === 0 ? Number.NaN : normal()));
const kind = generate(rows, (r) => r % 3);
const table = createTable(
  [
    { name: 'size', values: size },
    { name: 'gaps', values: gaps },
    { name: 'kind', values: kind, categories: 4 },
    { name: 'constant', values: generate(rows, () => 3) },
  ],
  rows,
);
const target = generate(
  rows,
  (r) => 0.3 * size[r]! + (r % 5 === 0 ? 7 : 2 * gaps[r]!) + [0, -4, 9][kind[r]!]! + 1000,
);
const fit = ridge.fit({ table, target, seed: 1 }, { penalty: 0 });
const one = (values: readonly number[]): Table =>
  createTable(
    table.columns.map((column, j) => ({ ...column, values: Float64Array.of(values[j]!) })),
    1,
  );

describe('ridge regression', () => {
  it('without a penalty finds a linear law of values, gaps and categories', () => {
    for (const [r, value] of fit.predict(table).entries()) expect(value).toBeCloseTo(target[r]!, 8);
    expect(fit.predict(one([10, 0.5, 2, 3]))[0]).toBeCloseTo(3 + 1 + 9 + 1000, 8);
    expect(fit.predict(one([10, Number.NaN, 1, 3]))[0]).toBeCloseTo(3 + 7 - 4 + 1000, 8);
  });

  it('solves the weighted normal equations of standardised columns', () => {
    // Two columns by hand: (Z'wZ + lambda W I) b = Z'w (y - mean).
    const columns = [size, generate(rows, () => normal())];
    const weights = generate(rows, (r) => 1 + (r % 4));
    const [penalty, total] = [0.2, weights.reduce((a, b) => a + b)];
    const average = (values: Float64Array): number =>
      values.reduce((sum, value, r) => sum + value * weights[r]!, 0) / total;
    const z = columns.map((values) => {
      const centre = average(values);
      const deviation = Math.sqrt(average(values.map((value) => (value - centre) ** 2)));
      return values.map((value) => (value - centre) / deviation);
    });
    const product = (a: Float64Array, b: Float64Array): number =>
      total * average(a.map((value, r) => value * b[r]!));
    const centred = target.map((value) => value - average(target));
    const diagonal = total * (1 + penalty);
    const off = product(z[0]!, z[1]!);
    const right = z.map((values) => product(values, centred));
    const determinant = diagonal ** 2 - off ** 2;
    const first = (diagonal * right[0]! - off * right[1]!) / determinant;
    const second = (diagonal * right[1]! - off * right[0]!) / determinant;
    const plain = createTable(
      columns.map((values, j) => ({ name: `x${j}`, values })),
      rows,
    );
    const found = ridge.fit({ table: plain, target, weights, seed: 1 }, { penalty });
    for (const [r, value] of found.predict(plain).entries()) {
      expect(value).toBeCloseTo(average(target) + first * z[0]![r]! + second * z[1]![r]!, 8);
    }
  });

  it('shrinks towards the mean target', () => {
    const mean = target.reduce((a, b) => a + b) / rows;
    const spread = [0, 1, 1e6].map((penalty) => {
      const predicted = ridge.fit({ table, target, seed: 1 }, { penalty }).predict(table);
      return predicted.reduce((most, value) => Math.max(most, Math.abs(value - mean)), 0);
    });
    expect(spread[1]).toBeLessThan(spread[0]!);
    expect(spread[2]).toBeLessThan(1e-3);
  });

  it('splits a prediction into its columns, whose expectation is the mean target', () => {
    const parts = fit.contributions(table);
    const predicted = fit.predict(table);
    const width = table.columns.length + 1;
    for (let r = 0; r < rows; r++) {
      const own = parts.subarray(r * width, (r + 1) * width);
      expect(own.reduce((a, b) => a + b)).toBeCloseTo(predicted[r]!, 8);
      expect(own[3]).toBe(0);
    }
    for (let j = 0; j < width - 1; j++) {
      const column = generate(rows, (r) => parts[r * width + j]!);
      expect(column.reduce((a, b) => a + b) / rows).toBeCloseTo(0, 8);
    }
    const shares = Object.values(fit.importance['coefficient']!);
    expect(shares.reduce((a, b) => a + b)).toBeCloseTo(1, 12);
  });

  it('takes columns that say the same, or nothing at all', () => {
    const doubled = createTable([...table.columns, { name: 'again', values: size }], rows);
    const predicted = ridge
      .fit({ table: doubled, target, seed: 1 }, { penalty: 0 })
      .predict(doubled);
    for (const [r, value] of predicted.entries()) expect(value).toBeCloseTo(target[r]!, 6);
    const empty = createTable([{ name: 'constant', values: generate(rows, () => 3) }], rows);
    const mean = target.reduce((a, b) => a + b) / rows;
    expect(
      ridge.fit({ table: empty, target, seed: 1 }, { penalty: 0 }).predict(empty)[0],
    ).toBeCloseTo(mean, 9);
  });

  it('refuses infinite values, naming the column', () => {
    const broken = createTable([{ name: 'x', values: generate(rows, (r) => 1 / r) }], rows);
    expect(() => ridge.fit({ table: broken, target, seed: 1 }, { penalty: 0 })).toThrow(/"x"/);
  });

  it('predicts the same after it has been stored', () => {
    expect(ridge.load(fit.encode()).predict(table)).toEqual(fit.predict(table));
  });

  it('predicts the same as an ONNX model, unknown codes and gaps included', async () => {
    const asked = createTable(
      table.columns.map((column) => ({
        ...column,
        values: column.values.map((value, r) => (column.name === 'kind' && r === 1 ? 3 : value)),
      })),
      rows,
    );
    const session = await createSession(fit.toOnnx());
    const features = new Float32Array(rows * 4);
    for (const [j, { values }] of asked.columns.entries()) {
      for (let r = 0; r < rows; r++) features[r * 4 + j] = values[r]!;
    }
    const { prediction } = await session.run({ features: { data: features, shape: [rows, 4] } });
    expect(prediction!.shape).toEqual([rows, 1]);
    const expected = fit.predict(asked);
    for (let r = 0; r < rows; r++) {
      expect(Math.abs(Number(prediction!.data[r]) - expected[r]!)).toBeLessThan(1e-3);
    }
    await session.release();
  });
});
