/** Where a run stands in its graph, the list of runs, and a fork beside the run it came from. */
import type { RunListItem, RunSummary } from '../../summary.ts';
import { ranked, rankingMeasure, renderScores, servedRow } from './scores.ts';
import type { Style } from './style.ts';
import { describeWeights, fact, renderFacts } from './summary.ts';
import { renderTable } from './table.ts';
import { absent, formatChange, formatDuration, formatNumber, formatTime } from './wording.ts';

/** Status, position, accuracy and, for a fork, both runs side by side. */
export function renderStatus(
  summary: RunSummary & { comparedWith?: RunSummary },
  style: Style,
): string {
  const { comparedWith, error, scores } = summary;
  return [
    [renderFacts(summary, style), ...positionFacts(summary, style)].join('\n'),
    ...(error ? [style.paint('red', `${error.code}: ${error.message}`)] : []),
    ...(scores.length > 0 ? [renderScores(scores, summary.weights, style)] : []),
    ...(comparedWith ? [renderComparison(comparedWith, summary, style)] : []),
  ].join('\n\n');
}

function positionFacts(
  { position, createdAt, elapsedMs, out }: RunSummary,
  style: Style,
): string[] {
  const { next, step, visits } = position;
  const visited = Object.entries(visits).map(([agent, count]) => `${agent} ${count}`);
  return [
    fact('started', formatTime(createdAt.replace(/\.\d+Z$/, 'Z')), style),
    fact('worked', formatDuration(elapsedMs), style),
    fact(
      'position',
      `step ${step}, ${next.length > 0 ? `next ${next.join(', ')}` : 'at the end'}`,
      style,
    ),
    ...(visited.length > 0 ? [fact('visits', visited.join(', '), style)] : []),
    fact('folder', out, style),
  ];
}

/** A fork beside its parent: how each was made, and each model's main figure with the change. */
export function renderComparison(parent: RunSummary, fork: RunSummary, style: Style): string {
  const rows: string[][] = [
    ['status', parent.status, fork.status, ''],
    ['worked', formatDuration(parent.elapsedMs), formatDuration(fork.elapsedMs), ''],
    [
      'made of',
      describeWeights(parent.weights) || absent,
      describeWeights(fork.weights) || absent,
      '',
    ],
    ...scoreRows(parent, fork),
    ...forecastRows(parent, fork),
  ];
  const columns = [
    { head: '' },
    { head: `parent ${parent.id}`, align: 'right' as const },
    { head: `fork ${fork.id}`, align: 'right' as const },
    { head: 'change', align: 'right' as const },
  ];
  const choice = fork.forkOf ? `: ${fork.forkOf.decision} chose ${fork.forkOf.choice}` : '';
  return `${style.paint('bold', `Compared with its parent${choice}`)}\n${renderTable(columns, rows, style)}`;
}

function scoreRows(parent: RunSummary, fork: RunSummary): string[][] {
  const both = [...parent.scores, ...fork.scores];
  const kind = both.some((row) => row.kind === 'test') ? 'test' : 'validation';
  const rows = both.filter((row) => row.kind === kind);
  const measure = rankingMeasure(rows);
  const figure = (summary: RunSummary, model: string): number | null =>
    summary.scores.find((row) => row.kind === kind && row.model === model)?.[measure] ?? null;
  const served = servedRow(rows);
  const models = new Set([...(served ? [served] : []), ...ranked(rows)].map((row) => row.model));
  return [...models].map((model) => {
    const [before, after] = [figure(parent, model), figure(fork, model)];
    const name = `${measure.toUpperCase()} of ${model}`;
    return [name, formatNumber(before), formatNumber(after), formatChange(after, before)];
  });
}

/** Mean of each previewed forecast, for series that both runs show. */
function forecastRows(parent: RunSummary, fork: RunSummary): string[][] {
  return parent.preview.flatMap((series) => {
    const other = fork.preview.find(({ id }) => id === series.id);
    if (!other) return [];
    const [before, after] = [mean(series.forecast), mean(other.forecast)];
    const name = `mean forecast of ${series.id}`;
    return [[name, formatNumber(before), formatNumber(after), formatChange(after, before)]];
  });
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** The runs of a data directory, newest first. */
export function renderRuns(runs: readonly RunListItem[], style: Style): string {
  if (runs.length === 0) {
    return 'No run has been recorded in this data directory yet; start one with: agentic-forecast run <data> --horizon <number>';
  }
  const rows = runs.map((run) => [
    run.id,
    style.paint(statusFormat[run.status], run.status),
    run.data,
    `${run.horizon}`,
    formatTime(run.createdAt.replace(/\.\d+Z$/, 'Z')),
    formatDuration(run.elapsedMs),
    run.forkOf ?? '',
  ]);
  const columns = [
    { head: 'run' },
    { head: 'status' },
    { head: 'data' },
    { head: 'horizon', align: 'right' as const },
    { head: 'started' },
    { head: 'worked', align: 'right' as const },
    { head: 'fork of' },
  ];
  return renderTable(columns, rows, style);
}

const statusFormat = {
  recorded: 'dim',
  running: 'cyan',
  completed: 'green',
  failed: 'red',
  stopped: 'yellow',
} as const satisfies Record<RunListItem['status'], string>;
