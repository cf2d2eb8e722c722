/** Reads exogenous columns of a file as numbers, one a row: numbers as they are, truth values as 0 and 1, texts as indicators or codes. */
import { fail } from '../../state/errors.ts';
import { kindOf, shownCell } from './cell-text.ts';
import { quoteText, readText, streamDoubles } from './duckdb.ts';
import type { ExogenousRole, ExogenousSource } from './named-exogenous.ts';
import { collectColumns, readCells } from './number-columns.ts';
import type { OpenFile } from './open-file.ts';
import { missingSql, type SourceColumn } from './source.ts';

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

const truths = ['true', 'yes', 't', 'y'];
const falsehoods = ['false', 'no', 'f', 'n'];
/** A text that changes over time becomes one indicator for each of its labels, up to this many. */
const mostIndicators = 16;

/** The columns' values in the order of the rows. Fails with EXOGENOUS_UNREADABLE. */
export async function readExogenous(
  file: OpenFile,
  rows: number,
  sources: readonly ExogenousSource[],
): Promise<readonly ExogenousCells[]> {
  for (const { column } of sources) if (column.stored === 'time') refuse(column, dates);
  const counts = await countCells(file, sources);
  const isNumber = ({ present, numbers }: CellCounts): boolean => numbers * 2 > present;
  const numeric = sources.filter((_, k) => isNumber(counts[k]!)).map(({ column }) => column);
  const numbers =
    numeric.length === 0
      ? []
      : await readCells(file, rows, numeric, (column, value) =>
          refuse(column, `it holds "${value}" among numbers`),
        );
  const cells: ExogenousCells[] = [];
  for (const [k, source] of sources.entries()) {
    const { column } = source;
    const count = counts[k]!;
    if (count.present === 0) refuse(column, 'it has no value at all');
    if (isNumber(count)) cells.push(numbersOf(source, numbers[numeric.indexOf(column)]!));
    else cells.push(...(await readTexts(file, rows, source, count.truthValues === count.present)));
  }
  checkNames(cells);
  return cells;
}

const dates = 'it holds dates; give what they mean as numbers, such as days until then';

const refuse = ({ name }: SourceColumn, problem: string): never =>
  fail('EXOGENOUS_UNREADABLE', { column: shownCell(name), problem });

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

async function readTexts(
  file: OpenFile,
  rows: number,
  source: ExogenousSource,
  areTruthValues: boolean,
): Promise<ExogenousCells[]> {
  const { role, column } = source;
  const own = partsOf(source);
  const { labels, places } = await readLabels(file, rows, column);
  if (areTruthValues) {
    const values = places.map((place) =>
      Number.isNaN(place) ? place : Number(truths.includes(labels[place]!.toLowerCase())),
    );
    return [{ ...own, kind: 'indicator', values }];
  }
  if (kindOf(labels) === 'date') return refuse(column, dates);
  if (role === 'static') return [{ ...own, kind: 'label', labels, values: places }];
  if (labels.length > mostIndicators) {
    const count = labels.length.toLocaleString('en');
    return refuse(
      column,
      `it holds ${count} different texts, and up to ${mostIndicators} can be told apart`,
    );
  }
  return labels.map((label, k) => ({
    ...own,
    name: `${column.name}=${label}`,
    kind: 'indicator',
    // A cell without a text is an answer too: none of the labels, as on a day that is no holiday.
    values: places.map((place) => Number(place === k)),
  }));
}

/** How many cells of a column are present, numbers, and words for true or false. */
interface CellCounts {
  readonly present: number;
  readonly numbers: number;
  readonly truthValues: number;
}

async function countCells(
  { connection, source }: OpenFile,
  sources: readonly ExogenousSource[],
): Promise<CellCounts[]> {
  if (sources.length === 0) return [];
  const words = [...truths, ...falsehoods].map(quoteText).join(', ');
  const select = sources.map(({ column: { text } }) => {
    const counted = (condition: string): string =>
      `count(*) FILTER (NOT ${missingSql(text)} AND ${condition})`;
    return [
      counted('true'),
      counted(`TRY_CAST(${text} AS DOUBLE) IS NOT NULL`),
      counted(`list_contains([${words}], lower(trim(${text})))`),
    ].join(', ');
  });
  const [row] = await readText(connection, `SELECT ${select.join(', ')} FROM ${source.relation}`);
  return sources.map((_, k) => {
    const [present = 0, numbers = 0, truthValues = 0] = row!.slice(3 * k).map(Number);
    return { present, numbers, truthValues };
  });
}

/** The distinct texts of a column in alphabetical order, and of every row the place of its text, NaN where missing. */
async function readLabels(
  { connection, source, path }: OpenFile,
  rows: number,
  { text }: SourceColumn,
): Promise<{ labels: string[]; places: Float64Array }> {
  const labelled = `if(${missingSql(text)}, NULL, trim(${text}))`;
  const query = `SELECT DISTINCT v FROM (SELECT ${labelled} AS v FROM ${source.relation}) WHERE v IS NOT NULL ORDER BY v`;
  const labels = (await readText(connection, query)).map(([label]) => label!);
  await connection.run(`CREATE TYPE label AS ENUM (${query})`);
  const place = `coalesce(CAST(enum_code(CAST(${labelled} AS label)) AS DOUBLE), 'nan'::DOUBLE)`;
  const [places] = await collectColumns(path, rows, 1, (begin) =>
    streamDoubles(connection, `SELECT ${place} FROM ${source.relation}`, 1, begin()),
  );
  await connection.run('DROP TYPE label');
  return { labels, places: places! };
}
