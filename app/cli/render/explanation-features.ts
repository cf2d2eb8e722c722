/** The part of an explanation that belongs to table models: what the forecast owes to features, and what counts in the model. */
import type { MemberExplanation } from '../../../services/forecasting/explanation.ts';
import type { FeatureShares } from '../../../services/forecasting/feature-shares.ts';
import { stepTable } from './step-table.ts';
import type { Style } from './style.ts';
import { renderTable } from './table.ts';
import { formatColumn, formatCount, formatPercent, formatTime, wrap } from './wording.ts';

/** Features that are ranked, that have a column of their own, and that are named of the model as a whole. */
const most = { ranked: 10, columns: 4, named: 5 };

const baselines: Readonly<Record<FeatureShares['baseline'], string>> = {
  zero: 'nothing',
  mean: 'the recent mean',
  last: 'the last value',
  seasonal: 'the last value at the same place of the season',
};

/** The forecast step by step as a start and features, the features that move it most, and what counts in the model. */
export function featureSections(
  { features: shares, forecast, recipe }: MemberExplanation,
  times: readonly string[],
  style: Style,
): string[] {
  if (shares === null) return [];
  const treated =
    recipe === 'seasonal-difference' ? 'the season before, of which changes are forecast, ' : '';
  const text = `It starts from ${treated}${baselines[shares.baseline]} with the average change after it; its features move it from there, in the units of the series. All columns but the first add up to the forecast.`;
  return [
    `${wrap(text, style.width, '  ')}\n${stepTable(times, [columnsOf(shares, forecast)], style)}`,
    rankingTable(shares, times, style),
    ...(shares.importance.length > 0 ? [wholeModel(shares, style)] : []),
  ];
}

function columnsOf({ start, features, bounds }: FeatureShares, forecast: readonly number[]) {
  const own = features.filter(({ size }) => size > 0).slice(0, most.columns);
  const rest = features.filter((feature) => !own.includes(feature));
  const others = bounds.map((bound, step) =>
    rest.reduce((sum, { values }) => sum + values[step]!, bound),
  );
  return [
    { name: 'forecast', values: forecast },
    { name: 'start', values: start },
    ...own,
    { name: 'all others', values: others },
  ];
}

function rankingTable(shares: FeatureShares, times: readonly string[], style: Style): string {
  const moving = shares.features.filter(({ size }) => size > 0);
  if (moving.length === 0) return wrap('No feature moves it.', style.width, '  ');
  const ranked = moving.slice(0, most.ranked);
  const peaks = ranked.map(({ values }) => {
    const sizes = values.map(Math.abs);
    const step = sizes.indexOf(Math.max(...sizes));
    return { step, change: values[step]! };
  });
  const sizes = formatColumn(ranked.map(({ size }) => size));
  const changes = formatColumn(peaks.map(({ change }) => change));
  const rows = ranked.map(({ name }, i) => [
    name,
    sizes[i]!,
    formatTime(times[peaks[i]!.step]!),
    changes[i]!,
    ...shares.importance.map(({ features }) =>
      formatPercent(features.find((feature) => feature.name === name)?.share ?? 0),
    ),
  ]);
  const head = [
    { head: 'feature' },
    { head: 'moves it by', align: 'right' as const },
    { head: 'most at' },
    { head: 'by', align: 'right' as const },
    ...shares.importance.map(({ kind }) => ({ head: kind, align: 'right' as const })),
  ];
  const more = moving.length - ranked.length;
  const rest = more > 0 ? `\n  and ${formatCount(more, 'more feature')}, which --json prints` : '';
  const title = wrap(
    'The features that move this forecast most (mean over the horizon, up or down), and their shares in the model as a whole:',
    style.width,
    '  ',
  );
  return `${title}\n${renderTable(head, rows, style)}${rest}`;
}

/** What counts in the model, whatever the series. */
function wholeModel({ importance }: FeatureShares, style: Style): string {
  const told = importance.map(({ kind, features }) => {
    const named = features.filter(({ share }) => share > 0).slice(0, most.named);
    return `by ${kind} ${named.map(({ name, share }) => `${name} ${formatPercent(share)}`).join(', ') || 'nothing'}`;
  });
  return wrap(
    `For all series together, the model counts most ${told.join('; ')}.`,
    style.width,
    '  ',
  );
}
