/** Series that come as tables: retail sales, share prices, and two sets of energy with columns that are known ahead. */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { Frequency } from '../../series/frequency.ts';
import { assert } from '../../state/errors.ts';
import { startBefore, type WholeSeries } from './task.ts';

/** Rows of cells, the header first; no cell of these files holds a comma. */
function readRows(path: string): string[][] {
  const text = gunzipSync(readFileSync(path)).toString('utf8').replaceAll('"', '').trim();
  return text.split('\n').map((line) => line.trimEnd().split(','));
}

/** Rows by the identifier in `column`, in the order of the file. */
function byIdentifier(rows: readonly string[][], column: number): Map<string, string[][]> {
  const groups = new Map<string, string[][]>();
  for (const row of rows) {
    const group = groups.get(row[column]!);
    if (group === undefined) groups.set(row[column]!, [row]);
    else group.push(row);
  }
  return groups;
}

const numbersOf = (rows: readonly string[][], column: number): Float64Array =>
  Float64Array.from(rows, (row) => Number(row[column]));

/** Checks that the rows' times follow each other without a gap. */
function checkTimes(times: Float64Array, stepMs: number, id: string): void {
  for (let k = 1; k < times.length; k++) {
    assert(stepMs === times[k]! - times[k - 1]!, `${id} has no gap before row ${k}`);
  }
}

/** Daily sales of items, one a line; the days before an item's first sale are empty and left out. */
export function readM5(path: string): WholeSeries[] {
  const [header, ...rows] = readRows(path);
  const firstDay = Date.parse(header![1]!);
  const dayMs = 86_400_000;
  return rows.map(([id, ...cells]): WholeSeries => {
    const lead = cells.findIndex((cell) => cell !== '');
    const values = Float64Array.from(cells.slice(lead), Number);
    assert(!cells.slice(lead).includes(''), `${id} has no gap`);
    return { id: id!, values, start: firstDay + lead * dayMs };
  });
}

/**
 * Adjusted closing prices, one series a symbol. Holidays are left out of the file; the days are counted on a calendar of
 * business days without holidays that ends with the last real day, so that a step is a day of trading.
 */
export function readSharePrices(path: string, frequency: Frequency): WholeSeries[] {
  const [header, ...rows] = readRows(path);
  const price = header!.indexOf('adjusted_close');
  return [...byIdentifier(rows, header!.indexOf('symbol'))].map(([id, own]): WholeSeries => {
    const last = Date.parse(own.at(-1)![header!.indexOf('date')]!);
    const values = numbersOf(own, price);
    return { id, values, start: startBefore(last, frequency, values.length) };
  });
}

/**
 * Half-hourly electricity demand of Victoria with temperature and public holidays. The file's clock goes to summer time and
 * back; the rows are half an hour apart all the same, and are counted from the first.
 */
export function readVictoria(path: string): WholeSeries[] {
  const [header, ...rows] = readRows(path);
  const column = (name: string): number => header!.indexOf(name);
  const start = Date.parse(`${rows[0]![column('Time')]!.replace(' ', 'T')}Z`);
  const holiday = Float64Array.from(rows, (row) => (row[column('Holiday')] === 'TRUE' ? 1 : 0));
  return [
    {
      id: 'Victoria',
      values: numbersOf(rows, column('Demand')),
      start,
      future: { temperature: numbersOf(rows, column('Temperature')), holiday },
    },
  ];
}

/** Hourly day-ahead prices of four markets with two forecasts that are published before the auction. */
export function readPrices(path: string): WholeSeries[] {
  const [header, ...rows] = readRows(path);
  const column = (name: string): number => header!.indexOf(name);
  return [...byIdentifier(rows, column('unique_id'))].map(([id, own]): WholeSeries => {
    const times = Float64Array.from(own, (row) =>
      Date.parse(`${row[column('ds')]!.replace(' ', 'T')}Z`),
    );
    checkTimes(times, 3_600_000, id);
    return {
      id,
      values: numbersOf(own, column('y')),
      start: times[0]!,
      future: {
        exogenous1: numbersOf(own, column('Exogenous1')),
        exogenous2: numbersOf(own, column('Exogenous2')),
      },
    };
  });
}
