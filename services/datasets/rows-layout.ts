/** Files with one series a row: which columns are its points in time, and which tell the series. */
import { fail } from '../../state/errors.ts';
import { isMissing, shownNames } from './cell-text.ts';
import type { DistinctShare, Layout } from './layout.ts';
import type { RowsHeader } from './rows-header.ts';
import type { SourceColumn } from './source.ts';
import { idNames, usual } from './usual-names.ts';

/** The layout of rows under `header`; undefined without an id. Fails with COLUMNS_UNDETECTED where no ids tell all rows. */
export async function detectRows(
  columns: readonly SourceColumn[],
  header: RowsHeader,
  named: readonly SourceColumn[] | undefined,
  distinctShare: DistinctShare,
): Promise<Layout | undefined> {
  const all = header.columns.map((c) => columns[c]!);
  // The header of the M4 files calls the ids V1 and the values V2, V3, ...
  const isInFront =
    header.by === 'positions' && (named?.includes(all[0]!) ?? all[0]!.kind === 'text');
  const skip = isInFront ? 1 : 0;
  const points = all.slice(skip);
  const others = columns.filter((column) => !points.includes(column));
  const texts = others.filter(({ kind }) => kind === 'text');
  const telling =
    named ?? (await tellingColumns([...usual(others, idNames), ...texts], distinctShare));
  const ids = telling && others.filter((column) => telling.includes(column));
  if (!ids && texts.length > 0) {
    return fail('COLUMNS_UNDETECTED', {
      role: 'series id',
      found: shownNames(others),
      flag: '--id',
    });
  }
  return ids && { kind: 'rows', ids, points, times: header.times.slice(skip) };
}

/** The first of `columns`, or of their pairs, in which no two rows are alike; one that is blank here and there needs another. */
async function tellingColumns(
  columns: readonly SourceColumn[],
  distinctShare: DistinctShare,
): Promise<readonly SourceColumn[] | undefined> {
  const distinct = [...new Set(columns)];
  const whole = distinct.filter(({ sample }) => sample.every((cell) => !isMissing(cell)));
  const pairs = whole.flatMap((a, i) =>
    distinct.filter((b) => !whole.slice(0, i + 1).includes(b)).map((b) => [a, b]),
  );
  for (const candidates of [...whole.map((column) => [column]), ...pairs]) {
    if ((await distinctShare(candidates)) === 1) return candidates;
  }
  return undefined;
}
