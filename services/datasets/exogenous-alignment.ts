/** Brings the exogenous cells of one series to the grid of its repaired observations: what stands at a time stays at that time. */
import { formatTime } from '../../series/format-time.ts';
import { futureTimes, stepsBetween, type Frequency } from '../../series/frequency.ts';
import { fail } from '../../state/errors.ts';
import { shownCell } from './cell-text.ts';
import type { ExogenousColumn } from './exogenous-cells.ts';
import type { RepairLog } from './repair-log.ts';

/** One series: its rows as read, on the grid but unsorted and with gaps, and the times that it has in the panel. */
export interface ExogenousSeries {
  readonly id: string;
  /** Times of the rows. */
  readonly time: Float64Array;
  /** The rows' cells of every column, NaN where missing. */
  readonly cells: readonly Float64Array[];
  /** Times of the observations in the panel. */
  readonly grid: Float64Array;
}

/** What one series has of one column. */
export interface AlignedColumn {
  /** [observations]; a single value for a static column: the number, or the code of the label, 0 where unknown. */
  readonly values: Float64Array;
  /** [horizon] behind the end, for a future column; else empty. */
  readonly ahead: Float64Array;
}

/**
 * Aligns every column. Of two rows of one time the last present cell wins; missing numbers are interpolated linearly over
 * positions and held constant at the ends, missing indicators take the one before. Fails with EXOGENOUS_EMPTY,
 * STATIC_CHANGES or FUTURE_MISSING.
 */
export function alignExogenous(
  columns: readonly ExogenousColumn[],
  series: ExogenousSeries,
  frequency: Frequency,
  horizon: number,
  log: RepairLog,
): AlignedColumn[] {
  const places = placesOf(series, frequency, horizon);
  let filled = 0;
  const aligned = columns.map((column, c): AlignedColumn => {
    const cells = series.cells[c]!;
    if (column.role === 'static') return staticColumn(column, series.id, cells);
    const length = series.grid.length;
    const isAhead = column.role === 'future';
    const all = new Float64Array(length + (isAhead ? horizon : 0)).fill(Number.NaN);
    for (let row = 0; row < cells.length; row++) {
      const place = places[row]!;
      if (place >= 0 && place < all.length && !Number.isNaN(cells[row]!)) all[place] = cells[row]!;
    }
    const values = all.subarray(0, length);
    const missing = fillIn(values, column.kind);
    if (missing === length) {
      fail('EXOGENOUS_EMPTY', { column: shownCell(column.source), series: shownCell(series.id) });
    }
    // The indicators of one text are missing together and count once.
    if (columns[c - 1]?.source !== column.source) filled += missing;
    const ahead = all.subarray(length);
    checkAhead(column, series, ahead, frequency);
    return { values, ahead };
  });
  if (filled > 0) log.note('exogenous-filled', series.id, filled);
  return aligned;
}

/** Of every row its place among the observations and the steps behind them; -1 where it has none. */
function placesOf(
  { time, grid }: ExogenousSeries,
  frequency: Frequency,
  horizon: number,
): Int32Array {
  const places = new Int32Array(time.length).fill(-1);
  const last = grid.at(-1)!;
  let inStep = 0;
  while (inStep < grid.length && time[inStep] === grid[inStep]) places[inStep] = inStep++;
  if (inStep === time.length) return places;
  let placeAt: ReadonlyMap<number, number> | undefined;
  for (let row = inStep; row < time.length; row++) {
    const at = time[row]!;
    const steps = at > last ? stepsBetween(last, at, frequency) : 0;
    if (steps > 0) places[row] = steps <= horizon ? grid.length - 1 + steps : -1;
    else places[row] = (placeAt ??= new Map(Array.from(grid, (t, k) => [t, k]))).get(at) ?? -1;
  }
  return places;
}

function staticColumn(
  { source, kind, labels }: ExogenousColumn,
  series: string,
  cells: Float64Array,
): AlignedColumn {
  const present = cells.filter((value) => !Number.isNaN(value));
  const first = present[0];
  const other = present.find((value) => value !== first);
  const names = { column: shownCell(source), series: shownCell(series) };
  if (first !== undefined && other !== undefined) {
    const shown = (value: number): string =>
      kind === 'label' ? shownCell(labels[value] ?? null) : String(value);
    fail('STATIC_CHANGES', { ...names, values: [shown(first), shown(other)] });
  }
  if (first === undefined && kind !== 'label') fail('EXOGENOUS_EMPTY', names);
  const value = kind === 'label' ? (first ?? -1) + 1 : first!;
  return { values: Float64Array.of(value), ahead: new Float64Array(0) };
}

/** Fills missing `values` in place and says how many there were; all missing stay so. */
function fillIn(values: Float64Array, kind: ExogenousColumn['kind']): number {
  let missing = 0;
  let before = -1;
  for (let k = 0; k <= values.length; k++) {
    if (k < values.length && Number.isNaN(values[k]!)) {
      missing++;
      continue;
    }
    fillBetween(values, before, k, kind);
    before = k;
  }
  return missing;
}

/** Fills what lies strictly between two places, of which the first may be -1 and the second the length. */
function fillBetween(
  values: Float64Array,
  from: number,
  to: number,
  kind: ExogenousColumn['kind'],
): void {
  const left = from >= 0 ? values[from]! : values[to];
  const right = to < values.length ? values[to]! : left;
  if (left === undefined || right === undefined) return;
  for (let k = from + 1; k < to; k++) {
    const weight = (k - from) / (to - from);
    values[k] = kind === 'number' ? (1 - weight) * left + weight * right : left;
  }
}

function checkAhead(
  column: ExogenousColumn,
  { id, grid }: ExogenousSeries,
  ahead: Float64Array,
  frequency: Frequency,
): void {
  const step = ahead.findIndex(Number.isNaN);
  if (step < 0) return;
  const time = futureTimes(grid.at(-1)!, frequency, step + 1)[step]!;
  fail('FUTURE_MISSING', {
    column: shownCell(column.source),
    series: shownCell(id),
    time: formatTime(time, frequency),
    horizon: ahead.length,
  });
}
