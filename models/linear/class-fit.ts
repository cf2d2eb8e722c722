/** Class fit: probabilities, contributions and export of a linear model of classes. */
import { constant, type Expression } from '../../tensor/expression.ts';
import {
  cast,
  concat,
  equal,
  neg,
  reduceMax,
  sigmoid,
  softmax,
  sub,
  where,
} from '../../tensor/functions.ts';
import { emitOnnx } from '../../tensor/onnx.ts';
import type { TabularFit } from '../model.ts';
import {
  type LinearScores,
  linearScoresSchema,
  scoreContributions,
  scoreImportance,
  scoresExpression,
  scoresOf,
} from './linear-scores.ts';

/** The fit of scores: one for each class, or a single one for the second of two classes. */
export function createClassFit(scores: LinearScores): TabularFit {
  const outputs = scores.intercepts.length;
  return {
    predict: (table) => probabilitiesOf(scoresOf(scores, table), outputs),
    importance: { coefficient: scoreImportance(scores) },
    contributions: (table) => scoreContributions(scores, table),
    encode: () => new TextEncoder().encode(JSON.stringify(scores)),
    toOnnx() {
      const probabilities = probabilitiesExpression(scoresExpression(scores), outputs);
      const label = labelExpression(probabilities, Math.max(2, outputs));
      return emitOnnx({ label, probabilities });
    },
  };
}

/** The fit whose `encode` gave `bytes`. */
export function loadClassFit(bytes: Uint8Array): TabularFit {
  return createClassFit(linearScoresSchema.parse(JSON.parse(new TextDecoder().decode(bytes))));
}

/** Probabilities [rows * classes] of `scores` [rows * outputs]; each row adds up to 1. */
export function probabilitiesOf(scores: Float64Array, outputs: number): Float64Array {
  if (outputs === 1) {
    return Float64Array.from({ length: 2 * scores.length }, (_, i) => {
      const score = scores[i >> 1]!;
      return 1 / (1 + Math.exp(i & 1 ? -score : score));
    });
  }
  const shares = new Float64Array(scores.length);
  for (let at = 0; at < scores.length; at += outputs) {
    let top = Number.NEGATIVE_INFINITY;
    for (let k = 0; k < outputs; k++) top = Math.max(top, scores[at + k]!);
    let sum = 0;
    for (let k = 0; k < outputs; k++) {
      shares[at + k] = Math.exp(scores[at + k]! - top);
      sum += shares[at + k]!;
    }
    for (let k = 0; k < outputs; k++) shares[at + k]! /= sum;
  }
  return shares;
}

function probabilitiesExpression(scores: Expression, outputs: number): Expression {
  return outputs === 1 ? sigmoid(concat([neg(scores), scores], 1)) : softmax(scores, 1);
}

/** The first class of the greatest probability, [rows] int64. */
function labelExpression(probabilities: Expression, classes: number): Expression {
  const greatest = equal(probabilities, reduceMax(probabilities, 1, true));
  const left = constant(
    Array.from({ length: classes }, (_, k) => classes - k),
    [1, classes],
  );
  return cast(sub(classes, reduceMax(where(greatest, left, 0), 1)), 'int64');
}
