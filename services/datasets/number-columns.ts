/** Reads numeric columns of a file into typed arrays, and says which cell is no number. */
import { fail } from '../../state/errors.ts';
import { readText, streamDoubles, type TakeChunk } from './duckdb.ts';
import { shownCell } from './cell-text.ts';
import type { OpenFile } from './open-file.ts';
import { isConversionError } from './read-errors.ts';
import { missingSql, type SourceColumn } from './source.ts';

/** Whole columns [rows] from a stream of chunks. Fails with INPUT_UNREADABLE if it has another number of rows. */
export async function collectColumns(
  path: string,
  rows: number,
  width: number,
  stream: (begin: () => TakeChunk) => Promise<unknown>,
): Promise<Float64Array[]> {
  let columns: Float64Array[] = [];
  let at = 0;
  await stream(() => {
    columns = Array.from({ length: width }, () => new Float64Array(rows));
    at = 0;
    return (chunk) => {
      const length = chunk[0]!.length;
      if (at + length <= rows) for (let c = 0; c < width; c++) columns[c]!.set(chunk[c]!, at);
      at += length;
    };
  });
  checkRowCount(path, at, rows);
  return columns;
}

/** The file is read more than once; fails with INPUT_UNREADABLE if it was not the same each time. */
export function checkRowCount(path: string, got: number, expected: number): void {
  if (got !== expected) fail('INPUT_UNREADABLE', { path, problem: 'it changed while it was read' });
}

/** Numeric columns [rows], NaN where missing, infinite where the file says so. Fails with TARGET_NOT_NUMERIC. */
export function readNumbers(
  file: OpenFile,
  rows: number,
  columns: readonly SourceColumn[],
): Promise<Float64Array[]> {
  return readCells(file, rows, columns, refuseTarget);
}

/** What to do about a cell of `column` that is no number: it must fail. */
type Refuse = (column: SourceColumn, value: string, row: number) => never;

const refuseTarget: Refuse = ({ name }, value, row) =>
  fail('TARGET_NOT_NUMERIC', { column: shownCell(name), value, row });

/** The same for any columns: `refuse` says what is wrong with a cell that is no number. */
export async function readCells(
  file: OpenFile,
  rows: number,
  columns: readonly SourceColumn[],
  refuse: Refuse,
): Promise<Float64Array[]> {
  const numbers = await collectColumns(file.path, rows, columns.length, (begin) =>
    streamNumbers(file, rows, columns, begin),
  );
  for (const [c, values] of numbers.entries()) {
    if (values.includes(Infinity)) await checkCells(file, columns[c]!, refuse);
  }
  return numbers;
}

/**
 * Streams numeric columns of a file with `rows` rows: NaN where missing, +Infinity also where a cell is no number. They are parsed while the file is
 * read if every cell is a number, else by way of text, for which `begin` comes a second time.
 */
export async function streamNumbers(
  { connection, source }: OpenFile,
  rows: number,
  columns: readonly SourceColumn[],
  begin: () => TakeChunk,
): Promise<void> {
  const select = (number: (column: SourceColumn) => string, relation: string): string =>
    `SELECT ${columns.map(number).join(', ')} FROM ${relation}`;
  const typed = source.typed(columns);
  if (typed) {
    try {
      const sql = select(typed.number, typed.relation);
      const streamed = await streamDoubles(connection, sql, columns.length, begin());
      if (streamed === rows) return;
    } catch (error) {
      if (!isConversionError(error)) throw error;
    }
  }
  const sql = select(({ number }) => number, source.relation);
  await streamDoubles(connection, sql, columns.length, begin());
}

/** Refuses, with TARGET_NOT_NUMERIC unless told otherwise, a cell of `column` that is no number; if none is, its infinities are infinite values. */
export async function checkCells(
  { connection, source }: OpenFile,
  column: SourceColumn,
  refuse: Refuse = refuseTarget,
): Promise<void> {
  await connection.run(
    `CREATE OR REPLACE TABLE cells AS SELECT ${column.text} AS v, ${column.plain} AS plain FROM ${source.relation}`,
  );
  const [bad] = await readText(
    connection,
    `SELECT rowid, v FROM cells WHERE TRY_CAST(plain AS DOUBLE) IS NULL AND NOT ${missingSql('v')}
     ORDER BY rowid LIMIT 1`,
  );
  if (!bad) return;
  refuse(column, shownCell(bad[1] ?? null), Number(bad[0]) + 1);
}
