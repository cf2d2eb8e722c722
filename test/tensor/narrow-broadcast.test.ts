/** Broadcasting against narrow arrays: the same values and gradients, without the runtime's slow way. */
import { describe, expect, it } from 'vitest';
import { type Expression, input } from '../../tensor/expression.ts';
import * as f from '../../tensor/functions.ts';
import { gradients } from '../../tensor/gradient.ts';
import { emitOnnx } from '../../tensor/onnx.ts';
import { createSession } from '../../tensor/session.ts';
import { inOrder } from '../../tensor/traversal.ts';
import { evaluate, feed } from './evaluate.ts';

const [rows, width] = [300, 3];
const waves = (count: number, shift: number): number[] =>
  Array.from({ length: count }, (_, i) => Math.fround(Math.sin(i + shift)));
const wide = input('wide', 'float32', [20, 15, width]);
const column = input('column', 'float32', [20, 15, 1]);
const row = input('row', 'float32', [width]);
const feeds = {
  wide: feed(waves(rows * width, 0), [20, 15, width]),
  column: feed(waves(rows, 1), [20, 15, 1]),
  row: feed(waves(width, 2)),
};
const operationsOf = (x: Expression): readonly string[] => inOrder([x]).map(({ op }) => op);
const runOn = (x: Expression) => {
  const names = new Set(inOrder([x]).map(({ name }) => name));
  return evaluate(x, Object.fromEntries(Object.entries(feeds).filter(([name]) => names.has(name))));
};

describe('broadcasting against a narrow array', () => {
  it.each<[string, Expression, (at: number) => number]>([
    ['a column', column, (at) => Math.floor(at / width)],
    ['a row', row, (at) => at % width],
  ])('gives exactly the values of its definition for %s', async (_, small, position) => {
    const values = feeds[small.name as 'column' | 'row'].data;
    const expected = Array.from(feeds.wide.data, (x, at) => Math.fround(x - values[position(at)]!));
    const left = f.sub(wide, small);
    expect(operationsOf(left)).toContain('MatMul');
    expect(left.shape).toEqual(wide.shape);
    expect((await runOn(left)).data).toEqual(expected);
    const right = f.sub(small, wide);
    expect((await runOn(right)).data).toEqual(expected.map((x) => 0 - x));
    const repeated = await runOn(f.expand(small, [20, 15, width]));
    expect(repeated.data).toEqual(Array.from(feeds.wide.data, (_, at) => values[position(at)]));
  });

  it('has the gradients of its definition', async () => {
    const loss = f.reduceSum(f.mul(f.mul(wide, column), row));
    const [byColumn, byRow] = gradients(loss, [column, row]);
    const columns = Array<number>(rows).fill(0);
    const sums = Array<number>(width).fill(0);
    for (const [at, x] of feeds.wide.data.entries()) {
      const [i, j] = [Math.floor(at / width), at % width];
      columns[i]! += x * feeds.row.data[j]!;
      sums[j]! += x * feeds.column.data[i]!;
    }
    for (const [gradient, expected] of [[byColumn!, columns] as const, [byRow!, sums] as const]) {
      const { data } = await runOn(gradient);
      for (const [i, value] of expected.entries()) expect(data[i]).toBeCloseTo(value, 4);
    }
  });

  it('keeps a size open', async () => {
    const x = input('x', 'float32', ['batch', 2, width]);
    const level = f.slice(x, 2, 0, 1);
    const result = f.sub(x, level);
    expect(operationsOf(result)).toContain('MatMul');
    expect(result.shape).toEqual(['batch', 2, width]);
    const session = await createSession(emitOnnx({ result }));
    const { result: found } = await session.run({ x: feed([1, 2, 3, 4, 5, 7], [1, 2, width]) });
    await session.release();
    expect(found!.shape).toEqual([1, 2, width]);
    expect([...found!.data]).toEqual([0, 1, 2, 0, 1, 3]);
  });

  it('leaves small arrays, wide ones and the bias of a product to the runtime', () => {
    const few = input('few', 'float32', [10, width]);
    const broad = input('broad', 'float32', [rows, 64]);
    const product = f.matMul(broad, input('w', 'float32', [64, width]));
    expect(operationsOf(f.add(few, row))).not.toContain('MatMul');
    expect(operationsOf(f.add(broad, f.slice(broad, 1, 0, 1)))).not.toContain('MatMul');
    expect(operationsOf(f.add(product, row)).filter((op) => op === 'MatMul')).toHaveLength(1);
  });
});
