/** Terms of a linear model: what a table's columns become, each of mean 0 and deviation 1 over the rows that it is learned from. */
import { z } from 'zod';
import type { Table, TableColumn } from '../../series/table.ts';

/** A value of a column, whether it is missing, or whether it is one of its codes. */
export const termSchema = z.strictObject({
  /** Index of the column. */
  column: z.int().nonnegative(),
  kind: z.enum(['value', 'missing', 'code']),
  /** The code that is looked for; 0 for other kinds. */
  code: z.number(),
  mean: z.number(),
  deviation: z.number().positive(),
});
export type Term = z.infer<typeof termSchema>;

/** The terms of `table` with weights [rows]; a term that is the same in all rows is left out. */
export function termsOf({ columns }: Table, weights: Float64Array): Term[] {
  return columns.flatMap((column, index) => {
    const kinds: Pick<Term, 'kind' | 'code'>[] =
      column.categories === undefined
        ? [
            { kind: 'value', code: 0 },
            { kind: 'missing', code: 0 },
          ]
        : Array.from({ length: column.categories }, (_, code) => ({ kind: 'code', code }));
    return kinds.flatMap((kind): Term[] => {
      const measured = measure(column, kind, weights);
      return measured ? [{ column: index, ...kind, ...measured }] : [];
    });
  });
}

/** The standardised term in each row [rows]; 0 where a value is missing. */
export function termValues({ values }: TableColumn, term: Term): Float64Array {
  const { kind, mean, deviation } = term;
  return values.map((value) => {
    if (kind === 'value') return Number.isNaN(value) ? 0 : (value - mean) / deviation;
    return (rawOf(value, term) - mean) / deviation;
  });
}

/** 1 where a code, or a missing value, is what the term looks for. */
function rawOf(value: number, { kind, code }: Pick<Term, 'kind' | 'code'>): number {
  if (kind === 'value') return value;
  return (kind === 'missing' ? Number.isNaN(value) : value === code) ? 1 : 0;
}

/** Weighted mean and deviation of what is not missing; undefined if it does not vary. */
function measure(
  { values }: TableColumn,
  kind: Pick<Term, 'kind' | 'code'>,
  weights: Float64Array,
): Pick<Term, 'mean' | 'deviation'> | undefined {
  let total = 0;
  let mean = 0;
  let squares = 0;
  for (let r = 0; r < values.length; r++) {
    const weight = weights[r]!;
    const value = rawOf(values[r]!, kind);
    if (Number.isNaN(value) || weight === 0) continue;
    total += weight;
    const change = value - mean;
    mean += (change * weight) / total;
    squares += weight * change * (value - mean);
  }
  const deviation = Math.sqrt(squares / total);
  // Rounding in the mean of a constant is no variation.
  return deviation > 1e-12 * Math.abs(mean) && Number.isFinite(deviation)
    ? { mean, deviation }
    : undefined;
}
