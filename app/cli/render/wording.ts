/** Numbers, durations, times and paragraphs as a person reads them. */

/** Stands for a figure that could not be measured. */
export const absent = '–';

const isNumber = (value: number | null | undefined): value is number =>
  typeof value === 'number' && !Number.isNaN(value);

/** `value` with about four significant digits and thousands separators: 142,345; 21.37; 0.004123. */
export function formatNumber(value: number | null | undefined): string {
  if (!isNumber(value)) return absent;
  return formatWithDecimals(value, decimalsFor(Math.abs(value)));
}

/** One column of figures with a common number of decimals, so that they can be compared down the column. */
export function formatColumn(values: readonly (number | null)[]): string[] {
  const sizes = values
    .filter(isNumber)
    .map(Math.abs)
    .filter((size) => Number.isFinite(size) && size > 0);
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
  const text = size.toLocaleString('en-US', {
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
  });
  return value < 0 && /[1-9]/.test(text) ? `−${text}` : text;
}

/** 0.789 -> `79 %`. */
export function formatShare(share: number | null | undefined): string {
  return isNumber(share) ? `${Math.round(share * 100)} %` : absent;
}

/** How `value` lies against `reference`: `−18 %`, `+0.4 %`, `±0 %`. */
export function formatChange(value: number | null, reference: number | null): string {
  if (!isNumber(value) || !isNumber(reference) || reference === 0) return absent;
  const percent = (value / reference - 1) * 100;
  const size = Math.abs(percent).toFixed(Math.abs(percent) < 0.95 ? 1 : 0);
  if (Number(size) === 0) return '±0 %';
  return `${percent < 0 ? '−' : '+'}${size} %`;
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

/** ISO timestamps without the parts that say nothing: `2024-01-31`, `2024-01-31 13:00`. */
export function formatTime(time: string): string {
  const match = /^(\d{4,}-\d\d-\d\d)T(\d\d:\d\d)(?::(\d\d)(?:\.\d+)?)?Z$/.exec(time);
  if (!match) return time;
  const [, day = '', minutes = '', seconds = '00'] = match;
  if (seconds !== '00') return `${day} ${minutes}:${seconds}`;
  return minutes === '00:00' ? day : `${day} ${minutes}`;
}

/** `text` broken at spaces into lines of at most `width` characters, each after `indent`. */
export function wrap(text: string, width: number, indent = ''): string {
  const room = Math.max(width - indent.length, 20);
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/).filter(Boolean)) {
    if (line !== '' && line.length + 1 + word.length > room) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  if (line !== '') lines.push(line);
  return lines.map((each) => indent + each).join('\n');
}

/** A term and its wrapped explanation, hanging: the term stands in the first `column` characters. */
export function hang(term: string, text: string, column: number, width: number): string {
  const body = wrap(text, width, ' '.repeat(column));
  return term.padEnd(column) + body.slice(column);
}
