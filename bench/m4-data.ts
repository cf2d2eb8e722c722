/**
 * Series of the M4 competition and its official measures: sMAPE on 0-200, MASE, and OWA against the organisers' own Naive2
 * forecasts (Makridakis, Spiliotis, Assimakopoulos 2020, "The M4 Competition", International Journal of Forecasting 36).
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, inflateRawSync } from 'node:zlib';
import { mase, smape } from '../series/accuracy.ts';
import { parseFrequency } from '../series/frequency.ts';
import { createPanel, type Panel, seriesValues } from '../series/panel.ts';
import { assert } from '../state/errors.ts';

/** How the competition treats one frequency. */
interface SetDefinition {
  readonly horizon: number;
  /** Season of MASE and of the seasonal naive forecast. */
  readonly season: number;
  readonly frequency: string;
}

/** The sets that are forecast here. */
export const setDefinitions = {
  Hourly: { horizon: 48, season: 24, frequency: 'h' },
  Weekly: { horizon: 13, season: 1, frequency: 'W' },
  Yearly: { horizon: 6, season: 1, frequency: 'YS' },
} satisfies Record<string, SetDefinition>;
/** Name of a set. */
export type SetName = keyof typeof setDefinitions;

/** One frequency of the competition. */
export interface M4Set extends SetDefinition {
  readonly name: SetName;
  /** The training parts. */
  readonly panel: Panel;
  /** What followed them, [series * horizon]. */
  readonly test: Float64Array;
}

/** Averages over the series of a set. */
export interface Scores {
  readonly smape: number;
  readonly mase: number;
}

/**
 * Rows of `set` in one of the competition's CSV files, by identifier; empty cells at a row's end are left out. A header, whose
 * first cell is no identifier, is passed over.
 */
function parseRows(text: string, set: SetName): Map<string, Float64Array> {
  // Identifiers are the first letter of the set and a number.
  const identified = new RegExp(`^"?${set.charAt(0)}\\d`);
  const own = text
    .trim()
    .split('\n')
    .filter((line) => identified.test(line));
  return new Map(
    own.map((line) => {
      const [id, ...cells] = line.replaceAll('"', '').trim().split(',');
      const given = cells.filter((cell) => cell !== '' && cell !== 'NA');
      return [id!, Float64Array.from(given, Number)];
    }),
  );
}

/** Reads `<name>-train.csv.gz`, or `<name>-train.ragged.csv.gz` with rows of unequal lengths, and `<name>-test.csv.gz` of `folder`. */
export function readSet(folder: string, name: SetName): M4Set {
  const definition = setDefinitions[name];
  const read = (file: string): Map<string, Float64Array> =>
    parseRows(gunzipSync(readFileSync(join(folder, file))).toString('utf8'), name);
  const ragged = `${name}-train.ragged.csv.gz`;
  const training = read(existsSync(join(folder, ragged)) ? ragged : `${name}-train.csv.gz`);
  const after = read(`${name}-test.csv.gz`);
  const ids = [...training.keys()];
  const offsets = new Uint32Array(ids.length + 1);
  for (const [i, id] of ids.entries()) offsets[i + 1] = offsets[i]! + training.get(id)!.length;
  const y = new Float64Array(offsets[ids.length]!);
  const time = new Float64Array(y.length);
  const test = new Float64Array(ids.length * definition.horizon);
  for (const [i, id] of ids.entries()) {
    y.set(training.get(id)!, offsets[i]);
    for (let k = offsets[i]!; k < offsets[i + 1]!; k++) time[k] = k - offsets[i]!;
    const values = after.get(id);
    assert(values?.length === definition.horizon, `${id} has a test part`);
    test.set(values, i * definition.horizon);
  }
  // The files give no dates.
  const frequency = parseFrequency('index');
  return { name, ...definition, panel: createPanel({ ids, offsets, time, y, frequency }), test };
}

/** The forecasts of `set` [series * horizon] in one of the organisers' submissions, a ZIP file with one CSV file. */
export function readSubmission(path: string, { name, panel, horizon }: M4Set): Float64Array {
  const rows = parseRows(unzipOnly(readFileSync(path)).toString('utf8'), name);
  const forecasts = new Float64Array(panel.ids.length * horizon);
  for (const [i, id] of panel.ids.entries()) {
    const row = rows.get(id);
    assert(row?.length === horizon, `${id} is in ${path}`);
    forecasts.set(row, i * horizon);
  }
  return forecasts;
}

/** The one file of a ZIP archive (APPNOTE.TXT 6.3, 4.3.7: its local header), stored by DEFLATE. */
function unzipOnly(archive: Buffer): Buffer {
  assert(archive.readUInt32LE(0) === 0x04034b50, 'a ZIP archive begins with a local header');
  assert(archive.readUInt16LE(8) === 8, 'the file is deflated');
  const start = 30 + archive.readUInt16LE(26) + archive.readUInt16LE(28);
  return inflateRawSync(archive.subarray(start, start + archive.readUInt32LE(18)));
}

/**
 * Scores of `forecasts` [series * horizon] made `stepsFromEnd` steps before the end of the training parts; 0 asks how good they
 * are for the test parts. A series whose scale is undefined is left out of MASE.
 */
export function scoreForecasts(
  { panel, horizon, season, test }: M4Set,
  forecasts: Float64Array,
  stepsFromEnd: number,
): Scores {
  assert(stepsFromEnd === 0 || stepsFromEnd >= horizon, 'the target lies in one part');
  const sums = { smape: 0, mase: 0, scaled: 0 };
  for (const i of panel.ids.keys()) {
    const values = seriesValues(panel, i);
    const origin = values.length - stepsFromEnd;
    const history = values.subarray(0, origin);
    const actual =
      stepsFromEnd === 0
        ? test.subarray(i * horizon, (i + 1) * horizon)
        : values.subarray(origin, origin + horizon);
    const forecast = forecasts.subarray(i * horizon, (i + 1) * horizon);
    sums.smape += smape(actual, forecast);
    const scaled = mase(actual, forecast, history, season);
    assert(!forecast.some(Number.isNaN), `${panel.ids[i]} is forecast`);
    if (Number.isNaN(scaled)) continue;
    sums.mase += scaled;
    sums.scaled++;
  }
  return { smape: sums.smape / panel.ids.length, mase: sums.mase / sums.scaled };
}

/** Overall weighted average: mean of the two ratios to Naive2. */
export function owa(scores: Scores, naive2: Scores): number {
  return (scores.smape / naive2.smape + scores.mase / naive2.mase) / 2;
}

/** Repeats the last `period` values of each series before its last `stepsFromEnd`; the last one where it is shorter. */
export function repeatLast(
  { panel, horizon }: M4Set,
  period: number,
  stepsFromEnd: number,
): Float64Array {
  const forecasts = new Float64Array(panel.ids.length * horizon);
  for (const i of panel.ids.keys()) {
    const values = seriesValues(panel, i);
    const origin = values.length - stepsFromEnd;
    const season = origin < period ? 1 : period;
    for (let k = 0; k < horizon; k++) {
      forecasts[i * horizon + k] = values[origin - season + (k % season)]!;
    }
  }
  return forecasts;
}
