/** Linear scores: sums of standardised terms, one for each output; what linear values and linear classes are made of. */
import { z } from 'zod';
import type { Table } from '../../series/table.ts';
import { assert } from '../../state/errors.ts';
import { constant, type Expression, input } from '../../tensor/expression.ts';
import { add, cast, div, equal, gather, matMul, sub, where } from '../../tensor/functions.ts';
import { termSchema, termValues } from './terms.ts';

export const linearScoresSchema = z.strictObject({
  /** Names of the columns. */
  columns: z.array(z.string()),
  terms: z.array(termSchema),
  /** [outputs][terms]. */
  coefficients: z.array(z.array(z.number())),
  /** [outputs]: the scores where all terms are 0. */
  intercepts: z.array(z.number()),
});
export type LinearScores = z.infer<typeof linearScoresSchema>;

/** Visits, for each output and term, the column and what it adds in each row. */
function eachShare(
  { columns, terms, coefficients }: LinearScores,
  table: Table,
  visit: (output: number, column: number, share: Float64Array) => void,
): void {
  assert(
    table.columns.length === columns.length &&
      table.columns.every(({ name }, j) => name === columns[j]),
    'a table has the columns that were learned from',
  );
  for (const [k, term] of terms.entries()) {
    const values = termValues(table.columns[term.column]!, term);
    for (const [output, own] of coefficients.entries()) {
      const coefficient = own[k]!;
      if (coefficient === 0) continue;
      visit(
        output,
        term.column,
        values.map((value) => coefficient * value),
      );
    }
  }
}

/** [rows * outputs]. */
export function scoresOf(scores: LinearScores, table: Table): Float64Array {
  const { intercepts } = scores;
  const outputs = intercepts.length;
  const result = Float64Array.from(
    { length: table.rows * outputs },
    (_, i) => intercepts[i % outputs]!,
  );
  eachShare(scores, table, (output, _, share) => {
    for (let r = 0; r < table.rows; r++) result[r * outputs + output]! += share[r]!;
  });
  return result;
}

/** [rows * outputs * (columns + 1)]: what each column adds to each score, and the intercept last. */
export function scoreContributions(scores: LinearScores, table: Table): Float64Array {
  const { intercepts, columns } = scores;
  const outputs = intercepts.length;
  const width = columns.length + 1;
  const result = new Float64Array(table.rows * outputs * width);
  for (let i = 0; i < table.rows * outputs; i++) {
    result[i * width + width - 1] = intercepts[i % outputs]!;
  }
  eachShare(scores, table, (output, column, share) => {
    for (let r = 0; r < table.rows; r++) {
      result[(r * outputs + output) * width + column]! += share[r]!;
    }
  });
  return result;
}

/** Absolute coefficients of the standardised terms, by column, as shares of their sum. */
export function scoreImportance({
  columns,
  terms,
  coefficients,
}: LinearScores): Record<string, number> {
  const sizes = new Float64Array(columns.length);
  for (const own of coefficients) {
    for (const [k, { column }] of terms.entries()) sizes[column]! += Math.abs(own[k]!);
  }
  const total = sizes.reduce((a, b) => a + b, 0);
  return Object.fromEntries(columns.map((name, j) => [name, total > 0 ? sizes[j]! / total : 0]));
}

/** The input `features` [rows, columns] -> [rows, outputs]. */
export function scoresExpression({
  columns,
  terms,
  coefficients,
  intercepts,
}: LinearScores): Expression {
  const x = input('features', 'float32', ['rows', columns.length]);
  const outputs = intercepts.length;
  const start = constant(intercepts, [1, outputs]);
  const partOf = (
    kind: 'value' | 'missing' | 'code',
    of: (picked: Expression, row: (values: readonly number[]) => Expression) => Expression,
  ): Expression[] => {
    const own = terms.map((term, k) => ({ ...term, k })).filter((term) => term.kind === kind);
    if (own.length === 0) return [];
    const row = (values: readonly number[]): Expression => constant(values, [1, own.length]);
    const places = own.map(({ column }) => column);
    const picked = gather(x, constant(places, [own.length], 'int64'), 1);
    const centred = sub(of(picked, row), row(own.map(({ mean }) => mean)));
    const scaled = div(centred, row(own.map(({ deviation }) => deviation)));
    const known = kind === 'value' ? where(equal(picked, picked), scaled, 0) : scaled;
    const matrix = own.flatMap(({ k }) => coefficients.map((each) => each[k]!));
    return [matMul(known, constant(matrix, [own.length, outputs]))];
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
  if (parts.length > 0) return parts.reduce((sum, part) => add(sum, part), start);
  // Without a term the answer still is as long as the input.
  const zeros = constant(new Float64Array(columns.length * outputs), [columns.length, outputs]);
  return add(matMul(cast(equal(x, 0), 'float32'), zeros), start);
}
