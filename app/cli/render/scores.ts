/** Accuracy tables: every model beside the naive baselines, the best one marked. */
import { combinedName } from '../../../services/forecasting/combination.ts';
import type { ScoreRow } from '../../../state/run-state.ts';
import type { Style } from './style.ts';
import { type Column, renderTable } from './table.ts';
import { absent, formatChange, formatColumn, formatShare, formatWeight } from './wording.ts';

/** The forecasts that any model has to beat. */
export const baselines: readonly string[] = ['naive', 'seasonal-naive'];

/** The measure that ranks a set of rows: MASE, or MAE where the scale of MASE is zero for some row. */
export function rankingMeasure(rows: readonly ScoreRow[]): 'mase' | 'mae' {
  return rows.every((row) => row.mase !== null) ? 'mase' : 'mae';
}

/** Models from the best to the worst by their ranking measure; unmeasured ones last, the served forecast left out. */
export function ranked(rows: readonly ScoreRow[]): ScoreRow[] {
  const measure = rankingMeasure(rows);
  return rows
    .filter(({ model }) => model !== combinedName)
    .sort((a, b) => (a[measure] ?? Infinity) - (b[measure] ?? Infinity));
}

/** The row of the forecast that the run delivers, which may combine several models. */
export function servedRow(rows: readonly ScoreRow[]): ScoreRow | undefined {
  return rows.find(({ model }) => model === combinedName);
}

/** What a kind of fold is for. */
const titles: Readonly<Record<ScoreRow['kind'], string>> = {
  test: 'Accuracy on the test folds, which chose nothing (lower is better)',
  validation: 'Accuracy on the validation folds, which chose the models (lower is better)',
};

const isMeasured = ({ mae, mase }: ScoreRow): boolean => mae !== null || mase !== null;

/** The tables of both kinds of folds, test first, without those that no model was measured on; one sentence where nothing could be measured. */
export function renderScores(
  scores: readonly ScoreRow[],
  weights: readonly { model: string; weight: number }[],
  style: Style,
): string {
  const kinds = (['test', 'validation'] as const).filter((kind) =>
    scores.some((row) => row.kind === kind && isMeasured(row)),
  );
  if (kinds.length === 0)
    return 'Accuracy is not known: the series are too short to hold any of it out.';
  return kinds
    .map((kind) => {
      const rows = scores.filter((row) => row.kind === kind);
      return `${style.paint('bold', titles[kind])}\n${scoreTable(rows, weights, style)}`;
    })
    .join('\n\n');
}

interface ScoreColumn extends Column {
  readonly cells: readonly string[];
}

function scoreTable(
  all: readonly ScoreRow[],
  weights: readonly { model: string; weight: number }[],
  style: Style,
): string {
  const measure = rankingMeasure(all);
  const models = ranked(all);
  const served = servedRow(all);
  const rows = served ? [served, ...models] : models;
  const columns = [
    { head: 'model', cells: rows.map((row) => (row === models[0] ? `${row.model} *` : row.model)) },
    ...(measure === 'mase' ? [figures('MASE', rows, 'mase')] : []),
    figures('MAE', rows, 'mae'),
    figures('RMSE', rows, 'rmse'),
    figures('sMAPE', rows, 'smape'),
    ...intervals('in 80 %', rows, 'coverage80'),
    ...intervals('in 95 %', rows, 'coverage95'),
    ...againstBaseline(rows, measure),
    ...shares(rows, weights),
  ];
  const dress = (cell: string, place: number): string => {
    const row = rows[place]!;
    if (row === served) return style.paint('bold', cell);
    if (row === models[0]) return style.paint('green', cell);
    return baselines.includes(row.model) ? style.paint('dim', cell) : cell;
  };
  const lines = rows.map((_, place) => columns.map(({ cells }) => dress(cells[place]!, place)));
  return renderTable(columns, lines, style);
}

function figures(
  head: string,
  rows: readonly ScoreRow[],
  key: 'mase' | 'mae' | 'rmse' | 'smape',
): ScoreColumn {
  return { head, align: 'right', cells: formatColumn(rows.map((row) => row[key])) };
}

/** Share of the truth inside an interval, left out where no model has intervals. */
function intervals(
  head: string,
  rows: readonly ScoreRow[],
  key: 'coverage80' | 'coverage95',
): ScoreColumn[] {
  if (rows.every((row) => row[key] === null)) return [];
  return [{ head, align: 'right', cells: rows.map((row) => formatShare(row[key])) }];
}

function againstBaseline(rows: readonly ScoreRow[], measure: 'mase' | 'mae'): ScoreColumn[] {
  const reference = rows.find((row) => row.model === 'seasonal-naive');
  if (!reference) return [];
  const cells = rows.map((row) =>
    row === reference ? '' : formatChange(row[measure], reference[measure]),
  );
  return [{ head: 'vs seasonal-naive', align: 'right', cells }];
}

function shares(
  rows: readonly ScoreRow[],
  weights: readonly { model: string; weight: number }[],
): ScoreColumn[] {
  const known = weights.filter(({ model }) => rows.some((row) => row.model === model));
  if (known.length === 0) return [];
  const cells = rows.map(({ model }) => {
    const found = known.find((weight) => weight.model === model);
    if (model === combinedName) return '';
    return found ? formatWeight(found.weight) : absent;
  });
  return [{ head: 'weight', align: 'right', cells }];
}
