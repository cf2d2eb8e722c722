/** Which columns tell the series of a long file apart. */
import { fail } from '../../state/errors.ts';
import { isMissing, shownNames } from './cell-text.ts';
import type { DistinctShare } from './layout.ts';
import type { SourceColumn } from './source.ts';
import { firstPlaceName, idNames, rank, targetNames, usual } from './usual-names.ts';

/** Whether the name is one of an id. */
export const isIdentifier = (column: SourceColumn): boolean =>
  usual([column], idNames).length > 0 || /(^|[_ ])(id|nr|nbr|num|no|code)$/i.test(column.name);

/** Above this share, rows alike are duplicates and no sign of several series. */
export const mostlyDistinct = 0.9;
/** The same where only one column can tell the series; and the largest share of rows that are the first of their series. */
const halfDistinct = 0.5;

const truthValues = new Set(['true', 'false', 'yes', 'no', 't', 'f', 'y', 'n']);

/** Whether all cells are truth values, as of holidays or promotions: no id, but what goes with a value. */
const isFlag = ({ sample }: SourceColumn): boolean =>
  sample.every((cell) => cell === null || truthValues.has(cell.trim().toLowerCase()));

/** Whether no two rows are alike, as in the id of a row or a remark. */
const tellsRows = ({ sample }: SourceColumn): boolean => {
  const present = sample.filter((cell) => !isMissing(cell));
  return present.length > 1 && new Set(present).size === present.length;
};

/** Whether a column may be one of those that tell the series apart. */
export const mayTell = (column: SourceColumn): boolean =>
  (column.kind === 'text' || isIdentifier(column)) && !tellsRows(column);

/** The columns that together tell the series; none for a single series or wide data. Fails with COLUMNS_UNDETECTED. */
export async function detectIds(
  columns: readonly SourceColumn[],
  time: SourceColumn,
  isTargetNamed: boolean,
  distinctShare: DistinctShare,
): Promise<readonly SourceColumn[]> {
  const texts = columns.filter(
    (column) =>
      column.kind === 'text' && usual([column], targetNames).length === 0 && !isFlag(column),
  );
  const numbers = columns.filter((column) => column.kind === 'number' && isIdentifier(column));
  const candidates = [...texts, ...numbers];
  const [preferred] = usual(candidates, idNames);
  if (preferred && rank(preferred, idNames) <= 1) return [preferred];
  const share = await distinctShare([time]);
  if (share === 1) {
    // One series, or several that never share a time: only an unmistakable id says the latter.
    const isClear = preferred?.kind === 'text' && rank(preferred, idNames) < firstPlaceName;
    return isClear ? [preferred] : [];
  }
  const ordered = [...new Set([...usual(candidates, idNames), ...candidates])];
  const repeating = ordered.filter((column) => !tellsRows(column));
  const telling = await fewestTelling(
    repeating.length > 0 ? repeating : ordered,
    time,
    distinctShare,
  );
  if (telling) return columns.filter((column) => telling.includes(column));
  // Times that repeat now and then, or beside a single number, are duplicates; else something must tell the series.
  const numeric = columns.filter(({ kind }) => kind === 'number').length;
  const isSingle = share > mostlyDistinct || numeric <= 1 || isTargetNamed;
  if (candidates.length === 0 && isSingle) return [];
  return fail('COLUMNS_UNDETECTED', {
    role: 'series id',
    found: shownNames(columns),
    flag: '--id',
  });
}

/** Most columns that are tried in pairs and threes. */
const mostCandidates = 8;

/** The first column, else pair, else three of `candidates` that tell nearly all rows of one time apart. */
async function fewestTelling(
  candidates: readonly SourceColumn[],
  time: SourceColumn,
  distinctShare: DistinctShare,
): Promise<readonly SourceColumn[] | undefined> {
  const few = candidates.slice(0, mostCandidates);
  const grown = (sets: readonly SourceColumn[][]): SourceColumn[][] =>
    sets.flatMap((set) =>
      few.slice(few.indexOf(set.at(-1)!) + 1).map((column) => [...set, column]),
    );
  const singles = few.map((column) => [column]);
  const pairs = grown(singles);
  const least = candidates.length === 1 ? halfDistinct : mostlyDistinct;
  for (const set of [...singles, ...pairs, ...grown(pairs)]) {
    if (distinctInSample([...set, time]) <= least) continue;
    // Words that hardly ever come again tell single events, not series.
    const isNamed = set.length === 1 && isIdentifier(set[0]!);
    if (!isNamed && (await distinctShare(set)) > halfDistinct) continue;
    if ((await distinctShare([...set, time])) > least) return set;
  }
  return undefined;
}

/** The share of rows of the sample that differ in `columns`; 1 where a column has no sample, as a time of several parts. */
function distinctInSample(columns: readonly SourceColumn[]): number {
  const rows = Math.min(...columns.map(({ sample }) => sample.length));
  if (rows === 0) return 1;
  const keys = Array.from({ length: rows }, (_, row) =>
    JSON.stringify(columns.map(({ sample }) => sample[row])),
  );
  return new Set(keys).size / rows;
}
