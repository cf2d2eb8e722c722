/** Tables on the terminal, in which what is unknown stays empty. */

/** Cells by column; undefined and null are left empty. */
export type Cells = Readonly<Record<string, number | string | null | undefined>>;

/** Prints rows by name. */
export function printTable(rows: readonly (readonly [name: string, cells: Cells])[]): void {
  const known = rows.map(([name, cells]) => [
    name,
    Object.fromEntries(Object.entries(cells).filter(([, cell]) => (cell ?? '') !== '')),
  ]);
  console.table(Object.fromEntries(known));
}

/** `value` with so many decimals, where there is one. */
export function decimals(value: number | null | undefined, count: number): number | undefined {
  return value === null || value === undefined ? undefined : Number(value.toFixed(count));
}
