/** Recognises a header whose columns are points in time: dates, or positions such as V1, V2, V3. */
import { isDate } from './cell-text.ts';

/** Which columns are points in time, and what their names say of it, as text. */
export interface RowsHeader {
  /** Index of each such column, in the order of the file. */
  readonly columns: readonly number[];
  /** The date or the number of each. */
  readonly times: readonly string[];
  readonly by: 'dates' | 'positions';
}

const fewestPoints = 2;

/** The columns of `names` that are points in time; undefined if they are not most of the header. */
export function readRowsHeader(names: readonly string[]): RowsHeader | undefined {
  const dated = names.flatMap((name, c) => (isDate(name) ? [c] : []));
  if (dated.length >= fewestPoints && dated.length * 2 >= names.length) {
    return { columns: dated, times: dated.map((c) => names[c]!), by: 'dates' };
  }
  const parts = names.map((name) => /^([A-Za-z_. -]*)(\d{1,9})$/.exec(name));
  // A separator at the end of each line makes a column without a name.
  const end = names.findLastIndex((name) => name !== '') + 1;
  const last = parts[end - 1];
  if (!last) return undefined;
  let first = end - 1;
  const follows = (c: number): boolean => {
    const [part, next] = [parts[c], parts[c + 1]];
    return !!part && part[1] === last[1] && Number(part[2]) === Number(next![2]) - 1;
  };
  while (first > 0 && follows(first - 1)) first--;
  const columns = Array.from({ length: end - first }, (_, k) => first + k);
  if (columns.length < fewestPoints || columns.length * 2 < end) return undefined;
  return { columns, times: columns.map((c) => String(Number(parts[c]![2]))), by: 'positions' };
}

/** Whether `names` may be the header of a file with one series a row. */
export function isRowsHeader(names: readonly string[]): boolean {
  return readRowsHeader(names) !== undefined;
}
