/** TreeSHAP: contributions that add up, and equal Shapley values by their definition. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { boost } from '../../../models/boosting/boost.ts';
import { branch, type Forest, sumTrees } from '../../../models/boosting/forest.ts';
import { softmax, squared } from '../../../models/boosting/losses.ts';
import { treeShap } from '../../../models/boosting/tree-shap.ts';
import { gradientBoosting } from '../../../models/trees/gradient-boosting.ts';
import { randomTable, randomTarget } from './tables.ts';

const settings = gradientBoosting.hyperparameters.parse({ rounds: 4, leaves: 12, minimumRows: 2 });

/** What a tree is expected to give if only the columns of `known` are: unknown ones are averaged by cover. */
function expectation(forest: Forest, node: number, row: readonly number[], known: number): number {
  if (node < 0) return forest.values[~node]!;
  const column = forest.columns[node]!;
  const [left, right] = [forest.children[2 * node]!, forest.children[2 * node + 1]!];
  if ((known >> column) & 1) {
    const side = branch(forest, node, Math.fround(row[column]!));
    return expectation(forest, side === 0 ? left : right, row, known);
  }
  const cover = (at: number): number => (at < 0 ? forest.leafCovers[~at]! : forest.nodeCovers[at]!);
  const sides = [left, right].map((at) => cover(at) * expectation(forest, at, row, known));
  return (sides[0]! + sides[1]!) / cover(node);
}

/** The Shapley value of `column` by summing over all subsets of the others. */
function shapley(forest: Forest, row: readonly number[], column: number): number {
  const width = row.length;
  const factorial = (n: number): number => (n < 2 ? 1 : n * factorial(n - 1));
  const value = (known: number): number =>
    forest.roots.reduce((sum, root) => sum + expectation(forest, root, row, known), 0);
  let total = 0;
  for (let set = 0; set < 2 ** width; set++) {
    if ((set >> column) & 1) continue;
    const size = Array.from({ length: width }, (_, c) => (set >> c) & 1).reduce((a, b) => a + b);
    const share = (factorial(size) * factorial(width - size - 1)) / factorial(width);
    total += share * (value(set | (1 << column)) - value(set));
  }
  return total;
}

describe('treeShap', () => {
  it('gives the Shapley values of the conditional expectations', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e6 }), (seed) => {
        const table = randomTable(80, 3, { missing: 0.1, categories: [6], seed });
        const { forest, start } = boost(
          { table, target: randomTarget(table), seed },
          squared,
          settings,
        );
        const contributions = treeShap(forest, table, start);
        for (const row of [0, 17, 79]) {
          const values = table.columns.map((column) => column.values[row]!);
          for (const c of values.keys()) {
            expect(contributions[row * 5 + c]).toBeCloseTo(shapley(forest, values, c), 9);
          }
        }
      }),
      { numRuns: 8 },
    );
  });

  it('adds up to the raw scores of every output', () => {
    const table = randomTable(150, 5, { missing: 0.2, categories: [3, 9], seed: 4 });
    const target = randomTarget(table).map((y) => (y > 1 ? 2 : y > -1 ? 1 : 0));
    const rules = { ...settings, rounds: 20, maximumDepth: 0 };
    const { forest, start } = boost({ table, target, classes: 3, seed: 1 }, softmax(3), rules);
    const contributions = treeShap(forest, table, start);
    const scores = sumTrees(forest, table, start);
    expect(contributions).toHaveLength(150 * 3 * 8);
    for (const [i, score] of scores.entries()) {
      const sum = contributions.subarray(8 * i, 8 * i + 8).reduce((a, b) => a + b);
      expect(sum).toBeCloseTo(score, 9);
    }
  });

  it('explains a model without trees by its expectation alone', () => {
    const table = randomTable(5, 2);
    const target = new Float64Array(5).fill(3);
    const { forest, start } = boost({ table, target, seed: 1 }, squared, settings);
    expect(Array.from(treeShap(forest, table, start).subarray(0, 3))).toEqual([0, 0, 3]);
  });
});
