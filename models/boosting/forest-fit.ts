/** Forest fits: what a forest model predicts, how it explains itself, and the forms in which it is kept. */
import { fail } from '../../state/errors.ts';
import type { Table } from '../../series/table.ts';
import type { TabularFit } from '../model.ts';
import { sumTrees } from './forest.ts';
import { decodeForestModel, encodeForestModel, type ForestModel } from './forest-model.ts';
import { forestOnnx } from './forest-onnx.ts';
import { sigmoid, SMALLEST_SHARE } from './losses.ts';
import { treeShap } from './tree-shap.ts';

/** Largest raw score that exp is taken of. */
const LARGEST_EXPONENT = 700;

/** The fit of a forest model. @throws TABLE_INVALID when a table to predict lacks a column. */
export function createForestFit(model: ForestModel): TabularFit {
  const { forest, start, link } = model;
  return {
    predict: (table) =>
      applyLink(link, sumTrees(forest, arrange(model, table), start), start.length),
    importance: { gain: shares(model, forest.gains), split: shares(model, undefined) },
    contributions: (table) => treeShap(forest, arrange(model, table), start),
    encode: () => encodeForestModel(model),
    toOnnx: () => forestOnnx(model),
  };
}

/** The fit whose `encode` gave `bytes`. */
export function loadForestFit(bytes: Uint8Array): TabularFit {
  return createForestFit(decodeForestModel(bytes));
}

/** The columns that the model knows, in its order. */
function arrange({ columns }: ForestModel, table: Table): Table {
  const byName = new Map(table.columns.map((column) => [column.name, column]));
  const known = columns.map((name) => {
    const column = byName.get(name);
    return (
      column ??
      fail('TABLE_INVALID', { column: name, problem: 'the model needs it and it is not there' })
    );
  });
  return { rows: table.rows, columns: known };
}

/** Each column's share of the gains, or of the number of splits. */
function shares({ columns, forest }: ForestModel, gains: Float64Array | undefined) {
  const sums = new Float64Array(columns.length);
  for (const [node, column] of forest.columns.entries()) sums[column]! += gains?.[node] ?? 1;
  const total = sums.reduce((sum, value) => sum + value, 0);
  return Object.fromEntries(
    columns.map((name, column) => [name, total > 0 ? sums[column]! / total : 0]),
  );
}

/** Predictions from raw scores [rows * outputs]; both classes' probabilities where there is one score for two. */
function applyLink(link: ForestModel['link'], raw: Float64Array, outputs: number): Float64Array {
  if (link === 'identity') return raw;
  if (link === 'exponential') {
    return raw.map((score) => Math.exp(Math.min(score, LARGEST_EXPONENT)));
  }
  if (link === 'logistic') {
    return Float64Array.from({ length: 2 * raw.length }, (_, i) => {
      const score = raw[i >> 1]!;
      return sigmoid(i & 1 ? score : -score);
    });
  }
  // One share stands for itself and what is left of 1.
  const scores =
    outputs > 1
      ? raw
      : Float64Array.from({ length: 2 * raw.length }, (_, i) =>
          i & 1 ? raw[i >> 1]! : 1 - raw[i >> 1]!,
        );
  const classes = Math.max(2, outputs);
  for (let at = 0; at < scores.length; at += classes) {
    normalise(scores.subarray(at, at + classes), link === 'softmax');
  }
  return scores;
}

/** Makes scores positive and add up to 1. */
function normalise(scores: Float64Array, isLogarithmic: boolean): void {
  let top = Number.NEGATIVE_INFINITY;
  for (const score of scores) top = Math.max(top, score);
  let sum = 0;
  for (let k = 0; k < scores.length; k++) {
    const score = scores[k]!;
    scores[k] = isLogarithmic ? Math.exp(score - top) : Math.max(score, SMALLEST_SHARE);
    sum += scores[k]!;
  }
  for (let k = 0; k < scores.length; k++) scores[k]! /= sum;
}
