/** Delivery: everything that a run hands over, written into its output folder. */
import { createHash } from 'node:crypto';
import { basename, join } from 'node:path';
import { findModel } from '../../models/index.ts';
import type { LocalModel } from '../../models/model.ts';
import { formatFrequency } from '../../series/frequency.ts';
import { type Panel, seriesLength } from '../../series/panel.ts';
import { applyRecipe } from '../../series/recipe.ts';
import type { Decision } from '../../state/decision.ts';
import type { Emit } from '../../state/events.ts';
import type { Candidate, RunState } from '../../state/run-state.ts';
import type { Artifacts } from '../artifacts/artifacts.ts';
import { prepareFolder, writeFileAtomic } from '../artifacts/atomic-file.ts';
import { writeForecastTables } from '../export/forecast-tables.ts';
import { exportedFile, exportOnnx } from '../export/onnx-export.ts';
import { formatParameters } from '../export/parameter-table.ts';
import { exportTableModel } from '../export/table-model-export.ts';
import type { Inference } from '../inference/inference.ts';
import type { LocalForecasts } from '../local/local-forecasts.ts';
import type { RunRecord } from '../runs/runs.ts';
import type { Tabular } from '../tabular/tabular.ts';
import type { StoredForecast } from './forecaster.ts';
import { seasonsFor } from './local-seasons.ts';

type ExportedFile = NonNullable<RunState['exports']>['files'][number];

/** What the export agent hands over. */
export interface ArtifactDelivery {
  readonly folder: string;
  readonly table: StoredForecast;
  readonly panel: Panel;
  /** Trained models, which become files that forecast. */
  readonly trained: readonly Candidate[];
  /** Models fitted to each series, whose parameters become tables. */
  readonly fitted: readonly LocalModel[];
  readonly season: number;
  /** Seasons that the statistical models were told of, shortest first. */
  readonly seasons: readonly number[];
  readonly signal: AbortSignal;
  readonly emit: Emit;
}

/** What was handed over. */
export interface DeliveredArtifacts {
  readonly files: ExportedFile[];
  /** Between predictions of exported files and of the models in use, relative; null where none was exported. */
  readonly largestDifference: number | null;
  /** Models whose parameters were not written, as fitting them again to so many series would take long. */
  readonly withoutParameters: readonly string[];
}

/** What the end of a run is told with. */
export interface SummaryDelivery {
  readonly record: RunRecord;
  readonly state: RunState;
  readonly decisions: readonly Decision[];
  readonly forecast: StoredForecast;
  readonly panel: Panel;
}

/** Writes what a run hands over. */
export interface Delivery {
  /** Makes the folder, so that a run which could not be handed over ends before its work. Errors: STORE_FULL, STORE_UNWRITABLE. */
  prepare(folder: string): Promise<void>;
  /**
   * Writes the forecast tables, the verified models and the tables of parameters. Errors: EXPORT_MISMATCH; STORE_FULL,
   * STORE_UNWRITABLE; the signal's reason.
   */
  writeArtifacts(delivery: ArtifactDelivery): Promise<DeliveredArtifacts>;
  /** Writes report.html, decisions.jsonl and run.json; the run is over by then. */
  writeSummary(delivery: SummaryDelivery): Promise<void>;
}

/** Files that tell of the run as a whole, in the order of their use. */
export const summaryFiles = ['report.html', 'decisions.jsonl', 'run.json'] as const;

/** Rows that an exported network is checked on. */
const sampleRows = 32;

/** Series of which parameters are written at most, and of models that take long to fit. */
const mostSeries = { quick: 10_000, costly: 1000 };

/** Who does the work. */
interface DeliveryServices {
  readonly artifacts: Artifacts;
  readonly inference: Inference;
  readonly locals: LocalForecasts;
  readonly tabular: Tabular;
}

/** Delivery of trained models from the given store, checked against the services that forecast with them. */
export function createDelivery(services: DeliveryServices): Delivery {
  return {
    async writeArtifacts(delivery) {
      const { folder, table, panel, trained, fitted, signal, emit } = delivery;
      const { frequency } = panel;
      const written = await writeForecastTables(folder, { ...table, frequency });
      let largestDifference: number | null = null;
      for (const candidate of trained) {
        signal.throwIfAborted();
        const isNetwork = findModel(candidate.forecaster).family === 'neural';
        const write = isNetwork ? writeNetwork : writeTableModel;
        const { files, difference } = await write(services, delivery, candidate);
        written.push(...files);
        largestDifference = Math.max(largestDifference ?? 0, difference);
      }
      const isFew = ({ costly }: LocalModel): boolean =>
        panel.ids.length <= (costly === true ? mostSeries.costly : mostSeries.quick);
      for (const model of fitted.filter(isFew)) {
        written.push(await writeParameters(services, delivery, model));
      }
      const files = written.map(({ name, bytes }) => describeFile(name, bytes));
      for (const file of files) emit('artifact-exported', { ...file });
      const withoutParameters = fitted.filter((model) => !isFew(model)).map(({ name }) => name);
      return { files, largestDifference, withoutParameters };
    },
    prepare: prepareFolder,
    async writeSummary(delivery) {
      const { record, decisions } = delivery;
      const write = (name: string, text: string): Promise<void> =>
        writeFileAtomic(join(record.out, name), new TextEncoder().encode(text));
      await write('report.html', await reportText(delivery));
      await write(
        'decisions.jsonl',
        decisions.map((decision) => `${JSON.stringify(decision)}\n`).join(''),
      );
      await write('run.json', `${JSON.stringify(runFile(delivery), null, 2)}\n`);
    },
  };
}

/** Files of one trained model. */
interface WrittenModel {
  readonly files: { name: string; bytes: Uint8Array }[];
  readonly difference: number;
}

async function writeNetwork(
  { artifacts, inference }: DeliveryServices,
  { folder, panel }: ArtifactDelivery,
  { name, artifact, recipe, season }: Candidate,
): Promise<WrittenModel> {
  const onnx = await artifacts.get(artifact);
  const treated = applyRecipe(panel, recipe, season);
  const sample = await inference.sample({ uri: artifact }, treated, sampleRows);
  const path = exportedFile(folder, name, '.onnx');
  const { feeds, forecast: expected } = sample;
  const { difference } = await exportOnnx({ onnx, path, feeds, output: 'forecast', expected });
  return { files: [{ name: basename(path), bytes: onnx }], difference };
}

async function writeTableModel(
  { artifacts, tabular }: DeliveryServices,
  { folder, panel }: ArtifactDelivery,
  candidate: Candidate,
): Promise<WrittenModel> {
  const treated = applyRecipe(panel, candidate.recipe, candidate.season);
  const made = await tabular.files(await artifacts.get(candidate.artifact), treated);
  const frequency = formatFrequency(panel.frequency);
  return exportTableModel({ made, candidate, frequency, folder });
}

async function writeParameters(
  { locals }: DeliveryServices,
  { folder, panel, table: { horizon }, signal, ...told }: ArtifactDelivery,
  model: LocalModel,
): Promise<{ name: string; bytes: Uint8Array }> {
  const context = { horizon, ...seasonsFor(model, told) };
  const origins = Int32Array.from(panel.ids, (_, i) => seriesLength(panel, i));
  const parameters = await locals.parameters({ panel, model, context, origins, signal });
  const path = exportedFile(folder, model.name, '-parameters.csv');
  const bytes = new TextEncoder().encode(formatParameters(panel.ids, parameters));
  await writeFileAtomic(path, bytes);
  return { name: basename(path), bytes };
}

function describeFile(name: string, bytes: Uint8Array): ExportedFile {
  return { name, bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
}

/** Loads the report only when one is written: its drawing libraries would slow down every start. */
async function reportText(delivery: SummaryDelivery): Promise<string> {
  const [{ reportDataOf }, { renderReport }] = await Promise.all([
    import('../report/report-data.ts'),
    import('../report/report.ts'),
  ]);
  return renderReport(reportDataOf(delivery));
}

/** What run.json says: the request, the data, the scores and the forecast's make-up. */
function runFile({ record, state }: SummaryDelivery) {
  return {
    id: record.id,
    createdAt: record.createdAt,
    request: record.request,
    forkOf: record.forkOf,
    graphVersion: record.graphVersion,
    panel: state.panel,
    features: state.features,
    study: state.study,
    models: state.candidates,
    scores: [...(state.prediction?.scores ?? []), ...(state.scores?.scores ?? [])],
    weights: state.prediction?.weights ?? [],
    fallbacks: state.prediction?.fallbacks ?? [],
    files: state.exports?.files ?? [],
    elapsedMs: state.elapsedMs,
  };
}
