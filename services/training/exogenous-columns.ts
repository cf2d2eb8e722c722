/** Exogenous columns for a network: those that it can use, scaled by their training part. */
import type { ExogenousKind, NeuralModel } from '../../models/model.ts';
import type { Exogenous } from '../../series/exogenous.ts';
import { type Panel, seriesLength } from '../../series/panel.ts';
import type { Feed } from '../../tensor/values.ts';
import { type ColumnLayout, createTable, scaleOf } from './column.ts';
import type { LabelledColumn, SampleLayout, ScaledColumn } from './sample-layout.ts';

/** The exogenous part of a sample's layout. */
export type ExogenousLayout = Pick<SampleLayout, ExogenousKind>;

/** Values that scales are measured on. */
const measured = 100_000;

/** What of the panel's columns `model` takes, and their scales over the training parts [0, n - stepsFromEnd) of all series. */
export function layOutExogenous(
  model: NeuralModel,
  panel: Panel,
  stepsFromEnd: number,
): ExogenousLayout {
  const offered = (kind: ExogenousKind): boolean => model.exogenous?.includes(kind) ?? false;
  const { exogenous } = panel;
  const training = trainingPlaces(panel, stepsFromEnd);
  const overTime = (kind: 'future' | 'historical'): ScaledColumn[] =>
    (offered(kind) ? (exogenous?.[kind] ?? []) : []).map(({ name, values }) =>
      scaled(
        name,
        Float64Array.from(training, (k) => values[k]!),
      ),
    );
  return {
    future: overTime('future'),
    historical: overTime('historical'),
    static: (offered('static') ? (exogenous?.static ?? []) : []).map(({ name, values }) =>
      scaled(name, values),
    ),
    categories: (offered('categories') ? (exogenous?.categories ?? []) : []).map(
      ({ name, labels }): LabelledColumn => ({ name, labels }),
    ),
  };
}

function scaled(name: string, values: Float64Array): ScaledColumn {
  return values.length === 0 ? { name, level: 0, spread: 1 } : { name, ...scaleOf(values) };
}

/** Positions in the panel's columns that belong to training parts; every n-th of them where they are very many. */
function trainingPlaces(panel: Panel, stepsFromEnd: number): Float64Array {
  const places: number[] = [];
  const stride = Math.max(1, Math.floor(panel.y.length / measured));
  let next = 0;
  for (let i = 0; i < panel.ids.length; i++) {
    const end = panel.offsets[i]! + Math.max(0, seriesLength(panel, i) - stepsFromEnd);
    next = Math.max(next, panel.offsets[i]!);
    for (; next < end; next += stride) places.push(next);
  }
  return Float64Array.from(places);
}

/** Flat arrays for the graph's inputs of the same names; only of kinds that `layout` has. */
export function feedExogenous(
  panel: Panel,
  layout: ExogenousLayout,
  columns: ColumnLayout,
): Record<string, Feed> {
  const feeds: Record<string, Feed> = {};
  const { exogenous } = panel;
  if (exogenous === undefined) return feeds;
  for (const kind of ['future', 'historical'] as const) {
    if (layout[kind].length === 0) continue;
    const given = layout[kind].map((scale) => ({ ...scale, ...columnOf(exogenous[kind], scale) }));
    feeds[kind] = flat(createTable(panel, given, columns));
  }
  const series = panel.ids.length;
  if (layout.static.length > 0) feeds['static'] = flat(staticTable(exogenous, layout, series));
  if (layout.categories.length > 0) {
    feeds['categories'] = flat(categoryTable(exogenous, layout, series));
  }
  return feeds;
}

const flat = (data: Feed['data']): Feed => ({ data, shape: [data.length] });

function columnOf<C extends { readonly name: string }>(
  columns: readonly C[],
  { name }: { readonly name: string },
): C {
  return columns.find((column) => column.name === name)!;
}

/** Scaled static values [series * width], row by row. */
export function staticTable(
  exogenous: Exogenous,
  layout: ExogenousLayout,
  series: number,
): Float32Array {
  const columns = layout.static.map((scale) => ({
    ...scale,
    ...columnOf(exogenous.static, scale),
  }));
  return Float32Array.from({ length: series * columns.length }, (_, k) => {
    const { values, level, spread } = columns[k % columns.length]!;
    return (values[Math.floor(k / columns.length)]! - level) / spread;
  });
}

/**
 * Codes [series * width] in the numbering of `layout`, row by row: a label that was not there in training is 0, unknown.
 */
export function categoryTable(
  exogenous: Exogenous,
  layout: ExogenousLayout,
  series: number,
): BigInt64Array {
  const columns = layout.categories.map((known) => {
    const { labels, codes } = columnOf(exogenous.categories, known);
    const translated = [0, ...labels.map((label) => known.labels.indexOf(label) + 1)];
    return { codes, translated };
  });
  return BigInt64Array.from({ length: series * columns.length }, (_, k) => {
    const { codes, translated } = columns[k % columns.length]!;
    return BigInt(translated[codes[Math.floor(k / columns.length)]!]!);
  });
}
