/** Classification measures beside scikit-learn. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  brierScore,
  classificationReport,
  confusionMatrix,
  formatClassificationReport,
  logLoss,
  rocAuc,
  rocAucOneVersusRest,
} from '../../series/classification.ts';

const actual = [0, 1, 2, 2, 1, 0, 2, 1, 1, 0, 2, 2];
const predicted = [0, 2, 2, 1, 1, 0, 2, 1, 0, 1, 2, 2];
const probabilities = [
  [0.7, 0.2, 0.1],
  [0.1, 0.3, 0.6],
  [0.05, 0.15, 0.8],
  [0.2, 0.5, 0.3],
  [0.3, 0.6, 0.1],
  [0.5, 0.25, 0.25],
  [0.1, 0.1, 0.8],
  [0.2, 0.45, 0.35],
  [0.6, 0.3, 0.1],
  [0.3, 0.4, 0.3],
  [0.25, 0.25, 0.5],
  [0, 0.4, 0.6],
].flat();
const names = ['falls', 'stays', 'rises'];
const near = (value: number): unknown => expect.closeTo(value, 12);

describe('a classification report, beside scikit-learn 1.9.1', () => {
  it('counts right and wrong classes', () => {
    expect(confusionMatrix(actual, predicted, 3).map((row) => [...row])).toEqual([
      [2, 1, 0],
      [1, 2, 1],
      [0, 1, 4],
    ]);
  });

  it('has precision, recall and F1 of every class, and their averages', () => {
    const report = classificationReport(actual, predicted, names);
    expect(report.classes).toEqual([
      { name: 'falls', precision: near(2 / 3), recall: near(2 / 3), f1: near(2 / 3), support: 3 },
      { name: 'stays', precision: 0.5, recall: 0.5, f1: 0.5, support: 4 },
      { name: 'rises', precision: near(0.8), recall: near(0.8), f1: near(0.8), support: 5 },
    ]);
    expect(report.accuracy).toBeCloseTo(0.6666666666666666, 12);
    expect(report.balancedAccuracy).toBeCloseTo(0.6555555555555556, 12);
    expect(report.macro.f1).toBeCloseTo(0.6555555555555556, 12);
    expect(report.weighted.precision).toBeCloseTo(0.6666666666666666, 12);
  });

  it('counts a quotient by zero as 0, and a class that never occurs in the plain average only', () => {
    const report = classificationReport([0, 0, 1, 1, 1], [0, 2, 1, 1, 0], [...names, 'unseen']);
    expect(report.classes[2]).toMatchObject({ precision: 0, recall: 0, f1: 0, support: 0 });
    expect(report.macro).toMatchObject({
      precision: 0.5,
      recall: near(0.38888888888888884),
      f1: near(0.43333333333333335),
    });
    expect(report.weighted).toMatchObject({ precision: 0.8, recall: 0.6, f1: near(0.68) });
    expect(report.balancedAccuracy).toBeCloseTo(0.5833333333333333, 12);
    expect(classificationReport([], [], names).accuracy).toBeNaN();
  });

  it('leaves missing classes out', () => {
    const some = classificationReport([...actual, Number.NaN], [...predicted, 1], names);
    expect(some).toEqual(classificationReport(actual, predicted, names));
  });

  it('is a table whose columns line up', () => {
    const text = formatClassificationReport(classificationReport(actual, predicted, names));
    const lines = text.split('\n');
    expect(lines).toHaveLength(7);
    expect(lines[1]).toBe('falls                 0.667   0.667  0.667        3');
    expect(lines[4]).toMatch(/^accuracy +0\.667 +12$/);
    expect(new Set(lines.map((line) => line.length)).size).toBe(1);
  });
});

describe('probabilities of classes, beside scikit-learn 1.9.1', () => {
  it('have log loss and Brier score', () => {
    expect(logLoss(actual, probabilities, 3)).toBeCloseTo(0.7354422140617115, 12);
    expect(brierScore(actual, probabilities, 3)).toBeCloseTo(0.44166666666666665, 12);
  });

  it('make the Brier score of two classes twice the squared error', () => {
    const truth = [0, 1, 1, 0, 1, 0, 0, 1];
    const ones = [0.2, 0.6, 0.4, 0.4, 0.9, 0.1, 0.7, 0.7];
    const both = ones.flatMap((p) => [1 - p, p]);
    expect(brierScore(truth, both, 2)).toBeCloseTo(2 * 0.16499999999999998, 12);
    expect(logLoss(truth, both, 2)).toBeCloseTo(0.49155678878758335, 12);
    expect(rocAuc(truth, ones)).toBe(0.8125);
  });

  it('keep the loss of a certain error finite', () => {
    expect(logLoss([0], [0, 1], 2)).toBeCloseTo(-Math.log(Number.EPSILON), 10);
  });

  it('have the area under the curve of each class against the rest', () => {
    expect(rocAucOneVersusRest(actual, probabilities, 3)).toBeCloseTo(0.8581238977072311, 12);
    expect(rocAuc([1, 1], [0.2, 0.3])).toBeNaN();
    expect(rocAuc([0, 1, Number.NaN], [0.2, 0.3, 0.1])).toBe(1);
  });

  it('have an area that is how often a member outranks another, by counting pairs', () => {
    const rows = fc.array(fc.tuple(fc.boolean(), fc.nat(5)), { minLength: 2, maxLength: 30 });
    fc.assert(
      fc.property(rows, (drawn) => {
        const members = drawn.filter(([member]) => member);
        const others = drawn.filter(([member]) => !member);
        fc.pre(members.length > 0 && others.length > 0);
        let won = 0;
        for (const [, a] of members) {
          for (const [, b] of others) won += a > b ? 1 : Number(a === b) / 2;
        }
        const area = rocAuc(
          drawn.map(([member]) => Number(member)),
          drawn.map(([, score]) => score),
        );
        expect(area).toBeCloseTo(won / members.length / others.length, 12);
      }),
    );
  });
});
