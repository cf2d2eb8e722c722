/** Tests between forecasters beside R, SciPy and a worked example from the literature. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareRanks, dieboldMariano } from '../../series/significance.ts';
import { normals } from './make-panel.ts';

describe('the test of Diebold and Mariano', () => {
  const first = [0.5, -1.2, 0.3, 0.9, -0.4, 1.5, -0.7, 0.2, 1.1, -0.6, 0.8, -1.4];
  const second = [1.5, -0.2, 1.3, -1.9, 0.4, 0.5, -1.7, 1.2, -2.1, 0.6, 1.8, -0.4];
  const losses = (errors: number[], power: number): number[] =>
    errors.map((error) => Math.abs(error) ** power);

  it.each([
    [1, 1, -1.300887271175982, 0.219887843127559],
    [1, 2, -1.6643161317876174, 0.1242446522365986],
    [2, 1, -1.798692335461253, 0.09953281656322331],
    [2, 2, -2.569046515733027, 0.02609468224152573],
    [3, 1, -3.87298334620740814, 0.002594553514758249],
    [3, 2, -3.204310477123403, 0.008390057549984691],
  ])(
    'at horizon %d and power %d agrees with dm.test of the R package forecast 8.20',
    (...given) => {
      const [horizon, power, statistic, pValue] = given;
      const found = dieboldMariano(losses(first, power), losses(second, power), horizon);
      expect(found.statistic).toBeCloseTo(statistic, 10);
      expect(found.pValue).toBeCloseTo(pValue, 10);
    },
  );

  it('changes its sign with the order and ignores what both have in common', () => {
    const a = losses(first, 1);
    const b = losses(second, 1);
    const here = dieboldMariano(a, b, 2);
    const there = dieboldMariano(
      b.map((loss) => loss + 7),
      a.map((loss) => loss + 7),
      2,
    );
    expect(there.statistic).toBeCloseTo(-here.statistic, 10);
    expect(there.pValue).toBeCloseTo(here.pValue, 10);
  });

  it('finds no difference between equal losses, and none at all in too few', () => {
    expect(dieboldMariano([1, 2, 3], [1, 2, 3], 1)).toEqual({ statistic: 0, pValue: 1 });
    expect(dieboldMariano([1], [2], 1).pValue).toBeNaN();
    expect(dieboldMariano([1, 2, 3], [3, 1, 1], 3).pValue).toBeNaN();
    expect(dieboldMariano([1, 2, Number.NaN], [3, 1, 1], 2).pValue).toBeNaN();
  });

  it('gives a probability where the autocovariances add up to nothing positive', () => {
    const alternating = Array.from({ length: 20 }, (_, t) => (t % 2 === 0 ? 1 : -1.2));
    const { pValue } = dieboldMariano(alternating, new Float64Array(20), 2);
    expect(pValue).toBeGreaterThan(0);
    expect(pValue).toBeLessThanOrEqual(1);
  });

  it('rejects about one in twenty times where both are alike', () => {
    const normal = normals(11);
    const trials = 1000;
    let rejected = 0;
    for (let trial = 0; trial < trials; trial++) {
      const draw = (): Float64Array => Float64Array.from({ length: 30 }, () => Math.abs(normal()));
      if (dieboldMariano(draw(), draw(), 1).pValue < 0.05) rejected++;
    }
    expect(rejected / trials).toBeGreaterThan(0.03);
    expect(rejected / trials).toBeLessThan(0.07);
  });
});

describe('the comparison by ranks', () => {
  const blocks = [
    [1.0, 2.0, 3.0, 4.0],
    [1.1, 2.5, 2.0, 4.2],
    [0.9, 0.8, 3.1, 2.9],
    [2.0, 2.0, 2.5, 3.5],
    [1.5, 1.2, 1.9, 1.8],
    [3.0, 2.0, 4.0, 5.0],
  ];
  const losses = [0, 1, 2, 3].map((model) => blocks.map((block) => block[model]!));

  it("has Friedman's statistic of SciPy 1.17.1, ties and all", () => {
    const { averageRanks, friedman, blocks: counted } = compareRanks(losses);
    expect(averageRanks.map((rank) => rank * 12)).toEqual([19, 19, 38, 44]);
    expect(friedman.statistic).toBeCloseTo(12.762711864406793, 10);
    expect(friedman.pValue).toBeCloseTo(0.005178892937644941, 12);
    expect(counted).toBe(6);
  });

  it('reproduces the example of Demsar 2006: four classifiers on fourteen data sets', () => {
    // Table 6 there: areas under the curve; a greater one is better. Ranks 3.143, 2.000, 2.893, 1.964; 9.28, F 3.69.
    const areas = [
      [0.763, 0.768, 0.771, 0.798],
      [0.599, 0.591, 0.59, 0.569],
      [0.954, 0.971, 0.968, 0.967],
      [0.628, 0.661, 0.654, 0.657],
      [0.882, 0.888, 0.886, 0.898],
      [0.936, 0.931, 0.916, 0.931],
      [0.661, 0.668, 0.609, 0.685],
      [0.583, 0.583, 0.563, 0.625],
      [0.775, 0.838, 0.866, 0.875],
      [1.0, 1.0, 1.0, 1.0],
      [0.94, 0.962, 0.965, 0.962],
      [0.619, 0.666, 0.614, 0.669],
      [0.972, 0.981, 0.9751, 0.975],
      [0.957, 0.978, 0.946, 0.97],
    ];
    const given = [0, 1, 2, 3].map((model) => areas.map((row) => -row[model]!));
    const { averageRanks, friedman, criticalDifference } = compareRanks(given, 0.05);
    expect(averageRanks.map((rank) => rank.toFixed(3))).toEqual([
      '3.143',
      '2.000',
      '2.893',
      '1.964',
    ]);
    // The paper leaves the correction for ties out; SciPy 1.17.1 has it.
    const squares = averageRanks.reduce((sum, rank) => sum + rank * rank, 0);
    expect(((12 * 14) / (4 * 5)) * (squares - (4 * 5 * 5) / 4)).toBeCloseTo(9.28, 1);
    expect(friedman.statistic).toBeCloseTo(10.228346456692904, 9);
    expect(criticalDifference).toBeCloseTo(2.569 * Math.sqrt((4 * 5) / (6 * 14)), 2);
    expect(compareRanks(given, 0.1).criticalDifference).toBeCloseTo(1.12, 2);
  });

  it('groups what is nearer than the critical difference, without repeating parts of groups', () => {
    const many = Array.from({ length: 40 }, (_, b) => (b % 2 === 0 ? [1, 2, 9, 8] : [2, 1, 8, 9]));
    const given = [2, 0, 1, 3].map((model) => many.map((row) => row[model]!));
    const { groups, averageRanks } = compareRanks(given);
    expect(averageRanks).toEqual([3.5, 1.5, 1.5, 3.5]);
    expect(groups.map((group) => group.toSorted((a, b) => a - b))).toEqual([
      [1, 2],
      [0, 3],
    ]);
  });

  it('leaves out blocks with a missing loss and says how many', () => {
    const given = losses.map((row, model) => [...row, model === 2 ? Number.NaN : 1]);
    const found = compareRanks(given);
    expect(found).toMatchObject({ blocks: 6, skippedBlocks: 1 });
    expect(found.averageRanks).toEqual(compareRanks(losses).averageRanks);
  });

  it('says nothing of fewer than two blocks, and nothing against models that are all tied', () => {
    expect(compareRanks([[1], [2]])).toMatchObject({
      criticalDifference: Number.NaN,
      groups: [[0, 1]],
    });
    const tied = compareRanks([
      [1, 1],
      [1, 1],
    ]);
    expect(tied.friedman).toEqual({ statistic: 0, pValue: 1 });
    expect(tied.groups).toEqual([[0, 1]]);
  });

  it('ranks by order alone, so that no rising function of the losses moves it', () => {
    const table = fc.array(
      fc.tuple(fc.double({ min: 0, max: 9, noNaN: true }), fc.nat(5), fc.nat(5)),
      { minLength: 2, maxLength: 12 },
    );
    fc.assert(
      fc.property(table, (rows) => {
        const by = (f: (x: number) => number): number[][] =>
          [0, 1, 2].map((model) => rows.map((row) => f(row[model]!)));
        const plain = compareRanks(by((x) => x));
        const moved = compareRanks(by((x) => 3 * x + 1));
        const total = plain.averageRanks.reduce((sum, rank) => sum + rank, 0);
        expect(total).toBeCloseTo(6, 10);
        expect(plain.imanDavenport.pValue).toBeGreaterThanOrEqual(0);
        expect(plain.imanDavenport.pValue).toBeLessThanOrEqual(1);
        expect(moved.criticalDifference).toBe(plain.criticalDifference);
      }),
      { numRuns: 20 },
    );
  });
});
