/**
 * Where the table of a delimited text file begins, and what its columns are called: the header may be missing, lie below
 * titles, comments and empty lines, or take several lines.
 */
import { isDate, isMissing } from './cell-text.ts';
import { blanks, type DelimitedRecord, readRecords } from './delimited-records.ts';
import { areYears, isRowOfNumbers, namesByNumbers } from './headless-table.ts';
import { isWrittenNumber } from './number-notation.ts';
import { isRowsHeader } from './rows-header.ts';

/** The beginning of a table. */
export interface TableStart {
  readonly delimiter: string;
  /** Each distinct. */
  readonly names: readonly string[];
  /** Whether there is no header, so that the names are made up. */
  readonly isHeadless: boolean;
  /** Records before the first row, empty lines among them. */
  readonly skip: number;
  /** Lines among them that are neither empty nor what the names are from. */
  readonly passedOver: readonly string[];
}

const delimiters = [',', ';', '\t', '|'] as const;
const mostHeaderLines = 3;
const fewestLines = 6;
const enoughCharacters = 300_000;

/**
 * Finds the table in the first `lines` of a file. Without a `delimiter` the one that parts the header into most names is
 * taken, those first that leave every quote at the edge of a name; blanks if nothing else parts the lines. Undefined if a
 * quote is never closed.
 */
export function findTable(lines: readonly string[], delimiter?: string): TableStart | undefined {
  const text = firstOf(lines)
    .join('\n')
    .replace(/^\uFEFF/, '');
  const declared = delimiter ?? /^sep=(.)\r?(\n|$)/i.exec(text)?.[1];
  let best: Candidate | undefined;
  for (const separator of declared === undefined ? delimiters : [declared]) {
    const candidate = headerUnder(separator, readRecords(text, separator));
    if (candidate && (!best || isBetter(candidate, best))) best = candidate;
  }
  if (declared === undefined && (!best || usualWidth(best.records) === 1)) {
    const table = blankTable(readRecords(text, blanks));
    if (table) return table;
  }
  return best && startOf(best);
}

/**
 * The table of lines that blanks part into as many cells each, some of them numbers. Its header is one of the two lines
 * above: words of that many cells, or of one less where tools leave row numbers or years unnamed; the other may have units.
 */
function blankTable(records: readonly DelimitedRecord[]): TableStart | undefined {
  const width = usualWidth(records);
  const isOfTable = (record: DelimitedRecord): boolean =>
    record.cells.length === width && hasValue(record) && !isComment(record);
  const first = records.findIndex(
    (record, k) => isOfTable(record) && isOfTable(records[k + 1] ?? record),
  );
  const rest = records.slice(first).filter((record) => !isEmpty(record) && !isComment(record));
  const rows = rest.filter(isOfTable);
  // A broken line is for the reader to name.
  if (width < 2 || first < 0 || rows.length * 10 < rest.length * 9) return undefined;
  const isHeader = (record: DelimitedRecord): boolean => {
    const missing = width - record.cells.length;
    return !hasValue(record) && (missing === 0 || (missing === 1 && !isComment(record)));
  };
  const above = records.slice(0, first).filter((record) => !isEmpty(record));
  const header = above.slice(-2).find(isHeader);
  const passedOver = above
    .filter((record) => record !== header)
    .map(({ cells }) => cells.join(' '));
  const table = { delimiter: blanks, skip: first, passedOver };
  if (!header) return { ...table, isHeadless: true, names: lettered(rows) };
  const { names } = namesOf([header.cells]);
  const unnamed = names.length < width ? [areYears(rows) ? 'year' : ''] : [];
  return { ...table, isHeadless: false, names: distinct([...unnamed, ...names]) };
}

/** As many lines as tell enough; of a file with very many columns the fewest that may hold titles, header and rows. */
function firstOf(lines: readonly string[]): readonly string[] {
  let characters = 0;
  const tooMuch = lines.findIndex((line, k) => {
    characters += line.length;
    return k >= fewestLines && characters > enoughCharacters;
  });
  return tooMuch < 0 ? lines : lines.slice(0, tooMuch);
}

/** Where the header would be with one separator. */
interface Candidate {
  readonly delimiter: string;
  readonly records: readonly DelimitedRecord[];
  readonly at: number;
}

function isBetter(one: Candidate, best: Candidate): boolean {
  const [own, other] = [one, best].map(({ records, at }) => records[at]!);
  if (own!.isStrict !== other!.isStrict) return own!.isStrict;
  const [count, most] = [own!.cells.length, other!.cells.length];
  const [fits, bestFits] = [one, best].map(isOfUsualWidth);
  if (fits !== bestFits) return fits!;
  // Of two that part it alike the comma gives way: it may be a decimal one.
  return count > most || (count === most && count > 1 && best.delimiter === ',');
}

/** Whether the header is one of several cells, as most rows are. */
function isOfUsualWidth({ records, at }: Candidate): boolean {
  const width = records[at]!.cells.length;
  return width > 1 && width === usualWidth(records);
}

const filled = ({ cells }: DelimitedRecord): number => cells.filter((cell) => cell !== '').length;
const isComment = ({ cells }: DelimitedRecord): boolean => /^(#|sep=.?$)/i.test(cells[0]!);
const isEmpty = (record: DelimitedRecord): boolean => filled(record) === 0;

function headerUnder(
  delimiter: string,
  records: readonly DelimitedRecord[],
): Candidate | undefined {
  if (records.length === 0) return undefined;
  const at = firstOfTable(records);
  return { delimiter, records, at: isHeaderOrRow(records, at) ? at : 0 };
}

/** Whether the table can begin at `at`, behind what was taken for titles. */
function isHeaderOrRow(records: readonly DelimitedRecord[], at: number): boolean {
  const [first, second] = [records[at], records[at + 1]];
  if (!first || !second) return false;
  const width = usualWidth(records);
  const titles = records.slice(0, at).filter((record) => !isEmpty(record) && !isComment(record));
  if (titles.length === 0) return true;
  if (first.cells.length !== width) return false;
  // A title with a separator for every column is told from a header by the header below it.
  const isPadded = titles.some(({ cells }) => cells.length === width);
  if (isPadded) return !hasValue(first) && hasValue(second);
  if (isRow(records, at)) return titles.every((title) => filled(title) === 1);
  return !hasValue(first) || (!isValue(first.cells[0]!) && isRowsHeader(first.cells));
}

/** The place of the first record that is neither empty nor a comment nor a title. */
function firstOfTable(records: readonly DelimitedRecord[]): number {
  const width = usualWidth(records);
  const isTitle = (record: DelimitedRecord): boolean => {
    const count = filled(record);
    if (width < 2 || count > Math.max(1, Math.floor(width / 2))) return false;
    return record.cells.length !== width || (width > 2 && count === 1 && record.cells[0] !== '');
  };
  const isBefore = (record: DelimitedRecord, k: number): boolean => {
    if (isEmpty(record)) return true;
    const isHeader = record.cells.length === width && width > 1 && !hasValue(record);
    const next = records[k + 1];
    if (isComment(record)) return !(isHeader && next && !isComment(next) && hasValue(next));
    return isTitle(record);
  };
  const at = records.findIndex((record, k) => !isBefore(record, k));
  return Math.max(at, 0);
}

/** How many cells most records have, those of the later half counted. */
function usualWidth(records: readonly DelimitedRecord[]): number {
  const full = records.filter((record) => !isEmpty(record));
  const counts = new Map<number, number>();
  for (const { cells } of full.slice(Math.floor(full.length / 2))) {
    counts.set(cells.length, (counts.get(cells.length) ?? 0) + 1);
  }
  let [width, most] = [0, 0];
  for (const [cells, count] of counts) if (count > most) [width, most] = [cells, count];
  return width;
}

function startOf({ delimiter, records, at }: Candidate): TableStart {
  const texts = (from: number, to: number): string[] =>
    records
      .slice(from, to)
      .filter((record) => !isEmpty(record) && !/^sep=/i.test(record.cells[0]!))
      .map(({ cells }) => cells.filter((cell) => cell !== '').join(' '));
  const before = texts(0, at);
  const areNumbers =
    at > 0
      ? kindsOf(records[at]).replaceAll('n', '') === ''
      : isRowOfNumbers(records[at]!, records.slice(at + 1));
  if (isRow(records, at) || areNumbers) {
    const names = lettered(records.slice(at));
    return { delimiter, names, isHeadless: true, skip: at, passedOver: before };
  }
  const lines = headerLines(records, at);
  const { names, isFirstAlone } = namesOf(lines.map(({ cells }) => cells));
  const skip = at + lines.length;
  const passedOver = [...before, ...(isFirstAlone ? texts(at + 1, skip) : [])];
  return { delimiter, names: distinct(names), isHeadless: false, skip, passedOver };
}

/** The lines of the header at `at`: the first, and lines of words below it above dates and numbers. */
function headerLines(records: readonly DelimitedRecord[], at: number): readonly DelimitedRecord[] {
  const header = records[at]!;
  if (isRowsHeader(header.cells)) return [header];
  const isWords = (record: DelimitedRecord | undefined): boolean =>
    !!record &&
    record.cells.length === header.cells.length &&
    !isEmpty(record) &&
    !hasValue(record);
  let end = at + 1;
  while (end < at + mostHeaderLines && isWords(records[end])) end++;
  const row = records[end];
  const heads = records.slice(at + 1, end);
  const areHeads = row?.cells.some(
    (cell, c) => isValue(cell) && heads.some(({ cells }) => !isMissing(cells[c] ?? null)),
  );
  return areHeads && row!.cells.length === header.cells.length ? [header, ...heads] : [header];
}

/** Names of several lines: the first alone where it tells all columns apart, else the words above each column. */
function namesOf(lines: readonly (readonly string[])[]): {
  readonly names: readonly string[];
  readonly isFirstAlone: boolean;
} {
  const first = lines[0]!.map((name, c) => (c === 0 ? name.replace(/^#\s*/, '') : name));
  // A last line with words in front only names what the first columns are, as pandas writes it.
  const last = lines.at(-1)!;
  const front = last.findLastIndex((name) => name !== '') + 1;
  const isFrontOnly = lines.length > 1 && front * 2 <= last.length;
  const own = isFrontOnly ? lines.slice(0, -1) : lines;
  const isFirstAlone = lines.length === 1 || new Set(first).size === first.length;
  const named = isFirstAlone
    ? first
    : first
        .map((_, c) => own.map((line, k) => (k < own.length - 1 ? above(line, c) : line[c]!)))
        .map((parts) => [...new Set(parts)].filter((part) => part !== '').join(' '));
  return {
    names: named.map((name, c) => (isFrontOnly && c < front ? last[c]! : name)),
    isFirstAlone,
  };
}

const isValue = (cell: string): boolean => isDate(cell) || isWrittenNumber(cell);
/** The word over column `c`, which may be written over the first of its columns only. */
const above = (line: readonly string[], c: number): string =>
  line.slice(0, c + 1).findLast((word) => word !== '') ?? '';

/** Whether a date or a number is among the cells. */
const hasValue = ({ cells }: DelimitedRecord): boolean => cells.some(isValue);

/** Whether the record at `at` is no header but a row: it has a date and a number, and the next has them in the same places. */
function isRow(records: readonly DelimitedRecord[], at: number): boolean {
  const kinds = kindsOf(records[at]);
  return kinds.includes('d') && kinds.includes('n') && kinds === kindsOf(records[at + 1]);
}

/** A letter for what each cell is. */
const kindsOf = (record: DelimitedRecord | undefined): string =>
  (record?.cells ?? [])
    .map((cell) => (isDate(cell) ? 'd' : isWrittenNumber(cell) ? 'n' : ' '))
    .join('');

/** Names for the columns of `rows`, which have no header: what they are, else lettered. */
function lettered(rows: readonly DelimitedRecord[]): string[] {
  const known = namesByNumbers(rows);
  return rows[0]!.cells.map((_, c) => known[c] ?? letteredName(c));
}

/** A name for the column at `place`, lettered as in a spreadsheet: "column A" is the first. */
function letteredName(place: number): string {
  let letters = '';
  for (let rest = place; rest >= 0; rest = Math.floor(rest / 26) - 1) {
    letters = String.fromCodePoint(65 + (rest % 26)) + letters;
  }
  return `column ${letters}`;
}

/** A name that comes twice gets a number, so that every column can be named. */
function distinct(names: readonly string[]): string[] {
  const taken = new Set<string>();
  return names.map((name) => {
    let given = name;
    for (let count = 2; taken.has(given); count++) given = `${name} (${count})`;
    taken.add(given);
    return given;
  });
}
