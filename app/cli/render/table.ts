/** Tables without frames: columns two spaces apart, figures to the right. */
import Table from 'cli-table3';
import type { Style } from './style.ts';

/** One column: its heading, and whether it holds figures. */
export interface Column {
  readonly head: string;
  readonly align?: 'left' | 'right';
}

const noFrame = Object.fromEntries(
  ['top', 'top-mid', 'top-left', 'top-right', 'bottom', 'bottom-mid', 'bottom-left', 'bottom-right']
    .concat(['left', 'left-mid', 'mid', 'mid-mid', 'right', 'right-mid'])
    .map((name) => [name, '']),
);

/** The rows under their headings, indented by two spaces. */
export function renderTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  style: Style,
): string {
  const table = new Table({
    head: columns.map(({ head }) => style.paint('dim', head)),
    colAligns: columns.map(({ align }) => align ?? 'left'),
    chars: { ...noFrame, middle: '  ' },
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
  });
  for (const row of rows) table.push([...row]);
  return table
    .toString()
    .split('\n')
    .map((line) => `  ${line.trimEnd()}`)
    .join('\n');
}
