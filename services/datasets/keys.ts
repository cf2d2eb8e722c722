/** The table `keys`: which series and which time every row of the file belongs to. */
import { fail } from '../../state/errors.ts';
import { readText, streamDoubles } from './duckdb.ts';
import { collectColumns } from './number-columns.ts';
import { shownCell } from './cell-text.ts';
import type { OpenFile } from './open-file.ts';
import type { SourceColumn } from './source.ts';
import { isUnreadable, readTimeColumn, type TimeReading } from './time-column.ts';

/**
 * Makes the table `keys` with the columns `id` (several joined by "/", NULL where blank) and `t` (text) and gives its number
 * of rows. Fails with INPUT_EMPTY without rows, or with a single row that has a time, and with INPUT_UNREADABLE if two
 * series join to one id.
 */
export async function readKeys(
  file: OpenFile,
  ids: readonly SourceColumn[],
  time: SourceColumn | undefined,
): Promise<number> {
  const { connection, source, path } = file;
  const parts = ids.map(({ text }) => `coalesce(${text}, '')`);
  const joined = parts.length > 0 ? parts.join(` || '/' || `) : "''";
  const isBlank = parts.map((part) => `trim(${part}) = ''`).join(' AND ') || 'true';
  await connection.run(
    `CREATE TABLE keys AS SELECT if(${isBlank}, NULL, ${joined}) AS id, ${time?.text ?? 'NULL'} AS t
     FROM ${source.relation}`,
  );
  const counted = await readText(connection, 'SELECT count(*) FROM keys');
  const rows = Number(counted[0]![0]);
  if (rows === 0) fail('INPUT_EMPTY', { path, what: 'a header and no rows' });
  if (rows === 1 && time) fail('INPUT_EMPTY', { path, what: 'one row' });
  if (ids.length > 1) await checkJoinedIds(file, parts, joined);
  return rows;
}

/** "a/b" and "c" would become one series with "a" and "b/c". */
async function checkJoinedIds(
  { connection, source, path }: OpenFile,
  parts: readonly string[],
  joined: string,
): Promise<void> {
  const [clash] = await readText(
    connection,
    `SELECT ${joined} AS id FROM ${source.relation} GROUP BY 1
     HAVING count(DISTINCT (${parts.join(', ')})) > 1 LIMIT 1`,
  );
  if (!clash) return;
  const name = shownCell(clash[0] ?? null);
  const problem = `its id columns join to "${name}" for two different series; name one id column`;
  fail('INPUT_UNREADABLE', { path, problem });
}

/**
 * The ids in the order of their first rows; also makes the type `series_id`, whose codes are their places.
 * Fails with NO_USABLE_SERIES if all are blank.
 */
export async function readIds({ connection, path }: OpenFile): Promise<string[]> {
  const query = `SELECT id FROM (SELECT id, min(rowid) AS first FROM keys WHERE id IS NOT NULL GROUP BY id) ORDER BY first`;
  const ids = (await readText(connection, query)).map(([id]) => id!);
  if (ids.length === 0) fail('NO_USABLE_SERIES', { path, why: 'every series id is blank' });
  await connection.run(`CREATE TYPE series_id AS ENUM (${query})`);
  return ids;
}

/** The time of every row. */
export interface RowTimes {
  /** NaN where it is missing. */
  readonly times: Float64Array;
  readonly meaning: TimeReading['meaning'];
  /** Rows at the edges of the file with a word such as "Total" in place of a time; theirs is NaN as well. */
  readonly margins: ReadonlySet<number>;
}

/** Of every row the place of its id in `readIds` (-1 where blank, 0 without ids) and its time; margins are noted. */
export async function readPlacesAndTimes(
  file: OpenFile,
  rows: number,
  time: SourceColumn,
  hasIds: boolean,
): Promise<RowTimes & { readonly places: Float64Array }> {
  const reading = await readTimeColumn(file.connection, 'keys', shownCell(time.name));
  const place = hasIds
    ? 'coalesce(CAST(enum_code(CAST(id AS series_id)) AS DOUBLE), -1)'
    : '0::DOUBLE';
  const sql = `SELECT ${place}, ${reading.sql} FROM keys`;
  const [places, times] = await collectColumns(file.path, rows, 2, (begin) =>
    streamDoubles(file.connection, sql, 2, begin()),
  );
  const { meaning } = reading;
  const words = await readMargins(file, (row) => isUnreadable(times![row]!, meaning), rows);
  for (const row of words.keys()) times![row] = Number.NaN;
  const word = words.get(Math.min(...words.keys()));
  if (word !== undefined) file.log.note('margins', '', words.size, word);
  return { places: places!, times: times!, meaning, margins: new Set(words.keys()) };
}

/** Most rows at either end that may be margins; one line of a table of periods makes a row for each. */
const mostMargins = 300;
/** What stands in place of a time in rows of sums, of sources, and of codes below a header. */
const marginWords =
  /^(grand[ _-]?|sub[ _-]?|over)?(total|sum|average|avg|mean|median|all|transform|unit|source|note|footnote)s?\b/i;

/** The first and last rows whose time is a word that says that they are none, with that word. */
async function readMargins(
  { connection }: OpenFile,
  isUnread: (row: number) => boolean,
  rows: number,
): Promise<ReadonlyMap<number, string>> {
  const found = new Map<number, string>();
  if (!isUnread(0) && !isUnread(rows - 1)) return found;
  const edges = await readText(
    connection,
    `SELECT rowid, t FROM keys WHERE rowid < ${mostMargins} OR rowid >= ${rows - mostMargins} ORDER BY rowid`,
  );
  const takeFrom = (from: readonly (readonly (string | null)[])[]): void => {
    for (const [row, text] of from.slice(0, mostMargins)) {
      if (!isUnread(Number(row)) || !marginWords.test(text!.trim())) return;
      found.set(Number(row), text!);
    }
  };
  takeFrom(edges);
  takeFrom(edges.toReversed());
  return found;
}

/** Fails with TIME_UNREADABLE at the first time that cannot be read, or that is absent from a row with a value; margins aside. */
export async function checkTimes(
  { connection }: OpenFile,
  column: SourceColumn,
  { times, meaning, margins }: RowTimes,
  isEmptyRow: (row: number) => boolean,
): Promise<void> {
  const row = times.findIndex(
    (at, row) =>
      isUnreadable(at, meaning) || (Number.isNaN(at) && !margins.has(row) && !isEmptyRow(row)),
  );
  if (row < 0) return;
  const [cell] = await readText(connection, `SELECT t FROM keys WHERE rowid = ${row}`);
  fail('TIME_UNREADABLE', { column: shownCell(column.name), value: shownCell(cell?.[0] ?? null) });
}
