/** Linear fit: predictions, contributions and export of a linear model over standardised terms. */
import { z } from 'zod';
import type { Table } from '../../series/table.ts';
import { assert } from '../../state/errors.ts';
import { constant, type Expression, input } from '../../tensor/expression.ts';
import { add, cast, div, equal, gather, matMul, sub, where } from '../../tensor/functions.ts';
import { emitOnnx } from '../../tensor/onnx.ts';
import type { TabularFit } from '../model.ts';
import { termSchema, termValues } from './terms.ts';

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
  const eachTerm = (table: Table, visit: (column: number, share: Float64Array) => void): void => {
    assert(
      table.columns.length === columns.length &&
        table.columns.every(({ name }, j) => name === columns[j]),
      'a table has the columns that were learned from',
    );
    for (const [k, term] of terms.entries()) {
      const coefficient = coefficients[k]!;
      const values = termValues(table.columns[term.column]!, term);
      visit(
        term.column,
        values.map((value) => coefficient * value),
      );
    }
  };
  return {
    predict(table) {
      const sum = new Float64Array(table.rows).fill(intercept);
      eachTerm(table, (_, share) => {
        for (let r = 0; r < sum.length; r++) sum[r]! += share[r]!;
      });
      return sum;
    },
    importance: { coefficient: importanceOf(equation) },
    contributions(table) {
      const width = columns.length + 1;
      const result = new Float64Array(table.rows * width);
      for (let r = 0; r < table.rows; r++) result[r * width + width - 1] = intercept;
      eachTerm(table, (column, share) => {
        for (let r = 0; r < table.rows; r++) result[r * width + column]! += share[r]!;
      });
      return result;
    },
    encode: () => new TextEncoder().encode(JSON.stringify(equation)),
    toOnnx: () => emitOnnx({ prediction: expressionOf(equation) }),
  };
}

/** The fit whose `encode` gave `bytes`. */
export function loadLinearFit(bytes: Uint8Array): TabularFit {
  return createLinearFit(linearSchema.parse(JSON.parse(new TextDecoder().decode(bytes))));
}

/** Absolute coefficients of the standardised terms, by column, as shares of their sum. */
function importanceOf({ columns, terms, coefficients }: LinearEquation): Record<string, number> {
  const sizes = new Float64Array(columns.length);
  for (const [k, { column }] of terms.entries()) sizes[column]! += Math.abs(coefficients[k]!);
  const total = sizes.reduce((a, b) => a + b, 0);
  return Object.fromEntries(columns.map((name, j) => [name, total > 0 ? sizes[j]! / total : 0]));
}

/** `features` [rows, columns] -> [rows, 1]. */
function expressionOf({ columns, terms, coefficients, intercept }: LinearEquation): Expression {
  const x = input('features', 'float32', ['rows', columns.length]);
  const partOf = (
    kind: 'value' | 'missing' | 'code',
    of: (picked: Expression, row: (values: readonly number[]) => Expression) => Expression,
  ): Expression[] => {
    const own = terms.map((term, k) => ({ ...term, k })).filter((term) => term.kind === kind);
    if (own.length === 0) return [];
    const row = (values: readonly number[]): Expression => constant(values, [1, own.length]);
    const picked = gather(
      x,
      constant(
        own.map(({ column }) => column),
        [own.length],
        'int64',
      ),
      1,
    );
    const centred = sub(of(picked, row), row(own.map(({ mean }) => mean)));
    const scaled = div(centred, row(own.map(({ deviation }) => deviation)));
    const known = kind === 'value' ? where(equal(picked, picked), scaled, 0) : scaled;
    return [
      matMul(
        known,
        constant(
          own.map(({ k }) => coefficients[k]!),
          [own.length, 1],
        ),
      ),
    ];
  };
  const parts = [
    ...partOf('value', (picked) => picked),
    // What is not equal to itself is missing.
    ...partOf('missing', (picked) => sub(1, cast(equal(picked, picked), 'float32'))),
    ...partOf('code', (picked, row) =>
      cast(
        equal(picked, row(terms.filter(({ kind }) => kind === 'code').map(({ code }) => code))),
        'float32',
      ),
    ),
  ];
  if (parts.length > 0) return parts.reduce((sum, part) => add(sum, part), constant(intercept));
  // Without a term the answer still is as long as the input.
  const zeros = constant(new Float64Array(columns.length), [columns.length, 1]);
  return add(matMul(cast(equal(x, 0), 'float32'), zeros), intercept);
}
