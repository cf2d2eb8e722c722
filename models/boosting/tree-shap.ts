/** TreeSHAP: what each column contributes to a prediction, from the trees and their covers alone (Lundberg et al. 2020). */
import type { Table } from '../../series/table.ts';
import { branch, type Forest, forEachBlock } from './forest.ts';

/**
 * The path to a node: for the column of each of its entries the share of the other columns' subsets with which a row
 * goes on if the column is unknown (`zero`) and if it is known (`one`, 0 or 1), and the weight of all subsets of a size.
 * Each level of the recursion has its own part of the arrays.
 */
interface Path {
  readonly columns: Int32Array;
  readonly zero: Float64Array;
  readonly one: Float64Array;
  readonly weights: Float64Array;
}

/** What stays the same while one tree explains one row. */
interface Walk {
  readonly forest: Forest;
  readonly path: Path;
  /** Float32 values of the row, from `first` on. */
  readonly block: Float32Array;
  first: number;
  /** Contributions are added to result[at + column]. */
  readonly result: Float64Array;
  at: number;
}

/**
 * Contributions [rows * outputs * (columns + 1)] of the columns to the raw scores, the last being the expectation over the
 * training rows: path-dependent TreeSHAP, Algorithm 2 of Lundberg et al., "From local explanations to global understanding
 * with explainable AI for trees", Nature Machine Intelligence 2, 2020.
 */
export function treeShap(forest: Forest, table: Table, start: Float64Array): Float64Array {
  const width = table.columns.length;
  const outputs = start.length;
  const result = new Float64Array(table.rows * outputs * (width + 1));
  const expected = expectations(forest, start);
  const depth = deepest(forest) + 2;
  const path = createPath((depth * (depth + 1)) / 2 + depth);
  forEachBlock(table, (block, first, rows) => {
    const walk: Walk = { forest, path, block, first: 0, result, at: 0 };
    for (let row = 0; row < rows; row++) {
      walk.first = row * width;
      const base = (first + row) * outputs * (width + 1);
      for (let k = 0; k < outputs; k++) result[base + k * (width + 1) + width] = expected[k]!;
      for (let t = 0; t < forest.roots.length; t++) {
        walk.at = base + forest.outputs[t]! * (width + 1);
        descend(walk, forest.roots[t]!, 0, 0, 1, 1, -1);
      }
    }
  });
  return result;
}

function createPath(length: number): Path {
  return {
    columns: new Int32Array(length),
    zero: new Float64Array(length),
    one: new Float64Array(length),
    weights: new Float64Array(length),
  };
}

const coverOf = ({ nodeCovers, leafCovers }: Forest, node: number): number =>
  node < 0 ? leafCovers[~node]! : nodeCovers[node]!;

/** Mean raw score [outputs] over the training rows, tree by tree. */
function expectations(forest: Forest, start: Float64Array): Float64Array {
  const { children, values } = forest;
  const expected = start.slice();
  const meanOf = (node: number): number => {
    if (node < 0) return values[~node]!;
    const left = children[2 * node]!;
    const right = children[2 * node + 1]!;
    const share = coverOf(forest, left) / coverOf(forest, node);
    return share * meanOf(left) + (1 - share) * meanOf(right);
  };
  for (const [t, root] of forest.roots.entries()) expected[forest.outputs[t]!]! += meanOf(root);
  return expected;
}

/** Most splits on the way to a leaf. */
function deepest({ roots, children }: Forest): number {
  const depthOf = (node: number): number =>
    node < 0 ? 0 : 1 + Math.max(depthOf(children[2 * node]!), depthOf(children[2 * node + 1]!));
  return roots.reduce((most, root) => Math.max(most, depthOf(root)), 0);
}

/** RECURSE of the paper; the path of the parent is at [from, from + length) and is copied before it is extended. */
function descend(
  walk: Walk,
  node: number,
  from: number,
  length: number,
  zero: number,
  one: number,
  column: number,
): void {
  const { forest, path } = walk;
  const at = from + length;
  for (let i = 0; i < length; i++) {
    path.columns[at + i] = path.columns[from + i]!;
    path.zero[at + i] = path.zero[from + i]!;
    path.one[at + i] = path.one[from + i]!;
    path.weights[at + i] = path.weights[from + i]!;
  }
  extend(path, at, length, zero, one, column);
  let size = length + 1;
  if (node < 0) {
    addLeaf(walk, at, size, forest.values[~node]!);
    return;
  }
  const own = forest.columns[node]!;
  const side = branch(forest, node, walk.block[walk.first + own]!);
  const hot = forest.children[2 * node + side]!;
  const cold = forest.children[2 * node + 1 - side]!;
  let zeroBefore = 1;
  let oneBefore = 1;
  for (let i = 1; i < size; i++) {
    if (path.columns[at + i] !== own) continue;
    zeroBefore = path.zero[at + i]!;
    oneBefore = path.one[at + i]!;
    unwind(path, at, size, i);
    size--;
    break;
  }
  const cover = coverOf(forest, node);
  const hotShare = (zeroBefore * coverOf(forest, hot)) / cover;
  const coldShare = (zeroBefore * coverOf(forest, cold)) / cover;
  descend(walk, hot, at, size, hotShare, oneBefore, own);
  descend(walk, cold, at, size, coldShare, 0, own);
}

/** EXTEND: puts one more column at the end of the path. */
function extend(
  { columns, zero, one, weights }: Path,
  at: number,
  length: number,
  z: number,
  o: number,
  column: number,
): void {
  columns[at + length] = column;
  zero[at + length] = z;
  one[at + length] = o;
  weights[at + length] = length === 0 ? 1 : 0;
  for (let i = length - 1; i >= 0; i--) {
    weights[at + i + 1]! += (o * weights[at + i]! * (i + 1)) / (length + 1);
    weights[at + i] = (z * weights[at + i]! * (length - i)) / (length + 1);
  }
}

/** UNWIND: undoes the extension by the column at position `index`. */
function unwind(
  { columns, zero, one, weights }: Path,
  at: number,
  size: number,
  index: number,
): void {
  const last = size - 1;
  const o = one[at + index]!;
  const z = zero[at + index]!;
  let next = weights[at + last]!;
  for (let j = last - 1; j >= 0; j--) {
    if (o === 0) {
      weights[at + j] = (weights[at + j]! * size) / (z * (last - j));
    } else {
      const before = weights[at + j]!;
      weights[at + j] = (next * size) / ((j + 1) * o);
      next = before - (weights[at + j]! * z * (last - j)) / size;
    }
  }
  for (let j = index; j < last; j++) {
    columns[at + j] = columns[at + j + 1]!;
    zero[at + j] = zero[at + j + 1]!;
    one[at + j] = one[at + j + 1]!;
  }
}

/** The sum of the weights that an UNWIND of position `index` would leave. */
function unwoundSum({ zero, one, weights }: Path, at: number, size: number, index: number): number {
  const last = size - 1;
  const o = one[at + index]!;
  const z = zero[at + index]!;
  let next = weights[at + last]!;
  let total = 0;
  for (let j = last - 1; j >= 0; j--) {
    if (o === 0) {
      total += (weights[at + j]! * size) / (z * (last - j));
    } else {
      const weight = (next * size) / ((j + 1) * o);
      total += weight;
      next = weights[at + j]! - (weight * z * (last - j)) / size;
    }
  }
  return total;
}

function addLeaf({ path, result, at: target }: Walk, at: number, size: number, value: number) {
  for (let i = 1; i < size; i++) {
    const weight = unwoundSum(path, at, size, i);
    result[target + path.columns[at + i]!]! +=
      weight * (path.one[at + i]! - path.zero[at + i]!) * value;
  }
}
