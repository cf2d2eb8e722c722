/** Decides what the columns of a file are: long, wide, or one series a row. Named columns override what is recognised. */
import { fail } from '../../state/errors.ts';
import { isCounter, isMissing, shownNames } from './cell-text.ts';
import {
  findTimeParts,
  isProgression,
  joinTime,
  type JoinedTime,
  type Largest,
  rowNumbers,
} from './joined-time.ts';
import { readRowsHeader } from './rows-header.ts';
import { detectRows } from './rows-layout.ts';
import { detectIds, isIdentifier, mayTell, mostlyDistinct } from './series-ids.ts';
import type { SourceColumn } from './source.ts';
import { calendarParts, onlyTargetNames, targetNames, timeNames, usual } from './usual-names.ts';

/** Columns that the user named. */
export interface NamedColumns {
  readonly id?: readonly string[] | undefined;
  readonly time?: string | undefined;
  readonly target?: readonly string[] | undefined;
  /** Columns that are known to be neither id nor time nor target, unless they are named as one. */
  readonly others?: readonly SourceColumn[];
}

/** What the columns of a file are to its series. */
export type Layout =
  | {
      readonly kind: 'long';
      /** Empty for a single series. */
      readonly ids: readonly SourceColumn[];
      readonly time: SourceColumn;
      readonly target: SourceColumn;
    }
  | {
      readonly kind: 'wide';
      readonly time: SourceColumn;
      readonly targets: readonly SourceColumn[];
    }
  | {
      readonly kind: 'rows';
      readonly ids: readonly SourceColumn[];
      readonly points: readonly SourceColumn[];
      /** Date or number of each point, as text. */
      readonly times: readonly string[];
    };

/** How many distinct combinations of cells `columns` have, as a share of the rows: 1 if no two rows are alike in them. */
export type DistinctShare = (columns: readonly SourceColumn[]) => Promise<number>;

/** What is asked of the whole file. */
export interface Census {
  readonly distinctShare: DistinctShare;
  readonly largest: Largest;
}

/** Fails with COLUMN_MISSING, COLUMNS_UNDETECTED or OPTION_INVALID. */
export async function detectLayout(
  columns: readonly SourceColumn[],
  named: NamedColumns,
  census: Census,
): Promise<Layout> {
  const { distinctShare } = census;
  const usable = columns.filter((column) => !countsRows(column));
  const ids = named.id?.map((name) => findColumn(columns, name, 'series id'));
  const targets = named.target?.map((name) => findColumn(columns, name, 'target'));
  const series = new Set([...(ids ?? []), ...(targets ?? [])]);
  const others = new Set(named.others);
  const left = usable.filter((column) => !series.has(column));
  const free = left.filter((column) => !others.has(column));
  const joined = await findJoinedTime(columns, left, ids, named.time, census);
  const header = readRowsHeader(usable.map(({ name }) => name));
  const points = new Set(header?.columns.map((c) => usable[c]!));
  const time =
    joined ??
    (named.time === undefined ? detectTime(free, points) : findColumn(columns, named.time, 'time'));
  if (header && !targets && named.time === undefined && (!time || header.by === 'dates')) {
    const rows = await detectRows(usable, header, ids, distinctShare);
    if (rows) return rows;
  }
  if (!time) {
    const areValues = free.every((column) => column.kind === 'number' && !isProgression(column));
    if (!ids && others.size === 0 && (areValues || free.length === 1)) {
      return layoutOf(rowNumbers, [], targets ?? detectTargets(free, false, columns));
    }
    return fail('COLUMNS_UNDETECTED', { role: 'time', found: shownNames(columns), flag: '--time' });
  }
  const rest = free.filter((column) => column !== time && !joined?.parts.includes(column));
  const chosen = ids ?? (await detectIds(rest, time, targets !== undefined, distinctShare));
  if (targets) return layoutOf(time, chosen, targets);
  const candidates = rest.filter((column) => !chosen.includes(column));
  return layoutOf(time, chosen, detectTargets(candidates, chosen.length > 0, columns));
}

function layoutOf(
  time: SourceColumn,
  ids: readonly SourceColumn[],
  targets: readonly SourceColumn[],
): Layout {
  const [target, second] = targets;
  if (!second) return { kind: 'long', ids, time, target: target! };
  if (ids.length === 0) return { kind: 'wide', time, targets };
  return fail('OPTION_INVALID', {
    key: 'target',
    problem: `a file whose series are told by ${shownNames(ids).join(', ')} takes one target, not ${targets.length}`,
  });
}

/** Whether a column is the number of each row, under one of the names that tools give it. */
const countsRows = ({ name, sample }: SourceColumn): boolean =>
  /^(|unnamed: \d+|__index_level_\d+__|row[._ ]?(names?|num(ber)?|nr|no|id)|instant|s\.?no)$/i.test(
    name,
  ) && isCounter(sample);

/** The column of exactly that name, or the only one of that name in another case. Fails with COLUMN_MISSING. */
export function findColumn(
  columns: readonly SourceColumn[],
  name: string,
  role: string,
): SourceColumn {
  const alike = columns.filter((column) => column.name.toLowerCase() === name.toLowerCase());
  const found =
    columns.find((column) => column.name === name) ?? (alike.length === 1 ? alike[0] : undefined);
  return found ?? fail('COLUMN_MISSING', { column: name, role, found: shownNames(columns) });
}

/** The parts of a time without which rows are alike, beside the `ids` that were named or else what may tell the series. */
async function neededParts(
  found: readonly SourceColumn[],
  columns: readonly SourceColumn[],
  ids: readonly SourceColumn[] | undefined,
  distinctShare: DistinctShare,
): Promise<readonly SourceColumn[]> {
  const tellers = ids ?? columns.filter((column) => !found.includes(column) && mayTell(column));
  let parts = found;
  while (parts.length > 1) {
    const coarser = parts.slice(0, -1);
    if ((await distinctShare([...coarser, ...tellers])) <= mostlyDistinct) break;
    parts = coarser;
  }
  return parts;
}

/** The time that several columns are: those that are named with a comma between, or those that are recognised. */
async function findJoinedTime(
  columns: readonly SourceColumn[],
  left: readonly SourceColumn[],
  ids: readonly SourceColumn[] | undefined,
  time: string | undefined,
  { distinctShare, largest }: Census,
): Promise<JoinedTime | undefined> {
  if (time === undefined) {
    const found = findTimeParts(left);
    const parts = found && (await neededParts(found, left, ids, distinctShare));
    return parts && parts.length > 1 ? joinTime(parts, largest) : undefined;
  }
  if (!time.includes(',') || columns.some(({ name }) => name === time)) return undefined;
  const names = time.split(',').map((name) => name.trim());
  return joinTime(
    names.map((name) => findColumn(columns, name, 'time')),
    largest,
  );
}

/** Whether the name speaks of a time, as that of "open_time" and "date_key" does. */
const namesTime = ({ name }: SourceColumn): boolean =>
  /(^|[_ ])(time|date|timestamp|epoch)([_ ]|$)/i.test(name);

/** Whether all numbers are epoch seconds, milliseconds and so on, or days written like 20240131. */
const hasClockNumbers = ({ kind, sample }: SourceColumn): boolean =>
  kind === 'number' &&
  sample.every(
    (cell) => isMissing(cell) || /^(19|20)\d{6}$|^\d{10}(\d{3}){0,3}$/.test(cell!.trim()),
  );

/**
 * Dates under a usual name, then any dates, then numbers (years, epoch times, positions) under a usual name, then epoch
 * times under one that speaks of time, then the one column of numbers that rise evenly beside others, unless its name is
 * one of several `points` in time.
 */
function detectTime(
  columns: readonly SourceColumn[],
  points: ReadonlySet<SourceColumn>,
): SourceColumn | undefined {
  const dates = columns.filter(({ kind }) => kind === 'date');
  const number = usual(columns, timeNames).find(({ kind }) => kind === 'number');
  // A column called "date" that cannot be read is the time nonetheless: the reader's error then names it.
  const unreadable = usual(columns, ['ds', 'timestamp', 'datetime', 'date_time', 'date']).find(
    ({ kind }) => kind === 'text',
  );
  const clocked = columns.find((column) => namesTime(column) && hasClockNumbers(column));
  const [even, second] = columns.filter((column) => !points.has(column) && isProgression(column));
  const onlyEven = columns.length > 1 && second === undefined ? even : undefined;
  return (
    finestOf(usual(dates, timeNames)) ?? dates[0] ?? number ?? clocked ?? unreadable ?? onlyEven
  );
}

/** Of a date and a timestamp, say, the one that tells more rows apart; the first among equals. */
function finestOf(columns: readonly SourceColumn[]): SourceColumn | undefined {
  const distinct = columns.map(({ sample }) => new Set(sample).size);
  return columns[distinct.indexOf(Math.max(...distinct))];
}

/** Whether a column may hold values: numbers that are neither part of a date nor ids, of which a file without series has none. */
export const mayBeTarget = (column: SourceColumn, hasIds: boolean): boolean =>
  column.kind === 'number' &&
  usual([column], calendarParts).length === 0 &&
  !countsRows(column) &&
  !(isIdentifier(column) && (hasIds || isCounter(column.sample)));

function detectTargets(
  columns: readonly SourceColumn[],
  hasIds: boolean,
  all: readonly SourceColumn[],
): readonly SourceColumn[] {
  const numbers = columns.filter((column) => mayBeTarget(column, hasIds));
  if (numbers.length === 1) return numbers;
  const [preferred] = usual(numbers, hasIds ? targetNames : onlyTargetNames);
  if (preferred) return [preferred];
  if (numbers.length > 1 && !hasIds) return numbers;
  // Nothing numeric: the one column that should be is read as the target, so that the error shows its cells.
  const unread = columns.filter(({ kind }) => kind === 'text' || kind === 'empty');
  const [target] = usual(unread, targetNames);
  const only = target ?? (unread.length === 1 ? unread[0] : undefined);
  if (numbers.length === 0 && only) return [only];
  const found = numbers.length > 1 ? shownNames(numbers) : shownNames(all);
  return fail('COLUMNS_UNDETECTED', { role: 'target', found, flag: '--target' });
}
