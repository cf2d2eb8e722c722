/** Bins, histograms and splits against their definitions on small tables. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type BinnedTable, binTable, cutTable } from '../../../models/boosting/binned-table.ts';
import { cutColumn, quantileThresholds } from '../../../models/boosting/column-bins.ts';
import {
  createHistogram,
  createPackedGradients,
  fillHistogram,
  type Histogram,
  type PackedGradients,
  packGradients,
  subtractHistogram,
} from '../../../models/boosting/histograms.ts';
import {
  createRowPartition,
  takeAllRows,
  takeRows,
} from '../../../models/boosting/row-partition.ts';
import { findSplit, type SplitRules, worth } from '../../../models/boosting/splits.ts';
import type { Table } from '../../../series/table.ts';
import { createRandom } from '../../../tensor/random.ts';
import { randomTable } from '../trees/tables.ts';

/** With penalties and least sizes of leaves. */
const penalised: SplitRules = {
  minimumRows: 2,
  minimumHessian: 0.1,
  minimumGain: 0,
  l1: 0.2,
  l2: 0.5,
  categorySmoothing: 0,
};

/** Without, where the order of categories by their means is known to hold the best division. */
const plain: SplitRules = { ...penalised, minimumRows: 1, minimumHessian: 0, l1: 0, l2: 0 };

/** Every division of the rows that a split may make, as the set of rows on the left. */
function divisions(table: Table): boolean[][] {
  return table.columns.flatMap(({ values, categories }) => {
    const known = [...new Set(values)]
      .filter((value) => !Number.isNaN(value))
      .sort((a, b) => a - b);
    if (categories !== undefined) {
      const sets = Array.from({ length: 2 ** known.length }, (_, set) => set);
      return sets.map((set) =>
        Array.from(
          values,
          (value) => ((set >> known.indexOf(value)) & 1) === 1 && known.includes(value),
        ),
      );
    }
    return known.flatMap((limit) => [
      Array.from(values, (value) => value <= limit),
      Array.from(values, (value) => Number.isNaN(value) || value <= limit),
    ]);
  });
}

/** The largest gain among `divisions`, by the definition. */
function bestGain(
  table: Table,
  gradients: Float64Array,
  hessians: Float64Array,
  rules: SplitRules,
): number {
  const sum = (values: Float64Array, side: (row: number) => boolean): number =>
    values.reduce((total, value, row) => total + (side(row) ? value : 0), 0);
  const { l1, l2 } = rules;
  const parent = worth(
    sum(gradients, () => true),
    sum(hessians, () => true),
    l1,
    l2,
  );
  const gains = divisions(table).map((left) => {
    const rows = left.filter(Boolean).length;
    if (Math.min(rows, table.rows - rows) < rules.minimumRows) return 0;
    const sides = [(row: number) => left[row]!, (row: number) => !left[row]!];
    const sums = sides.map((side) => [sum(gradients, side), sum(hessians, side)] as const);
    if (sums.some(([, h]) => h < rules.minimumHessian)) return 0;
    return sums.reduce((total, [g, h]) => total + worth(g, h, l1, l2), -parent);
  });
  return Math.max(0, ...gains);
}

/** Derivatives, packed; repeats of rows are up to 9. */
function pack(
  data: BinnedTable,
  gradients: Float64Array,
  hessians: Float64Array,
  isConstant: boolean,
): PackedGradients {
  const packed = createPackedGradients(data);
  const [first, second] = data.memory.arrays;
  first!.set(gradients);
  second!.set(hessians);
  packGradients(packed, first!, second!, isConstant, 9);
  return packed;
}

/** The histogram of rows [begin, end) of `rows`. */
function histogramOf(
  data: BinnedTable,
  packed: PackedGradients,
  rows: Uint32Array,
  begin: number,
  end: number,
): Histogram {
  const partition = createRowPartition(data, 1);
  partition.rows.set(rows);
  takeRows(partition, begin, end);
  const histogram = createHistogram(data.binning.size, packed.isConstant);
  fillHistogram(histogram, packed, partition, 0);
  return histogram;
}

function ourSplit(
  table: Table,
  gradients: Float64Array,
  hessians: Float64Array,
  constant: boolean,
  rules: SplitRules,
) {
  const binning = cutTable(table, 255, 1);
  const data = binTable(table, binning, 2);
  const packed = pack(data, gradients, hessians, constant);
  const histogram = createHistogram(binning.size, constant);
  const partition = createRowPartition(data, 1);
  takeAllRows(partition);
  fillHistogram(histogram, packed, partition, 0);
  const node = {
    rows: table.rows,
    gradient: gradients.reduce((a, b) => a + b, 0),
    hessian: hessians.reduce((a, b) => a + b, 0),
  };
  const allowed = new Uint8Array(binning.features.length).fill(1);
  return findSplit(histogram, node, binning, packed, rules, allowed);
}

describe('findSplit', () => {
  it.each([
    ['numbers', { digits: 1 }],
    ['numbers with missing values', { digits: 1, missing: 0.3 }],
    ['three categories', { categories: [3] }],
    ['seven categories with missing values', { categories: [7], missing: 0.2 }],
  ])('gains what the best of all divisions gains: %s', (_, options) => {
    const numeric = 'categories' in options ? 0 : 6;
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e6 }), fc.boolean(), (seed, constant) => {
        const table = randomTable(25, numeric, { ...options, seed });
        const random = createRandom(seed, 'gradients');
        const gradients = Float64Array.from({ length: 25 }, () => random.normal());
        const hessians = gradients.map(() => (constant ? 1 : 0.5 + random.uniform()));
        const rules = numeric === 0 ? plain : penalised;
        const split = ourSplit(table, gradients, hessians, constant, rules);
        expect(split?.gain ?? 0).toBeCloseTo(bestGain(table, gradients, hessians, rules), 8);
      }),
      { numRuns: 25 },
    );
  });
});

describe('histograms', () => {
  it('of a parent less that of one child are those of the other, to the bit', () => {
    const table = randomTable(500, 13, { missing: 0.1, categories: [9] });
    const random = createRandom(3, 'gradients');
    const gradients = Float64Array.from({ length: 500 }, () => random.normal() * 1e9);
    const hessians = gradients.map(() => random.uniform());
    const binning = cutTable(table, 20, 1);
    const data = binTable(table, binning, 2);
    const packed = pack(data, gradients, hessians, false);
    const rows = random.permutation(500);
    const of = (begin: number, end: number) => histogramOf(data, packed, rows, begin, end);
    const whole = of(0, 500);
    subtractHistogram(whole, of(0, 123));
    expect(whole).toEqual(of(123, 500));
  });

  it.each([1, 7, 8, 16, 17, 31, 32, 33, 64, 75])(
    'are the sums by definition, to the bit: %i columns',
    (count) => {
      const table = randomTable(1200, count, { missing: 0.1 });
      const random = createRandom(count, 'gradients');
      const gradients = Float64Array.from({ length: 1200 }, () => random.normal());
      const hessians = gradients.map(() => random.uniform());
      const binning = cutTable(table, 255, 1);
      const data = binTable(table, binning, 2);
      const packed = pack(data, gradients, hessians, false);
      // More than one block, some rows twice or more, and not all that are given.
      const rows = Uint32Array.from({ length: 1200 }, () => random.integer(1200));
      const expected = createHistogram(binning.size, false);
      for (const row of rows.subarray(5, 1150)) {
        for (const [f, { offset }] of binning.features.entries()) {
          const at = offset + data.columns[f]![row]!;
          expected.packed[at]! += packed.packed[row]!;
          expected.hessians[at]! += packed.hessians[row]!;
        }
      }
      expect(histogramOf(data, packed, rows, 5, 1150)).toEqual(expected);
      // All rows at once are added up where they are.
      const all = Uint32Array.from(rows.keys());
      const partition = createRowPartition(data, 1);
      takeAllRows(partition);
      const whole = createHistogram(binning.size, false);
      fillHistogram(whole, packed, partition, 0);
      expect(whole).toEqual(histogramOf(data, packed, all, 0, 1200));
    },
  );
});

describe('bins', () => {
  it('have a threshold between any two distinct float32 values where there are few', () => {
    fc.assert(
      fc.property(
        fc.array(fc.float({ noNaN: true }), { minLength: 1, maxLength: 60 }),
        (values) => {
          const sorted = Float32Array.from(values).sort();
          const distinct = [...new Set(sorted)].map((value) => value + 0);
          const thresholds = quantileThresholds(sorted, 255);
          const unique = [...new Set(distinct)];
          expect(thresholds).toHaveLength(unique.length - 1);
          for (const [i, threshold] of thresholds.entries()) {
            expect(threshold).toBeGreaterThanOrEqual(unique[i]!);
            expect(threshold).toBeLessThan(unique[i + 1]!);
            expect(Math.fround(threshold)).toBe(threshold);
          }
        },
      ),
    );
  });

  it('hold about as many values each, and a frequent value by itself', () => {
    const random = createRandom(5, 'bins');
    const values = Float32Array.from({ length: 20_000 }, () => {
      return random.uniform() < 0.5 ? 0 : random.normal();
    }).sort();
    const thresholds = quantileThresholds(values, 64);
    expect(thresholds.length + 1).toBeLessThanOrEqual(64);
    expect(thresholds.length + 1).toBeGreaterThan(48);
    const ends = [...thresholds, Number.POSITIVE_INFINITY];
    const counts = ends.map(
      (end, i) => values.filter((v) => v <= end && v > (ends[i - 1] ?? -1e9)).length,
    );
    const largest = counts.toSorted((a, b) => b - a);
    expect(largest[0]).toBeGreaterThan(9_500);
    expect(largest[0]).toBeLessThan(10_800);
    expect(largest[1]).toBeLessThan(700);
  });

  it('are found for every value, infinities and missing ones among them', () => {
    const special = [Number.NaN, Infinity, -Infinity, 0, -0, 1e-45, -1e-45, 1e300, -1e300];
    const value = fc.oneof(fc.constantFrom(...special), fc.double(), fc.float());
    fc.assert(
      fc.property(fc.array(value, { minLength: 2, maxLength: 80 }), (values) => {
        const column = { name: 'x', values: Float64Array.from(values) };
        const table = { rows: values.length, columns: [column] };
        const cut = cutColumn(column, 16, 1);
        const binning = cutTable(table, 16, 1);
        if (binning.features.length === 0) return;
        const { columns } = binTable(table, binning);
        for (const [row, x] of values.entries()) {
          const number = Math.fround(x);
          const expected = Number.isNaN(x)
            ? cut.values
            : cut.thresholds.filter((threshold) => threshold < number).length;
          expect(columns[0]![row]).toBe(expected);
        }
      }),
    );
  });
});
