/** Preparation of a training: what is computed once from a task before its first step. */
import { createHash } from 'node:crypto';
import { type Panel, seriesLength, seriesValues } from '../../series/panel.ts';
import { assert, fail } from '../../state/errors.ts';
import { createDropout, type Dropout } from '../../tensor/dropout.ts';
import { initialState } from '../../tensor/initialise.ts';
import {
  createTrainingLoop,
  type OptimiserState,
  type TrainingLoop,
  type TrainingLoopSpec,
} from '../../tensor/training-loop.ts';
import type { ArrayValue, Feed, ParameterValues } from '../../tensor/values.ts';
import type { ColumnContent } from './column.ts';
import { announceDevice, type ChooseDevice, chooseFor } from './device.ts';
import { findLoss } from './losses/index.ts';
import type { Loss } from './losses/loss.ts';
import { buildWindowGraph, type NetworkDefinition, type WindowGraph } from './network.ts';
import { createSampleData, type SampleData } from './sample-data.ts';
import type { SampleLayout } from './sample-layout.ts';
import { createEpochDraw, type WindowDraw } from './sampling.ts';
import { findScaler } from './scalers/index.ts';
import { lossSettingsOf, type TrainingSettings, trainingSettingsSchema } from './settings.ts';
import type { TrainingTask } from './training.ts';
import { createValidation, type Validation } from './validation.ts';

/** A task made ready. */
export interface PreparedTask {
  readonly settings: TrainingSettings;
  readonly hyperparameters: NetworkDefinition['hyperparameters'];
  readonly layout: SampleLayout;
  /** SHA-256 over all that decides the result, in hexadecimal digits. */
  readonly digest: string;
  readonly draw: WindowDraw;
  readonly seriesUsed: number;
  readonly loop: TrainingLoop;
  /** Values of the inputs that stay the same. */
  readonly data: Readonly<Record<string, Feed>>;
  /** Values of the inputs that change, for the steps numbered `step`, `step + 1`, ... */
  batches(step: number, steps: number): Record<string, Feed>;
  readonly validation: Validation;
  /** Where the steps are computed, and why there. */
  readonly device: string;
  /** The state before the first step. */
  start(): OptimiserState;
  release(): Promise<void>;
}

/** Where a training is computed. */
export interface ComputeOptions {
  readonly threads: number;
  /** The processor if left out. */
  readonly chooseDevice?: ChooseDevice;
}

/** Grows when a change of this program would make old progress lead to another result. */
const formatVersion = 3;

/** The graph of a training step. */
interface TrainingStep {
  readonly graph: WindowGraph;
  readonly dropout: Dropout;
  readonly spec: TrainingLoopSpec;
}

/**
 * Numbers of an array up to which a layer takes all samples at once: with one thread as many as stay in a cache; several
 * threads would meet too often in small arrays, and there it is memory that counts (256 MiB).
 */
const largestArrayFor = (threads: number): number => (threads === 1 ? 2 ** 20 : 2 ** 26);

/**
 * Lays out and scales the series, compiles the step and the validation.
 * Errors: SERIES_TOO_SHORT, SERIES_NOT_ALIGNED, VALUE_NEGATIVE, WEIGHTS_UNFIT.
 */
export async function prepareTask(
  task: TrainingTask,
  compute: ComputeOptions,
): Promise<PreparedTask> {
  const settings = trainingSettingsSchema.parse(task.settings);
  const hyperparameters = task.model.hyperparameters.parse(task.hyperparameters);
  const samples = sampleTask(task, settings, hyperparameters);
  const definition = defineNetwork(task, hyperparameters, settings, samples.layout);
  const [columnLength] = samples.feeds['series']!.shape;
  assert(
    task.draw === undefined || columnLength === task.panel.y.length,
    'a draw of its own counts positions of the panel: set padShort to false where series are short',
  );
  const draw = task.draw ?? drawFor(samples, settings, task.seed);
  const { chooseDevice, ...threads } = compute;
  const build = (largestArray: number): TrainingStep => {
    const dropout = createDropout();
    const mode = { ...dropout, largestArray };
    const graph = buildWindowGraph(definition, draw.batch, { ...samples.columns, mode });
    return { graph, dropout, spec: { ...loopSpec(graph, dropout, settings), ...threads } };
  };
  const forProcessor = build(largestArrayFor(compute.threads));
  const chosen = chooseDevice && (await chooseFor(chooseDevice, forProcessor.spec, draw.batch));
  // A graphics device has no cache to keep to, and waits between the steps of a scan.
  const away = chosen !== undefined && chosen.device.name !== 'cpu';
  const { graph, dropout, spec } = away ? build(Number.POSITIVE_INFINITY) : forProcessor;
  const fresh = initialState(graph.parameters, graph.initialisers, task.seed, graph.following);
  const start = startFrom(task, fresh);
  const data = { ...samples.feeds, ...dropout.dataFeeds(task.seed) };
  const batches = (step: number, steps: number): Record<string, Feed> =>
    feedBatches(step, steps, { task, samples, draw, dropout, graph });
  if (chosen !== undefined) {
    const rate = Float32Array.of(settings.learningRate);
    await announceDevice(task, chosen, spec, (loop) => loop.run(start, data, batches(0, 1), rate));
  }
  const options = { ...threads, ...(chosen && { providers: chosen.providers }) };
  const loop = await (chosen?.openLoop ?? createTrainingLoop)(spec);
  const validation = await createValidation(definition, samples, options);
  return {
    settings,
    hyperparameters,
    layout: samples.layout,
    digest: digestOf(task, settings, hyperparameters, samples, draw),
    draw,
    seriesUsed: samples.seriesUsed,
    loop,
    data,
    batches,
    validation,
    device: chosen?.reason ?? 'on the processor',
    start: () => start,
    async release() {
      await loop.release();
      await validation.release();
    },
  };
}

/** The network of a training with these settings on samples of this layout. */
export function defineNetwork(
  { model, horizon }: Pick<TrainingTask, 'model' | 'horizon'>,
  hyperparameters: NetworkDefinition['hyperparameters'],
  settings: TrainingSettings,
  layout: SampleLayout,
): NetworkDefinition {
  const { lookBack, scaler, loss } = settings;
  const lossSettings = lossSettingsOf(settings);
  return { model, hyperparameters, scaler, loss, lossSettings, lookBack, horizon, layout };
}

/** What of the values a network with this scaler and loss has to be given. */
export function contentFor({
  scaler,
  loss,
}: Pick<TrainingSettings, 'scaler' | 'loss'>): ColumnContent {
  return findScaler(scaler).equivariant ? findLoss(loss).needs : 'units';
}

function sampleTask(
  task: TrainingTask,
  settings: TrainingSettings,
  hyperparameters: NetworkDefinition['hyperparameters'],
): SampleData {
  const { model, panel, plan, horizon, weights } = task;
  const { lookBack, padShort } = settings;
  assert(
    weights === undefined || (weights.length === panel.y.length && weights.every((w) => w >= 0)),
    'there is one weight for each observation, and none is below zero',
  );
  checkCounts(findLoss(settings.loss), panel);
  const samples = createSampleData({
    model,
    panel,
    plan,
    horizon,
    lookBack,
    padShort,
    multivariate: model.multivariate?.(hyperparameters) ?? false,
    content: contentFor(settings),
    ...(weights && { weights }),
  });
  if (samples.training.count === 0) {
    const needed = padShort && samples.layout.channels === null ? horizon + 1 : lookBack + horizon;
    const got = longestTraining(panel, plan.trainStepsFromEnd);
    fail('SERIES_TOO_SHORT', { what: model.name, needed, got });
  }
  return samples;
}

function checkCounts(loss: Loss, panel: Panel): void {
  if (loss.countsOnly !== true) return;
  const negative = panel.ids.find((_, i) => seriesValues(panel, i).some((value) => value < 0));
  if (negative !== undefined) fail('VALUE_NEGATIVE', { loss: loss.name, series: negative });
}

function longestTraining(panel: Panel, stepsFromEnd: number): number {
  let longest = 0;
  for (let i = 0; i < panel.ids.length; i++) longest = Math.max(longest, seriesLength(panel, i));
  return Math.max(0, longest - stepsFromEnd);
}

/** Shuffled epochs; the size of a batch counts windows of single series. */
function drawFor({ training, layout }: SampleData, { batchSize }: TrainingSettings, seed: number) {
  const size = Math.max(1, Math.round(batchSize / (layout.channels ?? 1)));
  return createEpochDraw(training, size, seed);
}

function loopSpec(
  graph: WindowGraph,
  dropout: Dropout,
  { optimiser, weightDecay, clipNorm }: TrainingSettings,
): TrainingLoopSpec {
  return {
    data: [...graph.data, ...dropout.data],
    batch: [...graph.batch, ...dropout.batch],
    loss: graph.value,
    parameters: graph.parameters,
    statistics: graph.statistics,
    adam: {
      beta1: 0.9,
      beta2: 0.999,
      epsilon: 1e-8,
      ...(optimiser === 'adamw' && { weightDecay }),
      ...(clipNorm > 0 && { clipNorm }),
    },
    decays: (name) => !name.endsWith('bias'),
  };
}

/** What belongs together to feed a step. */
interface BatchSource {
  readonly task: TrainingTask;
  readonly samples: SampleData;
  readonly draw: WindowDraw;
  readonly dropout: Dropout;
  readonly graph: WindowGraph;
}

function feedBatches(
  step: number,
  steps: number,
  { task, samples, draw, dropout, graph }: BatchSource,
): Record<string, Feed> {
  const starts = draw.starts(step, steps);
  const shape = [steps, draw.batch];
  const owned = graph.batch.some(({ name }) => name === 'owners');
  return {
    starts: { data: starts, shape },
    ...(owned && { owners: { data: samples.ownersOf(starts), shape } }),
    ...dropout.batchFeeds(task.seed, step, steps),
  };
}

/** Fresh values, or those that the task begins with. */
function startFrom({ model, initial }: TrainingTask, fresh: OptimiserState): OptimiserState {
  if (initial === undefined) return fresh;
  const parameters: ParameterValues = {};
  const shown = (value: ArrayValue | undefined): string =>
    value === undefined ? 'absent' : `[${value.shape.join(', ')}]`;
  for (const [name, value] of Object.entries(fresh.parameters)) {
    const given = initial[name];
    if (given === undefined || shown(given) !== shown(value)) {
      const details = { parameter: name, needed: shown(value), got: shown(given) };
      return fail('WEIGHTS_UNFIT', { model: model.name, ...details });
    }
    parameters[name] = given;
  }
  return { ...fresh, parameters };
}

function digestOf(
  { model, horizon, plan, seed, panel, weights, initial }: TrainingTask,
  settings: TrainingSettings,
  hyperparameters: NetworkDefinition['hyperparameters'],
  { layout, feeds }: SampleData,
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
    layout,
    weights !== undefined,
    initial === undefined ? null : Object.keys(initial).sort(),
  ];
  const hash = createHash('sha256').update(JSON.stringify(description));
  const others = Object.entries(feeds).filter(([name]) => name !== 'series');
  const given = Object.entries(initial ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  const arrays = [panel.offsets, panel.y, ...[...others, ...given].map(([, { data }]) => data)];
  for (const { buffer, byteOffset, byteLength } of arrays) {
    hash.update(Buffer.from(buffer, byteOffset, byteLength));
  }
  return hash.digest('hex');
}
