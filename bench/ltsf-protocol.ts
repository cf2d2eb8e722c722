/**
 * The protocol of Zeng et al. 2023 ("Are Transformers Effective for Time Series Forecasting?", AAAI): cut, scaling,
 * training by a recipe, and scores over all test windows, none dropped.
 */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { FoldPlan } from '../series/folds.ts';
import { createPanel, type Panel } from '../series/panel.ts';
import { scaleOf } from '../services/training/column.ts';
import { buildNetwork } from '../services/training/network.ts';
import { defineNetwork } from '../services/training/preparation.ts';
import { createEpochs, type WindowDraw } from '../services/training/sampling.ts';
import { trainingSettingsSchema } from '../services/training/settings.ts';
import type { TrainedNetwork, Training } from '../services/training/training.ts';
import { assert } from '../state/errors.ts';
import { input } from '../tensor/expression.ts';
import { createProgram } from '../tensor/program.ts';
import type { Counting, Scores } from './ltsf-published.ts';
import type { DataSet, Recipe } from './ltsf-recipes.ts';

/** A data set in memory: its channels, each standardised by its training part, as one series each. */
export interface Channels {
  readonly data: DataSet;
  readonly panel: Panel;
  /** Steps of each channel. */
  readonly length: number;
  /** By channel, standard deviation of the training part in those of all that comes before the test part. */
  readonly inUnitsBeforeTest: Float64Array;
}

/** One trained network. */
export interface SeedResult extends Scores {
  readonly seed: number;
  /** The scores as the authors counted, where they did it otherwise. */
  readonly asPublished?: Scores;
  /** Epochs trained, and the epoch whose weights were kept, with their loss on the validation part if it was looked at. */
  readonly epochs: number;
  readonly bestEpoch: number;
  readonly validationLoss: number | null;
  /** Seconds of training. */
  readonly seconds: number;
}

/** Reads `<name>.csv.gz`, whose first column is the time. */
export function readChannels(path: string, data: DataSet): Channels {
  const { training, validation, test } = data.parts;
  const length = training + validation + test;
  const lines = gunzipSync(readFileSync(path)).toString('utf8').trim().split('\n');
  const ids = lines[0]!.split(',').slice(1);
  const rows = lines.slice(1, 1 + length).map((line) => line.split(',').slice(1).map(Number));
  assert(
    rows.length === length && ids.length === 7,
    `${data.name} has seven channels of 20 months`,
  );
  const y = new Float64Array(ids.length * length);
  const inUnitsBeforeTest = new Float64Array(ids.length);
  for (const c of ids.keys()) {
    const values = Float64Array.from(rows, (row) => row[c]!);
    const { level, spread } = scaleOf(values.subarray(0, training));
    inUnitsBeforeTest[c] = spread / scaleOf(values.subarray(0, training + validation)).spread;
    for (const [t, value] of values.entries()) y[c * length + t] = (value - level) / spread;
  }
  const panel = createPanel({
    ids,
    offsets: Uint32Array.from({ length: ids.length + 1 }, (_, c) => c * length),
    time: Float64Array.from(y, (_, k) => Date.UTC(2016, 6, 1, 0, (k % length) * data.stepMinutes)),
    y,
    frequency: data.frequency,
  });
  return { data, panel, length, inUnitsBeforeTest };
}

/** One sample is a window of time with all its channels; an epoch sees every window once. */
function drawOf(
  { data, panel, length }: Channels,
  { lookBack, batchWindows }: Recipe,
  horizon: number,
  seed: number,
  multivariate: boolean,
): WindowDraw {
  const windows = data.parts.training - lookBack - horizon + 1;
  const at = createEpochs(windows, seed);
  const channels = multivariate ? 1 : panel.ids.length;
  const batch = batchWindows * channels;
  return {
    name: 'windows-with-all-channels',
    batch,
    windows,
    starts: (step, steps) =>
      BigInt64Array.from({ length: steps * batch }, (_, k) => {
        const sample = step * batchWindows + Math.floor(k / channels);
        return BigInt((k % channels) * length + at(sample));
      }),
  };
}

/** Forecasts [origins * channels * horizon] of all channels from the steps before each origin. */
type ForecastAll = (origins: readonly number[]) => Promise<ArrayLike<number>>;

/** Windows that are forecast together; bounds the memory of large networks. */
const windowsAtOnce = 128;

/** A part that is scored. */
type Part = 'validation' | 'test';

/** Scores over all channels and all windows of a part, in units of the training part; then as `counting` says, if it does. */
async function scorePart(
  { data, panel, length, inUnitsBeforeTest }: Channels,
  part: Part,
  horizon: number,
  forecastAll: ForecastAll,
  counting?: Counting,
): Promise<Scores[]> {
  const { training, validation } = data.parts;
  const first = part === 'test' ? training + validation : training;
  const windows = data.parts[part] - horizon + 1;
  const totals = [{}, ...(counting ? [counting] : [])].map(({ dropLast, unit }: Counting) => ({
    count: windows - (dropLast === undefined ? 0 : windows % dropLast),
    units: unit === 'before-test' ? inUnitsBeforeTest : undefined,
    squares: 0,
    absolutes: 0,
  }));
  const channels = panel.ids.length;
  for (let from = 0; from < windows; from += windowsAtOnce) {
    const size = Math.min(windowsAtOnce, windows - from);
    const origins = Array.from({ length: size }, (_, k) => first + from + k);
    const forecasts = await forecastAll(origins);
    for (let k = 0; k < size * channels * horizon; k++) {
      const step = k % horizon;
      const channel = Math.floor(k / horizon) % channels;
      const row = Math.floor(k / horizon / channels);
      const error = forecasts[k]! - panel.y[channel * length + origins[row]! + step]!;
      for (const total of totals) {
        if (from + row >= total.count) continue;
        const scaled = total.units ? error * total.units[channel]! : error;
        total.squares += scaled * scaled;
        total.absolutes += Math.abs(scaled);
      }
    }
  }
  return totals.map(({ count, squares, absolutes }) => {
    const values = count * channels * horizon;
    return { mse: squares / values, mae: absolutes / values };
  });
}

/** What one network is trained for. */
interface Task {
  readonly recipe: Recipe;
  readonly channels: Channels;
  readonly horizon: number;
  readonly seed: number;
  readonly training: Training;
}

/** Trains by the recipe, with how many steps an epoch took. */
async function fitNetwork({ recipe, channels, horizon, seed, training }: Task) {
  const { model, hyperparameters, lookBack, batchWindows, epochs, steps, patience } = recipe;
  const { validation, test } = channels.data.parts;
  const plan: FoldPlan = {
    horizon,
    folds: [
      ...(patience === undefined
        ? []
        : [{ kind: 'validation' as const, stepsFromEnd: validation + test }]),
      { kind: 'test', stepsFromEnd: test },
    ],
    trainStepsFromEnd: validation + test,
  };
  const multivariate = model.multivariate?.(model.hyperparameters.parse(hyperparameters)) ?? false;
  const draw = drawOf(channels, recipe, horizon, seed, multivariate);
  const stepsPerEpoch = Math.floor(draw.windows / batchWindows);
  const trained = await training.train({
    model,
    hyperparameters,
    settings: trainingSettingsSchema.parse({
      scaler: 'none',
      ...recipe.settings,
      lookBack,
      batchSize: draw.batch,
      maxSteps: steps ?? epochs * stepsPerEpoch,
      validateEvery: stepsPerEpoch,
      patience: patience ?? 0,
    }),
    panel: channels.panel,
    horizon,
    plan,
    seed,
    progressKey: `${channels.data.name}/${model.name}/${lookBack}/${horizon}/${seed}`,
    emit: () => undefined,
    draw,
  });
  return { trained, stepsPerEpoch };
}

/** Trains by the recipe, and scores the weights that it keeps on the validation part; the test part is not looked at. */
export async function validateNetwork(task: Task): Promise<Scores> {
  const { trained } = await fitNetwork(task);
  const [scores] = await scoreNetwork(trained, task, 'validation');
  return scores!;
}

/** Trains by the recipe, and scores the weights that it keeps on the test part. */
export async function trainNetwork(
  task: Task & { readonly counting?: Counting | undefined },
): Promise<SeedResult> {
  const { trained, stepsPerEpoch } = await fitNetwork(task);
  const [scores, asPublished] = await scoreNetwork(trained, task, 'test', task.counting);
  return {
    seed: task.seed,
    ...scores!,
    ...(asPublished && { asPublished }),
    epochs: Math.round(trained.steps / stepsPerEpoch),
    bestEpoch: Math.round(trained.bestStep / stepsPerEpoch),
    validationLoss: trained.validationLoss,
    seconds: trained.seconds,
  };
}

async function scoreNetwork(
  trained: TrainedNetwork,
  { recipe: { model, lookBack }, channels, horizon }: Task,
  part: Part,
  counting?: Counting,
): Promise<Scores[]> {
  const { panel, length } = channels;
  const { hyperparameters, settings, layout, parameters } = trained;
  const across = panel.ids.length;
  const leading = layout.channels === null ? ['batch'] : ['batch', across];
  const window = input('window', 'float32', [...leading, lookBack]);
  const definition = defineNetwork({ model, horizon }, hyperparameters, settings, layout);
  const { forecast } = buildNetwork(definition, { window });
  const program = await createProgram({ forecast }, { parameters });
  const forecastAll: ForecastAll = async (origins) => {
    const values = new Float32Array(origins.length * across * lookBack);
    for (const [row, origin] of origins.entries()) {
      for (let c = 0; c < across; c++) {
        const end = c * length + origin;
        values.set(panel.y.subarray(end - lookBack, end), (row * across + c) * lookBack);
      }
    }
    const rows = layout.channels === null ? [origins.length * across] : [origins.length, across];
    const outputs = await program.run({ window: { data: values, shape: [...rows, lookBack] } });
    return outputs['forecast']!;
  };
  const scores = await scorePart(channels, part, horizon, forecastAll, counting);
  await program.release();
  return scores;
}

/** Scores of repeating the last `period` values over the horizon. */
export async function scoreRepeat(
  channels: Channels,
  horizon: number,
  period: number,
): Promise<Scores> {
  const { panel, length } = channels;
  const across = panel.ids.length;
  const [scores] = await scorePart(channels, 'test', horizon, (origins) =>
    Promise.resolve(
      Float64Array.from({ length: origins.length * across * horizon }, (_, k) => {
        const origin = origins[Math.floor(k / horizon / across)]!;
        const channel = Math.floor(k / horizon) % across;
        return panel.y[channel * length + origin - period + ((k % horizon) % period)]!;
      }),
    ),
  );
  return scores!;
}
