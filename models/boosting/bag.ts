/**
 * Bagging: deep trees, each over its own bootstrap of the rows with a few columns offered at each split, averaged
 * (Breiman 2001, Random Forests).
 */
import { createRandom } from '../../tensor/random.ts';
import type { TabularTask } from '../model.ts';
import { createForest, type Forest } from './forest.ts';
import { createGrower, type TreeRules } from './grower.ts';
import { createPackedGradients, packGradients } from './histograms.ts';
import { leafValues } from './leaf-values.ts';
import { type Loss, squared } from './losses.ts';
import { createRowPartition, takeRows } from './row-partition.ts';
import { createFeatureChoice, drawBootstrap } from './sampling.ts';
import { type Examples, prepareTraining, type TrainingSet } from './training-set.ts';
import type { Tree } from './tree.ts';

/** How the trees are grown. */
export interface BaggingRules extends TreeRules {
  readonly trees: number;
  /** Share of the columns that is offered at each split. */
  readonly columnFraction: number;
  readonly bins: number;
}

/** The averaged trees; for classes an output each, or one, the share of class 1, where there are two. */
export interface Bagged {
  readonly forest: Forest;
  /** [outputs], 0. */
  readonly start: Float64Array;
}

/** A tree whose leaves are the means of what is to be predicted. */
const averages = { learningRate: 1, l1: 0, l2: 0 };

/** Learns from `task`, all trees or as many as there is time for. */
export function bag(
  task: Omit<TabularTask, 'validation'>,
  rules: BaggingRules,
  problem: Loss['problem'],
): Bagged {
  const { classes } = task;
  const set = prepareTraining(
    {
      table: task.table,
      target: task.target,
      ...(task.weights && { weights: task.weights }),
      seed: task.seed,
    },
    { ...squared, problem, isHomogeneous: classes === undefined },
    rules.bins,
  );
  const outputs = classes === undefined || classes === 2 ? 1 : classes;
  const shared = classes === 2 ? [1] : Array.from({ length: outputs }, (_, k) => k);
  const targets = shared.map((k) =>
    classes === undefined ? set.learned.target : set.learned.target.map((y) => (y === k ? 1 : 0)),
  );
  const plant = createPlanter(set, rules);
  const planted: Tree[][] = [];
  for (let t = 0; t < rules.trees; t++) {
    // One tree is made whatever the clock says.
    if (t > 0 && task.shouldStop?.()) break;
    planted.push(targets.map((target, k) => plant(target, task.seed, t, k)));
  }
  const flat = planted.flatMap((trees) => trees.map((tree, output) => ({ tree, output })));
  return {
    forest: createForest(flat, set.scale / planted.length),
    start: new Float64Array(outputs),
  };
}

/** Grows one tree after the other in the same memory. */
function createPlanter({ learned, isUnweighted }: TrainingSet, rules: BaggingRules) {
  const { data, weights }: Examples = learned;
  const partition = createRowPartition(data, rules.leaves);
  const packed = createPackedGradients(data);
  const [scores, gradients, hessians] = data.memory.arrays as [
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  const grower = createGrower(data.binning, rules);
  return (target: Float64Array, seed: number, t: number, output: number): Tree => {
    const repeats = drawBootstrap(partition.rows, data.rows, createRandom(seed, 'bootstrap', t));
    takeRows(partition, 0, data.rows);
    // Centred, so that what is rounded are differences and not a level.
    const centre = squared.start(target, weights)[0]!;
    scores.fill(centre);
    squared.derive(target, weights, [scores], [{ gradients, hessians }]);
    packGradients(packed, gradients, hessians, isUnweighted, repeats);
    const random = createRandom(seed, 'columns', t, output);
    const offer = (): Uint8Array => createFeatureChoice(data.binning, rules.columnFraction, random);
    const tree = grower.grow(partition, [], packed, offer);
    const loss = squared;
    leafValues({
      tree,
      partition,
      gradients,
      hessians,
      isConstant: isUnweighted,
      target,
      weights,
      scores,
      loss,
      rules: averages,
    });
    for (let leaf = 0; leaf < tree.values.length; leaf++) tree.values[leaf]! += centre;
    return tree;
  };
}
