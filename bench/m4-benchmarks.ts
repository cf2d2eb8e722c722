/**
 * The yardsticks of the M4 competition, three times: as published, scored from the organisers' own forecasts, and made by
 * our models. Where all agree, the measures and the yardsticks are the competition's.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { models } from '../models/index.ts';
import { seriesValues } from '../series/panel.ts';
import { deseasonalise, naive2Forecast, reseasonalise } from '../series/seasonal-adjustment.ts';
import { assert } from '../state/errors.ts';
import {
  type M4Set,
  readSet,
  readSubmission,
  repeatLast,
  type Scores,
  scoreForecasts,
  type SetName,
  setDefinitions,
} from './m4-data.ts';
import { createOptions } from './options.ts';
import { type Cells, printTable } from './print-table.ts';

/** sMAPE and MASE of each method on each set, from the organisers' sheet of scores. */
export function readScoreSheet(folder: string): Map<string, Map<SetName, Scores>> {
  const path = join(folder, 'reference', 'eval_Point_Forecasts-Frequency.csv.gz');
  const [, names, ...rows] = gunzipSync(readFileSync(path))
    .toString('utf8')
    .trim()
    .split('\n')
    .map((line) => line.trim().split(','));
  // Columns of the sheet: the method, then seven for each measure, sMAPE before MASE.
  const width = 7;
  const sets = Object.keys(setDefinitions) as SetName[];
  const scoresOf = (row: readonly string[], set: SetName): Scores => {
    const column = names!.indexOf(set);
    return { smape: Number(row[column]), mase: Number(row[column + width]) };
  };
  return new Map(
    rows.map(([method, ...cells]) => [
      method!,
      new Map(sets.map((set) => [set, scoresOf([method!, ...cells], set)])),
    ]),
  );
}

/** Forecasts of each series, [series * horizon]. */
function forecastEach(
  { panel, horizon }: M4Set,
  forecast: (history: Float64Array) => Float64Array,
): Float64Array {
  const forecasts = new Float64Array(panel.ids.length * horizon);
  for (const i of panel.ids.keys()) forecasts.set(forecast(seriesValues(panel, i)), i * horizon);
  return forecasts;
}

/** Forecasts by our local model of that name on series without their season, as the organisers made theirs. */
function adjustedForecasts(set: M4Set, name: string): Float64Array | undefined {
  const model = models.find((each) => each.name === name);
  if (model === undefined) return undefined;
  assert(model.family === 'statistical', `${name} is a local model`);
  const { season, horizon } = set;
  const hyperparameters = model.hyperparameters.parse({});
  return forecastEach(set, (history) => {
    const adjustment = deseasonalise(history, season);
    const { mean } = model.fit(adjustment.adjusted, { horizon, season: 1 }, hyperparameters);
    return reseasonalise(mean, adjustment, history.length);
  });
}

/** What makes each yardstick here; undefined where the model is not there. */
const makers: Readonly<Record<string, (set: M4Set) => Float64Array | undefined>> = {
  Naive: (set) => repeatLast(set, 1, 0),
  sNaive: (set) => repeatLast(set, set.season, 0),
  Naive2: (set) => forecastEach(set, (history) => naive2Forecast(history, set.season, set.horizon)),
  SES: (set) => adjustedForecasts(set, 'ses'),
  Holt: (set) => adjustedForecasts(set, 'holt'),
  Damped: (set) => adjustedForecasts(set, 'damped-trend'),
  Theta: (set) => adjustedForecasts(set, 'theta'),
};

/** One yardstick on one set; null where there is no file or no model. */
export interface Yardstick {
  readonly set: SetName;
  readonly method: string;
  readonly published: Scores;
  readonly submitted: Scores | null;
  readonly ours: Scores | null;
}

/** The yardsticks `methods` of a set, in their order. */
export function measureYardsticks(
  folder: string,
  name: SetName,
  methods: readonly string[] = Object.keys(makers),
): Yardstick[] {
  const set = readSet(folder, name);
  const sheet = readScoreSheet(folder);
  return methods.map((method) => {
    const file = join(folder, 'reference', `submission-${method}.zip`);
    const submitted = existsSync(file) ? readSubmission(file, set) : undefined;
    const ours = makers[method]!(set);
    const score = (forecasts: Float64Array | undefined): Scores | null =>
      forecasts === undefined ? null : scoreForecasts(set, forecasts, 0);
    const published = sheet.get(method)!.get(name)!;
    return { set: name, method, published, submitted: score(submitted), ours: score(ours) };
  });
}

const pair = (scores: Scores | null): string =>
  scores === null ? '' : `${scores.smape.toFixed(3)} / ${scores.mase.toFixed(3)}`;

/** Prints sMAPE / MASE of all yardsticks; `--set Hourly` takes one set, `--data FOLDER` has the sets. */
export function main(args: readonly string[] = process.argv.slice(3)): void {
  const options = createOptions(args);
  const folder = join(options.data, 'm4');
  for (const set of options.list('--set', Object.keys(setDefinitions)) as SetName[]) {
    console.log(`\n${set}: sMAPE / MASE`);
    const rows = measureYardsticks(folder, set).map(
      ({ method, published, submitted, ours }): readonly [string, Cells] => [
        method,
        { published: pair(published), "organisers' forecasts": pair(submitted), ours: pair(ours) },
      ],
    );
    printTable(rows);
  }
}
