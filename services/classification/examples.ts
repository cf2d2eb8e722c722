/** Examples: the rows of a panel with their classes, and the table of what was known at each of them. */
import type { FeaturePlan } from '../../series/features/feature-plan.ts';
import { buildFeatureTable, type RowSet } from '../../series/features/feature-table.ts';
import { type Panel, seriesLength, seriesTimes, seriesValues } from '../../series/panel.ts';
import { createTable, type Table } from '../../series/table.ts';
import { classNames, type LabelPlan, labelSeries, referenceNames } from './labels.ts';
import type { LabelSpans } from './splits.ts';

/** Rows by series, then origin. */
export interface Examples extends LabelSpans {
  /** The rows with a class, then the latest origin of each series, which has none. */
  readonly table: Table;
  /** How many rows have a class. */
  readonly labelled: number;
  /** [labelled]: the class. */
  readonly target: Float64Array;
  /** [rows]: the latest class that was known at the origin; NaN if none was. */
  readonly previous: Float64Array;
}

/** Which rows there are. */
export interface ExamplePlan {
  readonly label: LabelPlan;
  readonly features: FeaturePlan;
  /** Season length in steps: two of them come before the first origin, if there is room. */
  readonly season: number;
  /** Most rows with a class; of more, every second, third, ... origin back from the end is taken. */
  readonly maximumRows: number;
}

/** All examples of `panel`; nothing of a row but its class and the span of it depends on what comes after its origin. */
export function collectExamples(panel: Panel, plan: ExamplePlan): Examples {
  const { label } = plan;
  const labels = panel.ids.map((_, i) => labelSeries(seriesValues(panel, i), label));
  const rows = chooseOrigins(panel, plan, (series, origin) => labels[series]!.classes[origin]!);
  const latest = panel.ids.flatMap((_, series) => {
    const origin = seriesLength(panel, series);
    return origin > 0 ? [{ series, origin }] : [];
  });
  const known = tableOf(panel, plan, labels, rows);
  const open = tableOf(panel, plan, labels, latest);
  const table = createTable(
    known.table.columns.map((column, j) => ({
      ...column,
      values: joined(column.values, open.table.columns[j]!.values),
    })),
    rows.length + latest.length,
  );
  const timeAt = (series: number, position: number): number =>
    seriesTimes(panel, series)[position]!;
  return {
    table,
    labelled: rows.length,
    target: Float64Array.from(rows, ({ series, origin }) => labels[series]!.classes[origin]!),
    previous: joined(known.previous, open.previous),
    starts: Float64Array.from(rows, ({ series, origin }) => timeAt(series, origin)),
    ends: Float64Array.from(rows, ({ series, origin }) =>
      timeAt(series, origin + label.horizon - 1),
    ),
  };
}

interface Row {
  readonly series: number;
  readonly origin: number;
}

function chooseOrigins(
  panel: Panel,
  { season, label, maximumRows }: ExamplePlan,
  classOf: (series: number, origin: number) => number,
): Row[] {
  const last = (series: number): number => seriesLength(panel, series) - label.horizon;
  const first = (series: number): number =>
    Math.max(1, Math.min(2 * season, Math.floor(seriesLength(panel, series) / 3)));
  const all = panel.ids.reduce((sum, _, i) => sum + Math.max(0, last(i) - first(i) + 1), 0);
  const stride = Math.max(1, Math.ceil(all / maximumRows));
  return panel.ids.flatMap((_, series) => {
    const rows: Row[] = [];
    for (let origin = last(series); origin >= first(series); origin -= stride) {
      if (!Number.isNaN(classOf(series, origin))) rows.push({ series, origin });
    }
    return rows.toReversed();
  });
}

/** Features at the last step that the class is about, what the class is measured against, and the latest known class. */
function tableOf(
  panel: Panel,
  { label, features }: ExamplePlan,
  labels: readonly ReturnType<typeof labelSeries>[],
  rows: readonly Row[],
): { table: Table; previous: Float64Array } {
  const set: RowSet = {
    series: Uint32Array.from(rows, ({ series }) => series),
    origins: Int32Array.from(rows, ({ origin }) => origin),
    steps: new Int32Array(rows.length).fill(label.horizon),
  };
  const { table } = buildFeatureTable({ panel }, features, set);
  const previous = Float64Array.from(
    rows,
    ({ series, origin }) => labels[series]!.classes[origin - label.horizon] ?? Number.NaN,
  );
  const reference = Float64Array.from(rows, ({ series, origin }) => {
    const value = labels[series]!.reference[origin]!;
    return Number.isFinite(value) ? value : Number.NaN;
  });
  const columns = [
    ...table.columns,
    { name: referenceNames[label.kind], values: reference },
    { name: 'last_class', values: previous, categories: classNames(label).length },
  ];
  return { table: createTable(columns, rows.length), previous };
}

function joined(a: Float64Array, b: Float64Array): Float64Array {
  const all = new Float64Array(a.length + b.length);
  all.set(a);
  all.set(b, a.length);
  return all;
}
