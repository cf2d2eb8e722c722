/** Tables without a header whose rows are nothing but numbers: whether the first line is one of them, and what its columns are. */
import { isNumber } from './cell-text.ts';
import type { DelimitedRecord } from './delimited-records.ts';
import { readRowsHeader } from './rows-header.ts';

const fewestRows = 3;
const mostly = 0.8;

type Row = readonly number[];

/** The records of as many plain numbers as the first has cells. */
const rowsOf = (records: readonly DelimitedRecord[], width: number): readonly Row[] =>
  records
    .filter(({ cells }) => cells.length === width && cells.every(isNumber))
    .map(({ cells }) => cells.map(Number));
const isWhole = (value: number, least: number, greatest: number): boolean =>
  Number.isInteger(value) && value >= least && value <= greatest;

/**
 * Whether `first` is a row of numbers like the `next` ones: within their range or as far again beyond it in most columns. Ids
 * as names, which are whole numbers that rise, are none, nor are times.
 */
export function isRowOfNumbers(first: DelimitedRecord, next: readonly DelimitedRecord[]): boolean {
  const { cells } = first;
  const [own] = rowsOf([first], cells.length);
  const rows = rowsOf(next, cells.length);
  if (!own || rows.length < fewestRows || areNames(own, cells)) return false;
  const near = own.filter((value, c) => {
    const column = rows.map((row) => row[c]!);
    const [least, greatest] = [Math.min(...column), Math.max(...column)];
    const beyond = greatest - least;
    return value >= least - beyond && value <= greatest + beyond;
  });
  return near.length >= mostly * own.length;
}

/** Whether numbers may be the names of columns: 0 alone, ids in order, or the times of a series in each row. */
function areNames(values: Row, cells: readonly string[]): boolean {
  if (values.length === 1) return values[0] === 0;
  const doRise = values.every((value, c) => c === 0 || value > values[c - 1]!);
  return (
    (doRise && values.every((value) => isWhole(value, 0, Infinity))) ||
    readRowsHeader(cells)?.by === 'positions'
  );
}

/** Units of a time in the columns of a row, from the first column on, with the range of their numbers. */
const units = [
  ['year', 1500, 2200],
  ['month', 1, 12],
  ['day', 1, 31],
  ['hour', 0, 24],
  ['minute', 0, 59],
] as const;

/** Whether the first cells are years, as those in front of R's tables of months are. */
export function areYears(records: readonly DelimitedRecord[]): boolean {
  const [[, least, greatest]] = units;
  return records.every(({ cells }) => isWhole(Number(cells[0]), least, greatest));
}

/**
 * Names for the columns of rows of numbers that begin with a year and a month, maybe also a day, an hour and a minute, and
 * rise with them; a column that says the same once more as a fraction of years is named too. None for all others.
 */
export function namesByNumbers(
  records: readonly DelimitedRecord[],
): readonly (string | undefined)[] {
  const width = records[0]?.cells.length ?? 0;
  const rows = rowsOf(records, width);
  if (rows.length < fewestRows) return [];
  const doFit = units.map(([, least, greatest], c) =>
    rows.every((row) => isWhole(row[c]!, least, greatest)),
  );
  const most = doFit.indexOf(false) < 0 ? units.length : doFit.indexOf(false);
  const depths = Array.from({ length: Math.min(most, width - 1) }, (_, k) => k + 1);
  const depth = depths.find((upTo) =>
    rows.every((row, k) => k === 0 || isBefore(rows[k - 1]!, row, upTo)),
  );
  if (depth === undefined || depth === 1) return [];
  const names = units.slice(0, depth).map(([name]) => name);
  return rows[0]!.map((_, c) => names[c] ?? (isDecimalYear(rows, c) ? 'decimal year' : undefined));
}

/** Whether the first `depth` numbers of one row are a time before that of another. */
function isBefore(one: Row, other: Row, depth: number): boolean {
  const at = one.findIndex((value, c) => c < depth && value !== other[c]);
  return at >= 0 && one[at]! < other[at]!;
}

/** Whether column `c` is the year and the month of the row as one number, to some weeks. */
const isDecimalYear = (rows: readonly Row[], c: number): boolean =>
  rows.every((row) => Math.abs(row[c]! - row[0]! - (row[1]! - 0.5) / 12) < 0.09);
