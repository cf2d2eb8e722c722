/** Forests: the trees of a model in flat arrays, and their sums for the rows of a table. */
import type { Table } from '../../series/table.ts';
import type { Tree } from './tree.ts';

/**
 * Trees of several outputs. A node or leaf has its number among those of all trees; a child is a node, or ~leaf.
 * Values of numeric columns count as float32.
 */
export interface Forest {
  /** [trees] root of each. */
  readonly roots: Int32Array;
  /** [trees] which output each adds to. */
  readonly outputs: Int32Array;
  /** [nodes] */
  readonly columns: Int32Array;
  /** [nodes] float32(value) <= threshold goes left. */
  readonly thresholds: Float32Array;
  /** [2 nodes] left and right child of each. */
  readonly children: Int32Array;
  /** [nodes] 1 where a missing value goes right, else 0. */
  readonly missingRight: Uint8Array;
  /** [nodes + 1] where in `codeBits` the set of each node begins; it is empty if the node's column is numeric. */
  readonly codeStarts: Int32Array;
  /** Bit c % 32 of word c / 32 of a set says whether code c goes left. */
  readonly codeBits: Uint32Array;
  /** [nodes] */
  readonly gains: Float64Array;
  /** [nodes] training rows that came by. */
  readonly nodeCovers: Float64Array;
  /** [leaves] */
  readonly values: Float64Array;
  /** [leaves] training rows. */
  readonly leafCovers: Float64Array;
}

/** Puts trees, each with the output that it adds to, into flat arrays; leaf values are multiplied by `factor`. */
export function createForest(
  trees: readonly { readonly tree: Tree; readonly output: number }[],
  factor = 1,
): Forest {
  const nodes = trees.flatMap(({ tree }) => tree.nodes);
  const roots = new Int32Array(trees.length);
  const children = new Int32Array(2 * nodes.length);
  let node = 0;
  let leaf = 0;
  for (const [t, { tree }] of trees.entries()) {
    const [firstNode, firstLeaf] = [node, leaf];
    const place = (child: number): number =>
      child < 0 ? ~(~child + firstLeaf) : child + firstNode;
    roots[t] = place(tree.nodes.length > 0 ? 0 : ~0);
    for (const { left, right } of tree.nodes) {
      children[2 * node] = place(left);
      children[2 * node + 1] = place(right);
      node++;
    }
    leaf += tree.values.length;
  }
  const sets = nodes.map(({ codes }) => codeSet(codes));
  const codeStarts = new Int32Array(nodes.length + 1);
  for (const [n, set] of sets.entries()) codeStarts[n + 1] = codeStarts[n]! + set.length;
  const leaves = (of: (tree: Tree) => Float64Array): Float64Array =>
    Float64Array.from(trees.flatMap(({ tree }) => Array.from(of(tree))));
  return {
    roots,
    outputs: Int32Array.from(trees, ({ output }) => output),
    columns: Int32Array.from(nodes, ({ column }) => column),
    thresholds: Float32Array.from(nodes, ({ threshold }) => threshold),
    children,
    missingRight: Uint8Array.from(nodes, ({ missingLeft }) => (missingLeft ? 0 : 1)),
    codeStarts,
    codeBits: Uint32Array.from(sets.flat()),
    gains: Float64Array.from(nodes, ({ gain }) => gain),
    nodeCovers: Float64Array.from(nodes, ({ cover }) => cover),
    values: leaves(({ values }) => values).map((value) => value * factor),
    leafCovers: leaves(({ covers }) => covers),
  };
}

function codeSet(codes: readonly number[] | undefined): number[] {
  if (codes === undefined) return [];
  const words = Array.from({ length: (codes.at(-1)! >>> 5) + 1 }, () => 0);
  for (const code of codes) words[code >>> 5]! |= 1 << (code & 31);
  return words.map((word) => word >>> 0);
}

/** The codes of a categorical node that go left, ascending. */
export function leftCodes({ codeStarts, codeBits }: Forest, node: number): number[] {
  const codes: number[] = [];
  const begin = codeStarts[node]!;
  for (let code = 0; code < 32 * (codeStarts[node + 1]! - begin); code++) {
    if ((codeBits[begin + (code >>> 5)]! >>> (code & 31)) & 1) codes.push(code);
  }
  return codes;
}

/** Which child of `node`, 0 or 1, a value of its column goes to; `value` is a float32. */
export function branch(forest: Forest, node: number, value: number): number {
  const { thresholds, missingRight, codeStarts, codeBits } = forest;
  const begin = codeStarts[node]!;
  const words = codeStarts[node + 1]! - begin;
  if (words > 0) {
    const code = value >= 0 && Number.isInteger(value) ? value : -1;
    if (code < 0 || code >= 32 * words) return 1;
    return 1 - ((codeBits[begin + (code >>> 5)]! >>> (code & 31)) & 1);
  }
  if (value <= thresholds[node]!) return 0;
  return Number.isNaN(value) ? missingRight[node]! : 1;
}

/** Rows that are looked at together, few enough to stay in the cache. */
const BLOCK_ROWS = 256;

/** Calls `use` with block after block of the table's rows, as float32 [rows, columns]. */
export function forEachBlock(
  { rows, columns }: Table,
  use: (block: Float32Array, first: number, rows: number) => void,
): void {
  const width = columns.length;
  const block = new Float32Array(Math.min(rows, BLOCK_ROWS) * width);
  for (let first = 0; first < rows; first += BLOCK_ROWS) {
    const count = Math.min(BLOCK_ROWS, rows - first);
    for (let c = 0; c < width; c++) gather(columns[c]!.values, first, count, block, c, width);
    use(block, first, count);
  }
}

function gather(
  values: Float64Array,
  first: number,
  count: number,
  block: Float32Array,
  column: number,
  width: number,
): void {
  for (let i = 0, at = column; i < count; i++, at += width) block[at] = values[first + i]!;
}

/** `start` [outputs] and the trees' values added up: [rows * outputs]. */
export function sumTrees(forest: Forest, table: Table, start: Float64Array): Float64Array {
  const outputs = start.length;
  const sums = new Float64Array(table.rows * outputs);
  for (let row = 0; row < table.rows; row++) sums.set(start, row * outputs);
  const { roots } = forest;
  const add = forest.codeBits.length > 0 ? addTree : addNumericTree;
  forEachBlock(table, (block, first, rows) => {
    for (let t = 0; t < roots.length; t++) {
      const at = first * outputs + forest.outputs[t]!;
      add(forest, roots[t]!, block, table.columns.length, rows, sums, at, outputs);
    }
  });
  return sums;
}

function addTree(
  forest: Forest,
  root: number,
  block: Float32Array,
  width: number,
  rows: number,
  sums: Float64Array,
  at: number,
  outputs: number,
): void {
  const { columns, children, values } = forest;
  for (let row = 0; row < rows; row++) {
    let node = root;
    while (node >= 0) {
      const value = block[row * width + columns[node]!]!;
      node = children[2 * node + branch(forest, node, value)]!;
    }
    sums[at + row * outputs]! += values[~node]!;
  }
}

/** The same without a look at categories. */
function addNumericTree(
  { columns, thresholds, children, missingRight, values }: Forest,
  root: number,
  block: Float32Array,
  width: number,
  rows: number,
  sums: Float64Array,
  at: number,
  outputs: number,
): void {
  for (let row = 0; row < rows; row++) {
    const first = row * width;
    let node = root;
    while (node >= 0) {
      const value = block[first + columns[node]!]!;
      const threshold = thresholds[node]!;
      const side = value <= threshold ? 0 : value > threshold ? 1 : missingRight[node]!;
      node = children[2 * node + side]!;
    }
    sums[at + row * outputs]! += values[~node]!;
  }
}
