/** Series of the Monash forecasting archive in its `.tsf` files (Godahewa et al. 2021, "Monash Time Series Forecasting Archive"). */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { assert } from '../../state/errors.ts';
import type { WholeSeries } from './task.ts';

/** All series of a file whose lines are `name:start:values`; the times are as in the file. */
export function readTsf(path: string): WholeSeries[] {
  // Some headers are in Latin-1.
  const lines = gunzipSync(readFileSync(path)).toString('latin1').trim().split('\n');
  const begin = lines.findIndex((line) => line.startsWith('@data')) + 1;
  assert(begin > 0, `${path} has data`);
  return lines.slice(begin).map((line): WholeSeries => {
    const [id, start, cells] = line.trim().split(':');
    const [date, clock] = start!.split(' ');
    const values = Float64Array.from(cells!.split(','), Number);
    assert(values.every(Number.isFinite), `${id} has no missing value`);
    return { id: id!, values, start: Date.parse(`${date}T${clock!.replaceAll('-', ':')}Z`) };
  });
}
