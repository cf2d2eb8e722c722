/** Numbers with a decimal comma, as much of Europe writes them: which columns have them, and SQL that turns them into plain ones. */
import { isMissing } from './cell-text.ts';

/** What parts thousands beside a decimal comma: a point, or a space that may be a narrow or unbreakable one. */
const group = '[. \\x{00A0}\\x{202F}]';
const digits = `([0-9]+|[0-9]{1,3}(${group}[0-9]{3})+)`;
/** A number that has no decimal point: it may have a decimal comma, parted thousands or both. */
const commaNumber = `[-+]?${digits}(,[0-9]+)?([eE][-+]?[0-9]+)?`;

const inScript = (pattern: string): RegExp =>
  new RegExp(`^${pattern.replaceAll(/\\x\{(\w+)\}/g, '\\u$1')}$`);
const commaStyle = inScript(commaNumber);
const plainOrComma = /^[-+]?\d+(,\d+)?$/;
/** 1,234 may be a thousand and more; 1,23 and 0,234 and 1.234,567 are decimals. */
const decimalComma = inScript(`[-+]?${digits},[0-9]+([eE][-+]?[0-9]+)?`);
const perhapsThousands = /^[-+]?[1-9]\d{0,2},\d{3}$/;
const decimalPoint = /^[-+]?\d*\.\d+$/;

/** Most of `cells` are numbers, some certainly have a decimal comma and none a decimal point. */
function certainlyHas(cells: readonly string[]): boolean {
  const alike = cells.filter((cell) => commaStyle.test(cell));
  return (
    alike.length * 2 > cells.length &&
    alike.some((cell) => decimalComma.test(cell) && !perhapsThousands.test(cell)) &&
    cells.every((cell) => commaStyle.test(cell) || !decimalPoint.test(cell))
  );
}

/**
 * Which columns have decimal commas, given a sample of each: those that certainly do, and beside them those of which every
 * number is whole or could.
 */
export function decimalCommaColumns(samples: readonly (readonly (string | null)[])[]): boolean[] {
  const present = samples.map((cells) =>
    cells.flatMap((cell) => (isMissing(cell) ? [] : [cell!.trim()])),
  );
  const certain = present.map(certainlyHas);
  const some = certain.includes(true);
  return present.map(
    (cells, c) => certain[c]! || (some && cells.every((cell) => plainOrComma.test(cell))),
  );
}

/** SQL for the text `cell` with a decimal point and without parted thousands, where it is such a number. */
export function withPointSql(cell: string): string {
  const whole = `regexp_replace(${cell}, '${group}', '', 'g')`;
  return `if(regexp_full_match(trim(${cell}), '${commaNumber}'), replace(${whole}, ',', '.'), ${cell})`;
}

/** The same for one cell. */
export function withPoint(cell: string): string {
  const text = cell.trim();
  return commaStyle.test(text) ? text.replaceAll(/[. \u00A0\u202F]/g, '').replace(',', '.') : cell;
}
