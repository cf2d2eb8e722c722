/** The input file as DuckDB sees it: its columns, a sample of its cells, and safe SQL to read any of them. */
import type { DuckDBConnection } from '@duckdb/node-api';
import { fail } from '../../state/errors.ts';
import { kindOf, missingMarkers, type CellKind } from './cell-text.ts';
import { quoteName, quotePath, quoteText, readText } from './duckdb.ts';
import { blankCell, blanks } from './delimited-records.ts';
import type { FileFormat } from './file-format.ts';
import { readFooter } from './footer.ts';
import { type Notation, notationsOf, plainSql, plainText } from './number-notation.ts';
import { isRowsHeader } from './rows-header.ts';
import { findTable } from './table-start.ts';

/** One column of the file. */
export interface SourceColumn {
  readonly name: string;
  /** What most cells of the sample are. */
  readonly kind: CellKind;
  /** The first cells as text, null where the file has none. */
  readonly sample: readonly (string | null)[];
  /** SQL for the cells as text. */
  readonly text: string;
  /** SQL for the cells as text, numbers among them plain ones, whatever their notation in the file. */
  readonly plain: string;
  /** How its numbers are written, if not plainly. */
  readonly notation?: Notation['name'];
  /** SQL for the cells as DOUBLE without NULL: NaN where missing, +Infinity where the cell is no number. */
  readonly number: string;
  /** The type DuckDB holds the column in: text, or a type of its own as in Parquet. */
  readonly stored: 'text' | 'number' | 'time';
  /** Where several columns of the file are one: SQL for the text in a file whose columns `find` gives by name. */
  readonly textIn?: (find: (name: string) => SourceColumn) => string;
}

/** The columns of a file and how to select from it. */
export interface Source {
  readonly columns: readonly SourceColumn[];
  /** What to select from: the file with every column as it is stored. */
  readonly relation: string;
  /** Whether a delimited file lacks a header line. */
  readonly isHeadless: boolean;
  /** Lines of a delimited file above and below its rows that names are not from. */
  readonly passedOver: readonly string[];
  /**
   * The same with `columns` parsed as numbers while reading, and how to select each of them: several times faster, but
   * the query fails with a conversion error at the first cell that is no number. Undefined where it would be no faster.
   */
  typed(
    columns: readonly SourceColumn[],
  ): { readonly relation: string; readonly number: (column: SourceColumn) => string } | undefined;
}

const headerLines = 50;
/** Cells read to recognise the columns: up to 1,000 rows, fewer of very wide files. */
const sampleCells = 200_000;
const mostSampleRows = 1000;

/** How a column of the file is selected. */
interface RawColumn {
  readonly name: string;
  readonly text: string;
  readonly stored: SourceColumn['stored'];
  readonly native: string;
}

/** Opens `path`, which exists. Fails with INPUT_EMPTY or INPUT_UNREADABLE; DuckDB's own errors are left to the caller. */
export async function openSource(
  connection: DuckDBConnection,
  path: string,
  format: FileFormat,
): Promise<Source> {
  const opened =
    format.kind === 'delimited'
      ? await openDelimited(connection, path, format)
      : await openSelfDescribing(connection, path, format);
  const raw = opened.columns;
  const rows = Math.max(20, Math.min(mostSampleRows, Math.floor(sampleCells / raw.length)));
  const sample = await readText(
    connection,
    `SELECT ${raw.map((column) => column.text).join(', ')} FROM ${opened.relation} LIMIT ${rows}`,
  );
  const samples = raw.map((_, c) => sample.map((row) => row[c] ?? null));
  const notations = notationsOf(
    samples.map((cells, c) => (raw[c]!.stored === 'text' ? cells : [])),
  );
  const columns = raw.map((column, c): SourceColumn => {
    const { name, text, stored, native } = column;
    const notation = notations[c];
    const cells = samples[c]!.map((cell) => (notation && cell ? plainText(cell, notation) : cell));
    const kind = stored === 'text' ? kindOf(cells) : stored === 'time' ? 'date' : 'number';
    const plain = notation ? plainSql(text, notation) : text;
    const number = numberSql({ plain, native, stored });
    const common = { name, text, plain, stored, kind, sample: cells, number };
    return notation ? { ...common, notation: notation.name } : common;
  });
  return {
    columns,
    relation: opened.relation,
    isHeadless: opened.isHeadless ?? false,
    passedOver: opened.passedOver ?? [],
    typed: (wanted) => {
      const isPlain = wanted.every(({ notation }) => notation === undefined);
      return isPlain ? opened.typed?.(columns, wanted) : undefined;
    },
  };
}

interface Opened {
  readonly columns: readonly RawColumn[];
  readonly relation: string;
  /** Whether the first line is no header but a row. */
  readonly isHeadless?: boolean;
  readonly passedOver?: readonly string[];
  typed?(
    all: readonly SourceColumn[],
    wanted: readonly SourceColumn[],
  ): ReturnType<Source['typed']>;
}

async function openDelimited(
  connection: DuckDBConnection,
  path: string,
  format: FileFormat,
): Promise<Opened> {
  const lines = await readText(
    connection,
    `SELECT line FROM ${linesOf(path)} LIMIT ${headerLines}`,
  );
  const table = findTable(
    lines.map(([line]) => line ?? ''),
    format.delimiter,
  );
  if (!table)
    return fail('INPUT_UNREADABLE', { path, problem: 'its header has a quote that is not closed' });
  const { delimiter, names, skip, isHeadless, passedOver } = table;
  if (names.some((name) => name.includes('\0'))) return fail('INPUT_ENCODING', { path });
  if (names.every((name) => name === ''))
    return fail('INPUT_EMPTY', { path, what: 'no header line' });
  const columns = names.map(
    (name, c) => ({ name, text: `c${c}`, native: `c${c}`, stored: 'text' }) as const,
  );
  if (delimiter === blanks)
    return { isHeadless, passedOver, columns, relation: partedByBlanks(path, skip, names.length) };
  const footer =
    format.compression === 'none' ? await readFooter(path, delimiter, names.length) : [];
  // Only a file with one series a row may leave off what a short series does not have.
  const padding = isRowsHeader(names) || footer.length > 0 ? ', null_padding = true' : '';
  const relation = (types: (c: number) => string): string =>
    withoutLines(
      footer,
      `read_csv(${quotePath(path)}, auto_detect = false, header = false, skip = ${skip}, delim = ${quoteText(delimiter)}, quote = '"',
      escape = '"', hive_partitioning = false${padding},
      columns = {${names.map((_, c) => `'c${c}': '${types(c)}'`).join(', ')}})`,
    );
  return {
    isHeadless,
    passedOver: [...passedOver, ...footer],
    columns,
    relation: relation(() => 'VARCHAR'),
    typed: (all, wanted) => {
      const chosen = new Set(wanted);
      return {
        relation: relation((c) => (chosen.has(all[c]!) ? 'DOUBLE' : 'VARCHAR')),
        number: (column) => `coalesce(${column.text}, 'nan'::DOUBLE)`,
      };
    },
  };
}

/** The lines of a text file as they are: no text file holds that separator. */
const linesOf = (path: string, skip = 0): string =>
  `read_csv(${quotePath(path)}, auto_detect = false, header = false, skip = ${skip}, delim = '\u0002', quote = '', escape = '',
    hive_partitioning = false, columns = {'line': 'VARCHAR'})`;

/** `relation` without the rows that are nothing but one of `lines` in the first column. */
function withoutLines(lines: readonly string[], relation: string): string {
  if (lines.length === 0) return relation;
  const isLine = `c1 IS NULL AND list_contains([${lines.map(quoteText).join(', ')}], trim(c0))`;
  return `(SELECT * FROM ${relation} WHERE NOT coalesce(${isLine}, false))`;
}

/** The columns c0, c1, ... of lines that blanks part, which fail where a line has more or fewer cells; comments are left out. */
function partedByBlanks(path: string, skip: number, width: number): string {
  const cells = Array.from({ length: width }, (_, c) => `trim(cells[${c + 1}], '"') AS c${c}`);
  const problem = `'Parted by blanks: ' || len(cells) || ' for ${width} in: ' || left(line, 60)`;
  return `(SELECT ${cells.join(', ')} FROM (
    SELECT if(len(cells) = ${width}, cells, error(${problem})) AS cells FROM (
      SELECT line, regexp_extract_all(line, ${quoteText(blankCell)}) AS cells FROM ${linesOf(path, skip)}
      WHERE regexp_matches(line, '^\\s*[^#\\s]'))))`;
}

async function openSelfDescribing(
  connection: DuckDBConnection,
  path: string,
  format: FileFormat,
): Promise<Opened> {
  if (format.kind === 'parquet') {
    const relation = `read_parquet(${quotePath(path)}, hive_partitioning = false)`;
    const described = await readText(connection, `DESCRIBE SELECT * FROM ${relation}`);
    return {
      relation,
      columns: described.map(([name, type]) => storedColumn(name ?? '', type ?? '')),
    };
  }
  const layout = format.kind === 'json-lines' ? 'newline_delimited' : 'auto';
  const reader = (more: string): string =>
    `read_json(${quotePath(path)}, format = '${layout}', records = true, hive_partitioning = false, ${more})`;
  const described = await readText(
    connection,
    `DESCRIBE SELECT * FROM ${reader('maximum_depth = 1, sample_size = -1')}`,
  );
  const names = described.map(([name]) => name ?? '');
  return {
    relation: reader(`columns = {${names.map((name) => `${quoteText(name)}: 'JSON'`).join(', ')}}`),
    columns: names.map((name) => {
      const text = `json_extract_string(${quoteName(name)}, '$')`;
      return { name, text, native: text, stored: 'text' };
    }),
  };
}

function storedColumn(name: string, type: string): RawColumn {
  const native = quoteName(name);
  const text = `CAST(${native} AS VARCHAR)`;
  if (/^(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|FLOAT|DOUBLE|DECIMAL\(.*\))$/.test(type)) {
    return { name, text, native, stored: 'number' };
  }
  if (/^(DATE|TIMESTAMP.*)$/.test(type)) return { name, text, native, stored: 'time' };
  return { name, text, native: text, stored: 'text' };
}

const markers = missingMarkers.map(quoteText).join(', ');

/**
 * SQL that is true where the text `cell` is missing. A list and not IN: DuckDB turns a long IN into a join, and a join does
 * not keep the order of the rows, on which every reader of columns relies.
 */
export function missingSql(cell: string): string {
  return `(${cell} IS NULL OR list_contains([${markers}], lower(trim(${cell}))))`;
}

/** SQL for the cells of a column as DOUBLE without NULL: NaN where missing, +Infinity where a cell is no number. */
export function numberSql({
  native,
  plain,
  stored,
}: Pick<RawColumn, 'native' | 'stored'> & Pick<SourceColumn, 'plain'>): string {
  if (stored === 'number') return `coalesce(CAST(${native} AS DOUBLE), 'nan'::DOUBLE)`;
  return `coalesce(TRY_CAST(${plain} AS DOUBLE), if(${missingSql(plain)}, 'nan'::DOUBLE, 'inf'::DOUBLE))`;
}
