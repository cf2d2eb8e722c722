/** What a finished run prints, and what `show` tells about any run. */
import type { RunSummary } from '../../summary.ts';
import type { Decision } from '../../../state/decision.ts';
import { renderKeyDecisions } from './decisions.ts';
import { renderPreview } from './preview.ts';
import { rankingMeasure, renderScores, servedRow } from './scores.ts';
import type { Style } from './style.ts';
import {
  formatChange,
  formatCount,
  formatDuration,
  formatNumber,
  formatWeight,
  hang,
} from './wording.ts';

const program = 'agentic-forecast';

/** The whole report of a completed run: headline, accuracy, preview, decisions, repairs, files, what to do next. */
export function renderSummary(
  summary: RunSummary,
  decisions: readonly Decision[],
  style: Style,
): string {
  return [
    renderHeadline(summary, style),
    renderFacts(summary, style),
    renderScores(summary.scores, summary.weights, style),
    ...(summary.preview.length > 0 ? [renderPreview(summary.preview, style)] : []),
    ...(decisions.length > 0 ? [renderKeyDecisions(decisions, style)] : []),
    ...(summary.panel && summary.panel.repairs.length > 0
      ? [section('How the input was read and repaired', summary.panel.repairs, style)]
      : []),
    ...renderFiles(summary, style),
    renderHints(summary.id, decisions, style),
  ].join('\n\n');
}

/** What was forecast, and how it compares with the seasonal naive forecast on data that chose nothing. */
function renderHeadline(summary: RunSummary, style: Style): string {
  const { request, panel, elapsedMs } = summary;
  const series = formatCount(panel?.series ?? 0, 'series', 'series');
  const headline = `Forecast ${formatCount(request.horizon, 'step')} ahead for ${series} in ${formatDuration(elapsedMs)}.`;
  const verdict = verdictOf(summary);
  return style.paint('bold', headline) + (verdict === '' ? '' : `\n${verdict}`);
}

function verdictOf({ scores }: RunSummary): string {
  const rows = scores.filter(({ kind }) => kind === 'test');
  const baseline = rows.find(({ model }) => model === 'seasonal-naive');
  const served = servedRow(rows);
  if (!served || !baseline) return '';
  const measure = rankingMeasure(rows);
  if (served[measure] === null) return '';
  const found = `On the test folds it has ${measure.toUpperCase()} ${formatNumber(served[measure])}`;
  // Where the baseline makes no error, as on constant series, no share of it can be told.
  if (!baseline[measure]) return `${found}.`;
  return `${found}, ${formatChange(served[measure], baseline[measure])} against seasonal-naive.`;
}

/** Run, data, models and fallbacks as terms with their explanation. */
export function renderFacts(summary: RunSummary, style: Style): string {
  const { panel, modelVersions, forkOf, fallbacks, weights, request } = summary;
  const facts: [string, string][] = [
    ['run', `${summary.id} (${summary.status})`],
    ['data', panel ? `${request.data}: ${describePanel(panel)}` : request.data],
  ];
  if (forkOf) facts.push(['fork of', `${forkOf.run} at ${forkOf.decision}: ${forkOf.choice}`]);
  if (summary.season !== null) facts.push(['season', formatCount(summary.season, 'step')]);
  if (summary.columns.length > 0) facts.push(['columns', describeColumns(summary.columns)]);
  if (weights.length > 0) facts.push(['made of', describeWeights(weights)]);
  if (modelVersions.length > 0) {
    const versions = modelVersions.map(({ model, version }) => `${model}@${version}`);
    facts.push(['registered', versions.join(', ')]);
  }
  for (const { series, reason } of fallbacks) {
    facts.push(['fallback', `${formatCount(series, 'series', 'series')}: ${reason}`]);
  }
  return facts.map(([term, text]) => fact(term, text, style)).join('\n');
}

/** One term with its explanation, aligned with the others. */
export function fact(term: string, text: string, style: Style): string {
  return hang(`  ${term}`, text, 14, style.width).replace(term, style.paint('dim', term));
}

/** `nlinear 62 %, seasonal-naive 38 %`, the greatest share first. */
export function describeWeights(weights: RunSummary['weights']): string {
  const ranked = weights.toSorted((a, b) => b.weight - a.weight);
  return ranked.map(({ model, weight }) => `${model} ${formatWeight(weight)}`).join(', ');
}

/** `future price, holiday; static size`. */
function describeColumns(columns: readonly string[]): string {
  const byKind = new Map<string, string[]>();
  for (const column of columns) {
    const kind = column.slice(0, column.indexOf(':'));
    byKind.set(kind, [...(byKind.get(kind) ?? []), column.slice(kind.length + 1)]);
  }
  return [...byKind].map(([kind, names]) => `${kind} ${names.join(', ')}`).join('; ');
}

function describePanel(panel: NonNullable<RunSummary['panel']>): string {
  const { series, observations, frequency, shortest, longest } = panel;
  const lengths = shortest === longest ? `${longest} each` : `${shortest} to ${longest} each`;
  return `${formatCount(series, 'series', 'series')}, ${formatCount(observations, 'observation')} (${lengths}), frequency ${frequency}`;
}

function section(title: string, lines: readonly string[], style: Style): string {
  return [style.paint('bold', title), ...lines.map((line) => `  ${line}`)].join('\n');
}

function renderFiles({ files, out }: RunSummary, style: Style): string[] {
  if (files.length === 0) return [];
  const prefix = out.endsWith('/') ? out : `${out}/`;
  const names = files.map((file) => (file.startsWith(prefix) ? file.slice(prefix.length) : file));
  return [section(`Written to ${out}`, names, style)];
}

function renderHints(run: string, decisions: readonly Decision[], style: Style): string {
  const open = decisions.find(
    ({ agent, alternatives }) => agent !== 'orchestrator' && alternatives.length > 0,
  );
  const other = open?.alternatives[0]?.action;
  const commands: [string, string][] = [
    [`${program} decisions ${run}`, 'why, on which evidence, and what was rejected'],
    [`${program} explain ${run}`, 'what the forecast of a series is made of'],
    [`${program} show ${run}`, 'this run again, at any time'],
  ];
  if (open && other !== undefined) {
    commands.push([
      `${program} fork ${run} --at ${open.id} --choose ${quoted(other)}`,
      'what if it had been decided otherwise',
    ]);
  }
  const lines = commands.map(
    ([command, purpose]) => `${command}\n    ${style.paint('dim', purpose)}`,
  );
  return section('Next', lines, style);
}

/** `text` as one word of a shell command. */
function quoted(text: string): string {
  return /^[\w./@:=+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
