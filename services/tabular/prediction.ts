/** Prediction: forecasts of a panel by a trained table forecaster, in chunks of series; synchronous, for a worker. */
import type { TabularFit, TabularModel } from '../../models/model.ts';
import { absentColumns } from '../../series/features/exogenous-features.ts';
import {
  buildFeatureTable,
  forecastsOf,
  type HistorySource,
  type RowSet,
} from '../../series/features/feature-table.ts';
import { type Panel, seriesLength, seriesValues } from '../../series/panel.ts';
import { assert, fail } from '../../state/errors.ts';
import { decodeForecaster, type StoredBlock } from './container.ts';

/** Bound on the rows of one table. */
const mostRows = 2 ** 16;

/** A fit that is ready to predict. */
type LoadedBlock = StoredBlock & { readonly loaded: TabularFit };

/**
 * Forecasts [series * horizon] of `panel` in its own units; the history of series i ends before position `origins[i]`. NaN
 * where an origin is below 1, or nothing was observed before it.
 * @throws EXOGENOUS_ABSENT and FUTURE_UNKNOWN for columns that the forecaster was trained with; MODEL_UNKNOWN.
 */
export function forecastTabular(
  findModel: (name: string) => TabularModel,
  bytes: Uint8Array,
  panel: Panel,
  origins: Int32Array,
): Float64Array {
  const { model: name, settings, horizon, blocks } = decodeForecaster(bytes);
  const model = findModel(name);
  const loaded = blocks.map((block) => ({ ...block, loaded: model.load(block.fit) }));
  const places = panel.ids.map((_, i) => i).filter((i) => origins[i]! >= 1);
  assert(
    places.every((i) => origins[i]! <= seriesLength(panel, i)),
    'a history ends no later than its series',
  );
  checkColumns(loaded[0]!, panel, places, origins, horizon);
  const result = new Float64Array(panel.ids.length * horizon).fill(Number.NaN);
  const recursive = settings.strategy === 'recursive';
  const size = Math.max(1, Math.floor(mostRows / (recursive ? 1 : horizon)));
  for (let k = 0; k < places.length; k += size) {
    const some = places.slice(k, k + size);
    if (recursive) forecastRecursively(loaded[0]!, panel, some, origins, horizon, result);
    else for (const block of loaded) forecastBlock(block, panel, some, origins, horizon, result);
  }
  return result;
}

/** All steps of a block at once, from what is known at the origins. */
function forecastBlock(
  block: LoadedBlock,
  panel: Panel,
  places: readonly number[],
  origins: Int32Array,
  horizon: number,
  result: Float64Array,
): void {
  const width = block.to - block.from + 1;
  const rows: RowSet = {
    series: Uint32Array.from(
      { length: places.length * width },
      (_, r) => places[Math.floor(r / width)]!,
    ),
    origins: Int32Array.from(
      { length: places.length * width },
      (_, r) => origins[places[Math.floor(r / width)]!]!,
    ),
    steps: Int32Array.from({ length: places.length * width }, (_, r) => block.from + (r % width)),
  };
  const forecasts = predictRows(block, { panel }, rows);
  for (let r = 0; r < forecasts.length; r++) {
    result[rows.series[r]! * horizon + rows.steps[r]! - 1] = forecasts[r]!;
  }
}

/** One step of all series at a time, each forecast taken for the value that the next step looks back at. */
function forecastRecursively(
  block: LoadedBlock,
  panel: Panel,
  places: readonly number[],
  origins: Int32Array,
  horizon: number,
  result: Float64Array,
): void {
  const histories = new Map(
    places.map((i) => {
      const history = new Float64Array(origins[i]! + horizon).fill(Number.NaN);
      history.set(seriesValues(panel, i).subarray(0, origins[i]));
      return [i, history] as const;
    }),
  );
  const source: HistorySource = {
    panel,
    valuesOf: (series) => histories.get(series)!,
    observedOf: (series) => origins[series]!,
  };
  const series = Uint32Array.from(places);
  const steps = new Int32Array(places.length).fill(1);
  for (let step = 0; step < horizon; step++) {
    const rows = { series, origins: Int32Array.from(places, (i) => origins[i]! + step), steps };
    const forecasts = predictRows(block, source, rows);
    for (const [r, i] of places.entries()) {
      histories.get(i)![origins[i]! + step] = forecasts[r]!;
      result[i * horizon + step] = forecasts[r]!;
    }
  }
}

function predictRows(block: LoadedBlock, source: HistorySource, rows: RowSet): Float64Array {
  const features = buildFeatureTable(source, block.plan, rows);
  const predictions = block.loaded.predict(features.table);
  const within = predictions.map((value) => {
    // Parts of a sum that overflow to either side leave nothing to go by but the baseline.
    const prediction = Number.isNaN(value) ? 0 : value;
    return Math.min(Math.max(prediction, block.least), block.most);
  });
  return forecastsOf(within, features);
}

/** Future columns must be known for every step that is forecast. */
function checkColumns(
  { plan }: StoredBlock,
  panel: Panel,
  places: readonly number[],
  origins: Int32Array,
  horizon: number,
): void {
  const columns = absentColumns(plan.exogenous, panel);
  if (columns.length > 0) fail('EXOGENOUS_ABSENT', { columns });
  const [column] = plan.exogenous.future;
  if (column === undefined) return;
  const got = panel.exogenous?.stepsAhead ?? 0;
  for (const i of places) {
    const needed = origins[i]! + horizon - seriesLength(panel, i);
    if (needed > got) fail('FUTURE_UNKNOWN', { column, needed, got });
  }
}
