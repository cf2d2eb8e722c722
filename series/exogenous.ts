/** Exogenous columns of a panel: what is known besides the observations of a series, and what of it reaches beyond their end. */
import { assert } from '../state/errors.ts';

/** One value for each observation of the panel. */
export interface HistoricalColumn {
  readonly name: string;
  /** [observations], aligned with the panel's `y`; no value is missing. */
  readonly values: Float64Array;
}

/** A column whose values are known before their time, such as prices, holidays or the calendar. */
export interface FutureColumn extends HistoricalColumn {
  /** [series * stepsAhead]: the values of the steps behind each series' end. */
  readonly ahead: Float64Array;
}

/** A number that belongs to a series as a whole. */
export interface StaticColumn {
  readonly name: string;
  /** [series]. */
  readonly values: Float64Array;
}

/** A label that belongs to a series as a whole. */
export interface CategoryColumn {
  readonly name: string;
  readonly labels: readonly string[];
  /** [series]: 0 where the label is unknown, else its index in `labels` + 1. */
  readonly codes: Uint32Array;
}

/** The exogenous columns of a panel. */
export interface Exogenous {
  /** How many steps beyond each series' end the future columns are known. */
  readonly stepsAhead: number;
  readonly future: readonly FutureColumn[];
  /** Columns known only up to the end of each series. */
  readonly historical: readonly HistoricalColumn[];
  readonly static: readonly StaticColumn[];
  readonly categories: readonly CategoryColumn[];
}

/** Which observations of which series a new panel consists of: those of `series` without the first `skip`. */
export interface SeriesPart {
  readonly series: number;
  readonly skip: number;
}

/** No column at all. */
export const emptyExogenous: Exogenous = {
  stepsAhead: 0,
  future: [],
  historical: [],
  static: [],
  categories: [],
};

/** Kinds of columns, in the order in which they are listed everywhere. */
export const exogenousKinds = ['future', 'historical', 'static', 'categories'] as const;

/** Names of all columns: future, historical, static, categories. */
export function exogenousNames(exogenous: Exogenous): string[] {
  return exogenousKinds.flatMap((kind) => exogenous[kind].map(({ name }) => name));
}

/** The columns of `kinds` as `kind:name`, such as `future:price`. */
export function qualifiedNames(
  exogenous: Exogenous,
  kinds: readonly (typeof exogenousKinds)[number][] = exogenousKinds,
): string[] {
  return exogenousKinds
    .filter((kind) => kinds.includes(kind))
    .flatMap((kind) => exogenous[kind].map(({ name }) => `${kind}:${name}`));
}

/** Checks lengths, codes and that no name comes twice; columns that break these rules are a programmer's error. */
export function checkExogenous(exogenous: Exogenous, series: number, observations: number): void {
  const { stepsAhead, future, historical, static: fixed, categories } = exogenous;
  assert(Number.isInteger(stepsAhead) && stepsAhead >= 0, 'stepsAhead is a count');
  for (const { name, values } of [...future, ...historical]) {
    assert(values.length === observations, `column ${name} has one value an observation`);
  }
  for (const { name, ahead } of future) {
    assert(ahead.length === series * stepsAhead, `column ${name} has one value a step ahead`);
  }
  for (const { name, values } of fixed) {
    assert(values.length === series, `column ${name} has one value a series`);
  }
  for (const { name, codes, labels } of categories) {
    assert(codes.length === series, `column ${name} has one code a series`);
    assert(
      codes.every((code) => code <= labels.length),
      `column ${name} has a label for every code`,
    );
  }
  const names = exogenousNames(exogenous);
  assert(new Set(names).size === names.length, 'no two exogenous columns have one name');
}

/** The columns of the panel that consists of `parts`; `offsets` are those of the panel that the columns belong to. */
export function takeExogenous(
  exogenous: Exogenous,
  offsets: Uint32Array,
  parts: readonly SeriesPart[],
): Exogenous {
  const { stepsAhead } = exogenous;
  const observed = (values: Float64Array): Float64Array => takeObservations(values, offsets, parts);
  const ahead = (values: Float64Array): Float64Array => {
    const taken = new Float64Array(parts.length * stepsAhead);
    for (const [k, { series }] of parts.entries()) {
      taken.set(values.subarray(series * stepsAhead, (series + 1) * stepsAhead), k * stepsAhead);
    }
    return taken;
  };
  return {
    stepsAhead,
    future: exogenous.future.map((column) => ({
      name: column.name,
      values: observed(column.values),
      ahead: ahead(column.ahead),
    })),
    historical: exogenous.historical.map(({ name, values }) => ({
      name,
      values: observed(values),
    })),
    static: exogenous.static.map(({ name, values }) => ({
      name,
      values: Float64Array.from(parts, ({ series }) => values[series]!),
    })),
    categories: exogenous.categories.map(({ name, labels, codes }) => ({
      name,
      labels,
      codes: Uint32Array.from(parts, ({ series }) => codes[series]!),
    })),
  };
}

/** The observations of `parts` out of a flat column whose series lie at `offsets`, one after the other. */
export function takeObservations(
  values: Float64Array,
  offsets: Uint32Array,
  parts: readonly SeriesPart[],
): Float64Array {
  const ranges = parts.map(({ series, skip }) => ({
    from: Math.min(offsets[series]! + skip, offsets[series + 1]!),
    to: offsets[series + 1]!,
  }));
  const taken = new Float64Array(ranges.reduce((sum, { from, to }) => sum + to - from, 0));
  let at = 0;
  for (const { from, to } of ranges) {
    taken.set(values.subarray(from, to), at);
    at += to - from;
  }
  return taken;
}
