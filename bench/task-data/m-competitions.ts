/** Series of the M1 and tourism competitions, which come one a line with their test parts behind a bar, and of M4. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { parseFrequency } from '../../series/frequency.ts';
import { seriesValues } from '../../series/panel.ts';
import { assert } from '../../state/errors.ts';
import { readSet, readSubmission, type SetName } from '../m4-data.ts';
import { startBefore, type WholeSeries } from './task.ts';

/** Months in one step. */
const monthsOf = { YEARLY: 12, QUARTERLY: 3, MONTHLY: 1 } as const;
/** How the files name a frequency. */
export type Period = keyof typeof monthsOf;

/**
 * The series of one period in a file of `id,type,period,n,h,start,x...|xx...`; `start` is the year and, behind a point, the
 * month or quarter.
 */
export function readRagged(path: string, period: Period): WholeSeries[] {
  const lines = gunzipSync(readFileSync(path)).toString('utf8').trim().split('\n').slice(1);
  const series: WholeSeries[] = [];
  for (const line of lines) {
    const [id, , own, count, horizon, start, ...cells] = line.replace('|', ',').split(',');
    if (own !== period) continue;
    const values = Float64Array.from(cells, Number);
    assert(values.length === Number(count) + Number(horizon), `${id} has all its values`);
    assert(values.every(Number.isFinite), `${id} has no missing value`);
    const [year, part] = start!.split('.');
    const month = period === 'YEARLY' ? 0 : (Number(part) - 1) * monthsOf[period];
    series.push({ id: id!, values, start: Date.UTC(Number(year), month) });
  }
  return series;
}

/** The files have no dates: all series end at the same time. */
const lastTraining = Date.UTC(2018, 0, 1);

/** One set of M4 with the organisers' Naive2; the dates are made up, as the files have none. */
export function readM4(
  folder: string,
  name: SetName,
): { series: WholeSeries[]; naive2: Float64Array } {
  const set = readSet(folder, name);
  const frequency = parseFrequency(set.frequency);
  const series = set.panel.ids.map((id, i): WholeSeries => {
    const training = seriesValues(set.panel, i);
    const values = new Float64Array(training.length + set.horizon);
    values.set(training);
    values.set(set.test.subarray(i * set.horizon, (i + 1) * set.horizon), training.length);
    return { id, values, start: startBefore(lastTraining, frequency, training.length) };
  });
  const naive2 = readSubmission(join(folder, 'reference', 'submission-Naive2.zip'), set);
  return { series, naive2 };
}
