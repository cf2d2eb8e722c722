/** Turns what DuckDB says of an unreadable file into the catalogue's errors: one line, no SQL, no advice on options. */
import { fail } from '../../state/errors.ts';
import { shownCell } from './cell-text.ts';

/** Whether `error` says that a cell is no number: a file that was read as typed must be read as text. */
export function isConversionError(error: unknown): boolean {
  return (
    error instanceof Error && /Error when converting column|Conversion Error/.test(error.message)
  );
}

const patterns: readonly [RegExp, (match: RegExpExecArray) => string][] = [
  [
    /CSV Error on Line: (\d+)[\s\S]*?Expected Number of Columns: (\d+) Found: (\d+)/,
    (m) => `line ${m[1]} has ${m[3]} columns where the header has ${m[2]}`,
  ],
  [
    /CSV Error on Line: (\d+)[\s\S]*?(?:unterminated quote|quote should be followed)/i,
    (m) => `line ${m[1]} has a quote that is not closed`,
  ],
  [/CSV Error on Line: (\d+)/, (m) => `line ${m[1]} does not follow the header's format`],
  [
    /Parted by blanks: (\d+) for (\d+) in: (.*)/,
    (m) => `a line has ${m[1]} columns where the table has ${m[2]}: "${shownCell(m[3]!)}"`,
  ],
  [/Maximum line size|line_size/i, () => 'a line is longer than two megabytes'],
  [/Malformed JSON .*?at byte (\d+) in (record\/value|line) (\d+)/, (m) => jsonProblem(m)],
  [
    /non-record JSON|expected records/,
    () => 'it holds no list of records such as [{"ds": ..., "y": ...}]',
  ],
  [/GZIP/i, () => 'it is not gzip data, although its name ends in .gz'],
  [/ZSTD|frame descriptor/i, () => 'it is not whole zstd data, although its name ends in .zst'],
  [/too small to be a Parquet|No magic bytes|magic bytes/i, () => 'it is no Parquet file'],
  [/Parquet|TProtocol|thrift/i, () => 'its Parquet data is damaged'],
  [/Out of Memory/i, () => 'it does not fit into memory'],
];

function jsonProblem(match: RegExpExecArray): string {
  return `its JSON breaks off or is malformed in ${match[2] === 'line' ? 'line' : 'record'} ${match[3]}`;
}

/** Fails with INPUT_ENCODING or INPUT_UNREADABLE; what is not about the file's contents is thrown on. */
export function mapReadError(path: string, error: unknown): never {
  if (!(error instanceof Error)) throw error;
  if (/not utf-8|invalid UTF-8|Invalid unicode/i.test(error.message)) {
    return fail('INPUT_ENCODING', { path }, { cause: error });
  }
  for (const [pattern, problem] of patterns) {
    const match = pattern.exec(error.message);
    if (match) return fail('INPUT_UNREADABLE', { path, problem: problem(match) }, { cause: error });
  }
  if (!/^(IO|Invalid Input|Serialization|Out of Range) Error: /.test(error.message)) throw error;
  const problem = 'its contents are not what its name says';
  return fail('INPUT_UNREADABLE', { path, problem }, { cause: error });
}
