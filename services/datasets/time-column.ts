/** Reads a column of times, whatever its notation, as epoch milliseconds in UTC or as positions. */
import type { DuckDBConnection } from '@duckdb/node-api';
import { fail } from '../../state/errors.ts';
import { readText } from './duckdb.ts';
import { shownCell } from './cell-text.ts';
import { missingSql } from './source.ts';

/** How to read a column of times. */
export interface TimeReading {
  /** SQL over the text column `t`, type DOUBLE without NULL: NaN where missing, +Infinity where unreadable. */
  readonly sql: string;
  /**
   * `calendar`: epoch ms in UTC; `positions`: whole numbers; `ranks`: numbers that only tell the order, such as decimal
   * years on no calendar.
   */
  readonly meaning: 'calendar' | 'positions' | 'ranks';
}

const sampleRows = 1000;
const clocks = ['', ' %H:%M', ' %H:%M:%S', ' %H:%M:%S.%f', ' %I:%M %p', ' %I:%M:%S %p'];
const withClocks = (dates: readonly string[]): string[] =>
  dates.flatMap((date) => clocks.map((clock) => date + clock));
const parsed = (formats: readonly string[], text = 'x'): string =>
  `try_strptime(${text}, [${formats.map((format) => `'${format}'`).join(', ')}])`;
/** 1/1/2024, 12:00 PM and January 1, 2024 without the comma. */
const withoutCommas = `replace(x, ', ', ' ')`;
const namedDays = ['%d-%b-%y', '%d-%b-%Y', '%b %d %Y', '%B %d %Y', '%d %b %Y', '%d %B %Y'];
const whole = (text: string): string => `TRY_CAST(${text} AS INTEGER)`;
/** The Monday of the ISO week, or another of its days. */
const isoWeek = String.raw`date_trunc('week', make_date(${whole('left(x, 4)')}, 1, 4)) + to_days(
  7 * (${whole(String.raw`regexp_extract(x, '[Ww](\d{1,2})', 1)`)} - 1) +
  coalesce(${whole(String.raw`regexp_extract(x, '-([1-7])$', 1)`)}, 1) - 1)`;

/** Notations, likeliest first, as SQL over the trimmed text `x`. Where %Y would read "19" as the year 19, %y stands before it. */
const notations = {
  iso: 'TRY_CAST(x AS TIMESTAMPTZ)',
  isoMinutes: String.raw`TRY_CAST(regexp_replace(x, '^(.*[T ]\d{1,2}:\d{2})([Zz]|[+-]\d{1,2}(:?\d{2})?)$', '\1:00\2') AS TIMESTAMPTZ)`,
  isoBasic: parsed([
    '%Y%m%dT%H%M%S',
    '%Y%m%dT%H%M',
    '%Y%m%dT%H%M%SZ',
    '%Y-%m-%d %H',
    '%Y-%m-%dT%H',
  ]),
  fiscal: String.raw`if(regexp_matches(x, '^\d{4}[-/]\d{2}$') AND (${whole('left(x, 4)')} + 1) % 100 = ${whole('right(x, 2)')}, CAST(make_date(${whole('left(x, 4)')}, 1, 1) AS TIMESTAMP), NULL)`,
  month: parsed(['%Y-%m', '%Y/%m', '%Y.%m', '%Y %m', '%m/%Y', '%m-%Y', '%m.%Y']),
  monthName: parsed([
    '%b-%y',
    '%b %y',
    '%b %Y',
    '%B %Y',
    '%b-%Y',
    '%B-%Y',
    '%Y %b',
    '%Y %B',
    '%Y-%b',
  ]),
  quarter: String.raw`if(regexp_matches(x, '^(\d{4}[- :]?[Qq]0?[1-4]|[Qq][1-4][- /]?\d{4}|[1-4][Qq][- /]?\d{4})$'), TRY_CAST(concat(regexp_extract(x, '\d{4}'), '-', 3 * ${whole(String.raw`regexp_extract(regexp_replace(x, '\d{4}', ''), '[1-4]')`)} - 2, '-01') AS TIMESTAMP), NULL)`,
  week: String.raw`if(regexp_matches(x, '^\d{4}-?[Ww]\d{1,2}(-[1-7])?$'), CAST(${isoWeek} AS TIMESTAMP), NULL)`,
  range: String.raw`TRY_CAST(regexp_extract(x, '^(\d{4}-\d{1,2}-\d{1,2})( ?[-–/] ?| to )\d{4}-\d{1,2}-\d{1,2}$', 1) AS TIMESTAMP)`,
  named: parsed(withClocks(namedDays), withoutCommas),
  weekday: parsed(withClocks(namedDays), `regexp_replace(${withoutCommas}, '^[A-Za-z]+ ', '')`),
  dotted: parsed(withClocks(['%d.%m.%y', '%d.%m.%Y', '%Y.%m.%d']), withoutCommas),
  monthFirst: parsed(withClocks(['%m/%d/%y', '%m/%d/%Y', '%m-%d-%Y']), withoutCommas),
  dayFirst: parsed(withClocks(['%d/%m/%y', '%d/%m/%Y', '%d-%m-%Y']), withoutCommas),
} as const;
type Notation = keyof typeof notations;
const notationNames = Object.keys(notations) as Notation[];

/** What precedes the year 1000 is taken for a misread date, not for history. */
const firstMs = -30_610_224_000_000;

/** Whether a time that the SQL of a reading gave is none after all. */
export function isUnreadable(time: number, meaning: TimeReading['meaning']): boolean {
  return time === Infinity || (meaning === 'calendar' && time < firstMs);
}

/**
 * Finds the notation of the text column `t` of `table`. Fails with TIME_UNREADABLE, naming `column`, where most of it has none;
 * single unreadable cells come out as +Infinity of the SQL.
 */
export async function readTimeColumn(
  connection: DuckDBConnection,
  table: string,
  column: string,
): Promise<TimeReading> {
  const present = `SELECT trim(t) AS x FROM ${table} WHERE NOT ${missingSql('t')}`;
  const counts = (
    await readText(
      connection,
      `SELECT count(*), count(TRY_CAST(x AS DOUBLE)), ${notationNames.map((name) => `count(*) FILTER (epoch_ms(${notations[name]}) >= ${firstMs})`).join(', ')}
       FROM (${present} LIMIT ${sampleRows})`,
    )
  )[0]!.map(Number);
  const [all = 0, numbers = 0, ...byNotation] = counts;
  if (numbers > 0 && numbers * 2 >= all) return readNumericTimes(connection, present);
  const most = Math.max(...byNotation);
  if (most === 0) {
    const [[value] = ['']] = await readText(connection, `${present} LIMIT 1`);
    return fail('TIME_UNREADABLE', { column, value: shownCell(value ?? null) });
  }
  const best = notationNames[byNotation.indexOf(most)]!;
  const both = best === 'monthFirst' && byNotation[notationNames.indexOf('dayFirst')] === most;
  const notation = both ? await whichFirst(connection, present, column) : best;
  const sql = orMissing(`CAST(epoch_ms(${notations[notation]}) AS DOUBLE)`);
  return { meaning: 'calendar', sql };
}

/** `value`, SQL over `x`, completed for cells that are missing or that it cannot read; few need to be trimmed first. */
function orMissing(value: string): string {
  const over = (text: string): string => value.replaceAll(/\bx\b/g, text);
  return `coalesce(${over('t')}, ${over('trim(t)')}, if(${missingSql('t')}, 'nan'::DOUBLE, 'inf'::DOUBLE))`;
}

/**
 * 03/04/2020 is told by the rest of the column: only one way reads all of it, or makes all of it one day of the month; times
 * of day follow each other, so that of two ways to read them the one with the shorter span is right.
 */
async function whichFirst(
  connection: DuckDBConnection,
  present: string,
  column: string,
): Promise<Notation> {
  const ways = ['monthFirst', 'dayFirst'] as const;
  const asked = ways.map((way) => {
    const time = notations[way];
    const clocked = `count(*) FILTER (epoch_ms(${time}) % 86400000 <> 0)`;
    return `count(${time}), count(DISTINCT day(${time})), max(epoch_ms(${time})) - min(epoch_ms(${time})), ${clocked}`;
  });
  const [row] = await readText(connection, `SELECT ${asked.join(', ')}, min(x) FROM (${present})`);
  const [read, days, span, clocked] = [0, 1, 2, 3].map((k) => [
    Number(row![k]),
    Number(row![k + 4]),
  ]) as [number, number][];
  const first = ([a, b]: [number, number]): Notation => (a < b ? ways[0] : ways[1]);
  if (read![0] !== read![1]) return first([read![1], read![0]]);
  if (clocked![0] > 0 && span![0] !== span![1]) return first(span!);
  if ((days![0] === 1) !== (days![1] === 1)) return first(days!);
  return fail('TIME_UNREADABLE', {
    column,
    value: `${shownCell(row!.at(-1) ?? null)} (day or month first?)`,
  });
}

/** Years, dates written as one number, epoch times, decimal years or plain positions: told by the range of the numbers. */
async function readNumericTimes(
  connection: DuckDBConnection,
  present: string,
): Promise<TimeReading> {
  const digits = (value: string): string => `CAST(TRY_CAST(${value} AS BIGINT) AS VARCHAR)`;
  const [row] = await readText(
    connection,
    `SELECT count(v), min(v), max(v), count(*) FILTER (v <> floor(v)), count(try_strptime(${digits('v')}, '%Y%m%d')),
       count(try_strptime(${digits('v')}, '%Y%m')), max(abs((v - floor(v)) * 12 - round((v - floor(v)) * 12)))
     FROM (SELECT TRY_CAST(x AS DOUBLE) AS v FROM (${present})) WHERE isfinite(v)`,
  );
  const [count = 0, least = 0, greatest = 0, fractions = 0, days = 0, months = 0, offMonth = 0] =
    row!.map(Number);
  const within = (low: number, high: number): boolean => least >= low && greatest <= high;
  const v = 'TRY_CAST(x AS DOUBLE)';
  const calendar = (timestamp: string): TimeReading => ({
    meaning: 'calendar',
    sql: orMissing(`CAST(epoch_ms(${timestamp}) AS DOUBLE)`),
  });
  if (within(1500, 2200)) {
    if (offMonth > 0.02) return { meaning: 'ranks', sql: orMissing(v) };
    const month = `CAST(round(${v} * 12) AS INTEGER)`;
    return calendar(`TRY_CAST(make_date(${month} // 12, ${month} % 12 + 1, 1) AS TIMESTAMP)`);
  }
  if (fractions === 0 && within(15_000_101, 22_001_231) && days === count) {
    return calendar(`try_strptime(${digits(v)}, '%Y%m%d')`);
  }
  if (fractions === 0 && within(150_001, 220_012) && months === count) {
    return calendar(`try_strptime(${digits(v)}, '%Y%m')`);
  }
  const unit = epochUnits.find(({ low, high }) => within(low, high));
  if (unit) {
    return { meaning: 'calendar', sql: orMissing(`floor(${v} * ${unit.perMs} + 1e-6)`) };
  }
  const isPosition = `${v} = floor(${v}) AND abs(${v}) < 1e8`;
  return { meaning: 'positions', sql: orMissing(`CASE WHEN ${isPosition} THEN ${v} END`) };
}

/** Epoch counts by size: seconds from 1973, and their thousandths down to nanoseconds. */
const epochUnits = [
  { low: 1e8, high: 1e11, perMs: 1000 },
  { low: 1e11, high: 1e14, perMs: 1 },
  { low: 1e14, high: 1e17, perMs: 1e-3 },
  { low: 1e17, high: 1e20, perMs: 1e-6 },
] as const;
