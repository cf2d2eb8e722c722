/** A benchmark's results in bench/results, written after each cell, so that a run that ends early goes on where it was. */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeMachine, type Machine } from './machine.ts';

/** What stands above the cells: the benchmark, which names the file, what was measured, and what else there is to know. */
export interface Header {
  readonly benchmark: string;
  readonly what: string;
  readonly [more: string]: unknown;
}

/** A cell, and where it was measured: not all of a file's are on one machine. */
export type Measured<C> = C & { readonly machine: Machine };

/** The cells of one results file. */
export interface ResultsFile<C extends K, K> {
  /** The cell of that key, if it was measured. */
  find(key: K): Measured<C> | undefined;
  /** Puts a cell in the place of an earlier one of the same key, and writes the file. */
  put(cell: C): void;
  /** All cells, the earliest first. */
  cells(): readonly Measured<C>[];
}

/** Five significant digits; whole numbers stay. */
const rounded = (_: string, value: unknown): unknown =>
  typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(5)) : value;

/** Opens `<folder>/<benchmark>.json`; without `save` it is never written. */
export function openResults<C extends K, K>(
  header: Header,
  keyOf: (key: K) => string,
  { save, folder = 'bench/results' }: { save: boolean; folder?: string },
): ResultsFile<C, K> {
  const path = join(folder, `${header.benchmark}.json`);
  let unsaved: Measured<C>[] = [];
  const read = (): Measured<C>[] =>
    save && existsSync(path)
      ? (JSON.parse(readFileSync(path, 'utf8')) as { results: Measured<C>[] }).results
      : unsaved;
  return {
    find: (key) => read().find((cell) => keyOf(cell) === keyOf(key)),
    cells: read,
    put(cell) {
      const others = read().filter((other) => keyOf(other) !== keyOf(cell));
      unsaved = [...others, { ...cell, machine: describeMachine() }];
      if (!save) return;
      mkdirSync(folder, { recursive: true });
      const report = { ...header, results: unsaved };
      writeFileSync(`${path}.new`, `${JSON.stringify(report, rounded, 2)}\n`);
      renameSync(`${path}.new`, path);
    },
  };
}
