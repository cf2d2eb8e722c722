/** The first steps of a few forecasts: a sparkline and numbers with their 80 % interval. */
import type { SeriesPreview } from '../../summary.ts';
import { forecastSparkline } from './sparkline.ts';
import type { Style } from './style.ts';
import { renderTable } from './table.ts';
import { formatColumn, formatCount, formatTime, listNames } from './wording.ts';

const seriesShown = 3;

/** Up to three series, the first `steps` steps of each, or all if they are only two more. */
export function renderPreview(preview: readonly SeriesPreview[], style: Style, steps = 6): string {
  return preview
    .slice(0, seriesShown)
    .map((series) => renderSeries(series, style, steps))
    .join('\n\n');
}

function renderSeries(series: SeriesPreview, style: Style, steps: number): string {
  const { forecast, times } = series;
  const title = `${style.paint('bold', series.id)} by ${listNames(series.model)}`;
  const line = forecastSparkline(series.history, forecast, Math.min(60, style.width - 6));
  const shown = forecast.length <= steps + 2 ? forecast.length : steps;
  const bounded = series.lower80.length > 0;
  const [points, lower, upper] = sameDecimals([forecast, series.lower80, series.upper80], shown);
  const rows = Array.from({ length: shown }, (_, step) => [
    formatTime(times[step] ?? `+${step + 1}`),
    points![step]!,
    ...(bounded ? [`${lower![step]} to ${upper![step]}`] : []),
  ]);
  const columns = [
    { head: 'time' },
    { head: 'forecast', align: 'right' as const },
    ...(bounded ? [{ head: '80 % interval', align: 'right' as const }] : []),
  ];
  const rest = forecast.length - shown;
  const more = rest > 0 ? `\n  and ${formatCount(rest, 'more step')}` : '';
  return `${title}\n  ${style.paint('cyan', line)}\n${renderTable(columns, rows, style)}${more}`;
}

/** The first `length` figures of each list, all with the same number of decimals. */
function sameDecimals(lists: readonly (readonly number[])[], length: number): string[][] {
  const parts = lists.map((list) => list.slice(0, length));
  const texts = formatColumn(parts.flat());
  let start = 0;
  return parts.map((part) => texts.slice(start, (start += part.length)));
}
