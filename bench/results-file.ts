/** A benchmark's results in bench/results, written after each cell, so that a run that ends early goes on where it was. */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeMachine } from './machine.ts';

/** The cells of one results file. */
export interface ResultsFile<C extends K, K> {
  /** The cell of that key, if it was measured. */
  find(key: K): C | undefined;
  /** Puts a cell in the place of an earlier one of the same key, and writes the file. */
  put(cell: C): void;
  /** All cells, the earliest first. */
  cells(): readonly C[];
}

/** Five significant digits; whole numbers stay. */
const rounded = (_: string, value: unknown): unknown =>
  typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(5)) : value;

/** Opens `<folder>/<name>.json`, which says `what` was measured; without `save` it is never written. */
export function openResults<C extends K, K>(
  name: string,
  what: string,
  keyOf: (key: K) => string,
  { save, folder = 'bench/results' }: { save: boolean; folder?: string },
): ResultsFile<C, K> {
  const path = join(folder, `${name}.json`);
  let unsaved: C[] = [];
  const read = (): C[] =>
    save && existsSync(path)
      ? (JSON.parse(readFileSync(path, 'utf8')) as { results: C[] }).results
      : unsaved;
  return {
    find: (key) => read().find((cell) => keyOf(cell) === keyOf(key)),
    cells: read,
    put(cell) {
      const results = [...read().filter((other) => keyOf(other) !== keyOf(cell)), cell];
      unsaved = results;
      if (!save) return;
      const report = { benchmark: name, what, machine: describeMachine(), results };
      mkdirSync(folder, { recursive: true });
      writeFileSync(`${path}.new`, `${JSON.stringify(report, rounded, 2)}\n`);
      renameSync(`${path}.new`, path);
    },
  };
}
