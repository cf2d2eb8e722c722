/** Panel: many series as flat columns. No array of row objects exists on a data path. */
import { assert } from '../state/errors.ts';
import {
  checkExogenous,
  takeExogenous,
  takeObservations,
  type Exogenous,
  type SeriesPart,
} from './exogenous.ts';
import type { Frequency } from './frequency.ts';

/** Series `i` is the half-open range `[offsets[i], offsets[i + 1])` of the flat columns. */
export interface Panel {
  readonly ids: readonly string[];
  /** Length `ids.length + 1`, rising, first 0, last = number of observations. */
  readonly offsets: Uint32Array;
  /** Epoch milliseconds (UTC), rising within a series; with frequency `index`, the integer position itself. */
  readonly time: Float64Array;
  /** Observed values; NaN where missing. */
  readonly y: Float64Array;
  readonly frequency: Frequency;
  /** What is known besides the observations; absent where there is nothing. */
  readonly exogenous?: Exogenous;
}

/** The observations of series `index`, a view and not a copy. */
export function seriesValues(panel: Panel, index: number): Float64Array {
  return panel.y.subarray(panel.offsets[index], panel.offsets[index + 1]);
}

/** The timestamps of series `index`, a view and not a copy. */
export function seriesTimes(panel: Panel, index: number): Float64Array {
  return panel.time.subarray(panel.offsets[index], panel.offsets[index + 1]);
}

/** Number of observations of series `index`. */
export function seriesLength(panel: Panel, index: number): number {
  return panel.offsets[index + 1]! - panel.offsets[index]!;
}

/** Checks the shape rules above; a panel that breaks them is a programmer's error. */
export function createPanel(columns: Panel): Panel {
  const { ids, offsets, time, y } = columns;
  assert(offsets.length === ids.length + 1, 'offsets has one entry more than ids');
  assert(offsets[0] === 0 && offsets[ids.length] === y.length, 'offsets span all observations');
  assert(time.length === y.length, 'time and y have one length');
  for (let i = 0; i < ids.length; i++) {
    assert(offsets[i]! <= offsets[i + 1]!, `offsets rise at series ${i}`);
  }
  if (columns.exogenous) checkExogenous(columns.exogenous, ids.length, y.length);
  return columns;
}

/** The panel that consists of `parts` of this one, in their order, with all that belongs to them; a copy. */
export function takeSeries(panel: Panel, parts: readonly SeriesPart[]): Panel {
  const offsets = new Uint32Array(parts.length + 1);
  for (const [k, { series, skip }] of parts.entries()) {
    offsets[k + 1] = offsets[k]! + Math.max(0, seriesLength(panel, series) - skip);
  }
  return createPanel({
    ...panel,
    ids: parts.map(({ series }) => panel.ids[series]!),
    offsets,
    time: takeObservations(panel.time, panel.offsets, parts),
    y: takeObservations(panel.y, panel.offsets, parts),
    ...(panel.exogenous && {
      exogenous: takeExogenous(panel.exogenous, panel.offsets, parts),
    }),
  });
}
