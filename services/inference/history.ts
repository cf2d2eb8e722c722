/** Histories: what a network is fed from a panel at given origins, each look-back scaled in double precision. */
import type { Exogenous } from '../../series/exogenous.ts';
import { type Panel, seriesLength, seriesValues } from '../../series/panel.ts';
import { assert, fail } from '../../state/errors.ts';
import type { Feed } from '../../tensor/values.ts';
import { finiteOf, type Scale, scaleOf } from '../training/column.ts';
import { categoryTable } from '../training/exogenous-columns.ts';
import { missingMark } from '../training/masked.ts';
import type { ScaledColumn } from '../training/sample-layout.ts';
import type { NetworkSignature } from './network-file.ts';

/** A series at an origin: its history is what lies before. */
export interface Place {
  readonly series: number;
  readonly origin: number;
}

/** Inputs of one call, and the scale of each of its places. */
export interface History {
  readonly feeds: Readonly<Record<string, Feed>>;
  /** A forecast f at a place means f spread + level. */
  readonly scales: readonly Scale[];
}

/** Whether a network can forecast from there: it needs a whole look-back, or one value where it was trained with gaps. */
export function hasHistory(panel: Panel, place: Place, signature: NetworkSignature): boolean {
  const { lookBack, layout } = signature;
  if (!layout.masked && place.origin < lookBack) return false;
  const values = lookBackOf(panel, place, lookBack);
  return layout.masked ? values.some(Number.isFinite) : values.every(Number.isFinite);
}

function lookBackOf(panel: Panel, { series, origin }: Place, lookBack: number): Float64Array {
  return seriesValues(panel, series).subarray(Math.max(0, origin - lookBack), Math.max(0, origin));
}

/**
 * Inputs for `rows` of places: one place in a row, or one for each series of a sample. A look-back is scaled by its own
 * mean and deviation in double precision before it becomes float32, so that 1e12 and 1e-9 keep their digits; a network
 * to which level and size do not matter gives the same forecast for either.
 * Errors: EXOGENOUS_ABSENT, FUTURE_UNKNOWN.
 */
export function gatherHistory(
  signature: NetworkSignature,
  panel: Panel,
  rows: readonly (readonly Place[])[],
): History {
  const { lookBack, horizon, layout, inputs } = signature;
  const places = rows.flat();
  const windows = new Float32Array(places.length * lookBack).fill(missingMark);
  const scales = places.map((place, k) => {
    const values = lookBackOf(panel, place, lookBack);
    const scale = scaleFor(signature, values);
    const from = (k + 1) * lookBack - values.length;
    for (let t = 0; t < values.length; t++) {
      const value = (values[t]! - scale.level) / scale.spread;
      windows[from + t] = Number.isFinite(value) ? value : missingMark;
    }
    return scale;
  });
  const leading = layout.channels === null ? [rows.length] : [rows.length, layout.channels];
  const feeds: Record<string, Feed> = { window: { data: windows, shape: [...leading, lookBack] } };
  const { exogenous } = panel;
  checkColumns(signature, exogenous);
  if (exogenous !== undefined) {
    const source = { panel, exogenous, places, leading };
    const { future, historical } = layout;
    feeds['future'] = overTime(source, 'future', future, -lookBack, lookBack + horizon);
    feeds['historical'] = overTime(source, 'historical', historical, -lookBack, lookBack);
    Object.assign(feeds, fixedFeeds(source, signature));
  }
  const needed = Object.entries(feeds).filter(([name]) => inputs.includes(name));
  return { feeds: Object.fromEntries(needed), scales };
}

function scaleFor({ content }: NetworkSignature, values: Float64Array): Scale {
  const finite = content === 'units' ? [] : finiteOf(values);
  if (finite.length === 0) return { level: 0, spread: 1 };
  const { level, spread } = scaleOf(finite as Float64Array);
  return { level: content === 'shape' ? level : 0, spread };
}

/** What exogenous inputs are gathered from. */
interface Source {
  readonly panel: Panel;
  readonly exogenous: Exogenous;
  readonly places: readonly Place[];
  readonly leading: readonly number[];
}

function checkColumns({ layout }: NetworkSignature, exogenous: Exogenous | undefined): void {
  const kinds = ['future', 'historical', 'static', 'categories'] as const;
  const absent = kinds.flatMap((kind) =>
    layout[kind].filter(({ name }) => !exogenous?.[kind].some((column) => column.name === name)),
  );
  if (absent.length > 0) fail('EXOGENOUS_ABSENT', { columns: absent.map(({ name }) => name) });
}

/** Rows [places, steps, columns] of numbers from `from` steps after the origin on; before a series begins, their level. */
function overTime(
  { panel, exogenous, places, leading }: Source,
  kind: 'future' | 'historical',
  scales: readonly ScaledColumn[],
  from: number,
  steps: number,
): Feed {
  const width = scales.length;
  const data = new Float32Array(places.length * steps * width);
  for (const [j, { name, level }] of scales.entries()) {
    const column = exogenous[kind].find((one) => one.name === name);
    assert(column, `column ${name} is given`);
    const ahead = kind === 'future' ? (column as Exogenous['future'][number]).ahead : undefined;
    for (const [k, { series, origin }] of places.entries()) {
      const length = seriesLength(panel, series);
      const known = length + (ahead === undefined ? 0 : exogenous.stepsAhead);
      if (origin + from + steps > known) {
        const needed = origin + from + steps - length;
        fail('FUTURE_UNKNOWN', { column: name, needed, got: known - length });
      }
      for (let t = 0; t < steps; t++) {
        const position = origin + from + t;
        const value =
          position < 0
            ? level
            : position < length
              ? column.values[panel.offsets[series]! + position]!
              : ahead![series * exogenous.stepsAhead + position - length]!;
        data[(k * steps + t) * width + j] = value;
      }
    }
  }
  return { data, shape: [...leading, steps, width] };
}

/** Static numbers and codes of the series of all places. */
function fixedFeeds(
  { panel, exogenous, places, leading }: Source,
  { layout }: NetworkSignature,
): Record<string, Feed> {
  const feeds: Record<string, Feed> = {};
  const numbers = layout.static.map(
    ({ name }) => exogenous.static.find((column) => column.name === name)!.values,
  );
  if (numbers.length > 0) {
    const data = Float32Array.from(
      places.flatMap(({ series }) => numbers.map((values) => values[series]!)),
    );
    feeds['static'] = { data, shape: [...leading, numbers.length] };
  }
  const width = layout.categories.length;
  if (width > 0) {
    const table = categoryTable(exogenous, layout, panel.ids.length);
    const data = new BigInt64Array(places.length * width);
    for (const [k, { series }] of places.entries()) {
      data.set(table.subarray(series * width, (series + 1) * width), k * width);
    }
    feeds['categories'] = { data, shape: [...leading, width] };
  }
  return feeds;
}
