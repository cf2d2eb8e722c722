/** Grows one tree leaf by leaf: the leaf whose split gains most is split next (Shi 2007; Ke et al. 2017, LightGBM). */
import type { Binning } from './binned-table.ts';
import {
  createHistogram,
  fillHistogram,
  type Histogram,
  type PackedGradients,
  subtractHistogram,
} from './histograms.ts';
import { type RowPartition, splitRows } from './row-partition.ts';
import { findSplit, type NodeSums, type Split, type SplitRules } from './splits.ts';
import type { Tree, TreeNode } from './tree.ts';

/** What a tree must respect. */
export interface TreeRules extends SplitRules {
  readonly leaves: number;
  /** Most splits on the way to a leaf; 0 for no limit. */
  readonly maximumDepth: number;
}

/** What trees are grown in; one after the other use the same memory. */
export interface Grower {
  /**
   * Grows a tree over the rows that `learned` has in leaf 0. On return the leaves of `learned`, and of `followers`,
   * whose rows are only led along, are those of the tree; leaf values are 0. `allow` is asked before each search which
   * features [features] may be used.
   */
  grow(
    learned: RowPartition,
    followers: readonly RowPartition[],
    gradients: PackedGradients,
    allow: () => Uint8Array,
  ): Tree;
}

interface Leaf {
  readonly sums: NodeSums;
  readonly depth: number;
  readonly split: Split | undefined;
  /** Freed when the leaf can be split no further. */
  readonly histogram: Histogram | undefined;
  /** Where the leaf hangs: the inner node, or -1 for the root. */
  readonly parent: number;
  readonly isLeft: boolean;
}

/** A grower for tables cut by `binning`. */
export function createGrower(binning: Binning, rules: TreeRules): Grower {
  const pool: Histogram[] = [];
  const goesLeft = new Uint8Array(256);
  return {
    grow(learned, followers, gradients, allow) {
      const take = (): Histogram =>
        pool.pop() ?? createHistogram(binning.size, gradients.isConstant);
      const nodes: TreeNode[] = [];
      const leaves: Leaf[] = [];
      const partitions = [learned, ...followers];

      const isFinal = (count: number, depth: number): boolean =>
        count >= rules.leaves || (rules.maximumDepth > 0 && depth >= rules.maximumDepth);
      const release = (histogram: Histogram): readonly undefined[] => {
        pool.push(histogram);
        return [];
      };
      /** Histograms of both children: of the smaller one by adding up, of the other by taking that from the parent's. */
      const divide = (
        parent: Histogram,
        split: Split,
        left: number,
        right: number,
      ): readonly Histogram[] => {
        const isLeftSmaller = split.left.rows <= split.right.rows;
        const smaller = take();
        fillHistogram(smaller, gradients, learned, isLeftSmaller ? left : right);
        subtractHistogram(parent, smaller);
        return isLeftSmaller ? [smaller, parent] : [parent, smaller];
      };
      /** The leaf with its best split, if it has a histogram, which goes back to the pool if there is none. */
      const addLeaf = (at: number, draft: Omit<Leaf, 'split'>): void => {
        const { histogram, sums } = draft;
        const split = histogram && findSplit(histogram, sums, binning, gradients, rules, allow());
        if (histogram && split === undefined) pool.push(histogram);
        leaves[at] = { ...draft, split, histogram: split === undefined ? undefined : histogram };
      };

      const root = take();
      fillHistogram(root, gradients, learned, 0);
      const sums = totals(root, binning, gradients, learned.end[0]! - learned.begin[0]!);
      addLeaf(0, { sums, depth: 0, histogram: root, parent: -1, isLeft: true });
      while (leaves.length < rules.leaves) {
        const at = bestLeaf(leaves);
        if (at < 0) break;
        const { split, histogram, depth, parent, isLeft, sums: cover } = leaves[at]!;
        markLeft(goesLeft, binning, split!);
        const right = leaves.length;
        for (const partition of partitions) {
          splitRows(partition, at, right, split!.feature, goesLeft);
        }
        const node = nodes.push(createNode(binning, split!, cover.rows)) - 1;
        hang(nodes, parent, isLeft, node);
        const [ofLeft, ofRight] = isFinal(right + 1, depth + 1)
          ? release(histogram!)
          : divide(histogram!, split!, at, right);
        const child = { depth: depth + 1, parent: node };
        addLeaf(at, { ...child, sums: split!.left, histogram: ofLeft, isLeft: true });
        addLeaf(right, { ...child, sums: split!.right, histogram: ofRight, isLeft: false });
      }
      return finish(nodes, leaves, pool);
    },
  };
}

/** The sums of a histogram over all bins of one feature, which are those of the `rows` that it was filled with. */
function totals(
  histogram: Histogram,
  { features }: Binning,
  gradients: PackedGradients,
  rows: number,
): NodeSums {
  // The first feature's bins are the first ones.
  const bins = features.length === 0 ? 0 : features[0]!.values + 1;
  let packed = 0;
  let hessian = 0;
  for (let bin = 0; bin < bins; bin++) {
    packed += histogram.packed[bin]!;
    if (!gradients.isConstant) hessian += histogram.hessians[bin]!;
  }
  const whole = Math.floor(packed / gradients.radix);
  return {
    rows,
    gradient: whole * gradients.gradientUnit,
    hessian: gradients.isConstant ? rows : hessian * gradients.hessianUnit,
  };
}

function bestLeaf(leaves: readonly Leaf[]): number {
  let best = -1;
  let gain = 0;
  for (let at = 0; at < leaves.length; at++) {
    const { split } = leaves[at]!;
    if (split === undefined || split.gain <= gain) continue;
    best = at;
    gain = split.gain;
  }
  return best;
}

function markLeft(goesLeft: Uint8Array, binning: Binning, split: Split): void {
  const { values } = binning.features[split.feature]!;
  goesLeft.fill(0);
  if (split.leftBins === undefined) goesLeft.fill(1, 0, split.lastLeft + 1);
  else for (const bin of split.leftBins) goesLeft[bin] = 1;
  goesLeft[values] = split.missingLeft ? 1 : 0;
}

function createNode(binning: Binning, split: Split, cover: number): TreeNode {
  const { column, thresholds, codes } = binning.features[split.feature]!;
  return {
    column,
    threshold: thresholds[split.lastLeft] ?? Number.POSITIVE_INFINITY,
    missingLeft: split.missingLeft,
    codes: split.leftBins?.map((bin) => codes![bin]!).sort((a, b) => a - b),
    gain: split.gain,
    cover,
    left: 0,
    right: 0,
  };
}

function hang(nodes: readonly TreeNode[], parent: number, isLeft: boolean, child: number): void {
  if (parent < 0) return;
  if (isLeft) nodes[parent]!.left = child;
  else nodes[parent]!.right = child;
}

function finish(nodes: readonly TreeNode[], leaves: readonly Leaf[], pool: Histogram[]): Tree {
  for (const [at, { parent, isLeft, histogram }] of leaves.entries()) {
    hang(nodes, parent, isLeft, ~at);
    if (histogram !== undefined) pool.push(histogram);
  }
  return {
    nodes,
    covers: Float64Array.from(leaves, ({ sums }) => sums.rows),
    values: new Float64Array(leaves.length),
  };
}
