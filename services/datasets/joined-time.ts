/** Times that no single column holds: a date and an hour, a year and a month, or nothing but the order of the rows. */
import { fail } from '../../state/errors.ts';
import { isMissing, monthOf, months, shownCell } from './cell-text.ts';
import type { SourceColumn } from './source.ts';
import { timeUnits, wordOf } from './usual-names.ts';

/** A time made of several columns of the file. */
export interface JoinedTime extends SourceColumn {
  readonly parts: readonly SourceColumn[];
}

/** The largest number of a column, NaN if there is none. */
export type Largest = (column: SourceColumn) => Promise<number>;

type Unit = keyof typeof timeUnits;
/** What a column says of a time. */
export type Role = Unit | 'date' | 'clock';
type Parts = Partial<Record<Role, SourceColumn>>;

const clockNames = new Set<string>([
  'time',
  'clock',
  'time_of_day',
  'start_time',
  ...timeUnits.hour,
]);
/** The clock of a whole day, which tools write behind a date. */
const midnight = '[ T]0?0:00(:00([.]0+)?)?$';
const midnightPattern = new RegExp(midnight);
const clock = /^\d{1,2}:\d{2}(:\d{2})?( ?[ap]m)?$/i;

const matches =
  (pattern: RegExp) =>
  (cell: string): boolean =>
    pattern.test(cell.trim());

/** Units that may be written with a word: Jan or January, Q1, W01, H24; also M01 and Q01 of a column "period". */
const isWritten: Partial<Record<Unit, (cell: string) => boolean>> = {
  month: (cell) => monthOf(cell) !== undefined || /^m\d{2}$/i.test(cell.trim()),
  quarter: matches(/^(q(uarter)?[ _-]?0?[1-4]|[1-4](st|nd|rd|th)?[ _-]?q(uarter|tr)?)$/i),
  week: matches(/^(w|wk|week)[ _-]?\d{1,2}$/i),
  hour: matches(/^(h|he|hour)[ _-]?\d{1,2}$/i),
};

/** The unit whose name a column of words has, as in "month" over January, February. */
function writtenUnit(word: string, cells: readonly string[]): Unit | undefined {
  return (Object.keys(isWritten) as Unit[]).find(
    (unit) =>
      (word === 'period' || timeUnits[unit].includes(word)) && cells.every(isWritten[unit]!),
  );
}

const isWithin = (least: number, greatest: number, cells: readonly (string | null)[]): boolean =>
  cells
    .map(Number)
    .every((value) => Number.isInteger(value) && value >= least && value <= greatest);

/** What a column says of a time by its name and its cells; undefined if nothing. */
export function roleOf({ name, kind, sample }: SourceColumn): Role | undefined {
  const word = wordOf(name);
  const present = sample.filter((cell) => !isMissing(cell));
  if (kind === 'date') {
    const isDay = present.every((cell) => !cell!.includes(':') || midnightPattern.test(cell!));
    return isDay ? 'date' : undefined;
  }
  if (kind === 'number') {
    // Months or minutes, or millimetres beside a time that is one without them.
    if (word === 'mm')
      return isWithin(1, 12, present) ? 'month' : isWithin(0, 59, present) ? 'minute' : undefined;
    return (Object.keys(timeUnits) as Unit[]).find((unit) => timeUnits[unit].includes(word));
  }
  if (present.length === 0) return undefined;
  const isClock = present.every((cell) => clock.test(cell!.trim()));
  if (isClock && clockNames.has(word)) return 'clock';
  return writtenUnit(word, present as string[]);
}

/** The columns by what they say of a time, the first of each. */
function partsOf(columns: readonly SourceColumn[]): Parts {
  const parts: Parts = {};
  for (const column of columns) {
    const role = roleOf(column);
    if (role !== undefined) parts[role] ??= column;
  }
  return parts;
}

/** The roles that together are a time, the coarsest first; undefined if they are none. */
function rolesIn(parts: Parts): readonly Role[] | undefined {
  const has = (...roles: Role[]): boolean => roles.every((role) => parts[role] !== undefined);
  const within: Role[] = has('minute') ? ['hour', 'minute'] : ['hour'];
  const clocks = (): Role[] => {
    if (has('clock')) return ['clock'];
    return has('hour') ? within : [];
  };
  if (has('date')) return clocks().length > 0 ? ['date', ...clocks()] : undefined;
  if (!has('year')) return undefined;
  if (has('month')) return ['year', 'month', ...(has('day') ? ['day' as const, ...clocks()] : [])];
  if (has('quarter')) return ['year', 'quarter'];
  return has('week') ? ['year', 'week'] : undefined;
}

/** Whether rows alike in `coarse` differ in one of `finer`, as in hours of one day; words on the calendar of a date do not. */
function varies(coarse: SourceColumn, finer: readonly SourceColumn[]): boolean {
  const cellsOf = (row: number): string =>
    JSON.stringify(finer.map(({ sample }) => sample[row] ?? null));
  const first = new Map<string, string>();
  return coarse.sample.some((cell, row) => {
    if (isMissing(cell) || finer.some(({ sample }) => isMissing(sample[row] ?? null))) return false;
    const known = first.get(cell!);
    if (known === undefined) first.set(cell!, cellsOf(row));
    return known !== undefined && known !== cellsOf(row);
  });
}

/** Columns among `columns` that are one time together; undefined if none are. */
export function findTimeParts(
  columns: readonly SourceColumn[],
): readonly SourceColumn[] | undefined {
  const isWhole = columns.some((column) => column.kind === 'date' && roleOf(column) === undefined);
  const parts = partsOf(columns);
  const roles = isWhole ? undefined : rolesIn(parts);
  const found = roles?.map((role) => parts[role]!);
  return found && varies(found[0]!, found.slice(1)) ? found : undefined;
}

/** SQL for the number that a part is, be it written with a word. */
function wholeNumber({ plain, text, kind }: SourceColumn): string {
  if (kind === 'number') return `CAST(TRY_CAST(${plain} AS DOUBLE) AS INTEGER)`;
  const names = months.map((name) => `'${name.slice(0, 3)}'`).join(', ');
  const month = `list_position([${names}], lower(left(trim(${text}), 3)))`;
  return `coalesce(TRY_CAST(regexp_extract(${text}, '[0-9]+') AS INTEGER), nullif(${month}, 0))`;
}
const padded = (number: string): string => `lpad(CAST(${number} AS VARCHAR), 2, '0')`;

/** SQL for the time as text that a reader of times understands: a word that stands in place of it all, NULL where a part is missing. */
function textOf(parts: Parts, firstHour: number): string {
  const { text } = (parts.date ?? parts.year)!;
  return `coalesce(${writtenTime(parts, firstHour)}, if(regexp_matches(${text}, '[0-9]'), NULL, ${text}))`;
}

function writtenTime(parts: Parts, firstHour: number): string {
  const number = (role: Role): string => wholeNumber(parts[role]!);
  const text = (role: Role): string => parts[role]!.text;
  if (parts.quarter && parts.year) return `${number('year')} || 'Q' || ${number('quarter')}`;
  if (parts.week) {
    const monday = `date_trunc('week', make_date(${number('year')}, 1, 4))`;
    return `strftime(${monday} + to_days(7 * (${number('week')} - 1)), '%Y-%m-%d')`;
  }
  const month = parts.month && `${number('year')} || '-' || ${padded(number('month'))}`;
  const day = parts.day ? padded(number('day')) : "'01'";
  const date = month
    ? `${month} || '-' || ${day}`
    : `regexp_replace(trim(${text('date')}), '${midnight}', '')`;
  if (parts.clock) return `${date} || ' ' || trim(${text('clock')})`;
  if (!parts.hour) return date;
  const minute = parts.minute ? padded(number('minute')) : "'00'";
  return `${date} || ' ' || ${padded(`${number('hour')} - ${firstHour}`)} || ':' || ${minute}`;
}

/**
 * The time that `columns` are together. Hours that reach 24 count from 1 and name the end of the hour; the time is its
 * beginning. Fails with OPTION_INVALID if the columns are no time.
 */
export async function joinTime(
  columns: readonly SourceColumn[],
  largest: Largest,
): Promise<JoinedTime> {
  const parts = partsOf(columns);
  const roles = rolesIn(parts);
  if (roles?.length !== columns.length) return refuse(columns);
  const firstHour = parts.hour && (await largest(parts.hour)) === 24 ? 1 : 0;
  const textIn = (find: (name: string) => SourceColumn): string => {
    const found = roles.map((role) => [role, find(parts[role]!.name)] as const);
    return textOf(Object.fromEntries(found), firstHour);
  };
  const text = textOf(parts, firstHour);
  const name = columns.map((column) => column.name).join(',');
  return { ...timeColumn(name, text), kind: 'date', parts: columns, textIn };
}

function refuse(columns: readonly SourceColumn[]): never {
  const names = columns.map(({ name }) => shownCell(name)).join(', ');
  const known = 'date and hour, date and time, or year with month, quarter or week, by these names';
  return fail('OPTION_INVALID', { key: 'time', problem: `${names} are not ${known}` });
}

/** The number of each row, for a file in which nothing else tells its place. */
export const rowNumbers: SourceColumn = {
  ...timeColumn('row', 'CAST(row_number() OVER () AS VARCHAR)'),
  kind: 'number',
};

function timeColumn(name: string, text: string): Omit<SourceColumn, 'kind'> {
  return { name, text, plain: text, number: "'nan'::DOUBLE", stored: 'text', sample: [] };
}

/** Whether the cells rise or fall by the same number from row to row, as years and positions do. */
export function isProgression({ kind, sample }: SourceColumn): boolean {
  if (kind !== 'number' || sample.length < 3) return false;
  const values = sample.map(Number);
  const step = values[1]! - values[0]!;
  return step !== 0 && values.every((value, k) => k === 0 || step === value - values[k - 1]!);
}
