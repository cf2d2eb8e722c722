/** Row choice: which rows of a panel a table model learns from; all of them, or an even sample where they are too many. */
import type { RowSet } from '../../series/features/feature-table.ts';
import { type Panel, seriesLength } from '../../series/panel.ts';
import type { Random } from '../../tensor/random.ts';

/** Which rows there are. */
export interface RowRange {
  /** The positions [from, to) of a series of `length` values that may be targets. */
  readonly targets: (length: number) => { readonly from: number; readonly to: number };
  /** The first origin of a series of `length` values, at least 1. */
  readonly firstOrigin: (length: number) => number;
  /** Steps of the forecast, both included, the first at least 1. */
  readonly steps: { readonly from: number; readonly to: number };
}

/** How many rows of `range` the panel has. */
export function countRows(panel: Panel, range: RowRange): number {
  let count = 0;
  walk(panel, range, (_series, _origin, from, to) => {
    count += to - from + 1;
  });
  return count;
}

/**
 * The rows of `range` in the order of a row set; of more than `most`, one out of each of `most` equal stretches of that order,
 * drawn by `random`.
 */
export function chooseRows(panel: Panel, range: RowRange, most: number, random: Random): RowSet {
  const count = countRows(panel, range);
  const size = Math.min(count, most);
  const stride = count / Math.max(1, size);
  const rows = {
    series: new Uint32Array(size),
    origins: new Int32Array(size),
    steps: new Int32Array(size),
  };
  const draw = (k: number): number =>
    count <= most ? k : Math.min(count - 1, Math.floor((k + random.uniform()) * stride));
  let chosen = 0;
  let next = draw(0);
  let passed = 0;
  walk(panel, range, (series, origin, from, to) => {
    const width = to - from + 1;
    while (chosen < size && next < passed + width) {
      rows.series[chosen] = series;
      rows.origins[chosen] = origin;
      rows.steps[chosen] = from + next - passed;
      chosen++;
      next = draw(chosen);
    }
    passed += width;
  });
  return rows;
}

/** Visits every origin that has rows, with its steps `from` to `to`, both included. */
function walk(
  panel: Panel,
  { targets, firstOrigin, steps }: RowRange,
  visit: (series: number, origin: number, from: number, to: number) => void,
): void {
  for (let series = 0; series < panel.ids.length; series++) {
    const length = seriesLength(panel, series);
    const range = targets(length);
    const first = Math.max(1, firstOrigin(length), range.from - steps.to + 1);
    for (let origin = first; origin <= range.to - steps.from; origin++) {
      const from = Math.max(steps.from, range.from - origin + 1);
      const to = Math.min(steps.to, range.to - origin);
      if (from <= to) visit(series, origin, from, to);
    }
  }
}
