/** Figures, counts and durations of the report as a person reads them. */
import type { Frequency } from '../../series/frequency.ts';

/** Stands for a figure that could not be measured. */
export const absent = '–';

/** Whether there is a figure. */
export const isNumber = (value: number | null | undefined): value is number =>
  typeof value === 'number' && !Number.isNaN(value);

/** `value` with about four significant digits and thousands separators: 142,345; 21.37; 0.004123. */
export function formatNumber(value: number | null | undefined): string {
  return isNumber(value) ? formatWithDecimals(value, decimalsFor(Math.abs(value))) : absent;
}

/** One column of figures with a common number of decimals, so that they can be compared down the column. */
export function formatColumn(values: readonly (number | null)[]): string[] {
  const sizes = values.filter(isNumber).map(Math.abs).filter(Number.isFinite);
  const decimals = decimalsFor(Math.max(0, ...sizes));
  return values.map((value) => (isNumber(value) ? formatWithDecimals(value, decimals) : absent));
}

/** Digits after the point that give a number of this size four significant ones. */
function decimalsFor(size: number): number {
  if (size === 0 || !Number.isFinite(size)) return 0;
  return Math.min(Math.max(3 - Math.floor(Math.log10(size)), 0), 8);
}

function formatWithDecimals(value: number, decimals: number): string {
  const size = Math.abs(value);
  if (!Number.isFinite(value)) return value > 0 ? '∞' : '−∞';
  if (size >= 1e15 || (size > 0 && size < 1e-6)) return value.toExponential(3).replaceAll('-', '−');
  const digits = { minimumFractionDigits: decimals, maximumFractionDigits: decimals };
  const text = size.toLocaleString('en-US', digits);
  return value < 0 && /[1-9]/.test(text) ? `−${text}` : text;
}

/** The value at a tick of an axis: 5, 0.25, 143.2K, 1.2M. */
export function formatTick(value: number): string {
  const size = Math.abs(value);
  if (size > 0 && (size < 1e-4 || size >= 1e15)) return value.toExponential().replaceAll('-', '−');
  return value
    .toLocaleString('en-US', {
      notation: size >= 1e4 ? 'compact' : 'standard',
      useGrouping: true,
      maximumSignificantDigits: 8,
    })
    .replace('-', '−');
}

/** 0.789 -> `79 %`, with a space that does not break. */
export function formatShare(share: number | null): string {
  return isNumber(share) ? `${Math.round(share * 100)}\u00a0%` : absent;
}

/** A share of a forecast: as `formatShare`, but one that is there is never nothing: 0.003 -> `< 1 %`. */
export function formatWeight(weight: number | null): string {
  return isNumber(weight) && weight > 0 && weight < 0.005 ? '<\u00a01\u00a0%' : formatShare(weight);
}

/** 850 -> `850 ms`; 14230 -> `14.2 s`; 125000 -> `2 min 5 s`. */
export function formatDuration(durationMs: number): string {
  if (durationMs < 999.5) return `${Math.round(durationMs)} ms`;
  if (durationMs < 59_950) return `${(durationMs / 1000).toFixed(1)} s`;
  const seconds = Math.round(durationMs / 1000);
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** `1 step`, `12 steps`, `1,311 series`. */
export function formatCount(count: number, singular: string, plural = `${singular}s`): string {
  return `${count.toLocaleString('en-US')} ${count === 1 ? singular : plural}`;
}

/** How far a forecast reaches in the words of its frequency: `12 months`, `96 steps of 15 minutes`, `6 steps`. */
export function formatReach(steps: number, { unit, count }: Frequency): string {
  if (unit === 'index') return formatCount(steps, 'step');
  const word = unit.replace('-', ' ');
  return count === 1
    ? formatCount(steps, word)
    : `${formatCount(steps, 'step')} of ${formatCount(count, word)}`;
}

/** 1536 -> `1.5 KB`. */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) return formatCount(bytes, 'byte');
  const [size, unit] = bytes < 999_500 ? [bytes / 1e3, 'KB'] : [bytes / 1e6, 'MB'];
  return `${size.toFixed(size < 10 ? 1 : 0)} ${unit}`;
}

/** ISO 8601 instant -> `2024-01-31 13:00 UTC`. */
export function formatInstant(instant: string): string {
  return `${instant.slice(0, 10)} ${instant.slice(11, 16)} UTC`;
}

/** `validationMase` -> `validation MASE`; `testCoverage80` -> `test coverage 80`. */
export function inWords(name: string): string {
  return name
    .replace(/([a-z])([A-Z])/g, (_, end: string, start: string) => `${end} ${start.toLowerCase()}`)
    .replace(/([a-z])([0-9]+)$/, '$1 $2')
    .replace(/\bmase$/, 'MASE');
}

/** Families of models as a reader knows them. */
export const familyWords = {
  naive: 'naive',
  statistical: 'statistical',
  trees: 'trees',
  linear: 'linear',
  neural: 'network',
} as const;

/** `arima, ets, theta and 2 more` of names that are joined by `+`. */
export function listNames(joined: string, most = 4): string {
  const names = joined.split('+');
  const named = names.slice(0, names.length <= most + 1 ? names.length : most);
  const more = names.length - named.length;
  return named.join(', ') + (more > 0 ? ` and ${more} more` : '');
}
