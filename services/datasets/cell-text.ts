/** What one cell of text is: missing, a number, a date; and how a message shows it. Only for recognising columns; SQL does the reading. */

/** Texts that mean "no value", in lower case and trimmed. */
export const missingMarkers = [
  '',
  'na',
  'n/a',
  '#n/a',
  '<na>',
  'nan',
  '-nan',
  'null',
  'nil',
  'none',
  'nat',
  '?',
  '-',
  '--',
  '---',
  '.',
] as const;

const missing: ReadonlySet<string> = new Set(missingMarkers);

/** Whether `cell` stands for a missing value. */
export function isMissing(cell: string | null): boolean {
  return cell === null || missing.has(cell.trim().toLowerCase());
}

const numberPattern = /^[+-]?(\d+(_\d+)*\.?\d*|\.\d+)(e[+-]?\d+)?$|^[+-]?inf(inity)?$/i;

/** Whether `cell` reads as a plain decimal number; thousands separators make it text. */
export function isNumber(cell: string): boolean {
  return numberPattern.test(cell.trim());
}

/** The months by their English names. */
export const months =
  'january february march april may june july august september october november december'.split(
    ' ',
  );

/** The month that a word or the beginning of one names, from 1; undefined if none. */
export function monthOf(word: string): number | undefined {
  const letters = word.trim().toLowerCase().replace(/[.]$/, '');
  const at = letters.length < 3 ? -1 : months.findIndex((month) => month.startsWith(letters));
  return at < 0 ? undefined : at + 1;
}

const month = `(${months.map((name) => name.slice(0, 3)).join('|')})[a-z]*`;
const datePatterns = [
  /^\d{4}[-/. ]\d{1,2}([-/. ]\d{1,2}([t ].*)?)?$/i,
  /^\d{1,2}[-/.]\d{1,2}[-/.](\d{4}|\d{2})([t ,].*)?$/i,
  /^\d{1,2}[-/.]\d{4}$/,
  /^(\d{4}[- :]?q0?[1-4]|q[1-4][- /]?\d{4}|[1-4]q[- /]?\d{4})$/i,
  /^\d{4}-?w\d{1,2}(-[1-7])?$/i,
  /^\d{4}-\d{1,2}-\d{1,2}( ?[-–/] ?| to )\d{4}-\d{1,2}-\d{1,2}$/,
  /^\d{8}t\d{4,6}/i,
  new RegExp(`^(mon|tue|wed|thu|fri|sat|sun)[a-z]*,? (\\d{1,2} )?${month}[ ,]+\\d{1,4}.*$`, 'i'),
  new RegExp(`^${month}[ .,/-]+(\\d{1,2}[ .,/-]+)?\\d{2,4}(\\D.*)?$`, 'i'),
  new RegExp(`^\\d{1,4}[ .,/-]+${month}([ .,/-]+\\d{2,4}(\\D.*)?)?$`, 'i'),
];

/** Whether `cell` has the form of a date or a date with a time; plain numbers have not. */
export function isDate(cell: string): boolean {
  const text = cell.trim();
  return datePatterns.some((pattern) => pattern.test(text));
}

/** What most of a column's cells are. */
export type CellKind = 'empty' | 'number' | 'date' | 'text';

/** The kind that more than half of the present cells share, `text` if there is none. */
export function kindOf(cells: readonly (string | null)[]): CellKind {
  let present = 0;
  let numbers = 0;
  let dates = 0;
  for (const cell of cells) {
    if (isMissing(cell)) continue;
    present++;
    if (isNumber(cell!)) numbers++;
    else if (isDate(cell!)) dates++;
  }
  if (present === 0) return 'empty';
  if (numbers * 2 > present) return 'number';
  return dates * 2 > present ? 'date' : 'text';
}

/** Whether the cells count up by one from 0 or 1: a row number that some tools write in front. */
export function isCounter(cells: readonly (string | null)[]): boolean {
  const first = Number(cells[0] ?? Number.NaN);
  return (first === 0 || first === 1) && cells.every((cell, row) => Number(cell) === first + row);
}

const shownLength = 60;

/** A cell as an error message shows it: on one line, and not a page of it. */
export function shownCell(cell: string | null): string {
  const line = (cell ?? '').replaceAll(/\s+/g, ' ').trim();
  return line.length > shownLength ? `${line.slice(0, shownLength)}...` : line;
}

/** The names of columns as an error message shows them. */
export const shownNames = (columns: readonly { readonly name: string }[]): string[] =>
  columns.map(({ name }) => shownCell(name));
