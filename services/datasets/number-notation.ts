/**
 * Numbers as people write them: with a decimal comma, with parted thousands, with a currency or percent sign. Which columns
 * have which notation, and SQL that turns their cells into plain numbers.
 */
import { isMissing, isNumber } from './cell-text.ts';

/** Spaces that part thousands, unbreakable and narrow ones among them. */
const spaces = ' \\x{00A0}\\x{202F}';
const currencies = '$€£¥';
const exponent = '([eE][-+]?[0-9]+)?';

/** One way to write numbers; patterns are those of RE2. */
export interface Notation {
  readonly name: 'decimal-commas' | 'parted-thousands';
  /** Characters, as in a class, that part thousands. */
  readonly partedBy: string;
  readonly decimal: ',' | '.';
}

/** 1.038,65 and 1 038,65 €. */
const commas: Notation = { name: 'decimal-commas', partedBy: `.${spaces}`, decimal: ',' };
/** 1,038.65 and $1,038 and 47.6%. */
const points: Notation = { name: 'parted-thousands', partedBy: `,'${spaces}`, decimal: '.' };

const wholeOf = ({ partedBy }: Notation): string => `([0-9]+|[0-9]{1,3}([${partedBy}][0-9]{3})+)`;
const patternOf = (notation: Notation): string =>
  `[-+]?[${currencies}]?[${spaces}]?[-+]?${wholeOf(notation)}([${notation.decimal}][0-9]+)?${exponent}[${spaces}]?[%${currencies}]?`;
const inScript = (pattern: string): RegExp =>
  new RegExp(`^${pattern.replaceAll(/\\x\{(\w+)\}/g, '\\u$1')}$`);

const patterns = new Map(
  [commas, points].map((notation) => [notation, inScript(patternOf(notation))]),
);

/** Whether a cell is a number in some notation. */
export const isWrittenNumber = (cell: string): boolean =>
  isNumber(cell) || [...patterns.values()].some((pattern) => pattern.test(cell.trim()));

/** Whether a cell can only be read as `notation` says: 1,23 and 1.234,5 one way, 1,234.5 and 1,234,567 and $1,234 the other. */
const isCertain: Readonly<Record<Notation['name'], (cell: string) => boolean>> = {
  'decimal-commas': (cell) =>
    /\.\d{3}\./.test(cell) || (cell.includes(',') && !/^\D*[1-9]\d{0,2},\d{3}\D*$/.test(cell)),
  'parted-thousands': (cell) =>
    /[$£¥]|\d[,'\s]\d{3}\.|\d[,']\d{3}[,']|\d['\s]\d{3}/.test(cell) ||
    (/[%€]/.test(cell) && (!/[,.]\d{3}\D*$/.test(cell) || /^\D*0\.\d/.test(cell))),
};

/** Most of `cells` are numbers in this notation, some certainly so, and none is one in another. */
function certainlyHas(cells: readonly string[], notation: Notation): boolean {
  const pattern = patterns.get(notation)!;
  const alike = cells.filter((cell) => pattern.test(cell));
  const other = notation === commas ? points : commas;
  return (
    alike.length * 2 > cells.length &&
    alike.some((cell) => isCertain[notation.name](cell)) &&
    cells.every((cell) => pattern.test(cell) || !patterns.get(other)!.test(cell))
  );
}

/** Whether a cell is in this notation if other columns are; 0.250 parts no thousands. */
const mayFollow = (cell: string, notation: Notation): boolean =>
  patterns.get(notation)!.test(cell) && !(notation === commas && /^\D*0\./.test(cell));

/**
 * The notation of each column, given a sample of each; undefined where the numbers are plain. A column of which no number
 * tells takes the notation that others have, if it is one.
 */
export function notationsOf(
  samples: readonly (readonly (string | null)[])[],
): (Notation | undefined)[] {
  const present = samples.map((cells) =>
    cells.flatMap((cell) => (isMissing(cell) ? [] : [cell!.trim()])),
  );
  const certain = present.map((cells) => [commas, points].find((one) => certainlyHas(cells, one)));
  const [first, second] = new Set(certain.filter((one) => one !== undefined));
  const common = second === undefined ? first : undefined;
  return present.map(
    (cells, c) =>
      certain[c] ?? (common && cells.every((cell) => mayFollow(cell, common)) ? common : undefined),
  );
}

const strippedOf = ({ partedBy }: Notation): string => `[${partedBy}${spaces}%${currencies}]`;

/** SQL for the text `cell` as a plain number, where it is one in this notation. */
export function plainSql(cell: string, notation: Notation): string {
  const quoted = (pattern: string): string => `'${pattern.replaceAll("'", "''")}'`;
  const bare = `regexp_replace(${cell}, ${quoted(strippedOf(notation))}, '', 'g')`;
  const matches = `regexp_full_match(trim(${cell}), ${quoted(patternOf(notation))})`;
  return `if(${matches}, replace(${bare}, '${notation.decimal}', '.'), ${cell})`;
}

/** The same for one cell. */
export function plainText(cell: string, notation: Notation): string {
  const text = cell.trim();
  if (!patterns.get(notation)!.test(text)) return cell;
  const stripped = strippedOf(notation).replaceAll(/\\x\{(\w+)\}/g, '\\u$1');
  return text.replaceAll(new RegExp(stripped, 'g'), '').replace(notation.decimal, '.');
}
