/** Table model export: the fits of a table forecaster as ONNX files, and a description of the rows that they take. */
import { basename } from 'node:path';
import type { Candidate } from '../../state/run-state.ts';
import { writeFileAtomic } from '../artifacts/atomic-file.ts';
import type { TableFile, TableFiles } from '../tabular/table-files.ts';
import { exportedFile, exportOnnx } from './onnx-export.ts';

/** A table forecaster, and where its files go. */
export interface TableModelExport {
  readonly made: TableFiles;
  readonly candidate: Pick<Candidate, 'name' | 'version' | 'recipe' | 'season'>;
  /** Sampling frequency of the series. */
  readonly frequency: string;
  readonly folder: string;
}

/** The fits compute in float64; sums of many terms in float32 differ by more than a network's. */
const allowed = 1e-4;

/** For whoever builds the rows. */
const usage = [
  'Input "features": float32 [rows, columns], the columns in the order given, NaN where a value is missing, categories as codes.',
  'Output "prediction": float32 [rows, 1], to be held within least and most.',
  'Forecast: baseline + scale * prediction; its exponential where logarithm is true. Baseline and scale follow from the settings, by what is known at the origin.',
  'Fits serve the steps from first to last behind the origin; with the strategy "recursive" one fit of one step is fed its own forecasts.',
  'Recipe: how the series was treated before: "log" takes logarithms, "seasonal-difference" the change from the season before.',
];

/**
 * Writes `<name>.onnx`, or `<name>-block-1.onnx` and so on, each checked, and `<name>.json` with the columns. Errors as
 * `exportOnnx`.
 */
export async function exportTableModel({
  made,
  candidate,
  frequency,
  folder,
}: TableModelExport): Promise<{
  files: { name: string; bytes: Uint8Array }[];
  difference: number;
}> {
  const { name, version, recipe, season } = candidate;
  const written: { name: string; bytes: Uint8Array }[] = [];
  const fits: object[] = [];
  let greatest = 0;
  for (const [k, file] of made.files.entries()) {
    const ending = made.files.length === 1 ? '.onnx' : `-block-${k + 1}.onnx`;
    const path = exportedFile(folder, name, ending);
    const { difference } = await exportOnnx({ ...checkOf(file), path });
    greatest = Math.max(greatest, difference);
    written.push({ name: basename(path), bytes: file.onnx });
    fits.push(describeFile(basename(path), file, difference));
  }
  const { model, hyperparameters, settings, horizon, labels } = made;
  const description = {
    model,
    version: `${version.model}@${version.version}`,
    usage,
    horizon,
    frequency,
    season,
    recipe,
    settings,
    hyperparameters,
    labels,
    fits,
  };
  const path = exportedFile(folder, name, '.json');
  const bytes = new TextEncoder().encode(`${JSON.stringify(description, null, 2)}\n`);
  await writeFileAtomic(path, bytes);
  written.push({ name: basename(path), bytes });
  return { files: written, difference: greatest };
}

function checkOf({ onnx, features, rows, columns, expected }: TableFile) {
  const feeds = { features: { data: features, shape: [rows, columns.length] } };
  return { onnx, feeds, output: 'prediction', expected, allowed };
}

function describeFile(
  file: string,
  { from, to, least, most, columns, rows, example }: TableFile,
  difference: number,
) {
  const checked = { rows, largestDifference: difference };
  return { file, first: from, last: to, least, most, columns, checked, example };
}
