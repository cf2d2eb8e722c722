/** Errors of input data: the part of the catalogue that the data is to blame for. */
import { entry, listed } from './error-entry.ts';

/** Entries by code. */
export const dataErrors = {
  INPUT_NOT_FOUND: entry<{ path: string }>(404, 66, (d) => `No file at ${d.path}. Check the path.`),
  INPUT_IS_FOLDER: entry<{ path: string }>(
    400,
    66,
    (d) => `${d.path} is a folder; name one CSV, Parquet or JSON-lines file in it.`,
  ),
  INPUT_EMPTY: entry<{ path: string; what: string }>(
    400,
    65,
    (d) => `${d.path} holds ${d.what}; a forecast needs at least two observations of one series.`,
  ),
  INPUT_FORMAT_UNKNOWN: entry<{ path: string; known: readonly string[] }>(400, 65, (d) =>
    /\.(xls[xbm]?|ods|numbers)$/i.test(d.path)
      ? `${d.path} is a spreadsheet; save the sheet with the series as .csv.`
      : `The format of ${d.path} is not known from its name; use one of ${listed(d.known)}.`,
  ),
  INPUT_UNREADABLE: entry<{ path: string; problem: string }>(
    400,
    65,
    (d) => `${d.path} could not be read: ${d.problem}`,
  ),
  INPUT_ENCODING: entry<{ path: string }>(
    400,
    65,
    (d) =>
      `${d.path} is not UTF-8 text; convert it first, for example with iconv -f latin1 -t utf-8.`,
  ),
  COLUMN_MISSING: entry<{ column: string; role: string; found: readonly string[] }>(
    400,
    65,
    (d) => `There is no column "${d.column}" for the ${d.role}; found: ${listed(d.found)}.`,
  ),
  COLUMNS_UNDETECTED: entry<{ role: string; found: readonly string[]; flag: string }>(
    400,
    65,
    (d) =>
      `No column could be recognised as the ${d.role} among ${listed(d.found)}; name it with ${d.flag}${d.role === 'time' ? ', or add one that numbers the rows' : ''}.`,
  ),
  TIME_UNREADABLE: entry<{ column: string; value: string }>(
    400,
    65,
    (d) =>
      `Column "${d.column}" holds "${d.value}", which is no date or time; use ISO 8601 such as 2024-01-31 or 2024-01-31 13:00:00.`,
  ),
  TARGET_NOT_NUMERIC: entry<{ column: string; value: string; row: number }>(
    400,
    65,
    (d) =>
      `Column "${d.column}" holds "${d.value}" in data row ${d.row}, which is no number; clean the column or name another with --target.`,
  ),
  EXOGENOUS_UNREADABLE: entry<{ column: string; problem: string }>(
    400,
    65,
    (d) => `Column "${d.column}" cannot be used beside the target: ${d.problem}.`,
  ),
  EXOGENOUS_EMPTY: entry<{ column: string; series: string }>(
    400,
    65,
    (d) =>
      `Column "${d.column}" has no value at all in series "${d.series}"; fill it in, or leave out the column or the series.`,
  ),
  STATIC_CHANGES: entry<{ column: string; series: string; values: readonly string[] }>(
    400,
    65,
    (d) =>
      `Column "${d.column}" changes within series "${d.series}" (${listed(d.values)}), so it is not static; name it with --historical, or with --future if it is known ahead.`,
  ),
  FUTURE_MISSING: entry<{ column: string; series: string; time: string; horizon: number }>(
    400,
    65,
    (d) =>
      `Column "${d.column}" has no value for series "${d.series}" at ${d.time}, within the horizon of ${d.horizon}; give it in a row without a target or with --future-data, or name the column with --historical.`,
  ),
  HIERARCHY_UNALIGNED: entry<{ first: string; end: string; other: string; otherEnd: string }>(
    400,
    65,
    (d) =>
      `Series of a hierarchy must end at the same time to add up, but "${d.first}" ends at ${d.end} and "${d.other}" at ${d.otherEnd}; bring them to one end, or leave out --hierarchy.`,
  ),
  HIERARCHY_NAME_TAKEN: entry<{ name: string }>(
    400,
    65,
    (d) =>
      `Two series would be called "${d.name}", which is the name of a sum in the hierarchy; rename the series or the labels.`,
  ),
  HIERARCHY_LABEL_MISSING: entry<{ column: string; series: string }>(
    400,
    65,
    (d) =>
      `Column "${d.column}" has no label for series "${d.series}", so its place in the hierarchy is unknown; fill it in, or leave out the column or the series.`,
  ),
  HIERARCHY_TOO_LARGE: entry<{ aggregates: number; most: number; method: string }>(
    400,
    65,
    (d) =>
      `A hierarchy with ${d.aggregates} sums is too large for ${d.method}, which takes up to ${d.most}; use --reconcile bottom-up or top-down, or fewer columns.`,
  ),
  NO_USABLE_SERIES: entry<{ path: string; why: string }>(
    400,
    65,
    (d) => `${d.path} has no series that can be forecast: ${d.why}.`,
  ),
  FREQUENCY_UNKNOWN: entry<{ value: string; known: readonly string[] }>(
    400,
    64,
    (d) =>
      `"${d.value}" is no known frequency; use one of ${listed(d.known)}, with a count in front if needed (15min).`,
  ),
  FREQUENCY_UNDETECTED: entry<{ why: string }>(
    400,
    65,
    (d) => `The sampling frequency could not be detected (${d.why}); name it with --frequency.`,
  ),
} as const;
