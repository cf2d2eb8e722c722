/** The header of a delimited text file: its names and, where the file's name does not tell, its separator. */

import { isDate } from './cell-text.ts';
import { isWrittenNumber } from './number-notation.ts';

/** A header record: how it is separated, and its names, each distinct. */
export interface DelimitedHeader {
  readonly delimiter: string;
  readonly names: readonly string[];
}

const delimiters = [',', ';', '\t', '|'] as const;

/**
 * Reads the header record from the first `lines` of a file, quotes as in RFC 4180; a quoted name may span lines.
 * Without a `delimiter` the one that parts the header into most names is taken, those first that leave
 * every quote at the edge of a name. Undefined if a quote is never closed.
 */
export function readHeader(
  lines: readonly string[],
  delimiter?: string,
): DelimitedHeader | undefined {
  const text = withoutMark(lines.join('\n'));
  let best: (DelimitedHeader & HeaderRecord) | undefined;
  for (const candidate of delimiter === undefined ? delimiters : [delimiter]) {
    const record = firstRecord(text, candidate);
    const isBetter =
      !best ||
      (record?.isStrict && !best.isStrict) ||
      (record?.isStrict === best.isStrict && partsMore(record.names.length, best));
    if (record && isBetter) best = { delimiter: candidate, ...record };
  }
  return (
    best && { delimiter: best.delimiter, names: distinct(best.names.map((name) => name.trim())) }
  );
}

/** Of two that part it alike the comma gives way: it may be a decimal one. */
function partsMore(count: number, best: DelimitedHeader): boolean {
  const most = best.names.length;
  return count > most || (count === most && count > 1 && best.delimiter === ',');
}

/**
 * Whether the first of `lines` is no header but a row: a date and a number are among its cells, and the next line has
 * dates and numbers in the same places.
 */
export function isRow(lines: readonly string[], delimiter: string): boolean {
  const kindsFrom = (line: number): string => {
    const text = withoutMark(lines.slice(line).join('\n'));
    const cells = firstRecord(text, delimiter)?.names ?? [];
    return cells.map(markOf).join('');
  };
  const kinds = kindsFrom(0);
  return kinds.includes('d') && kinds.includes('n') && kinds === kindsFrom(1);
}

/** A letter for what a cell is. */
function markOf(cell: string): string {
  if (isDate(cell)) return 'd';
  return isWrittenNumber(cell) ? 'n' : ' ';
}

const withoutMark = (text: string): string => text.replace(/^\uFEFF/, '');

/** A name for the column at `place` of a file without a header, lettered as in a spreadsheet: "column A" is the first. */
export function letteredName(place: number): string {
  let letters = '';
  for (let rest = place; rest >= 0; rest = Math.floor(rest / 26) - 1) {
    letters = String.fromCodePoint(65 + (rest % 26)) + letters;
  }
  return `column ${letters}`;
}

interface HeaderRecord {
  readonly names: readonly string[];
  /** Whether quotes stand only around whole names, as they do if the separator is the right one. */
  readonly isStrict: boolean;
}

function firstRecord(text: string, delimiter: string): HeaderRecord | undefined {
  const names: string[] = [];
  let name = '';
  let isStrict = true;
  let state: 'plain' | 'quoted' | 'closed' = 'plain';
  for (let at = 0; at < text.length; at++) {
    const character = text[at]!;
    if (state === 'quoted') {
      if (character !== '"') name += character;
      else if (text[at + 1] === '"') name += text[++at];
      else state = 'closed';
    } else if (character === delimiter) {
      names.push(name);
      name = '';
      state = 'plain';
    } else if (character === '\n') break;
    else if (character === '"' && name === '' && state === 'plain') state = 'quoted';
    else {
      if (character === '"' || (state === 'closed' && character.trim() !== '')) isStrict = false;
      name += character;
    }
  }
  return state === 'quoted' ? undefined : { names: [...names, name], isStrict };
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
