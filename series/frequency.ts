/** Sampling frequency: its names, its seasons and its type; calendar.ts does the arithmetic with it. */
import { fail } from '../state/errors.ts';

export { addSteps, futureTimes, stepsBetween } from './calendar.ts';
export { detectFrequency } from './frequency-detection.ts';

/** Units, from the shortest to the longest; `index` counts positions where there is no time. */
export const frequencyUnits = [
  'second',
  'minute',
  'hour',
  'day',
  'business-day',
  'week',
  'month',
  'quarter',
  'year',
  'index',
] as const;
export type FrequencyUnit = (typeof frequencyUnits)[number];

/** `count` units between neighbours; months, quarters and years fall on the start or the end of the period. */
export interface Frequency {
  readonly unit: FrequencyUnit;
  readonly count: number;
  readonly anchor: 'start' | 'end';
}

/** Canonical names, as printed and as listed in the error message. */
const canonicalNames: Readonly<Record<string, Omit<Frequency, 'count'>>> = {
  s: { unit: 'second', anchor: 'start' },
  min: { unit: 'minute', anchor: 'start' },
  h: { unit: 'hour', anchor: 'start' },
  D: { unit: 'day', anchor: 'start' },
  B: { unit: 'business-day', anchor: 'start' },
  W: { unit: 'week', anchor: 'start' },
  MS: { unit: 'month', anchor: 'start' },
  ME: { unit: 'month', anchor: 'end' },
  QS: { unit: 'quarter', anchor: 'start' },
  QE: { unit: 'quarter', anchor: 'end' },
  YS: { unit: 'year', anchor: 'start' },
  YE: { unit: 'year', anchor: 'end' },
  index: { unit: 'index', anchor: 'start' },
};

/** Short aliases, in which case matters: `M` is a month's end, `ms` and `m` are nothing (milliseconds? minutes?). */
const shortAliases: Readonly<Record<string, string>> = {
  S: 's',
  T: 'min',
  H: 'h',
  d: 'D',
  b: 'B',
  w: 'W',
  M: 'ME',
  mo: 'MS',
  BM: 'ME',
  BME: 'ME',
  BMS: 'MS',
  Q: 'QE',
  q: 'QS',
  A: 'YE',
  Y: 'YE',
  y: 'YS',
  AS: 'YS',
  AE: 'YE',
};

/** Words, read without regard to case. */
const wordAliases: Readonly<Record<string, string>> = {
  sec: 's',
  second: 's',
  seconds: 's',
  secondly: 's',
  min: 'min',
  mins: 'min',
  minute: 'min',
  minutes: 'min',
  minutely: 'min',
  hr: 'h',
  hour: 'h',
  hours: 'h',
  hourly: 'h',
  day: 'D',
  days: 'D',
  daily: 'D',
  bday: 'B',
  'business-day': 'B',
  'business-days': 'B',
  'business-daily': 'B',
  week: 'W',
  weeks: 'W',
  weekly: 'W',
  month: 'MS',
  months: 'MS',
  monthly: 'MS',
  'month-start': 'MS',
  'month-end': 'ME',
  quarter: 'QS',
  quarters: 'QS',
  quarterly: 'QS',
  'quarter-start': 'QS',
  'quarter-end': 'QE',
  year: 'YS',
  years: 'YS',
  yearly: 'YS',
  annual: 'YS',
  annually: 'YS',
  'year-start': 'YS',
  'year-end': 'YE',
  index: 'index',
  integer: 'index',
  step: 'index',
  steps: 'index',
};

/** Weekday and month suffixes (`W-SUN`, `QS-OCT`) say what the timestamps themselves say already. */
const anchorSuffix =
  /^(W|Q|QS|QE|A|AS|Y|YS|YE)-(SUN|MON|TUE|WED|THU|FRI|SAT|JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC)$/;

/** Reads pandas-like aliases and words with an optional count in front: `15min`, `h`, `2W`, `month-end`. */
export function parseFrequency(text: string): Frequency {
  const match = /^(\d{1,6})?[\s-]*([A-Za-z][A-Za-z-]*)$/.exec(text.trim());
  const word = match?.[2]?.replace(anchorSuffix, '$1') ?? '';
  const own = (table: Readonly<Record<string, string>>, key: string): string | undefined =>
    Object.hasOwn(table, key) ? table[key] : undefined;
  const name = Object.hasOwn(canonicalNames, word)
    ? word
    : (own(shortAliases, word) ?? own(wordAliases, word.toLowerCase()));
  const count = match?.[1] === undefined ? 1 : Number(match[1]);
  if (name === undefined || count < 1) {
    return fail('FREQUENCY_UNKNOWN', { value: text, known: Object.keys(canonicalNames) });
  }
  return { ...canonicalNames[name]!, count };
}

/** The canonical name, with the count in front unless it is 1; `parseFrequency` reads it back. */
export function formatFrequency(frequency: Frequency): string {
  const entries = Object.entries(canonicalNames);
  const [name] = entries.find(
    ([, form]) => form.unit === frequency.unit && form.anchor === frequency.anchor,
  ) ?? [entries.find(([, form]) => form.unit === frequency.unit)![0]];
  return frequency.count === 1 ? name : `${frequency.count}${name}`;
}

/** Calendar seasons of a unit in single units, the usual one first. */
const unitSeasons: Readonly<Record<FrequencyUnit, readonly number[]>> = {
  second: [3600, 60],
  minute: [1440, 10_080],
  hour: [24, 168],
  day: [7, 365],
  'business-day': [5, 260],
  week: [52],
  month: [12],
  quarter: [4],
  year: [],
  index: [],
};

/**
 * Season lengths in steps that the calendar suggests, rising: h -> [24, 168], 15min -> [96, 672], D -> [7, 365].
 * Empty for years and indices, and where `count` divides no calendar season.
 */
export function candidateSeasons(frequency: Frequency): readonly number[] {
  return unitSeasons[frequency.unit]
    .filter((season) => season % frequency.count === 0 && season > frequency.count)
    .map((season) => season / frequency.count)
    .toSorted((a, b) => a - b);
}

/** The usual season in steps, 1 if there is none: h -> 24, D -> 7, W -> 52, MS -> 12, 15min -> 96, YS -> 1. */
export function defaultSeason(frequency: Frequency): number {
  const season = unitSeasons[frequency.unit].find(
    (season) => season % frequency.count === 0 && season > frequency.count,
  );
  return season === undefined ? 1 : season / frequency.count;
}
