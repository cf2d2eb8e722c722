/** Columns copied as text into a table of their own, so that what comes from several places is read in one way. */
import { numberSql, type SourceColumn } from './source.ts';

/** SQL for a cell as text; a quantity by way of DOUBLE, so that no digit of a narrower type is lost or made up. */
export function textOf({ stored, text, plain, number }: SourceColumn, isKey: boolean): string {
  if (isKey) return text;
  if (stored !== 'number') return plain;
  return `nullif(CAST(${number} AS VARCHAR), 'nan')`;
}

/** The copy of `column` in the column `name` of a table. Its kind stays what it was: a date is refused as a number. */
export function copyOf(column: SourceColumn, name: string): SourceColumn {
  const cells = { text: name, plain: name, native: name, stored: 'text' as const };
  return { ...column, text: name, plain: name, stored: 'text', number: numberSql(cells) };
}
