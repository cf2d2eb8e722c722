/** The loops in WebAssembly against plain TypeScript: rows of leaves, packed derivatives, and the sorting of numbers. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { binTable, cutTable } from '../../../models/boosting/binned-table.ts';
import { sortFloats } from '../../../models/boosting/float-sort.ts';
import {
  createRowPartition,
  splitRows,
  takeAllRows,
  takeRows,
} from '../../../models/boosting/row-partition.ts';
import { createPackingKernel } from '../../../models/boosting/packing-kernel.ts';
import { createRandom } from '../../../tensor/random.ts';
import { randomTable } from '../trees/tables.ts';

const tableOf = (rows: number) => {
  const table = randomTable(rows, 3, { missing: 0.1 });
  return binTable(table, cutTable(table, 30, 1), 2);
};

describe('splitRows', () => {
  it('keeps the order of rows on both sides and touches no other leaf', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 70 }),
        fc.integer({ min: 0, max: 2 }),
        fc.uint8Array({ minLength: 256, maxLength: 256, max: 1 }),
        fc.nat(70),
        fc.nat(70),
        (count, feature, goesLeft, from, to) => {
          const data = tableOf(70);
          const partition = createRowPartition(data, 3);
          takeAllRows(partition);
          const rows = Uint32Array.from({ length: 70 }, (_, i) => (i * 31) % count);
          partition.rows.set(rows);
          const [begin, end] = [Math.min(from, to), Math.max(from, to)];
          takeRows(partition, begin, end);
          splitRows(partition, 0, 2, feature, goesLeft);
          const isLeft = (row: number) => goesLeft[data.columns[feature]![row]!] === 1;
          const own = [...rows.subarray(begin, end)];
          const left = own.filter(isLeft);
          const expected = [...left, ...own.filter((row) => !isLeft(row))];
          expect([...partition.rows]).toEqual([
            ...rows.subarray(0, begin),
            ...expected,
            ...rows.subarray(end),
          ]);
          const middle = begin + left.length;
          expect([partition.begin[0], partition.end[0]]).toEqual([begin, middle]);
          expect([partition.begin[2], partition.end[2]]).toEqual([middle, end]);
        },
      ),
    );
  });

  it('begins with all rows in their order', () => {
    const partition = createRowPartition(tableOf(33), 2);
    takeAllRows(partition);
    expect([...partition.rows]).toEqual([...partition.rows.keys()]);
    expect([partition.begin[0], partition.end[0]]).toEqual([0, 33]);
  });
});

describe('leaves', () => {
  it('add up the numbers of their rows, and add to them, in their order', () => {
    const data = tableOf(101);
    const random = createRandom(1, 'values');
    const values = data.memory.arrays[0]!.map(() => random.normal());
    data.memory.arrays[0]!.set(values);
    const { rows, kernel } = createRowPartition(data, 1);
    rows.set(random.permutation(101));
    const own = [...rows.subarray(7, 60)];
    expect(kernel.sum(data.memory.arrays[0]!, 7, 60)).toBe(
      own.reduce((sum, row) => sum + values[row]!, 0),
    );
    expect(kernel.sum(data.memory.arrays[0]!, 7, 7)).toBe(0);
    kernel.add(data.memory.arrays[0]!, 7, 60, 0.3);
    const expected = values.map((value, row) => (own.includes(row) ? value + 0.3 : value));
    expect(data.memory.arrays[0]).toEqual(expected);
  });
});

describe('packing', () => {
  it.each([1, 2, 7, 64])('rounds each of %i numbers, and only those', (count) => {
    const data = tableOf(count);
    const [from, to] = data.memory.arrays;
    const random = createRandom(2, 'values');
    const values = from!.map(() => random.normal() * 100);
    from!.set(values);
    const kernel = createPackingKernel(data.memory);
    const total = values.reduce((sum, value) => sum + Math.abs(value), 0);
    expect(kernel.total(from!)).toBeCloseTo(total, 9);
    kernel.pack(from!, to!, 8, 128, 1);
    expect(to).toEqual(values.map((value) => Math.floor(value * 8 + 0.5) * 128 + 1));
    expect(from).toEqual(values);
  });
});

describe('sortFloats', () => {
  it.each([0, 1, 1999, 2000, 5000])('sorts %i numbers as comparisons do', (count) => {
    const random = createRandom(3, 'floats');
    const special = [0, -0, Infinity, -Infinity, 1e-45, -1e-45, 3.4e38, -3.4e38];
    const values = Float32Array.from({ length: count }, () =>
      random.uniform() < 0.1
        ? special[random.integer(special.length)]!
        : random.normal() * 10 ** (random.integer(60) - 30),
    );
    const expected = values.toSorted();
    const sorted = sortFloats(values);
    expect(new Uint32Array(sorted.buffer)).toEqual(new Uint32Array(expected.buffer));
  });
});
