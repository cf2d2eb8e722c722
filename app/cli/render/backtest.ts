/** What a backtest found out: the table of all models, and in words which of them differ. */
import type { BacktestRow, BacktestSummary } from '../../backtest.ts';
import { baselines } from './scores.ts';
import type { Style } from './style.ts';
import { type Column, renderTable } from './table.ts';
import {
  formatChange,
  formatColumn,
  formatCount,
  formatDuration,
  formatNumber,
  formatShare,
  wrap,
} from './wording.ts';

/** The whole report. */
export function renderBacktest(summary: BacktestSummary, style: Style): string {
  const { windows, horizon, step, series, season, data, repairs, out, files } = summary;
  const head = `Compared ${formatCount(summary.models.length, 'model')} on ${formatCount(windows, 'window')} of ${formatCount(horizon, 'step')}, ${formatCount(step, 'step')} apart, for ${formatCount(series, 'series', 'series')} of ${data} (frequency ${summary.frequency}, season ${season}).`;
  const title = style.paint('bold', 'Accuracy on all windows (lower is better)');
  const parts = [
    wrap(head, style.width),
    ...trainings(summary, style),
    `${title}\n${scoreTable(summary, style)}`,
    ...differences(summary, style),
    ...repairs.map((repair) => wrap(`Input: ${repair}`, style.width)),
    ...(out === null ? [] : [`Written to ${out}: ${files.join(', ')}`]),
  ];
  return parts.join('\n\n');
}

/** How often the trained models were trained, and what that means for the others; nothing without any. */
function trainings({ models, refitEvery, windows }: BacktestSummary, style: Style): string[] {
  const trained = models.filter((row) => row.trainings > 0);
  if (trained.length === 0) return [];
  const names = trained.map(({ model }) => model).join(', ');
  const often =
    refitEvery === 0 || refitEvery >= windows
      ? 'trained once, before the first window'
      : `trained ${formatCount(trained[0]!.trainings, 'time')}, anew after every ${refitEvery === 1 ? 'window' : `${refitEvery} windows`}`;
  const others =
    trained.length < models.length ? '; all others were fitted anew in every window' : '';
  const verb = trained.length === 1 ? 'was' : 'were';
  return [wrap(`${names} ${verb} ${often}${others}.`, style.width)];
}

interface ScoreColumn extends Column {
  readonly cells: readonly string[];
}

type Figure = Exclude<
  keyof BacktestRow,
  'model' | 'series' | 'skippedSeries' | 'trainings' | 'seconds'
>;

function scoreTable({ models }: BacktestSummary, style: Style): string {
  const measure = models.every(({ mase }) => mase !== null) ? 'mase' : 'mae';
  const columns: ScoreColumn[] = [
    { head: 'model', cells: models.map(({ model }, i) => (i === 0 ? `${model} *` : model)) },
    ...figures('MASE', models, 'mase'),
    ...figures('RMSSE', models, 'rmsse'),
    ...figures('sMAPE', models, 'smape'),
    ...(measure === 'mae' ? figures('MAE', models, 'mae') : []),
    ...figures('WQL', models, 'wql'),
    ...figures('MSIS', models, 'msis'),
    ...shares('in 80 %', models, 'coverage80'),
    ...shares('in 95 %', models, 'coverage95'),
    ...bias(models),
    ...againstBaseline(models, measure),
    {
      head: 'time',
      align: 'right',
      cells: models.map((row) => formatDuration(row.seconds * 1000)),
    },
  ];
  const dress = (cell: string, place: number): string => {
    if (place === 0) return style.paint('green', cell);
    return baselines.includes(models[place]!.model) ? style.paint('dim', cell) : cell;
  };
  const rows = models.map((_, place) => columns.map(({ cells }) => dress(cells[place]!, place)));
  return renderTable(columns, rows, style);
}

/** A column, left out where no model has the figure. */
function figures(head: string, models: readonly BacktestRow[], key: Figure): ScoreColumn[] {
  const values = models.map((row) => row[key]);
  if (values.every((value) => value === null || Number.isNaN(value))) return [];
  return [{ head, align: 'right', cells: formatColumn(values) }];
}

function shares(head: string, models: readonly BacktestRow[], key: Figure): ScoreColumn[] {
  const values = models.map((row) => row[key]);
  if (values.every((value) => value === null)) return [];
  return [{ head, align: 'right', cells: values.map(formatShare) }];
}

/** Relative bias as a signed percentage. */
function bias(models: readonly BacktestRow[]): ScoreColumn[] {
  if (models.every(({ relativeBias }) => relativeBias === null)) return [];
  const cells = models.map(({ relativeBias }) =>
    formatChange(relativeBias === null ? null : 1 + relativeBias, 1),
  );
  return [{ head: 'bias', align: 'right', cells }];
}

function againstBaseline(models: readonly BacktestRow[], measure: 'mase' | 'mae'): ScoreColumn[] {
  const reference = models.find(({ model }) => model === 'seasonal-naive');
  if (reference === undefined) return [];
  const cells = models.map((row) =>
    row === reference ? '' : formatChange(row[measure], reference[measure]),
  );
  return [{ head: 'vs seasonal-naive', align: 'right', cells }];
}

function differences(summary: BacktestSummary, style: Style): string[] {
  const { overSeries, overWindows, significance } = summary.differences;
  const level = `${significance * 100} %`;
  const parts: string[] = [];
  if (overSeries !== null) {
    const { ranks, series, test, criticalDifference } = overSeries;
    const best = ranks[0]!;
    const [, ...like] = overSeries.groups[0]!;
    const others = ranks.slice(1).map(({ model }) => model);
    const found = formatProbability(test.pValue);
    const told =
      test.pValue >= significance
        ? `no two models differ (Friedman test by Iman and Davenport, ${found}).`
        : `${best.model} has the best average rank; ${tellAlike(like, others)} (critical difference of ranks ${formatNumber(criticalDifference)}, Friedman test ${found}).`;
    const title = `Over ${formatCount(series, 'series', 'series')}, at ${level}: ${told}`;
    parts.push(`${wrap(title, style.width)}\n${rankTable(overSeries, style)}`);
  }
  if (overWindows !== null) {
    const { best, windows, tests } = overWindows;
    const like = tests.filter(({ pValue }) => !(pValue < significance)).map(({ model }) => model);
    const others = tests.map(({ model }) => model);
    const told = tellAlike(like, others);
    const title = `Over ${formatCount(windows, 'window')}, at ${level}: ${best} has the least mean error; ${told} (Diebold-Mariano tests, p-values by Holm).`;
    parts.push(wrap(title, style.width));
  }
  if (parts.length === 0) {
    const why =
      'Whether the models differ by more than chance is not known: that takes five series or four windows.';
    parts.push(wrap(why, style.width));
  }
  return parts;
}

const formatProbability = (p: number): string =>
  p < 0.0001 ? 'p < 0.0001' : `p ${p < 0.001 ? p.toFixed(4) : p.toFixed(3)}`;

/** Which of the other models are like the best, by the shorter list of names. */
function tellAlike(alike: readonly string[], others: readonly string[]): string {
  if (alike.length === 0) return 'all others differ from it';
  const unlike = others.filter((name) => !alike.includes(name));
  if (unlike.length === 0) return 'none of the others differs from it';
  return alike.length <= unlike.length
    ? `of the others only ${alike.join(', ')} ${alike.length === 1 ? 'does' : 'do'} not differ from it`
    : `of the others only ${unlike.join(', ')} ${unlike.length === 1 ? 'differs' : 'differ'} from it`;
}

/** Average ranks, with a letter for each set of models within which none differ. */
function rankTable(
  { ranks, groups }: NonNullable<BacktestSummary['differences']['overSeries']>,
  style: Style,
): string {
  const letters = (model: string): string =>
    groups
      .map((group, place) =>
        group.includes(model) ? String.fromCodePoint(97 + (place % 26)) : ' ',
      )
      .join('')
      .trimEnd();
  const formatted = formatColumn(ranks.map(({ rank }) => rank));
  const rows = ranks.map(({ model }, place) => [model, formatted[place]!, letters(model)]);
  const columns: Column[] = [
    { head: 'model' },
    { head: 'average rank', align: 'right' },
    { head: 'alike' },
  ];
  return renderTable(columns, rows, style);
}
