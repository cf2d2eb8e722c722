/** Table files: the fits of a table forecaster as ONNX, with rows of the data to check them on; synchronous, for a worker. */
import type { TabularModel } from '../../models/model.ts';
import {
  buildFeatureTable,
  forecastsOf,
  type RowSet,
} from '../../series/features/feature-table.ts';
import { type Panel, seriesLength } from '../../series/panel.ts';
import type { Table } from '../../series/table.ts';
import { decodeForecaster, type StoredBlock, type StoredForecaster } from './container.ts';

/** One fit as a file, and what it must predict. */
export interface TableFile extends Pick<StoredBlock, 'from' | 'to' | 'least' | 'most'> {
  /** Input `features` [rows, columns] float32, NaN where missing; output `prediction` [rows, 1]. */
  readonly onnx: Uint8Array;
  /** In the order of the input; how many codes a categorical one has. */
  readonly columns: readonly { readonly name: string; readonly categories?: number }[];
  readonly rows: number;
  /** [rows * columns]: features at the ends of series. */
  readonly features: Float32Array;
  /** [rows]: what the fit predicts for them. */
  readonly expected: Float32Array;
  /** The first row from end to end. */
  readonly example: TableExample;
}

/** One row: what is known of it, what is predicted, and how that becomes a forecast. */
export interface TableExample {
  readonly series: string;
  /** Observations of the series that it looks back at, and how many steps behind the last of them its target lies. */
  readonly origin: number;
  readonly step: number;
  /** Null where missing. */
  readonly features: Readonly<Record<string, number | null>>;
  readonly baseline: number;
  readonly scale: number;
  readonly logarithm: boolean;
  /** In normalised units, before the bounds. */
  readonly prediction: number;
  /** In units of the panel. */
  readonly forecast: number;
}

/** All fits of a forecaster, and what it was made with. */
export interface TableFiles
  extends Pick<StoredForecaster, 'model' | 'hyperparameters' | 'settings' | 'horizon'> {
  readonly files: readonly TableFile[];
  /** Labels of the codes 1, 2, ... of categorical columns of the data; 0 is any other. */
  readonly labels: Readonly<Record<string, readonly string[]>>;
}

/** Rows that a file is checked on, as far as one series has no more. */
const checkedRows = 256;

/** The fits that `bytes` hold; the check rows are forecasts of `panel` from the end of its series. */
export function filesOfTabular(
  findModel: (name: string) => TabularModel,
  bytes: Uint8Array,
  panel: Panel,
): TableFiles {
  const { model, hyperparameters, settings, horizon, blocks } = decodeForecaster(bytes);
  const { categories } = blocks[0]!.plan.exogenous;
  return {
    model,
    hyperparameters,
    settings,
    horizon,
    files: blocks.map((block) => fileOf(findModel(model), block, panel)),
    labels: Object.fromEntries(categories.map(({ name, labels }) => [name, labels])),
  };
}

function fileOf(model: TabularModel, block: StoredBlock, panel: Panel): TableFile {
  const { from, to, plan, least, most } = block;
  const fit = model.load(block.fit);
  const rows = rowsAtEnds(panel, from, to);
  const built = buildFeatureTable({ panel }, plan, rows);
  const table = inSinglePrecision(built.table);
  const predictions = fit.predict(table);
  const bounded = predictions.map((value) => Math.min(Math.max(value, least), most));
  return {
    from,
    to,
    least,
    most,
    onnx: fit.toOnnx(),
    columns: table.columns.map(({ name, categories }) => ({
      name,
      ...(categories !== undefined && { categories }),
    })),
    rows: table.rows,
    features: rowByRow(table),
    expected: Float32Array.from(predictions),
    example: {
      series: panel.ids[rows.series[0]!]!,
      origin: rows.origins[0]!,
      step: rows.steps[0]!,
      features: Object.fromEntries(
        table.columns.map(({ name, values: [value] }) => [
          name,
          Number.isNaN(value) ? null : value!,
        ]),
      ),
      baseline: built.baseline[0]!,
      scale: built.scale[0]!,
      logarithm: built.logarithmic[0] === 1,
      prediction: predictions[0]!,
      forecast: forecastsOf(bounded, built)[0]!,
    },
  };
}

/** Forecasts of steps `from` to `to` from the end of some series, as many as are to be checked. */
function rowsAtEnds(panel: Panel, from: number, to: number): RowSet {
  const width = to - from + 1;
  const most = Math.max(1, Math.floor(checkedRows / width));
  const places = evenlySpaced(placesToCheck(panel), most);
  const placeOf = (r: number): number => places[Math.floor(r / width)]!;
  const count = places.length * width;
  return {
    series: Uint32Array.from({ length: count }, (_, r) => placeOf(r)),
    origins: Int32Array.from({ length: count }, (_, r) => seriesLength(panel, placeOf(r))),
    steps: Int32Array.from({ length: count }, (_, r) => from + (r % width)),
  };
}

/** The table as a file of float32 sees it. */
function inSinglePrecision({ rows, columns }: Table): Table {
  return {
    rows,
    columns: columns.map((column) => ({ ...column, values: column.values.map(Math.fround) })),
  };
}

function rowByRow({ rows, columns }: Table): Float32Array {
  const features = new Float32Array(rows * columns.length);
  for (const [j, { values }] of columns.entries()) {
    for (let r = 0; r < rows; r++) features[r * columns.length + j] = values[r]!;
  }
  return features;
}

/** The series of `panel` that are needed to check any file: some that have observations. */
export function placesToCheck(panel: Panel): number[] {
  const places = panel.ids.map((_, i) => i).filter((i) => seriesLength(panel, i) > 0);
  return evenlySpaced(places, checkedRows);
}

function evenlySpaced(places: readonly number[], most: number): number[] {
  const count = Math.min(most, places.length);
  return Array.from({ length: count }, (_, k) => places[Math.floor((k * places.length) / count)]!);
}
