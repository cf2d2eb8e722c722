/** Reads the series of a file as they stand in it: nothing sorted, filled or dropped but rows that name no series or time. */
import { fail } from '../../state/errors.ts';
import { quoteText, readText, streamDoubles } from './duckdb.ts';
import { readExogenous, type ExogenousColumn } from './exogenous-cells.ts';
import { checkTimes, readIds, readKeys, readPlacesAndTimes } from './keys.ts';
import type { Layout } from './layout.ts';
import type { ExogenousSource } from './named-exogenous.ts';
import {
  checkCells,
  checkRowCount,
  collectColumns,
  readNumbers,
  streamNumbers,
} from './number-columns.ts';
import { shownCell } from './cell-text.ts';
import type { OpenFile } from './open-file.ts';
import type { RepairLog } from './repair-log.ts';
import type { SourceColumn } from './source.ts';
import { isUnreadable, readTimeColumn, type TimeReading } from './time-column.ts';

/** Times and values of one series, of one length. */
export interface Observations {
  readonly time: Float64Array;
  readonly values: Float64Array;
}

/** A series with its cells of the exogenous columns, in their order, of the same length. */
export interface RawObservations extends Observations {
  readonly exogenous: readonly Float64Array[];
}

/** Series as read: times may be unsorted, doubled or have gaps, values may be NaN or infinite. */
export interface RawSeries {
  readonly ids: readonly string[];
  observations(i: number): RawObservations;
  readonly meaning: TimeReading['meaning'];
  readonly exogenous: readonly ExogenousColumn[];
}

type LayoutOf<K extends Layout['kind']> = Extract<Layout, { kind: K }>;

/** Fails with INPUT_EMPTY, INPUT_UNREADABLE, TIME_UNREADABLE, TARGET_NOT_NUMERIC, NO_USABLE_SERIES or EXOGENOUS_UNREADABLE. */
export function readSeries(
  file: OpenFile,
  layout: Layout,
  exogenous: readonly ExogenousSource[],
): Promise<RawSeries> {
  if (layout.kind === 'long') return readLong(file, layout, exogenous);
  return layout.kind === 'wide' ? readWide(file, layout) : readRows(file, layout);
}

async function readLong(
  file: OpenFile,
  layout: LayoutOf<'long'>,
  sources: readonly ExogenousSource[],
): Promise<RawSeries> {
  const { ids, time, target } = layout;
  const rows = await readKeys(file, ids, time);
  const names = ids.length > 0 ? await readIds(file) : [target.name];
  const read = await readPlacesAndTimes(file, rows, time, ids.length > 0);
  const { times, meaning } = read;
  const [values] = await readNumbers(file, rows, [target]);
  await checkTimes(file, time, read, (row) => Number.isNaN(values![row]!));
  const cells = await readExogenous(file, rows, sources);
  const columns = [times, values!, ...cells.map((column) => column.values)];
  const rowsOf = groupBySeries(names.length, read, columns, file.log);
  return {
    ids: names,
    meaning,
    exogenous: cells,
    observations(i) {
      const [time, values, ...exogenous] = rowsOf(i);
      return { time: time!, values: values!, exogenous };
    },
  };
}

/**
 * Sorts the rows of `columns`, of which the first are the times, by series, keeping their order within a series: views if
 * they are grouped already, else one copy.
 */
function groupBySeries(
  count: number,
  { places, times, margins }: Awaited<ReturnType<typeof readPlacesAndTimes>>,
  columns: readonly Float64Array[],
  log: RepairLog,
): (series: number) => Float64Array[] {
  const offsets = new Float64Array(count + 1);
  let withoutId = 0;
  let withoutTime = -margins.size;
  let isGrouped = true;
  for (let row = 0; row < places.length; row++) {
    if (Number.isNaN(times[row]!)) withoutTime++;
    else if (places[row]! < 0) withoutId++;
    else offsets[places[row]! + 1]! += 1;
    if (row > 0 && places[row]! < places[row - 1]!) isGrouped = false;
  }
  if (withoutTime > 0) log.note('rows-without-time', '', withoutTime);
  if (withoutId > 0) log.note('rows-without-id', '', withoutId);
  for (let i = 0; i < count; i++) offsets[i + 1]! += offsets[i]!;
  let grouped = columns;
  if (!isGrouped || withoutId + withoutTime + margins.size > 0) {
    const next = offsets.slice();
    grouped = columns.map(() => new Float64Array(offsets[count]!));
    for (let row = 0; row < places.length; row++) {
      if (places[row]! < 0 || Number.isNaN(times[row]!)) continue;
      const at = next[places[row]!]!++;
      for (let c = 0; c < columns.length; c++) grouped[c]![at] = columns[c]![row]!;
    }
  }
  return (i) => grouped.map((column) => column.subarray(offsets[i], offsets[i + 1]));
}

async function readWide(file: OpenFile, layout: LayoutOf<'wide'>): Promise<RawSeries> {
  const { time, targets } = layout;
  const rows = await readKeys(file, [], time);
  const read = await readPlacesAndTimes(file, rows, time, false);
  const { times, meaning, margins } = read;
  const values = await readNumbers(file, rows, targets);
  await checkTimes(file, time, read, (row) => values.every((column) => Number.isNaN(column[row]!)));
  const kept = times.filter((at) => !Number.isNaN(at));
  const keep = (column: Float64Array): Float64Array =>
    kept.length === rows ? column : column.filter((_, row) => !Number.isNaN(times[row]!));
  const without = rows - kept.length - margins.size;
  if (without > 0) file.log.note('rows-without-time', '', without);
  return {
    ids: targets.map(({ name }) => name),
    meaning,
    exogenous: [],
    observations: (i) => ({ time: kept, values: keep(values[i]!), exogenous: [] }),
  };
}

async function readRows(file: OpenFile, layout: LayoutOf<'rows'>): Promise<RawSeries> {
  const { ids, points, times } = layout;
  const rows = await readKeys(file, ids, undefined);
  const names = await readIds(file);
  const cells = (await readText(file.connection, 'SELECT id FROM keys ORDER BY rowid')).map(
    ([id]) => id!,
  );
  checkDistinct(file, cells);
  const named = cells.flatMap((id, row) => (id === null ? [] : [row]));
  if (named.length < rows) file.log.note('rows-without-id', '', rows - named.length);
  const { at, meaning } = await readPoints(file, points, times);
  const values = await readRowValues(file, rows, points, meaning === 'positions');
  return {
    ids: names,
    meaning,
    exogenous: [],
    observations: (i) => {
      const own = values[named[i]!]!;
      const time = own.length === at.length ? at : at.subarray(0, own.length);
      return { time, values: own, exogenous: [] };
    },
  };
}

function checkDistinct({ path }: OpenFile, ids: readonly (string | null)[]): void {
  const seen = new Set<string>();
  for (const id of ids) {
    if (id === null) continue;
    const problem = `two rows are called "${shownCell(id)}", and each row is a series; name another id column`;
    if (seen.has(id)) fail('INPUT_UNREADABLE', { path, problem });
    seen.add(id);
  }
}

/** The points in time that the header names; positions count from 0. */
async function readPoints(
  { connection, path }: OpenFile,
  points: readonly SourceColumn[],
  texts: readonly string[],
): Promise<{ at: Float64Array; meaning: TimeReading['meaning'] }> {
  const list = texts.map((text) => `(${quoteText(text)})`).join(', ');
  await connection.run(`CREATE TABLE points AS SELECT * FROM (VALUES ${list}) AS named(t)`);
  const { sql, meaning } = await readTimeColumn(connection, 'points', points[0]!.name);
  const [at] = await collectColumns(path, points.length, 1, (begin) =>
    streamDoubles(connection, `SELECT ${sql} FROM points`, 1, begin()),
  );
  const bad = at!.findIndex((time) => Number.isNaN(time) || isUnreadable(time, meaning));
  if (bad >= 0)
    fail('TIME_UNREADABLE', { column: points[bad]!.name, value: shownCell(texts[bad]!) });
  return { at: meaning === 'positions' ? at!.map((position) => position - at![0]!) : at!, meaning };
}

/** One array per row; with `isPadded` what is missing at its end only fills up a shorter row and is left off. */
async function readRowValues(
  file: OpenFile,
  rows: number,
  points: readonly SourceColumn[],
  isPadded: boolean,
): Promise<Float64Array[]> {
  let values: Float64Array[] = [];
  const infinite = new Set<number>();
  await streamNumbers(file, rows, points, () => {
    values = [];
    infinite.clear();
    return (columns) => {
      for (let row = 0; row < columns[0]!.length; row++) {
        const length = isPadded ? presentLength(columns, row) : columns.length;
        const own = new Float64Array(length);
        for (let c = 0; c < length; c++) {
          own[c] = columns[c]![row]!;
          if (own[c] === Infinity) infinite.add(c);
        }
        values.push(own);
      }
    };
  });
  checkRowCount(file.path, values.length, rows);
  for (const c of [...infinite].sort((a, b) => a - b)) await checkCells(file, points[c]!);
  return values;
}

/** How many of the row's cells there are up to the last one that is present. */
function presentLength(columns: readonly Float64Array[], row: number): number {
  let length = columns.length;
  while (length > 0 && Number.isNaN(columns[length - 1]![row]!)) length--;
  return length;
}
