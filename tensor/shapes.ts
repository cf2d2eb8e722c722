/** Shape rules that several operations share: broadcasting, axes, sizes with one symbolic factor. */
import { assert } from '../state/errors.ts';
import type { Dimension, Shape } from './expression.ts';

/** A shape as text, for messages. */
export function formatShape(shape: Shape): string {
  return `[${shape.join(', ')}]`;
}

/** Whether two shapes are the same, symbols included. */
export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((dimension, axis) => dimension === b[axis]);
}

/** NumPy broadcasting: aligned at the last axis, sizes agree or one of them is 1. */
export function broadcastShapes(what: string, a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, axis) => {
    const left = a[axis - rank + a.length] ?? 1;
    const right = b[axis - rank + b.length] ?? 1;
    assert(
      left === right || left === 1 || right === 1,
      `${what} cannot broadcast ${formatShape(a)} with ${formatShape(b)}`,
    );
    return left === 1 ? right : left;
  });
}

/** An axis counted from the front; `axis` may count from the end as -1, -2, ... */
export function resolveAxis(what: string, axis: number, rank: number): number {
  const resolved = axis < 0 ? axis + rank : axis;
  assert(
    Number.isInteger(axis) && resolved >= 0 && resolved < rank,
    `${what} has axis ${axis} for rank ${rank}`,
  );
  return resolved;
}

/** All dimensions as numbers; asserts that none is symbolic. */
export function knownSizes(what: string, shape: Shape): readonly number[] {
  for (const dimension of shape) {
    assert(typeof dimension === 'number', `${what} needs known sizes, not ${formatShape(shape)}`);
  }
  return shape as readonly number[];
}

/** Number of elements: a number times at most one symbol (`''` if none). */
interface Extent {
  readonly factor: number;
  readonly symbol: string;
}

/** The extent of a shape, in which a dimension such as `'batch*3'` counts as 3 times `batch`. */
function extentOf(shape: Shape): Extent {
  let factor = 1;
  const symbols: string[] = [];
  for (const dimension of shape) {
    if (typeof dimension === 'number') {
      factor *= dimension;
    } else {
      const [symbol = '', multiple = '1'] = dimension.split('*');
      symbols.push(symbol);
      factor *= Number(multiple);
    }
  }
  return { factor, symbol: symbols.sort().join('*') };
}

/** A dimension of the given extent. */
function dimensionOf({ factor, symbol }: Extent): Dimension {
  if (symbol === '') return factor;
  return factor === 1 ? symbol : `${symbol}*${factor}`;
}

/** `target` with its one -1, if any, replaced by what is left of `source`. */
export function resolveReshape(source: Shape, target: Shape): Shape {
  const what = `Reshape of ${formatShape(source)} to ${formatShape(target)}`;
  const from = extentOf(source);
  const to = extentOf(target.filter((dimension) => dimension !== -1));
  const open = target.filter((dimension) => dimension === -1).length;
  assert(open <= 1, `${what} leaves more than one size open`);
  assert(to.factor > 0 && from.factor > 0, `${what} has no elements`);
  if (open === 0) {
    assert(from.factor === to.factor && from.symbol === to.symbol, `${what} changes the size`);
    return target;
  }
  const left = { factor: from.factor / to.factor, symbol: to.symbol === '' ? from.symbol : '' };
  assert(
    Number.isInteger(left.factor) && (to.symbol === '' || to.symbol === from.symbol),
    `${what} does not divide`,
  );
  return target.map((dimension) => (dimension === -1 ? dimensionOf(left) : dimension));
}
