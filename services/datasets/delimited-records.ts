/**
 * Records of a delimited text: cells between separators, quotes as in RFC 4180, where a quoted cell may span lines; or cells
 * between runs of blanks, a record a line.
 */

/** The separator of a table whose columns are parted by runs of spaces and tabs. */
export const blanks = ' ';
/** A cell of such a table, for JavaScript and for DuckDB. */
export const blankCell = String.raw`"[^"]*"|\S+`;

/** One record. */
export interface DelimitedRecord {
  readonly cells: readonly string[];
  /** Whether quotes stand only around whole cells, as they do if the separator is the right one. */
  readonly isStrict: boolean;
}

/** The records of `text`; a last one whose quote is never closed is left off. */
export function readRecords(text: string, delimiter: string): readonly DelimitedRecord[] {
  if (delimiter === blanks) return text.split('\n').map(blankRecord);
  const records: DelimitedRecord[] = [];
  let at = 0;
  while (at <= text.length) {
    const found = recordAt(text, at, delimiter);
    if (!found) break;
    records.push(found.record);
    at = found.end + 1;
  }
  return records;
}

/** The record that begins at `start`, and the place of the line break behind it. */
function recordAt(
  text: string,
  start: number,
  delimiter: string,
): { readonly record: DelimitedRecord; readonly end: number } | undefined {
  const cells: string[] = [];
  let cell = '';
  let isStrict = true;
  let state: 'plain' | 'quoted' | 'closed' = 'plain';
  let at = start;
  for (; at < text.length; at++) {
    const character = text[at]!;
    if (state === 'quoted') {
      if (character !== '"') cell += character;
      else if (text[at + 1] === '"') cell += text[++at];
      else state = 'closed';
    } else if (character === delimiter) {
      cells.push(cell);
      cell = '';
      state = 'plain';
    } else if (character === '\n') break;
    else if (character === '"' && cell === '' && state === 'plain') state = 'quoted';
    else {
      if (character === '"' || (state === 'closed' && character.trim() !== '')) isStrict = false;
      cell += character;
    }
  }
  if (state === 'quoted') return undefined;
  return { record: { cells: [...cells, cell].map((text) => text.trim()), isStrict }, end: at };
}

/** A mark of a comment belongs to the word behind it, which may be the name of the first column. */
function blankRecord(line: string): DelimitedRecord {
  const cells = line.replace(/^\s*#\s+/, '#').match(new RegExp(blankCell, 'g')) ?? [''];
  return { cells: cells.map((cell) => cell.replace(/^"(.*)"$/, '$1')), isStrict: true };
}
