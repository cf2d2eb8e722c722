/** What a classification found out: the table of all classifiers, the best one's report, and in words what it is worth. */
import { formatClassificationReport } from '../../../series/classification.ts';
import type { ClassificationSummary, ClassifierRow } from '../../classify.ts';
import type { Style } from './style.ts';
import { type Column, renderTable } from './table.ts';
import { formatColumn, formatCount, formatDuration, formatShare, wrap } from './wording.ts';

/** The whole report. */
export function renderClassification(summary: ClassificationSummary, style: Style): string {
  const { label, classes, rows, series, data, folds, validation, repairs, out, files } = summary;
  const learned =
    validation === 'time'
      ? 'each learned from what lies before it'
      : 'each learned from all others';
  const head = `Told ${label.kind} (${classes.join(', ')}) over the next ${formatCount(label.horizon, 'step')}: ${formatCount(rows, 'label')} in ${formatCount(series, 'series', 'series')} of ${data}, judged on ${formatCount(folds, 'block')} of time, ${learned}.`;
  const title = style.paint('bold', 'On all blocks together (least log loss first)');
  const best = summary.models.find(({ model }) => model === summary.best)!;
  const parts = [
    wrap(head, style.width),
    `${title}\n${scoreTable(summary, style)}`,
    wrap(verdict(summary), style.width),
    `${style.paint('bold', `Report of ${best.model}`)}\n${indent(formatClassificationReport(reportOf(best)))}`,
    `${style.paint('bold', 'How often what (down) was taken for what (across)')}\n${confusionTable(best, style)}`,
    ...influences(best, style),
    ...latest(summary, style),
    ...repairs.map((repair) => wrap(`Input: ${repair}`, style.width)),
    ...(out === null ? [] : [`Written to ${out}: ${files.join(', ')}`]),
  ];
  return parts.join('\n\n');
}

function scoreTable({ models }: ClassificationSummary, style: Style): string {
  const column = (head: string, values: readonly number[]): Column & { cells: string[] } => ({
    head,
    align: 'right',
    cells: formatColumn(values),
  });
  const columns = [
    { head: 'classifier', cells: models.map(({ model }) => model) },
    column(
      'log loss',
      models.map(({ logLoss }) => logLoss),
    ),
    column(
      'accuracy',
      models.map(({ accuracy }) => accuracy),
    ),
    column(
      'balanced',
      models.map(({ balancedAccuracy }) => balancedAccuracy),
    ),
    column(
      'F1 macro',
      models.map(({ macro }) => macro.f1),
    ),
    column(
      'F1 weighted',
      models.map(({ weighted }) => weighted.f1),
    ),
    column(
      'ROC AUC',
      models.map(({ rocAuc }) => rocAuc),
    ),
    {
      head: 'time',
      align: 'right' as const,
      cells: models.map(({ seconds }) => formatDuration(seconds * 1000)),
    },
  ];
  const dress = (cell: string, place: number): string =>
    models[place]!.naive ? style.paint('dim', cell) : cell;
  const rows = models.map((_, place) => columns.map(({ cells }) => dress(cells[place]!, place)));
  return renderTable(columns, rows, style);
}

/** What the models are worth against the most frequent class. */
function verdict({ models, better, best }: ClassificationSummary): string {
  const majority = models.find(({ model }) => model === 'majority')!;
  const share = `${(100 * majority.accuracy).toFixed(1)} %`;
  const { accuracy, logLoss } = better;
  if (accuracy.length + logLoss.length === 0) {
    return `No model beats the majority class, which is right in ${share}: neither by accuracy nor by the log loss of its probabilities.`;
  }
  const told = (names: readonly string[], by: string): string =>
    names.length === 0
      ? `no model beats the majority class by ${by}`
      : `${names.join(', ')} ${names.length === 1 ? 'beats' : 'beat'} it by ${by}`;
  return `The majority class is right in ${share}; ${told(accuracy, 'accuracy')}; ${told(logLoss, 'log loss')}${best === 'repeat-last' ? ', but repeating the last class has the least log loss of all' : ''}. Labels that overlap in time are no independent trials, so that small differences may be chance.`;
}

const reportOf = (row: ClassifierRow) => ({
  ...row,
  confusion: row.confusion.map((counts) => Float64Array.from(counts)),
});

const indent = (text: string): string => text.replaceAll(/^(?=.)/gm, '  ');

function confusionTable({ classes, confusion }: ClassifierRow, style: Style): string {
  const columns: Column[] = [
    { head: '' },
    ...classes.map(({ name }) => ({ head: name, align: 'right' as const })),
  ];
  const rows = classes.map(({ name }, i) => [name, ...confusion[i]!.map(String)]);
  return renderTable(columns, rows, style);
}

const shown = 8;

function influences({ importance }: ClassifierRow, style: Style): string[] {
  const shares = Object.entries(importance)
    .filter(([, share]) => share > 0)
    .toSorted(([, a], [, b]) => b - a)
    .slice(0, shown);
  if (shares.length === 0) return [];
  const told = shares.map(([name, share]) => `${name} ${formatShare(share)}`).join(', ');
  return [wrap(`Shuffled in the last block, these columns cost it most: ${told}.`, style.width)];
}

function latest({ latest: all, classes, best }: ClassificationSummary, style: Style): string[] {
  const columns: Column[] = [
    { head: 'series' },
    { head: 'after' },
    { head: 'until' },
    ...classes.map((name) => ({ head: name, align: 'right' as const })),
  ];
  const rows = all
    .slice(0, shown)
    .map(({ series, time, until, probabilities }) => [
      series,
      time,
      until,
      ...probabilities.map(formatShare),
    ]);
  if (rows.length === 0) return [];
  const more = all.length > shown ? `\n  and ${all.length - shown} more` : '';
  const title = style.paint('bold', `What comes next, by ${best}`);
  return [`${title}\n${renderTable(columns, rows, style)}${more}`];
}
