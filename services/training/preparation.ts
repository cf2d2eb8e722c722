/** Preparation of a training: what is computed once from a task before its first step. */
import { createHash } from 'node:crypto';
import { type Panel, seriesLength } from '../../series/panel.ts';
import { createWindowIndex } from '../../series/windows.ts';
import { fail } from '../../state/errors.ts';
import { initialState } from '../../tensor/initialise.ts';
import {
  createTrainingLoop,
  type OptimiserState,
  type TrainingLoop,
} from '../../tensor/training-loop.ts';
import type { Feed } from '../../tensor/values.ts';
import { createColumn, withoutBrokenSeries } from './column.ts';
import { buildWindowGraph, type NetworkDefinition } from './network.ts';
import { createEpochDraw, type WindowDraw } from './sampling.ts';
import { type TrainingSettings, trainingSettingsSchema } from './settings.ts';
import type { TrainingTask } from './training.ts';
import { createValidation, type Validation, validationStarts } from './validation.ts';

/** A task made ready. */
export interface PreparedTask {
  readonly settings: TrainingSettings;
  readonly hyperparameters: NetworkDefinition['hyperparameters'];
  /** SHA-256 over all that decides the result, in hexadecimal digits. */
  readonly digest: string;
  /** All series, scaled, in one flat column. */
  readonly column: Feed;
  readonly draw: WindowDraw;
  readonly seriesUsed: number;
  readonly loop: TrainingLoop;
  readonly validation: Validation;
  /** The state before the first step. */
  start(): OptimiserState;
  release(): Promise<void>;
}

const adam = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };
/** Grows when a change of this program would make old progress lead to another result. */
const formatVersion = 1;

/** Scales the series, compiles the step and the validation. Error: SERIES_TOO_SHORT. */
export async function prepareTask(
  task: TrainingTask,
  threads: number | undefined,
): Promise<PreparedTask> {
  const { model, horizon, plan, seed } = task;
  const settings = trainingSettingsSchema.parse(task.settings);
  const hyperparameters = model.hyperparameters.parse(task.hyperparameters);
  const { lookBack, scaler } = settings;
  const panel = withoutBrokenSeries(task.panel);
  const index = createWindowIndex(panel, lookBack, horizon, plan.trainStepsFromEnd);
  if (index.count === 0) {
    const longest = longestTraining(panel, plan.trainStepsFromEnd);
    fail('SERIES_TOO_SHORT', { what: model.name, needed: lookBack + horizon, got: longest });
  }
  const draw = task.draw ?? createEpochDraw(index, settings.batchSize, seed);
  const definition = { model, hyperparameters, scaler, lookBack, horizon };
  const data = createColumn(panel, plan.trainStepsFromEnd, scaler);
  const column = { data, shape: [data.length] };
  const graph = buildWindowGraph(definition, settings.loss, draw.batch);
  const loop = await createTrainingLoop({
    data: [graph.series],
    batch: [graph.starts],
    loss: graph.loss,
    parameters: graph.parameters,
    adam,
    ...(threads === undefined ? {} : { threads }),
  });
  const starts = validationStarts(panel, plan, lookBack);
  const validation = await createValidation(definition, settings.loss, column, starts, threads);
  return {
    settings,
    hyperparameters,
    digest: digestOf(task, settings, hyperparameters, draw),
    column,
    draw,
    seriesUsed: index.seriesCount,
    loop,
    validation,
    start: () => initialState(graph.parameters, graph.initialisers, seed),
    async release() {
      await loop.release();
      await validation.release();
    },
  };
}

function longestTraining(panel: Panel, stepsFromEnd: number): number {
  let longest = 0;
  for (let i = 0; i < panel.ids.length; i++) longest = Math.max(longest, seriesLength(panel, i));
  return Math.max(0, longest - stepsFromEnd);
}

function digestOf(
  { model, horizon, plan, seed, panel }: TrainingTask,
  settings: TrainingSettings,
  hyperparameters: NetworkDefinition['hyperparameters'],
  draw: WindowDraw,
): string {
  const sorted = (values: object): unknown[] =>
    Object.entries(values).sort(([a], [b]) => (a < b ? -1 : 1));
  const folds = plan.folds.map((fold) => [fold.kind, fold.stepsFromEnd]);
  const description = [
    formatVersion,
    model.name,
    sorted(hyperparameters),
    sorted(settings),
    [horizon, plan.trainStepsFromEnd, ...folds],
    seed,
    [draw.name, draw.batch, draw.windows],
  ];
  const hash = createHash('sha256').update(JSON.stringify(description));
  for (const { buffer, byteOffset, byteLength } of [panel.offsets, panel.y]) {
    hash.update(Buffer.from(buffer, byteOffset, byteLength));
  }
  return hash.digest('hex');
}
