/** Accuracy in the report: every model beside the naive baselines, on the test and on the validation folds. */
import type { ScoreRow } from '../../state/run-state.ts';
import { html, type Markup } from './markup.ts';
import type { ReportData } from './report-data.ts';
import {
  absent,
  familyWords,
  formatColumn,
  formatCount,
  formatShare,
  formatWeight,
} from './wording.ts';

const baselines: ReadonlySet<string> = new Set(['naive', 'seasonal-naive']);
type Measure = 'mase' | 'mae' | 'rmse' | 'smape';

/** The delivered forecast beside the seasonal naive one, on the folds that chose nothing. */
export interface Verdict {
  readonly served: ScoreRow;
  readonly measure: 'mase' | 'mae';
  readonly own: number;
  /** Figure of seasonal-naive; null if it was not measured. */
  readonly reference: number | null;
}

/** Compares on the test folds; undefined if there was too little data for any. */
export function verdictOf({
  served,
  scores,
}: Pick<ReportData, 'served' | 'scores'>): Verdict | undefined {
  const own = served.find(({ kind }) => kind === 'test');
  const tested = scores.filter(({ kind }) => kind === 'test');
  if (!own) return undefined;
  const measure = rankingMeasure([own, ...tested]);
  const reference = tested.find(({ model }) => model === 'seasonal-naive')?.[measure] ?? null;
  const figure = own[measure];
  return figure === null ? undefined : { served: own, measure, own: figure, reference };
}

/** `60 % better than`, `4 % worse than`, `as good as`, seen from `own`; an error of 0 in both is as good. */
export function compareWords(own: number, reference: number): string {
  if (own === reference) return 'as good as';
  if (reference === 0) return 'worse than';
  const percent = Math.abs(own / reference - 1) * 100;
  const size = percent.toFixed(percent < 0.95 ? 1 : 0);
  if (Number(size) === 0) return 'as good as';
  return `${size}\u00a0% ${own < reference ? 'better' : 'worse'} than`;
}

/** The section with one table a kind of fold; a sentence where nothing was measured. */
export function renderScores(data: ReportData): Markup {
  const tables = [
    foldTable(data, 'test', 'which chose nothing'),
    foldTable(data, 'validation', 'which chose the models and their weights'),
  ];
  return html`<section id="accuracy"><h2>Accuracy</h2>${
    tables.every((table) => table === null)
      ? html`<p class="note">Accuracy is not known: the series are too short to hold any of it out.</p>`
      : html`<p class="note">Errors on rolling origins; lower is better. The ratio compares with seasonal-naive: under 1 is better. Coverage is the share of the truth inside an interval.</p>${tables}`
  }</section>`;
}

function foldTable(data: ReportData, kind: ScoreRow['kind'], purpose: string): Markup | null {
  const judged = data.scores.filter((row) => row.kind === kind);
  const served = data.served.filter((row) => row.kind === kind);
  if (judged.length + served.length === 0) return null;
  const measure = rankingMeasure([...served, ...judged]);
  const models = judged.toSorted((a, b) => (a[measure] ?? Infinity) - (b[measure] ?? Infinity));
  const best = models[0]?.[measure] == null ? undefined : models[0];
  const rows = [...served, ...models];
  const columns = columnsOf(
    rows,
    measure,
    models.find(({ model }) => model === 'seasonal-naive'),
    data,
  );
  const lines = rows.map((row, place) => {
    const kindOfRow = rowClass(row, served, best);
    const badge = row === best && html`<span class="badge">best</span>`;
    return html`<tr class="${kindOfRow}"><th scope="row">${row.model}${badge}</th>${columns.map(
      ({ cells, kind = 'figure' }) => html`<td class="${kind}">${cells[place]!}</td>`,
    )}</tr>`;
  });
  const folds =
    data.folds[kind] > 0 ? formatCount(data.folds[kind], `${kind} fold`) : `${kind} folds`;
  return html`<h3>On ${folds}, ${purpose}</h3>
<div class="scroll" tabindex="0"><table class="scores ${kind}"><thead><tr><th scope="col">model</th>${columns.map(
    ({ head, kind = 'figure' }) => html`<th scope="col" class="${kind}">${head}</th>`,
  )}</tr></thead><tbody>${lines}</tbody></table></div>`;
}

function rowClass(row: ScoreRow, served: readonly ScoreRow[], best: ScoreRow | undefined): string {
  if (served.includes(row)) return 'served';
  if (row === best) return 'best';
  return baselines.has(row.model) ? 'baseline' : 'model';
}

interface Column {
  readonly head: string;
  /** Class of its cells. */
  readonly kind?: 'family';
  readonly cells: readonly (string | Markup)[];
}

function columnsOf(
  rows: readonly ScoreRow[],
  measure: 'mase' | 'mae',
  reference: ScoreRow | undefined,
  { models, served, families }: Pick<ReportData, 'models' | 'served' | 'families'>,
): Column[] {
  const weightOf = (row: ScoreRow): string => {
    if (served.includes(row)) return '';
    return formatWeight(models.find(({ name }) => name === row.model)?.weight ?? null);
  };
  const figures = (head: string, key: Measure): Column[] =>
    rows.every((row) => row[key] === null)
      ? []
      : [{ head, cells: formatColumn(rows.map((row) => row[key])) }];
  const shares = (head: string, key: 'coverage80' | 'coverage95'): Column[] =>
    rows.every((row) => row[key] === null)
      ? []
      : [{ head, cells: rows.map((row) => formatShare(row[key])) }];
  const familyOf = ({ model }: ScoreRow): string => {
    const family = families[model];
    return family === undefined ? '' : familyWords[family];
  };
  return [
    { head: 'family', kind: 'family', cells: rows.map(familyOf) },
    ...figures('MASE', 'mase'),
    ...ratios(rows, measure, reference),
    ...figures('MAE', 'mae'),
    ...figures('RMSE', 'rmse'),
    ...figures('sMAPE', 'smape'),
    ...shares('in 80 %', 'coverage80'),
    ...shares('in 95 %', 'coverage95'),
    ...(models.length === 0 ? [] : [{ head: 'weight', cells: rows.map(weightOf) }]),
  ];
}

function ratios(
  rows: readonly ScoreRow[],
  measure: 'mase' | 'mae',
  reference: ScoreRow | undefined,
): Column[] {
  const base = reference?.[measure] ?? null;
  if (base === null || base === 0) return [];
  const cells = rows.map((row) => {
    const own = row[measure];
    if (own === null) return absent;
    const text = (own / base).toFixed(3);
    if (text === '1.000') return text;
    return html`<span class="${own < base ? 'good' : 'bad'}">${text}</span>`;
  });
  return [{ head: 'ratio', cells }];
}

/** MASE ranks, or MAE where the scale of MASE is zero for some row. */
function rankingMeasure(rows: readonly ScoreRow[]): 'mase' | 'mae' {
  return rows.every((row) => row.mase !== null) ? 'mase' : 'mae';
}
