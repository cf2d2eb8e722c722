/** A line chart one character high. */

const bars = '▁▂▃▄▅▆▇█';

/** One bar for each value on a common scale; a gap where a value is not finite, the middle bar where all are equal. */
export function sparkline(values: readonly number[]): string {
  const finite = values.filter(Number.isFinite);
  const low = finite.reduce((a, b) => Math.min(a, b), Infinity);
  const high = finite.reduce((a, b) => Math.max(a, b), -Infinity);
  return values.map((value) => barOf(value, low, high)).join('');
}

function barOf(value: number, low: number, high: number): string {
  if (!Number.isFinite(value)) return ' ';
  const place = high > low ? placeBetween(value, low, high) : 0.5;
  return bars[Math.min(Math.floor(place * bars.length), bars.length - 1)]!;
}

/** 0 at `low`, 1 at `high`; halved first where the span is too large for a number. */
function placeBetween(value: number, low: number, high: number): number {
  const span = high - low;
  return Number.isFinite(span)
    ? (value - low) / span
    : (value / 2 - low / 2) / (high / 2 - low / 2);
}

/** The end of a history and the start of its forecast on one scale, one character a step, parted by `┊`. */
export function forecastSparkline(
  history: readonly number[],
  forecast: readonly number[],
  width: number,
): string {
  const ahead = forecast.slice(0, Math.max(1, Math.floor(width / 3)));
  const past = history.slice(-Math.max(1, width - ahead.length));
  const line = sparkline([...past, ...ahead]);
  return `${line.slice(0, past.length)} ┊ ${line.slice(past.length)}`;
}
