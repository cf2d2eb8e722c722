/** Gradients of whole graphs; single operations are tested by their table. */
import { describe, expect, it } from 'vitest';
import { constant, type Expression, input, parameter } from '../../tensor/expression.ts';
import * as f from '../../tensor/functions.ts';
import { gradients } from '../../tensor/gradient.ts';
import { inOrder } from '../../tensor/traversal.ts';
import { evaluate, feed } from './evaluate.ts';

async function gradientOf(
  loss: Expression,
  x: Expression,
  values: readonly number[],
): Promise<number[]> {
  const [gradient] = gradients(loss, [x]);
  return (await evaluate(gradient!, { x: feed(values, x.shape as readonly number[]) })).data;
}

describe('gradients', () => {
  it('adds up what reaches an expression on several ways', async () => {
    const x = input('x', 'float32', [2]);
    const y = f.mul(x, 3);
    const loss = f.reduceSum(f.add(f.mul(y, x), f.add(y, y)));
    expect(await gradientOf(loss, x, [1, -2])).toEqual([6 + 6, -12 + 6]);
  });

  it('sums over axes that were broadcast', async () => {
    const x = input('x', 'float32', [3, 1]);
    const loss = f.reduceSum(f.mul(x, constant([1, 2, 3, 4, 5, 6, 7, 8], [2, 1, 4])));
    expect(await gradientOf(loss, x, [0, 0, 0])).toEqual([36, 36, 36]);
  });

  it('sums over leading axes of a stack of matrices', async () => {
    const x = input('x', 'float32', [2]);
    const weights = constant(
      Array.from({ length: 12 }, (_, i) => i),
      [2, 3, 2],
    );
    expect(await gradientOf(f.reduceSum(f.mul(f.add(weights, x), weights)), x, [1, 1])).toEqual([
      30, 36,
    ]);
  });

  it('shares the gradient of a maximum between equals', async () => {
    const x = input('x', 'float32', [3]);
    expect(await gradientOf(f.reduceMax(x), x, [2, 2, 1])).toEqual([0.5, 0.5, 0]);
  });

  it('sums over repeated look-ups of one entry', async () => {
    const x = input('x', 'float32', [3]);
    const picked = f.gather(x, constant([2, 0, 2], [3], 'int64'));
    const loss = f.reduceSum(f.mul(picked, constant([1, 10, 100])));
    expect(await gradientOf(loss, x, [0, 0, 0])).toEqual([10, 0, 101]);
  });

  it('joins what comes back from the pieces of a split', async () => {
    const x = input('x', 'float32', [2, 6]);
    const [a, b, c] = f.split(x, [1, 2, 3], 1);
    const loss = f.add(
      f.reduceSum(f.mul(c!, 3)),
      f.add(f.reduceSum(f.mul(a!, 1)), f.reduceSum(f.mul(b!, 2))),
    );
    const row = [1, 2, 2, 3, 3, 3];
    expect(await gradientOf(loss, x, Array(12).fill(0))).toEqual([...row, ...row]);
    const operations = inOrder(gradients(loss, [x])).map(({ op }) => op);
    expect(operations).toContain('Concat');
    expect(operations).not.toContain('Pad');
  });

  it('adds what comes back from pieces that overlap, lie apart, or are of several axes', async () => {
    const x = input('x', 'float32', [3, 5]);
    const pieces = [
      f.slice(x, 1, 0, 2),
      f.slice(x, 1, 1, 3),
      f.slice(x, 1, 4),
      f.slice(x, 0, 1, 2),
      f.slice(x, 0, 2),
      f.square(x),
    ];
    const loss = pieces.map((piece) => f.reduceSum(piece)).reduce((a, b) => f.add(a, b));
    const ones = Array<number>(15).fill(1);
    expect(await gradientOf(loss, x, ones)).toEqual([3, 4, 3, 2, 3, 4, 5, 4, 3, 4, 4, 5, 4, 3, 4]);
  });

  it('is zero for what the loss does not depend on', async () => {
    const x = input('x', 'float32', [2, 2]);
    const [gradient] = gradients(f.reduceSum(input('y', 'float32', [3])), [x]);
    expect((await evaluate(gradient!)).data).toEqual([0, 0, 0, 0]);
    expect(gradient!.shape).toEqual([2, 2]);
  });

  it('can itself be differentiated', async () => {
    const x = input('x', 'float32', [2]);
    const [first] = gradients(f.reduceSum(f.mul(x, f.mul(x, x))), [x]);
    expect(await gradientOf(f.reduceSum(first!), x, [1, 2])).toEqual([6, 12]);
  });

  it('gives each weight of a two-layer network the gradient worked out by hand', async () => {
    const x = input('x', 'float32', [1, 2]);
    const [w, v] = [parameter('w', [2, 2]), parameter('v', [2, 1])];
    const loss = f.reduceSum(f.square(f.matMul(f.relu(f.matMul(x, w)), v)));
    const [dw, dv] = gradients(loss, [w, v]);
    const feeds = {
      x: feed([1, 2], [1, 2]),
      w: feed([1, -1, 1, -1], [2, 2]),
      v: feed([2, 5], [2, 1]),
    };
    // Hidden [3, 0], output 6, so d loss / d output = 12.
    expect((await evaluate(dw!, feeds)).data).toEqual([24, 0, 48, 0]);
    expect((await evaluate(dv!, feeds)).data).toEqual([36, 0]);
  });

  it('does not overflow the stack on graphs deeper than it', () => {
    const x = input('x', 'float32', []);
    let y: Expression = x;
    for (let i = 0; i < 20_000; i++) y = f.tanh(y);
    const [gradient] = gradients(y, [x]);
    expect(inOrder([gradient!]).length).toBeGreaterThan(60_000);
  });

  it('wants a scalar to start from', () => {
    const x = input('x', 'float32', [2]);
    expect(() => gradients(x, [x])).toThrow('a loss is a scalar, not [2]');
  });
});
