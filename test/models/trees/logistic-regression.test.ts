/** Logistic regression: scikit-learn's figures, the conditions of the minimum, odd classes, storage and export. */
import { describe, expect, it } from 'vitest';
import type { TabularTask } from '../../../models/model.ts';
import { logisticRegression } from '../../../models/trees/logistic-regression.ts';
import { createTable } from '../../../series/table.ts';
import { createSession } from '../../../tensor/session.ts';
import { generate, normals } from '../../series/make-panel.ts';
import { rows, table, threeClasses, twoClasses } from './linear-tables.ts';

const two: TabularTask = { table, target: twoClasses, classes: 2, seed: 1 };
const three: TabularTask = { table, target: threeClasses, classes: 3, seed: 1 };

interface Learned {
  readonly coefficients: readonly (readonly number[])[];
  readonly intercepts: readonly number[];
}
const learnedBy = (task: TabularTask, penalty: number): Learned =>
  JSON.parse(
    new TextDecoder().decode(logisticRegression.fit(task, { penalty }).encode()),
  ) as Learned;

describe('logistic regression', () => {
  // LogisticRegression(C=1/(penalty * rows), tol=1e-12) of scikit-learn 1.9.1 on standardised columns.
  it.each([
    [0.01, [1.6959084834, 0.360423626, -1.612818819, 0.0202211779], 0.2562666835, 0.9609866564],
    [0.3, [0.4849850506, 0.2195372721, -0.4307789581, -0.0431319757], 0.1513806425, 0.7484742338],
  ])(
    'tells two classes apart as scikit-learn does, penalty %s',
    (penalty, coefficients, intercept, first) => {
      const found = learnedBy(two, penalty);
      for (const [k, value] of coefficients.entries()) {
        expect(found.coefficients[0]![k]).toBeCloseTo(value, 5);
      }
      expect(found.intercepts[0]).toBeCloseTo(intercept, 5);
      expect(logisticRegression.fit(two, { penalty }).predict(table)[1]).toBeCloseTo(first, 6);
    },
  );

  it.each([
    [
      0.01,
      [
        [-2.0656683076, -0.2148491531, 1.739020315, -0.0297385036],
        [-0.3267393066, 0.3843289592, 0.0822550845, -0.1039441828],
        [2.3924076142, -0.1694798061, -1.8212753995, 0.1336826864],
      ],
      [0.002215362703, 0.3650168462, 0.6327677911],
    ],
    [
      0.3,
      [
        [-0.4271544981, -0.1895818504, 0.3582550697, 0.0441651175],
        [-0.0711722776, 0.1238252487, 0.0080944686, -0.0537457009],
        [0.4983267758, 0.0657566017, -0.3663495384, 0.0095805834],
      ],
      [0.09775143394, 0.4274086774, 0.4748398885],
    ],
  ])(
    'tells three classes apart as scikit-learn does, penalty %s',
    (penalty, coefficients, first) => {
      const found = learnedBy(three, penalty);
      for (const [output, own] of coefficients.entries()) {
        for (const [k, value] of own.entries()) {
          expect(found.coefficients[output]![k]).toBeCloseTo(value, 5);
        }
      }
      const shares = logisticRegression.fit(three, { penalty }).predict(table);
      for (const [k, value] of first.entries()) {
        expect(shares[k]).toBeCloseTo(value, 6);
      }
    },
  );

  it('is calibrated where it learned: mean probabilities are the shares of the classes', () => {
    const weights = generate(rows, (r) => 1 + (r % 3));
    const shares = logisticRegression.fit({ ...three, weights }, { penalty: 0.05 }).predict(table);
    for (let k = 0; k < 3; k++) {
      const sum = (of: (r: number) => number): number =>
        weights.reduce((total, weight, r) => total + weight * of(r), 0);
      expect(sum((r) => shares[3 * r + k]!)).toBeCloseTo(
        sum((r) => Number(threeClasses[r] === k)),
        4,
      );
    }
  });

  it('stays finite where classes can be told apart perfectly', () => {
    const x = generate(40, (r) => r - 20);
    const given = createTable([{ name: 'x', values: x }], 40);
    const target = x.map((value) => (value < 0 ? 0 : 1));
    const fit = logisticRegression.fit(
      { table: given, target, classes: 2, seed: 1 },
      { penalty: 1e-8 },
    );
    const shares = fit.predict(given);
    expect(shares.every((share) => share >= 0 && share <= 1)).toBe(true);
    for (const [r, y] of target.entries()) expect(shares[2 * r + y]).toBeGreaterThan(0.5);
    expect(fit.contributions(given).every((part) => Number.isFinite(part))).toBe(true);
  });

  it('gives a class that does not occur a small probability', () => {
    const shares = logisticRegression
      .fit({ ...three, classes: 4 }, { penalty: 0.01 })
      .predict(table);
    for (let r = 0; r < rows; r++) {
      expect(shares[4 * r + 3]).toBeGreaterThan(0);
      expect(shares[4 * r + 3]).toBeLessThan(0.05);
    }
    const alone = logisticRegression.fit(
      { ...two, target: new Float64Array(rows) },
      { penalty: 0.01 },
    );
    expect(alone.predict(table)[0]).toBeGreaterThan(0.98);
  });

  it('takes columns that say the same, and none at all', () => {
    const doubled = createTable([...table.columns, { ...table.columns[0]!, name: 'again' }], rows);
    const shares = logisticRegression
      .fit({ ...two, table: doubled }, { penalty: 1e-6 })
      .predict(doubled);
    expect(shares.every((share) => share >= 0 && share <= 1)).toBe(true);
    const empty = createTable([], rows);
    const share = twoClasses.reduce((a, b) => a + b) / rows;
    expect(
      logisticRegression.fit({ ...two, table: empty }, { penalty: 0.01 }).predict(empty)[1],
    ).toBeCloseTo(share, 9);
  });

  it('refuses a target without classes, or a class that is none', () => {
    expect(() =>
      logisticRegression.fit({ table, target: twoClasses, seed: 1 }, { penalty: 1 }),
    ).toThrow('no classes');
    expect(() => logisticRegression.fit({ ...three, classes: 2 }, { penalty: 1 })).toThrow(
      'classes 0 to 1',
    );
  });

  it.each([
    ['two', two],
    ['three', three],
  ] as const)(
    'is the same after it has been stored, and in ONNX Runtime: %s classes',
    async (_, task) => {
      const normal = normals(3);
      const mixed = createTable(
        [
          ...table.columns,
          { name: 'gaps', values: generate(rows, (r) => (r % 4 === 0 ? Number.NaN : normal())) },
          { name: 'kind', values: generate(rows, (r) => r % 3), categories: 3 },
        ],
        rows,
      );
      const classes = task.classes!;
      const fit = logisticRegression.fit({ ...task, table: mixed }, { penalty: 0.01 });
      const expected = fit.predict(mixed);
      const again = logisticRegression.load(fit.encode());
      expect(again.predict(mixed)).toEqual(expected);
      expect(again.contributions(mixed)).toEqual(fit.contributions(mixed));
      const data = Float32Array.from(
        { length: rows * 6 },
        (__, i) => mixed.columns[i % 6]!.values[Math.floor(i / 6)]!,
      );
      const session = await createSession(fit.toOnnx());
      const { probabilities, label } = await session.run({ features: { data, shape: [rows, 6] } });
      await session.release();
      expect(probabilities!.shape).toEqual([rows, classes]);
      for (let r = 0; r < rows; r++) {
        const own = expected.subarray(r * classes, (r + 1) * classes);
        for (let k = 0; k < classes; k++) {
          expect(Math.abs(Number(probabilities!.data[r * classes + k]) - own[k]!)).toBeLessThan(
            1e-5,
          );
        }
        expect(Number(label!.data[r])).toBe(own.indexOf(Math.max(...own)));
      }
    },
  );

  it('splits scores into columns that add up', () => {
    const fit = logisticRegression.fit(three, { penalty: 0.05 });
    const parts = fit.contributions(table);
    const shares = fit.predict(table);
    const score = (r: number, k: number): number =>
      parts.subarray((r * 3 + k) * 5, (r * 3 + k + 1) * 5).reduce((a, b) => a + b);
    for (let r = 0; r < rows; r++) {
      expect(Math.log(shares[3 * r + 2]! / shares[3 * r]!)).toBeCloseTo(
        score(r, 2) - score(r, 0),
        9,
      );
    }
    const own = Object.values(fit.importance['coefficient']!);
    expect(own.reduce((a, b) => a + b)).toBeCloseTo(1, 12);
  });
});
