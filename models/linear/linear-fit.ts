/** Linear fit: predictions, contributions and export of a linear model over standardised terms. */
import { z } from 'zod';
import { emitOnnx } from '../../tensor/onnx.ts';
import type { TabularFit } from '../model.ts';
import {
  type LinearScores,
  scoreContributions,
  scoreImportance,
  scoresExpression,
  scoresOf,
} from './linear-scores.ts';
import { termSchema } from './terms.ts';

const linearSchema = z.strictObject({
  /** Names of the columns. */
  columns: z.array(z.string()),
  terms: z.array(termSchema),
  /** [terms]. */
  coefficients: z.array(z.number()),
  /** The prediction where all terms are 0: the mean target. */
  intercept: z.number(),
});
/** Everything that a linear model has learned. */
export type LinearEquation = z.infer<typeof linearSchema>;

/** The fit of an equation. */
export function createLinearFit(equation: LinearEquation): TabularFit {
  const { columns, terms, coefficients, intercept } = equation;
  const scores: LinearScores = {
    columns,
    terms,
    coefficients: [coefficients],
    intercepts: [intercept],
  };
  return {
    predict: (table) => scoresOf(scores, table),
    importance: { coefficient: scoreImportance(scores) },
    contributions: (table) => scoreContributions(scores, table),
    encode: () => new TextEncoder().encode(JSON.stringify(equation)),
    toOnnx: () => emitOnnx({ prediction: scoresExpression(scores) }),
  };
}

/** The fit whose `encode` gave `bytes`. */
export function loadLinearFit(bytes: Uint8Array): TabularFit {
  return createLinearFit(linearSchema.parse(JSON.parse(new TextDecoder().decode(bytes))));
}
