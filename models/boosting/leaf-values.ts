/** Leaf values: what a grown tree adds to the scores of the rows in each of its leaves. */
import type { Loss } from './losses.ts';
import type { RowPartition } from './row-partition.ts';
import type { Tree } from './tree.ts';
import { weightedQuantile } from './weighted-quantile.ts';

/** A tree without values, and what they are computed from; arrays are [rows]. */
export interface ValuedTree {
  readonly tree: Tree;
  readonly partition: RowPartition;
  readonly gradients: Float64Array;
  readonly hessians: Float64Array;
  readonly target: Float64Array;
  readonly weights: Float64Array;
  readonly scores: Float64Array;
  /** Whether every hessian is 1. */
  readonly isConstant: boolean;
  readonly loss: Pick<Loss, 'renewal' | 'maximumStep'>;
  readonly rules: { readonly learningRate: number; readonly l1: number; readonly l2: number };
}

/**
 * Fills in tree.values: the Newton step -T(G) / (H + l2), from sums of the derivatives as they are and not as they were
 * packed, or the quantile of the residuals; times the learning rate.
 */
export function leafValues(valued: ValuedTree): void {
  const { tree, partition, rules, loss } = valued;
  for (let leaf = 0; leaf < tree.values.length; leaf++) {
    const begin = partition.begin[leaf]!;
    const end = partition.end[leaf]!;
    const step =
      loss.renewal === undefined
        ? newtonStep(valued, begin, end)
        : residualQuantile(valued, begin, end, loss.renewal);
    const bounded = Math.max(-loss.maximumStep, Math.min(loss.maximumStep, step));
    tree.values[leaf] = rules.learningRate * bounded;
  }
}

function newtonStep(valued: ValuedTree, begin: number, end: number): number {
  const { gradients, hessians, rules } = valued;
  const { kernel } = valued.partition;
  const gradient = kernel.sum(gradients, begin, end);
  const hessian = valued.isConstant ? end - begin : kernel.sum(hessians, begin, end);
  const size = Math.max(Math.abs(gradient) - rules.l1, 0);
  if (size === 0) return 0;
  return (-Math.sign(gradient) * size) / Math.max(hessian + rules.l2, Number.MIN_VALUE);
}

function residualQuantile(valued: ValuedTree, begin: number, end: number, level: number): number {
  const { target, scores, weights } = valued;
  if (begin === end) return 0;
  const { rows } = valued.partition;
  const residuals = new Float64Array(end - begin);
  const shares = new Float64Array(end - begin);
  for (let i = begin; i < end; i++) {
    const row = rows[i]!;
    residuals[i - begin] = target[row]! - scores[row]!;
    shares[i - begin] = weights[row]!;
  }
  return weightedQuantile(residuals, shares, level);
}
