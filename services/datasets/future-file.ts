/** Puts the rows of a file with future columns behind those of the data, as rows without a target. */
import { fail, isForecastError } from '../../state/errors.ts';
import { shownCell } from './cell-text.ts';
import { copyOf, textOf } from './copied-column.ts';
import { readText } from './duckdb.ts';
import { checkFormat } from './input-file.ts';
import { findColumn, type Layout } from './layout.ts';
import type { ExogenousSource } from './named-exogenous.ts';
import type { OpenFile } from './open-file.ts';
import { mapReadError } from './read-errors.ts';
import { openSource, type SourceColumn } from './source.ts';

type LongLayout = Extract<Layout, { kind: 'long' }>;

/** A file of which only some columns are left, in their roles. */
export interface JoinedFile {
  readonly file: OpenFile;
  readonly layout: LongLayout;
  readonly exogenous: readonly ExogenousSource[];
}

const table = 'joined_rows';

/**
 * The rows of `file`, then those of `path`, which must have its id, time and future columns under the same names; what else
 * it has is left out. Both are copied as text, so that ids, times and labels are read in one way. Fails with INPUT_* or
 * COLUMN_MISSING.
 */
export async function joinFuture(
  file: OpenFile,
  layout: LongLayout,
  exogenous: readonly ExogenousSource[],
  path: string,
): Promise<JoinedFile> {
  const { connection, source } = file;
  const keys = [...layout.ids, layout.time];
  const ahead = new Set(
    exogenous.filter(({ role }) => role === 'future').map(({ column }) => column),
  );
  const used = [...new Set([...keys, layout.target, ...exogenous.map(({ column }) => column)])];
  const main = used.map((column, k) => `${textOf(column, keys.includes(column))} AS c${k}`);
  await connection.run(
    `CREATE TABLE ${table} AS SELECT ${main.join(', ')} FROM ${source.relation}`,
  );
  await insertFuture(file, path, (columns) =>
    used.map((column) => {
      if (!keys.includes(column) && !ahead.has(column)) return 'NULL';
      const find = (name: string) => findColumn(columns, name, `future rows of ${path}`);
      return column.textIn?.(find) ?? textOf(find(column.name), keys.includes(column));
    }),
  );
  const copies = new Map(used.map((column, k) => [column, copyOf(column, `c${k}`)]));
  const copied = (column: SourceColumn): SourceColumn => copies.get(column)!;
  const joined = {
    columns: [...copies.values()],
    relation: table,
    isHeadless: source.isHeadless,
    passedOver: source.passedOver,
    typed: () => undefined,
  };
  return {
    file: { ...file, source: joined },
    layout: {
      ...layout,
      ids: layout.ids.map(copied),
      time: copied(layout.time),
      target: copied(layout.target),
    },
    exogenous: exogenous.map(({ role, column }) => ({ role, column: copied(column) })),
  };
}

async function insertFuture(
  { connection }: OpenFile,
  path: string,
  select: (columns: readonly SourceColumn[]) => string[],
): Promise<void> {
  const format = await checkFormat(path);
  try {
    const source = await openSource(connection, path, format);
    const [row] = await readText(connection, `SELECT 1 FROM ${source.relation} LIMIT 1`);
    if (row === undefined) {
      fail('INPUT_UNREADABLE', { path: shownCell(path), problem: 'it has a header and no rows' });
    }
    await connection.run(
      `INSERT INTO ${table} SELECT ${select(source.columns).join(', ')} FROM ${source.relation}`,
    );
  } catch (error) {
    if (isForecastError(error)) throw error;
    mapReadError(path, error);
  }
}
