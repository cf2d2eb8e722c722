/** Figures, times and paragraphs as a person reads them in a terminal; what the report words alike comes from there. */
import { absent, isNumber } from '../../../services/report/wording.ts';

export {
  absent,
  formatColumn,
  formatCount,
  formatDuration,
  formatNumber,
  listNames,
} from '../../../services/report/wording.ts';

/** 0.789 -> `79 %`. */
export function formatShare(share: number | null | undefined): string {
  return isNumber(share) ? `${Math.round(share * 100)} %` : absent;
}

/** A share of a forecast: as `formatShare`, but one that is there is never nothing: 0.003 -> `<1 %`. */
export function formatWeight(weight: number): string {
  return weight > 0 && weight < 0.005 ? '<1 %' : formatShare(weight);
}

/** 0.1234 -> `12.3 %`, 0.00123 -> `0.12 %`. */
export function formatPercent(share: number): string {
  const value = 100 * share;
  return `${value.toFixed(value < 0.995 ? 2 : 1)} %`;
}

/** How `value` lies against `reference`: `−18 %`, `+0.4 %`, `±0 %`. */
export function formatChange(value: number | null, reference: number | null): string {
  if (!isNumber(value) || !isNumber(reference) || reference === 0) return absent;
  const percent = (value / reference - 1) * 100;
  const size = Math.abs(percent).toFixed(Math.abs(percent) < 0.95 ? 1 : 0);
  if (Number(size) === 0) return '±0 %';
  return `${percent < 0 ? '−' : '+'}${size} %`;
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
