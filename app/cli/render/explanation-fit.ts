/** The part of an explanation that belongs to models of one series: what was estimated, and what the series is made of. */
import type { MemberExplanation } from '../../../services/forecasting/explanation.ts';
import type { FittedParts } from '../../../services/forecasting/fitted-parts.ts';
import { sparkline } from './sparkline.ts';
import type { Style } from './style.ts';
import { renderTable } from './table.ts';
import { formatColumn, formatCount, formatNumber, formatTime, wrap } from './wording.ts';

type Component = FittedParts['components'][number];

/** Characters of a picture, and steps over which a change is measured where there is no season. */
const pictured = 48;
const recent = 10;

/** Parameters, fit, components and seasons; nothing of naive models, which estimate nothing. */
export function fitSections({ fit, family }: MemberExplanation, style: Style): string[] {
  if (fit === null || family === 'naive') return [];
  const shown = fit.components.filter(({ name }) => name !== 'fitted');
  const seasons = shown.flatMap((component) => seasonLines(component, fit, style));
  return [
    wrap(`${parameterWords(fit)} ${errorWords(fit)}`.trim(), style.width, '  '),
    ...(shown.length > 0 ? [componentTable(shown, fit, style)] : []),
    ...(seasons.length > 0 ? [seasons.join('\n')] : []),
  ];
}

function parameterWords({ parameters: { reason, ...parameters } }: FittedParts): string {
  const told = Object.entries(parameters).map(
    ([name, value]) => `${name} ${typeof value === 'number' ? figure(value) : value}`,
  );
  const why = reason === undefined ? '' : ` It is simpler than it might be: ${reason}.`;
  return `Fitted: ${told.join(', ') || 'nothing'}.${why}`;
}

/** Whole numbers as they are, others with four digits. */
const figure = (value: number): string =>
  Number.isInteger(value) ? String(value).replace('-', '−') : formatNumber(value);

/** How far its forecasts one step ahead were off; it has seen these observations, so that it is no measure of accuracy. */
function errorWords({ components, observed }: FittedParts): string {
  const fitted = components.find(({ name }) => name === 'fitted');
  const errors = (fitted?.values ?? []).flatMap((value, t) => {
    const seen = observed[t] ?? null;
    return value === null || seen === null ? [] : [Math.abs(seen - value)];
  });
  if (errors.length === 0) return '';
  const mean = errors.reduce((sum, error) => sum + error / errors.length, 0);
  return `One step ahead it was off by ${formatNumber(mean)} on average over ${formatCount(errors.length, 'observation')} that it was fitted to.`;
}

/** Last value, recent change and path of each component. */
function componentTable(shown: readonly Component[], fit: FittedParts, style: Style): string {
  const span = Math.max(1, Math.min(Math.max(fit.season, recent), fit.times.length - 1));
  const last = formatColumn(shown.map(({ values }) => values.at(-1) ?? null));
  const changes = formatColumn(shown.map((component) => changeOver(component, span)));
  const rows = shown.map(({ name, values }, i) => [
    name,
    last[i]!,
    changes[i]!,
    // A season thinned out would show a rhythm that is none; it has a picture of its own.
    isSeason(name) ? '' : sparkline(thinned(values).map((value) => value ?? Number.NaN)),
  ]);
  const head = [
    { head: 'component' },
    { head: 'at the end', align: 'right' as const },
    { head: 'a step', align: 'right' as const },
    { head: `since ${formatTime(fit.times[0]!)}` },
  ];
  const title = wrap(
    `What it takes the series to be made of, with the mean change a step over the last ${formatCount(span, 'step')}:`,
    style.width,
    '  ',
  );
  return `${title}\n${renderTable(head, rows, style)}`;
}

function changeOver({ values }: Component, span: number): number | null {
  const [before, after] = [values.at(-1 - span) ?? null, values.at(-1) ?? null];
  return before === null || after === null ? null : after / span - before / span;
}

/** At most as many values as a picture has characters, evenly spaced, the last one among them. */
function thinned<T>(values: readonly T[]): T[] {
  const count = Math.min(values.length, pictured);
  return Array.from(
    { length: count },
    (_, k) => values[Math.floor(((k + 1) * values.length) / count) - 1]!,
  );
}

const isSeason = (name: string): boolean => /^season(-\d+)?$/.test(name);

/** The last cycle of a seasonal component: its picture, its highest and its lowest place. */
function seasonLines({ name, values }: Component, fit: FittedParts, style: Style): string[] {
  if (!isSeason(name)) return [];
  const period = name === 'season' ? fit.season : Number(name.slice('season-'.length));
  const cycle = values.slice(-period).map((value) => value ?? Number.NaN);
  if (period < 2 || cycle.length < period || !cycle.some(Number.isFinite)) return [];
  const times = fit.times.slice(-period);
  const finite = cycle.filter(Number.isFinite);
  const placed = (value: number): string =>
    `${formatTime(times[cycle.indexOf(value)]!)} (${formatNumber(value)})`;
  const text = `Its season of ${formatCount(period, 'step')}, in the last cycle, is highest at ${placed(finite.reduce((a, b) => Math.max(a, b)))} and lowest at ${placed(finite.reduce((a, b) => Math.min(a, b)))}.`;
  const picture = period <= pictured ? `\n  ${sparkline(cycle)}` : '';
  return [`${wrap(text, style.width, '  ')}${picture}`];
}
