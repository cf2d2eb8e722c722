/** Feature table: rows of a forecasting problem as a table, each made of what was known at its origin, and its targets. */
import { assert } from '../../state/errors.ts';
import { bounded } from '../bounded.ts';
import { type Panel, seriesValues } from '../panel.ts';
import { createTable, type Table } from '../table.ts';
import { calendarFeatures } from './calendar-features.ts';
import { exogenousFeatures } from './exogenous-features.ts';
import type { FeaturePlan } from './feature-plan.ts';
import type { Feature, FeatureRows } from './feature.ts';
import { historyFeatures } from './history-features.ts';
import { normaliseRows } from './normalisation.ts';

/** Rows of many series, in the order of series, then origin, then step. */
export interface RowSet {
  /** [rows]: which series of the panel. */
  readonly series: Uint32Array;
  /** [rows], at least 1. */
  readonly origins: Int32Array;
  /** [rows], 1 for the value right at the origin. */
  readonly steps: Int32Array;
}

/** Where histories come from. */
export interface HistorySource {
  readonly panel: Panel;
  /** The history of a series; the panel's own values if left out. Read before the rows' origins only. */
  readonly valuesOf?: (series: number) => Float64Array;
  /** Where the observations of a series end; at each row's origin if left out. */
  readonly observedOf?: (series: number) => number;
}

/** A table, and what brings its predictions back to the units of the series. */
export interface FeatureTable {
  readonly table: Table;
  /** [rows]; NaN where the history holds nothing. */
  readonly baseline: Float64Array;
  /** [rows], above 0. */
  readonly scale: Float64Array;
  /** [rows]: 1 where the logarithm was taken. */
  readonly logarithmic: Uint8Array;
}

/** The columns that `plan` asks for. */
export function featuresOf(panel: Panel, plan: FeaturePlan): Feature[] {
  return [
    ...historyFeatures(plan),
    ...calendarFeatures(panel, plan.calendar),
    ...(plan.position ? [positionFeature] : []),
    ...(plan.step ? [stepFeature] : []),
    ...exogenousFeatures(panel, plan.exogenous),
  ];
}

const positionFeature: Feature = {
  name: 'position',
  unit: 'plain',
  write({ origins, steps }, out) {
    for (let r = 0; r < origins.length; r++) out[r] = origins[r]! + steps[r]! - 1;
  },
};

const stepFeature: Feature = {
  name: 'step',
  unit: 'plain',
  write: ({ steps }, out) => out.set(steps),
};

/** The table of `rows`: features in normalised units, by the history before each row's origin alone. */
export function buildFeatureTable(
  { panel, valuesOf, observedOf }: HistorySource,
  plan: FeaturePlan,
  { series, origins, steps }: RowSet,
): FeatureTable {
  const features = featuresOf(panel, plan);
  const count = series.length;
  const columns = features.map(() => new Float64Array(count));
  const size = new Float64Array(plan.size ? count : 0);
  const result = {
    baseline: new Float64Array(count),
    scale: new Float64Array(count),
    logarithmic: new Uint8Array(count),
  };
  for (let from = 0, to = 0; from < count; from = to) {
    const index = series[from]!;
    while (to < count && series[to] === index) to++;
    const values = valuesOf?.(index) ?? seriesValues(panel, index);
    for (const part of splitBySign(values, origins.subarray(from, to), plan)) {
      const rows: FeatureRows = {
        series: index,
        values: part.values,
        origins: origins.subarray(from + part.from, from + part.to),
        steps: steps.subarray(from + part.from, from + part.to),
        observed: observedOf?.(index) ?? Number.POSITIVE_INFINITY,
      };
      const range = [from + part.from, from + part.to] as const;
      const { baseline, centre, scale } = normaliseRows(rows, plan.normalisation);
      for (const [k, feature] of features.entries()) {
        const out = columns[k]!.subarray(...range);
        feature.write(rows, out);
        normaliseColumn(out, feature.unit, centre, scale);
      }
      result.baseline.set(baseline, range[0]);
      result.scale.set(scale, range[0]);
      result.logarithmic.fill(part.logarithmic ? 1 : 0, ...range);
      for (let r = 0; r < scale.length && plan.size; r++) {
        size[range[0] + r] = part.logarithmic ? centre[r]! : Math.log(scale[r]!);
      }
    }
  }
  const named = features.map(({ name, categories }, k) => ({
    name,
    values: columns[k]!,
    ...(categories !== undefined && { categories }),
  }));
  return {
    table: createTable(plan.size ? [...named, { name: 'size', values: size }] : named, count),
    ...result,
  };
}

/** What the model learns: [rows] values at the rows' targets in normalised units; NaN where one is missing. */
export function targetsOf(
  panel: Panel,
  { series, origins, steps }: RowSet,
  { baseline, scale, logarithmic }: FeatureTable,
): Float64Array {
  return baseline.map((base, r) => {
    const value = panel.y[panel.offsets[series[r]!]! + origins[r]! + steps[r]! - 1]!;
    const target = ((logarithmic[r] ? Math.log(value) : value) - base) / scale[r]!;
    return Number.isFinite(target) ? target : Number.NaN;
  });
}

/** Undoes the normalisation of `predictions` [rows], within the range of a double; NaN where the history held nothing. */
export function forecastsOf(
  predictions: Float64Array,
  { baseline, scale, logarithmic }: FeatureTable,
): Float64Array {
  assert(predictions.length === baseline.length, 'there is one prediction a row');
  return predictions.map((prediction, r) => {
    const value = baseline[r]! + prediction * scale[r]!;
    return bounded(logarithmic[r] ? Math.exp(value) : value);
  });
}

/** Rows (of one series, by rising origins) whose history is positive, taken by logarithm if the plan asks for it, and the rest. */
function splitBySign(
  values: Float64Array,
  origins: Int32Array,
  { normalisation }: FeaturePlan,
): { values: Float64Array; from: number; to: number; logarithmic: boolean }[] {
  const all = { values, from: 0, to: origins.length, logarithmic: false };
  if (!normalisation.logarithm) return [all];
  // The first value that is not positive; a row whose origin lies behind it has seen it.
  const last = origins.at(-1) ?? 0;
  let first = 0;
  while (first < last && !(values[first]! <= 0)) first++;
  const bound = origins.findIndex((origin) => origin > first);
  const split = first === last || bound === -1 ? origins.length : bound;
  const logarithms = values.subarray(0, last).map((value) => Math.log(value));
  return [
    { values: logarithms, from: 0, to: split, logarithmic: true },
    { ...all, from: split },
  ].filter(({ from, to }) => to > from);
}

function normaliseColumn(
  out: Float64Array,
  unit: Feature['unit'],
  centre: Float64Array,
  scale: Float64Array,
): void {
  if (unit === 'plain') return;
  for (let r = 0; r < out.length; r++) {
    const value = (unit === 'level' ? out[r]! - centre[r]! : out[r]!) / scale[r]!;
    out[r] = Number.isFinite(value) ? value : Number.NaN;
  }
}
