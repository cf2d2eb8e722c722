/** Fan chart: the end of a series, its forecast and the intervals around it, as the text of an SVG image. */
import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';
import type { ReportSeries } from './report-data.ts';
import { formatTick } from './wording.ts';

interface Point {
  readonly x: number | Date;
  readonly y: number;
}
interface Interval {
  readonly x: number | Date;
  readonly lower: number;
  readonly upper: number;
}

const width = 480;
const height = 220;
/** Values that differ by less than this part of their size are drawn as a constant. */
const flatSpan = 1e-5;

/** Draws one series; `timed` tells times from positions. Colours come from the classes `history`, `forecast`, `band-50`, `band-80`, `band-95` and `origin` of the page. Undefined where nothing finite, or a range beyond all numbers, is to be drawn. */
export function fanChart(series: ReportSeries, timed: boolean): string | undefined {
  const place = (time: number): number | Date => (timed ? new Date(time) : time);
  const { history } = series;
  const past = history.times.map((time, i) => ({ x: place(time), y: history.values[i] ?? NaN }));
  const ahead = series.times.map((time, i) => ({ x: place(time), y: series.point[i]! }));
  const last = past.at(-1);
  const origin = last && Number.isFinite(last.y) ? last : undefined;
  const bands = series.bands.map(({ level, lower, upper }) => ({
    level,
    steps: series.times.map((time, i) => ({ x: place(time), lower: lower[i]!, upper: upper[i]! })),
  }));
  const domain = valueRange([
    ...[...past, ...ahead].map(({ y }) => y),
    ...series.bands.flatMap(({ lower, upper }) => [...lower, ...upper]),
  ]);
  if (!domain) return undefined;
  const marks = [
    Plot.gridY({ ticks: 4, className: 'grid' }),
    ...bands.map(({ level, steps }) => bandMark(level, steps, origin)),
    ...(last ? [Plot.ruleX([last.x], { className: 'origin' })] : []),
    Plot.lineY(past, { x: 'x', y: 'y', className: 'history' }),
    ...loneDots(past),
    Plot.lineY(origin ? [origin, ...ahead] : ahead, { x: 'x', y: 'y', className: 'forecast' }),
    Plot.axisY({ ticks: 4, tickSize: 0, label: null, tickFormat: formatTick }),
    timed
      ? Plot.axisX({ ticks: 7, label: null })
      : Plot.axisX({ ticks: 5, label: null, tickFormat: positionTick }),
  ];
  return drawn(marks, timed, domain);
}

/** The band widens from the last observation on, so that a single step can be seen. */
function bandMark(level: number, steps: readonly Interval[], origin: Point | undefined) {
  const start = origin ? [{ x: origin.x, lower: origin.y, upper: origin.y }] : [];
  const channels = { x: 'x', y1: 'lower', y2: 'upper' };
  return Plot.areaY([...start, ...steps], { ...channels, className: `band band-${level}` });
}

/** Observations without neighbours: no line would show them. */
function loneDots(past: readonly Point[]) {
  const seen = (i: number): boolean => Number.isFinite(past[i]?.y);
  const lone = past.filter((_, i) => seen(i) && !seen(i - 1) && !seen(i + 1));
  return lone.length > 0 ? [Plot.dot(lone, { x: 'x', y: 'y', r: 2.5, className: 'lone' })] : [];
}

function drawn(marks: Plot.Markish[], timed: boolean, domain: [number, number]): string {
  const { document } = parseHTML('<!doctype html><html><body></body></html>');
  const svg = Plot.plot({
    document,
    className: 'fan',
    width,
    height,
    marginLeft: 52,
    marginRight: 14,
    marginTop: 12,
    marginBottom: 38,
    x: { type: timed ? 'utc' : 'linear' },
    y: { domain },
    marks,
  });
  svg.querySelector('style')?.remove();
  svg.setAttribute('aria-hidden', 'true');
  return svg.outerHTML;
}

/** Lowest and highest finite value with some air; what is as good as constant gets a range around it. */
function valueRange(values: readonly number[]): [number, number] | undefined {
  const finite = values.filter(Number.isFinite);
  const low = finite.reduce((a, b) => Math.min(a, b), Infinity);
  const high = finite.reduce((a, b) => Math.max(a, b), -Infinity);
  const span = high - low;
  const air = span > Math.abs(low) * flatSpan ? span * 0.04 : Math.abs(low) * 0.1 || 1;
  const range: [number, number] = [low - air, high + air];
  return Number.isFinite(range[1] - range[0]) ? range : undefined;
}

const positionTick = (position: number): string =>
  Number.isInteger(position) ? formatTick(position) : '';
