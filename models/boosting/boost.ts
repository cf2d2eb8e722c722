/**
 * Gradient boosting: trees added one after the other, each a Newton step against the loss (Friedman 2001; Friedman,
 * Hastie, Tibshirani 2000), on histograms (Ke et al. 2017).
 */
import { createRandom } from '../../tensor/random.ts';
import type { TabularTask } from '../model.ts';
import { createForest, type Forest } from './forest.ts';
import { createGrower, type TreeRules } from './grower.ts';
import { createPackedGradients, packGradients } from './histograms.ts';
import { leafValues } from './leaf-values.ts';
import type { Loss } from './losses.ts';
import { createRowPartition, type RowPartition, takeAllRows, takeRows } from './row-partition.ts';
import { createFeatureChoice, drawRows } from './sampling.ts';
import type { TableMemory } from './table-memory.ts';
import { type Examples, prepareTraining } from './training-set.ts';
import type { Tree } from './tree.ts';

/** How trees are added. */
export interface BoostingRules extends TreeRules {
  /** Most rounds; each adds a tree per output. */
  readonly rounds: number;
  /** What leaf values are multiplied by. */
  readonly learningRate: number;
  /** Share of the rows that a tree learns from, drawn anew for each round. */
  readonly rowFraction: number;
  /** Share of the columns that a tree may use. */
  readonly columnFraction: number;
  /** Most bins of a column, up to 255. */
  readonly bins: number;
  /** Rounds without a better loss on the validation rows after which learning stops; 0 for never. */
  readonly patience: number;
}

/** What was learned. */
export interface Boosted {
  readonly forest: Forest;
  /** [outputs] score before the first tree. */
  readonly start: Float64Array;
  /** Validation loss after each round that was made, on the scale of the target as it was divided; empty without validation. */
  readonly losses: readonly number[];
}

/** Rows whose scores are kept up to date while trees are added. */
interface Scored {
  readonly examples: Examples;
  readonly partition: RowPartition;
  /** [outputs][rows] */
  readonly scores: readonly Float64Array[];
}

/** Learns from `task`; with validation rows the rounds up to the best one are kept. */
export function boost(task: TabularTask, loss: Loss, rules: BoostingRules): Boosted {
  const set = prepareTraining(task, loss, rules.bins);
  const { target, weights, data } = set.learned;
  const start = loss.start(target, weights);
  const score = (examples: Examples): Scored => ({
    examples,
    partition: createRowPartition(examples.data, rules.leaves),
    scores: Array.from(start, (value, k) => examples.data.memory.arrays[k]!.fill(value)),
  });
  const learned = score(set.learned);
  const samples = rules.rowFraction < 1;
  const others = samples && { ...learned, partition: createRowPartition(data, rules.leaves) };
  const validation = set.validation && score(set.validation);
  const followers = [...(others ? [others] : []), ...(validation ? [validation] : [])];
  const rest = followers.map(({ partition }) => partition);

  const isConstant = loss.isConstant && set.isUnweighted;
  const derivatives = placeDerivatives(data.memory, start.length);
  const needed = derivatives.map((own) => ({ ...own, ...(isConstant && { hessians: undefined }) }));
  const packed = createPackedGradients(data);
  const grower = createGrower(data.binning, rules);
  const trees: Tree[][] = [];
  const losses: number[] = [];
  let best = 0;
  for (let round = 0; round < rules.rounds; round++) {
    if (task.shouldStop?.()) break;
    const random = createRandom(task.seed, 'round', round);
    const allowed = createFeatureChoice(data.binning, rules.columnFraction, random);
    loss.derive(target, weights, learned.scores, needed);
    const drawn = others && drawRows(data.rows, rules.rowFraction, random);
    trees.push(
      derivatives.map(({ gradients, hessians }, k) => {
        if (others && drawn) placeRows(learned.partition, others.partition, drawn);
        else takeAllRows(learned.partition);
        if (validation) takeAllRows(validation.partition);
        packGradients(packed, gradients, hessians, isConstant);
        const tree = grower.grow(learned.partition, rest, packed, () => allowed);
        const { partition, scores } = learned;
        const values = { tree, partition, gradients, hessians, isConstant, rules, loss };
        leafValues({ ...values, target, weights, scores: scores[k]! });
        for (const each of [learned, ...followers]) addValues(each, k, tree);
        return tree;
      }),
    );
    if (validation) {
      losses.push(meanLoss(validation, loss));
      if (losses[round]! < losses[best]!) best = round;
      if (rules.patience > 0 && round - best >= rules.patience) break;
    }
    const isDone = trees.at(-1)!.every(({ nodes }) => nodes.length === 0);
    if (isDone && !samples && rules.columnFraction >= 1) break;
  }
  const kept = validation ? trees.slice(0, best + 1) : trees;
  const flat = kept.flatMap((round) => round.map((tree, output) => ({ tree, output })));
  const scaled = start.map((value) => value * set.scale);
  return { forest: createForest(flat, set.scale), start: scaled, losses };
}

/** Room for the derivatives by the score of each output, in a table's memory behind that for the scores. */
function placeDerivatives({ arrays }: TableMemory, outputs: number) {
  return Array.from({ length: outputs }, (_, k) => ({
    gradients: arrays[outputs + k]!,
    hessians: arrays[2 * outputs + k]!,
  }));
}

/** Puts the drawn rows into leaf 0 of `learned` and the others into that of `others`. */
function placeRows(learned: RowPartition, others: RowPartition, drawn: Uint8Array): void {
  const { rows } = learned;
  let inside = 0;
  for (let row = 0; row < drawn.length; row++) inside += drawn[row]!;
  let [at, other] = [0, inside];
  for (let row = 0; row < drawn.length; row++) {
    if (drawn[row] === 1) rows[at++] = row;
    else rows[other++] = row;
  }
  takeRows(learned, 0, inside);
  takeRows(others, inside, drawn.length);
}

function addValues({ partition, scores }: Scored, output: number, { values }: Tree): void {
  const { kernel, begin, end } = partition;
  for (let leaf = 0; leaf < values.length; leaf++) {
    kernel.add(scores[output]!, begin[leaf]!, end[leaf]!, values[leaf]!);
  }
}

function meanLoss({ examples, scores }: Scored, loss: Loss): number {
  const { target, weights } = examples;
  const row = new Float64Array(scores.length);
  let sum = 0;
  let total = 0;
  for (let i = 0; i < target.length; i++) {
    for (let k = 0; k < row.length; k++) row[k] = scores[k]![i]!;
    sum += weights[i]! * loss.measure(target[i]!, row);
    total += weights[i]!;
  }
  return sum / total;
}
