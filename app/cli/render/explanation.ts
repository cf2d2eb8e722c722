/** An explanation in words and tables: the share of each model, what its forecast is made of, and what it looked at. */
import type { Explanation, MemberExplanation } from '../../../services/forecasting/explanation.ts';
import type {
  AttentionShares,
  VariableShares,
} from '../../../services/forecasting/inner-values.ts';
import type { LagInfluence } from '../../../services/forecasting/influence.ts';
import { featureSections } from './explanation-features.ts';
import { fitSections } from './explanation-fit.ts';
import { stepTable } from './step-table.ts';
import type { Style } from './style.ts';
import { describeWeights } from './summary.ts';
import { renderTable } from './table.ts';
import {
  formatColumn,
  formatCount,
  formatNumber,
  formatPercent,
  formatTime,
  formatWeight,
  wrap,
} from './wording.ts';

/** Models in one table, variables and lags that are shown; JSON has all of them. */
const most = { members: 6, variables: 10, lags: 5 };

/** One paragraph on the served forecast, then one section for each model that was asked for. */
export function renderExplanation(explanation: Explanation, style: Style): string {
  const { run, series } = explanation;
  const sections = explanation.members.map((member) => renderMember(explanation, member, style));
  return [
    style.paint('bold', `Forecast of series ${series} in run ${run}`),
    wrap(overview(explanation), style.width, '  '),
    ...averageTable(explanation, style),
    ...sections,
  ].join('\n\n');
}

function overview({ weights, rule, fallback, members, raisedToZero, moved }: Explanation): string {
  const names = weights.map(({ model }) => model).join(', ');
  const made = {
    average: `It is made of ${describeWeights(weights)}.`,
    median: `It is the median of ${names} at each step.`,
    'trimmed-mean': `It is the mean of ${names} at each step, without the quarter of the highest and of the lowest.`,
  }[weights.length > 1 ? rule : 'average'];
  const served = fallback === null ? made : `It was made by ${weights[0]!.model}, as ${fallback}.`;
  const naive = members.every(({ family }) => family === 'naive');
  const steps = formatCount(raisedToZero, 'step');
  return [
    served,
    ...(raisedToZero > 0
      ? [`At ${steps} this is below zero, and 0 was served: the series was never negative.`]
      : []),
    ...(moved.some((move) => move !== 0)
      ? [
          `It was then moved by up to ${formatNumber(moved.reduce((most, move) => Math.max(most, Math.abs(move)), 0))}, so that series and their totals agree.`,
        ]
      : []),
    ...(naive ? ['It repeats what was observed, so there is nothing to take apart.'] : []),
  ].join(' ');
}

/** What was served beside the forecasts that it is the average of; nothing where there is one model. */
function averageTable({ times, forecast, weights, members }: Explanation, style: Style): string[] {
  if (weights.length < 2 || members.length < 2) return [];
  const columns = [
    { name: 'served', values: forecast },
    ...members
      .slice(0, most.members)
      .map(({ model, forecast: values }) => ({ name: model, values })),
  ];
  const more = members.length - most.members;
  const rest = more > 0 ? `\n  and ${formatCount(more, 'more model')}, which --json prints` : '';
  return [`${stepTable(times, [columns], style)}${rest}`];
}

function renderMember(
  { times, weights, rule, members }: Explanation,
  member: MemberExplanation,
  style: Style,
): string {
  const { model, weight, version, forecaster, summary, family, parts, features } = member;
  const isShare = weights.length > 1 && rule === 'average';
  const share = isShare ? `, ${formatWeight(weight)} of the forecast` : '';
  const from = version === null ? '' : ` (${version.model}@${version.version})`;
  const what = model === forecaster ? summary : `${forecaster}: ${summary}`;
  const silent =
    family === 'neural' && parts === null ? ' It does not add up its forecast from parts.' : '';
  const text = wrap(`${what}.${silent}`, style.width, '  ');
  const isToldAbove = weights.length > 1 && members.length > 1;
  return [
    `${style.paint('bold', model)}${from}${share}\n${text}`,
    ...(parts === null && features === null && !isToldAbove
      ? [ownTable(member, times, style)]
      : []),
    ...partsOf(member, times, style),
    ...fitSections(member, style),
    ...featureSections(member, times, style),
    ...(member.influence ? [influenceTable(member.influence, times, style)] : []),
    ...member.variables.map((shares) => variableTable(shares, style)),
    ...(member.attention ? [attentionTable(member.attention, style)] : []),
    ...othersOf(member, style),
  ].join('\n\n');
}

const ownTable = ({ forecast }: MemberExplanation, times: readonly string[], style: Style) =>
  stepTable(times, [[{ name: 'forecast', values: forecast }]], style);

const recipeNotes = {
  plain: '',
  log: 'The network forecasts logarithms: the parts add up to the logarithm of its forecast.',
  'seasonal-difference':
    'The network forecasts changes from one season to the next: "season before" is the last season observed, the other parts are added to it and add up over the seasons of the horizon.',
} as const;

function partsOf(member: MemberExplanation, times: readonly string[], style: Style): string[] {
  const { parts: found, forecast, recipe } = member;
  if (found === null || recipe === null) return [];
  const { scale, parts } = found;
  const own = { name: 'forecast', values: forecast };
  const logarithm = { name: 'its logarithm', values: forecast.map(Math.log) };
  const groups = scale === 'log' ? [[own], [logarithm, ...parts]] : [[own, ...parts]];
  const note =
    scale === 'units'
      ? 'Its parts add up to its forecast, in the units of the series; "level" is that of the look-back.'
      : '';
  const text = [note, recipeNotes[recipe]].filter(Boolean).join(' ');
  return [`${wrap(text, style.width, '  ')}\n${stepTable(times, groups, style)}`];
}

const placeOf = {
  'look-back': 'in the look-back, mean over its steps',
  horizon: 'in the horizon, mean over its steps',
  series: 'that belong to the series as a whole',
} as const;

function variableTable({ of, variables }: VariableShares, style: Style): string {
  const ranked = variables.toSorted((a, b) => b.weight - a.weight);
  const rows = ranked
    .slice(0, most.variables)
    .map(({ name, kind, weight }) => [name, kind === 'series' ? '' : kind, formatPercent(weight)]);
  const head = [{ head: 'variable' }, { head: '' }, { head: 'weight', align: 'right' as const }];
  const more = variables.length - rows.length;
  const rest = more > 0 ? `\n  and ${formatCount(more, 'more variable')}` : '';
  const title = `  How much it takes of the variables ${placeOf[of]}:`;
  return `${title}\n${renderTable(head, rows, style)}${rest}`;
}

function attentionTable({ lags, horizon }: AttentionShares, style: Style): string {
  const rows = lags
    .toSorted((a, b) => b.weight - a.weight)
    .slice(0, most.lags)
    .map(({ lag, time, weight }) => [
      formatCount(lag, 'step'),
      time === null ? '' : formatTime(time),
      formatPercent(weight),
    ]);
  const head = [
    { head: 'back', align: 'right' as const },
    { head: 'time' },
    { head: 'attention', align: 'right' as const },
  ];
  const title = wrap(
    `What the forecast attends to most, mean over the horizon, of the last ${lags.length} steps, each of which would have ${formatPercent((1 - horizon) / lags.length)} if all had the same; the horizon itself has ${formatPercent(horizon)}:`,
    style.width,
    '  ',
  );
  return `${title}\n${renderTable(head, rows, style)}`;
}

function influenceTable(
  influence: readonly LagInfluence[],
  times: readonly string[],
  style: Style,
): string {
  const ranked = influence.toSorted((a, b) => b.size - a.size).slice(0, most.lags);
  const sizes = formatColumn(ranked.map(({ size }) => size));
  const changes = formatColumn(ranked.map(({ most: { change } }) => change));
  const rows = ranked.map(({ lag, time, most: { step } }, i) => [
    formatCount(lag, 'step'),
    formatTime(time),
    sizes[i]!,
    formatTime(times[step - 1]!),
    changes[i]!,
  ]);
  const head = [
    { head: 'back', align: 'right' as const },
    { head: 'time' },
    { head: 'moves it by', align: 'right' as const },
    { head: 'most at' },
    { head: 'by', align: 'right' as const },
  ];
  const title = wrap(
    `The observations that move its forecast most, of the last ${influence.length}, each against the mean of them all (mean over the horizon, in the units of the series):`,
    style.width,
    '  ',
  );
  return `${title}\n${renderTable(head, rows, style)}`;
}

function othersOf({ others }: MemberExplanation, style: Style): string[] {
  if (others.length === 0) return [];
  const names = others.map(({ name, shape }) => `${name} [${shape.join(', ')}]`);
  return [wrap(`It also shows ${names.join(', ')}.`, style.width, '  ')];
}
