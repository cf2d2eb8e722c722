/** Delivery: everything that a run hands over, written into its output folder. */
import { createHash } from 'node:crypto';
import { basename, join } from 'node:path';
import type { Panel } from '../../series/panel.ts';
import { applyRecipe } from '../../series/recipe.ts';
import type { Decision } from '../../state/decision.ts';
import type { Emit } from '../../state/events.ts';
import type { Candidate, RunState } from '../../state/run-state.ts';
import type { Artifacts } from '../artifacts/artifacts.ts';
import { writeFileAtomic } from '../artifacts/atomic-file.ts';
import { writeForecastTables } from '../export/forecast-tables.ts';
import { exportNetwork, networkFile } from '../export/onnx-export.ts';
import type { Inference } from '../inference/inference.ts';
import type { RunRecord } from '../runs/runs.ts';
import type { StoredForecast } from './forecaster.ts';

type ExportedFile = NonNullable<RunState['exports']>['files'][number];

/** What the export agent hands over. */
export interface ArtifactDelivery {
  readonly folder: string;
  readonly table: StoredForecast;
  readonly panel: Panel;
  readonly networks: readonly Candidate[];
  readonly emit: Emit;
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
  /** Writes the forecast tables and the verified networks. */
  writeArtifacts(
    delivery: ArtifactDelivery,
  ): Promise<{ files: ExportedFile[]; largestDifference: number | null }>;
  /** Writes report.html, decisions.jsonl and run.json; the run is over by then. */
  writeSummary(delivery: SummaryDelivery): Promise<void>;
}

/** Files that tell of the run as a whole, in the order of their use. */
export const summaryFiles = ['report.html', 'decisions.jsonl', 'run.json'] as const;

/** Rows that an exported network is checked on. */
const sampleRows = 32;

/** Delivery of networks from the given store, checked against the given inference service. */
export function createDelivery(dependencies: {
  artifacts: Artifacts;
  inference: Inference;
}): Delivery {
  const { artifacts, inference } = dependencies;
  return {
    async writeArtifacts({ folder, table, panel, networks, emit }) {
      const { frequency } = panel;
      const tables = await writeForecastTables(folder, { ...table, frequency });
      const files = tables.map(({ name, bytes }) => describeFile(name, bytes));
      let largestDifference: number | null = null;
      for (const network of networks) {
        const onnx = await artifacts.get(network.artifact);
        const treated = applyRecipe(panel, network.recipe, network.season);
        const sample = await inference.sample({ uri: network.artifact }, treated, sampleRows);
        const path = networkFile(folder, network.name);
        const { feeds, forecast: expected } = sample;
        const { difference } = await exportNetwork({ onnx, path, feeds, expected });
        largestDifference = Math.max(largestDifference ?? 0, difference);
        files.push(describeFile(basename(path), onnx));
      }
      for (const file of files) emit('artifact-exported', { ...file });
      return { files, largestDifference };
    },
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
