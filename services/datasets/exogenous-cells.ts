/** Reads exogenous columns of a file as numbers, one a row: numbers as they are, truth values as 0 and 1, texts as indicators or codes. */
import { fail } from '../../state/errors.ts';
import { isMissing, kindOf, shownCell } from './cell-text.ts';
import { readText, streamDoubles } from './duckdb.ts';
import type { ExogenousRole, ExogenousSource } from './named-exogenous.ts';
import { collectColumns, readCells } from './number-columns.ts';
import type { OpenFile } from './open-file.ts';
import type { SourceColumn } from './source.ts';

/** What the numbers of a column are. */
export interface ExogenousColumn {
  readonly name: string;
  /** Name of the file's column. */
  readonly source: string;
  readonly role: ExogenousRole;
  /** A quantity; 0 or 1; or the place of a label in `labels`. */
  readonly kind: 'number' | 'indicator' | 'label';
  readonly labels: readonly string[];
}

/** A column with its values [rows], NaN where missing. */
export interface ExogenousCells extends ExogenousColumn {
  readonly values: Float64Array;
}

const truths: ReadonlySet<string> = new Set(['true', 'yes', 't', 'y']);
const falsehoods: ReadonlySet<string> = new Set(['false', 'no', 'f', 'n']);
/** A text that changes over time becomes one indicator for each of its labels, up to this many. */
const mostIndicators = 16;
/** And a text that never changes, a category with up to this many. */
const mostTexts = 10_000;

/** The columns' values in the order of the rows. Fails with EXOGENOUS_UNREADABLE. */
export async function readExogenous(
  file: OpenFile,
  rows: number,
  sources: readonly ExogenousSource[],
): Promise<readonly ExogenousCells[]> {
  const texts = new Map<SourceColumn, Texts>();
  for (const { column } of sources) {
    if (column.kind === 'date') refuse(column, dates);
    if (column.kind === 'number') continue;
    const read = await readTexts(file, rows, column);
    if (read) texts.set(column, read);
  }
  const numeric = sources.map(({ column }) => column).filter((column) => !texts.has(column));
  const numbers = numeric.length === 0 ? [] : await readCells(file, rows, numeric, refuseWord);
  const cells = sources.flatMap((source) => {
    const read = texts.get(source.column);
    return read
      ? columnsOf(source, read)
      : [numbersOf(source, numbers[numeric.indexOf(source.column)]!)];
  });
  checkNames(cells);
  return cells;
}

const dates = 'it holds dates; give what they mean as numbers, such as days until then';

const refuse = ({ name }: SourceColumn, problem: string): never =>
  fail('EXOGENOUS_UNREADABLE', { column: shownCell(name), problem });

const refuseWord = (column: SourceColumn, value: string): never =>
  refuse(column, `it holds "${value}" among numbers`);

function checkNames(cells: readonly ExogenousCells[]): void {
  const names = cells.map(({ name }) => name);
  for (const { name, source } of cells) {
    if (names.indexOf(name) !== names.lastIndexOf(name)) {
      const problem = `its indicator "${shownCell(name)}" is called like another column`;
      fail('EXOGENOUS_UNREADABLE', { column: shownCell(source), problem });
    }
  }
}

const partsOf = ({ role, column }: ExogenousSource) => ({
  name: column.name,
  source: column.name,
  role,
  labels: [],
});

/** Numbers, of which 0 and 1 alone say whether something is so. */
function numbersOf(source: ExogenousSource, read: Float64Array): ExogenousCells {
  const values = read.map((value) => (Number.isFinite(value) ? value : Number.NaN));
  const isTruth = values.every((value) => Number.isNaN(value) || value === 0 || value === 1);
  return { ...partsOf(source), kind: isTruth ? 'indicator' : 'number', values };
}

/** Distinct texts of a column, and of every row the place of its own, NaN where there is none. */
interface Texts {
  readonly labels: readonly string[];
  readonly places: Float64Array;
}

function columnsOf(source: ExogenousSource, { labels, places }: Texts): ExogenousCells[] {
  const { role, column } = source;
  const own = partsOf(source);
  const words = labels.map((label) => label.toLowerCase());
  if (words.every((word) => truths.has(word) || falsehoods.has(word))) {
    const values = places.map((place) =>
      Number.isNaN(place) ? place : Number(truths.has(words[place]!)),
    );
    return [{ ...own, kind: 'indicator', values }];
  }
  if (role === 'static') return [{ ...own, kind: 'label', labels, values: places }];
  if (labels.length > mostIndicators) return refuseTexts(column, labels.length, mostIndicators);
  return labels.map((label, k) => ({
    ...own,
    name: `${column.name}=${label}`,
    kind: 'indicator',
    // A cell without a text is an answer too: none of the labels, as on a day that is no holiday.
    values: places.map((place) => Number(place === k)),
  }));
}

function refuseTexts(column: SourceColumn, count: number, most: number): never {
  const [found, known] = [count, most].map((number) => number.toLocaleString('en'));
  return refuse(column, `it holds ${found} different texts, and up to ${known} can be told apart`);
}

/** The texts of a column, or undefined if most of them are numbers after all. */
async function readTexts(
  { connection, source, path }: OpenFile,
  rows: number,
  column: SourceColumn,
): Promise<Texts | undefined> {
  await connection.run(
    `CREATE OR REPLACE TABLE texts AS SELECT DISTINCT ${column.text} AS v FROM ${source.relation} WHERE ${column.text} IS NOT NULL`,
  );
  const [[count] = []] = await readText(connection, 'SELECT count(*) FROM texts');
  if (Number(count) > mostTexts) return refuseTexts(column, Number(count), mostTexts);
  const raw = (await readText(connection, 'SELECT v FROM texts ORDER BY v')).map(([v]) => v!);
  const kind = kindOf(raw);
  if (kind === 'number') return undefined;
  if (kind === 'empty') return refuse(column, 'it has no value at all');
  if (kind === 'date') return refuse(column, dates);
  await connection.run('CREATE TYPE cell_text AS ENUM (SELECT v FROM texts ORDER BY v)');
  const place = `coalesce(CAST(enum_code(CAST(${column.text} AS cell_text)) AS DOUBLE), 'nan'::DOUBLE)`;
  const [places] = await collectColumns(path, rows, 1, (begin) =>
    streamDoubles(connection, `SELECT ${place} FROM ${source.relation}`, 1, begin()),
  );
  await connection.run('DROP TYPE cell_text');
  const labels = [...new Set(raw.filter((v) => !isMissing(v)).map((v) => v.trim()))];
  const placeOf = raw.map((v) => (isMissing(v) ? Number.NaN : labels.indexOf(v.trim())));
  return {
    labels,
    places: places!.map((code) => (Number.isNaN(code) ? code : placeOf[code]!)),
  };
}
