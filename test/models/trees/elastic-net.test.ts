/** Elastic net: scikit-learn's figures, the conditions of the minimum, the choice of the penalty, storage and export. */
import { describe, expect, it } from 'vitest';
import { elasticNet } from '../../../models/trees/elastic-net.ts';
import { ridge } from '../../../models/trees/ridge.ts';
import { createTable } from '../../../series/table.ts';
import { createSession } from '../../../tensor/session.ts';
import { generate, normals } from '../../series/make-panel.ts';
import { rows, table, value as target } from './linear-tables.ts';

const columnNames = table.columns.map(({ name }) => name);

/** Coefficients of the standardised columns, read off the contributions of one row. */
function coefficientsOf(fit: ReturnType<typeof elasticNet.fit>): number[] {
  const parts = fit.contributions(table);
  return table.columns.map(({ values }, j) => {
    const mean = values.reduce((a, b) => a + b) / rows;
    const deviation = Math.sqrt(values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / rows);
    return (parts[j]! * deviation) / (values[0]! - mean);
  });
}

describe('the elastic net', () => {
  // ElasticNet(alpha=penalty, l1_ratio=l1Share, fit_intercept=False, tol=1e-14) of scikit-learn 1.9.1 on standardised
  // columns and target; coefficients times the target's deviation.
  it.each([
    [0.1, 0.5, [3.604159486, 0, -2.012311741, -0.03259218459], 2.7464830518],
    [0.3, 1, [2.610647758, 0, -0.9438207517, 0], 1.0867758144],
    [0.05, 0.1, [3.786531185, 0.08141588175, -2.184955191, -0.204170043], 3.1141339942],
  ])(
    'gives what scikit-learn gives for penalty %s, of which %s absolute',
    (penalty, l1Share, coefficients, first) => {
      const fit = elasticNet.fit({ table, target, seed: 1 }, { penalty, l1Share });
      for (const [j, found] of coefficientsOf(fit).entries()) {
        expect(found).toBeCloseTo(coefficients[j]!, 7);
      }
      expect(fit.predict(table)[0]).toBeCloseTo(first, 7);
    },
  );

  it('is ridge regression where no part of the penalty is absolute', () => {
    const given = { table, target, seed: 1 };
    const net = elasticNet.fit(given, { penalty: 0.2, l1Share: 0 }).predict(table);
    for (const [r, y] of ridge.fit(given, { penalty: 0.2 }).predict(table).entries()) {
      expect(net[r]).toBeCloseTo(y, 8);
    }
  });

  it('meets the conditions of the minimum with weights, gaps and categories', () => {
    const normal = normals(4);
    const size = 120;
    const mixed = createTable(
      [
        { name: 'a', values: generate(size, (r) => (r % 6 === 0 ? Number.NaN : normal())) },
        { name: 'b', values: generate(size, (r) => r % 3), categories: 3 },
        { name: 'c', values: generate(size, () => normal()) },
      ],
      size,
    );
    const y = generate(size, (r) => (r % 3) - 2 * mixed.columns[2]!.values[r]! + normal());
    const weights = generate(size, (r) => 1 + (r % 4));
    const total = weights.reduce((a, b) => a + b);
    const [penalty, l1Share] = [0.1, 0.7];
    const fit = elasticNet.fit({ table: mixed, target: y, weights, seed: 1 }, { penalty, l1Share });
    const learned = JSON.parse(new TextDecoder().decode(fit.encode())) as {
      terms: { column: number; kind: string; code: number; mean: number; deviation: number }[];
      coefficients: number[];
      intercept: number;
    };
    const deviation = Math.sqrt(
      y.reduce((sum, v, r) => sum + weights[r]! * (v - learned.intercept) ** 2, 0) / total,
    );
    const predicted = fit.predict(mixed);
    for (const [k, term] of learned.terms.entries()) {
      const slope = y.reduce((sum, v, r) => {
        const raw = mixed.columns[term.column]!.values[r]!;
        const indicator =
          term.kind === 'missing' ? Number(Number.isNaN(raw)) : Number(raw === term.code);
        const held = term.kind === 'value' ? raw : indicator;
        const z = Number.isNaN(held) ? 0 : (held - term.mean) / term.deviation;
        return sum + (weights[r]! * z * (v - predicted[r]!)) / deviation / total;
      }, 0);
      const own = learned.coefficients[k]! / deviation;
      const gap = slope - penalty * (1 - l1Share) * own;
      const bound = penalty * l1Share;
      const wanted = own === 0 ? Math.min(bound, Math.max(-bound, gap)) : bound * Math.sign(own);
      expect(gap).toBeCloseTo(wanted, 8);
    }
    expect(learned.coefficients).toContain(0);
  });

  it('chooses a penalty that leaves out noise, by the BIC or by held-out rows', () => {
    const normal = normals(9);
    const size = 300;
    const noise = createTable(
      Array.from({ length: 30 }, (_, j) => ({
        name: `x${j}`,
        values: generate(size, () => normal()),
      })),
      size,
    );
    const y = generate(size, (r) => 2 * noise.columns[0]!.values[r]! + normal());
    const take = (from: number, to: number) => ({
      table: createTable(
        noise.columns.map((column) => ({ ...column, values: column.values.slice(from, to) })),
        to - from,
      ),
      target: y.slice(from, to),
    });
    const settings = elasticNet.hyperparameters.parse({ l1Share: 1 });
    const byCriterion = elasticNet.fit({ ...take(0, 200), seed: 1 }, settings);
    const used = Object.values(byCriterion.importance['coefficient']!).filter((share) => share > 0);
    expect(used.length).toBeLessThan(6);
    const validation = take(200, 300);
    const error = (predicted: Float64Array): number =>
      predicted.reduce((sum, p, r) => sum + (p - validation.target[r]!) ** 2, 0);
    const chosen = elasticNet.fit({ ...take(0, 200), validation, seed: 1 }, settings);
    for (const penalty of [0.001, 0.01, 0.3, 1]) {
      const other = elasticNet.fit({ ...take(0, 200), seed: 1 }, { ...settings, penalty });
      expect(error(chosen.predict(validation.table))).toBeLessThan(
        1.001 * error(other.predict(validation.table)),
      );
    }
  });

  it.each([2 ** 900, 2 ** -900])('bears targets of the size of %s', (size) => {
    const settings = elasticNet.hyperparameters.parse({});
    const plain = elasticNet.fit({ table, target, seed: 1 }, settings).predict(table);
    const scaled = elasticNet
      .fit({ table, target: target.map((y) => y * size), seed: 1 }, settings)
      .predict(table);
    for (let r = 0; r < rows; r++) expect(scaled[r]! / size).toBeCloseTo(plain[r]!, 9);
  });

  it('predicts the mean of a constant target, or of no columns', () => {
    const settings = elasticNet.hyperparameters.parse({});
    const constant = elasticNet.fit({ table, target: target.map(() => 5), seed: 1 }, settings);
    for (const y of constant.predict(table)) expect(y).toBeCloseTo(5, 12);
    const empty = createTable([], rows);
    expect(
      elasticNet.fit({ table: empty, target, seed: 1 }, settings).predict(empty)[3],
    ).toBeCloseTo(target.reduce((a, b) => a + b) / rows, 12);
  });

  it('is the same after it has been stored, and in ONNX Runtime', async () => {
    const fit = elasticNet.fit({ table, target, seed: 1 }, { penalty: 0.1, l1Share: 0.5 });
    const predicted = fit.predict(table);
    expect(elasticNet.load(fit.encode()).predict(table)).toEqual(predicted);
    expect(Object.keys(fit.importance['coefficient']!)).toEqual(columnNames);
    const session = await createSession(fit.toOnnx());
    const data = Float32Array.from(
      { length: rows * 4 },
      (_, i) => table.columns[i % 4]!.values[i >> 2]!,
    );
    const { prediction } = await session.run({ features: { data, shape: [rows, 4] } });
    for (let r = 0; r < rows; r++) {
      expect(Math.abs(Number(prediction!.data[r]) - predicted[r]!)).toBeLessThan(1e-5);
    }
    await session.release();
  });
});
