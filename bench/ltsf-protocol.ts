/**
 * The protocol of Zeng et al. 2023 ("Are Transformers Effective for Time Series Forecasting?", AAAI) on ETTh1: cut,
 * scaling, training, and scores over all test windows, none dropped.
 */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { NeuralModel } from '../models/model.ts';
import type { FoldPlan } from '../series/folds.ts';
import { createPanel, type Panel, seriesValues } from '../series/panel.ts';
import type { Artifacts } from '../services/artifacts/artifacts.ts';
import { buildForecastNetwork, type Inference } from '../services/inference/inference.ts';
import { scaleOf } from '../services/training/column.ts';
import { createEpochs, type WindowDraw } from '../services/training/sampling.ts';
import { trainingSettingsSchema } from '../services/training/settings.ts';
import type { Training } from '../services/training/training.ts';
import { assert } from '../state/errors.ts';

// Twelve, four and four months of hours.
const parts = { training: 8640, validation: 2880, test: 2880 } as const;
const length = 14_400;
const lookBack = 336;
/** What the paper's training is given for ETTh1; the learning rate is halved every epoch. */
export const protocol = { learningRate: 0.005, batchWindows: 32, epochs: 10, patience: 3 } as const;

/** Errors in standard deviations of the training part. */
export interface Scores {
  readonly mse: number;
  readonly mae: number;
}

/** One trained network. */
export interface SeedResult extends Scores {
  readonly seed: number;
  /** Epochs trained, and the epoch whose weights were kept. */
  readonly epochs: number;
  readonly bestEpoch: number;
  /** Seconds of training. */
  readonly seconds: number;
}

/** The channels of ETTh1, each standardised by its training part, as one series each. */
export function readChannels(path: string): Panel {
  const lines = gunzipSync(readFileSync(path)).toString('utf8').trim().split('\n');
  const ids = lines[0]!.split(',').slice(1);
  const rows = lines.slice(1, 1 + length).map((line) => line.split(',').slice(1).map(Number));
  assert(rows.length === length && ids.length === 7, 'ETTh1 has seven channels of 20 months');
  const y = new Float64Array(ids.length * length);
  for (const c of ids.keys()) {
    const values = Float64Array.from(rows, (row) => row[c]!);
    const { level, spread } = scaleOf(values.subarray(0, parts.training));
    for (const [t, value] of values.entries()) y[c * length + t] = (value - level) / spread;
  }
  return createPanel({
    ids,
    offsets: Uint32Array.from({ length: ids.length + 1 }, (_, c) => c * length),
    time: Float64Array.from(y, (_, k) => Date.UTC(2016, 6, 1, k % length)),
    y,
    frequency: { unit: 'hour', count: 1, anchor: 'start' },
  });
}

/** One sample is a window of time with all its channels; an epoch sees every window once. */
function drawOf(panel: Panel, horizon: number, seed: number): WindowDraw {
  const windows = parts.training - lookBack - horizon + 1;
  const at = createEpochs(windows, seed);
  const channels = panel.ids.length;
  const batch = protocol.batchWindows * channels;
  return {
    name: 'windows-with-all-channels',
    batch,
    windows,
    starts: (step, steps) =>
      BigInt64Array.from({ length: steps * batch }, (_, k) => {
        const sample = step * protocol.batchWindows + Math.floor(k / channels);
        return BigInt((k % channels) * length + at(sample));
      }),
  };
}

/** Scores over all windows of the test part and all channels. */
async function scoreTest(
  panel: Panel,
  horizon: number,
  forecastAll: (values: Float64Array, origins: Int32Array) => Promise<ArrayLike<number>>,
): Promise<Scores> {
  const first = parts.training + parts.validation;
  const origins = Int32Array.from({ length: parts.test - horizon + 1 }, (_, k) => first + k);
  let squares = 0;
  let absolutes = 0;
  for (const c of panel.ids.keys()) {
    const values = seriesValues(panel, c);
    const forecasts = await forecastAll(values, origins);
    for (const [row, origin] of origins.entries()) {
      for (let k = 0; k < horizon; k++) {
        const error = forecasts[row * horizon + k]! - values[origin + k]!;
        squares += error * error;
        absolutes += Math.abs(error);
      }
    }
  }
  const count = panel.ids.length * origins.length * horizon;
  return { mse: squares / count, mae: absolutes / count };
}

/** What trains and forecasts. */
export interface Engines {
  readonly training: Training;
  readonly inference: Inference;
  readonly artifacts: Artifacts;
}

/** Trains `model` with `seed`, and scores the weights that the validation part chose. */
export async function trainNetwork(
  model: NeuralModel,
  panel: Panel,
  horizon: number,
  seed: number,
  { training, inference, artifacts }: Engines,
): Promise<SeedResult> {
  const plan: FoldPlan = {
    horizon,
    folds: [
      { kind: 'validation', stepsFromEnd: parts.validation + parts.test },
      { kind: 'test', stepsFromEnd: parts.test },
    ],
    trainStepsFromEnd: parts.validation + parts.test,
  };
  const draw = drawOf(panel, horizon, seed);
  const stepsPerEpoch = Math.floor(draw.windows / protocol.batchWindows);
  const trained = await training.train({
    model,
    hyperparameters: {},
    settings: trainingSettingsSchema.parse({
      lookBack,
      learningRate: protocol.learningRate,
      learningRateDecay: protocol.epochs - 1,
      batchSize: draw.batch,
      maxSteps: protocol.epochs * stepsPerEpoch,
      validateEvery: stepsPerEpoch,
      patience: protocol.patience,
      loss: 'mse',
      scaler: 'none',
    }),
    panel,
    horizon,
    plan,
    seed,
    progressKey: `${model.name}/${horizon}/${seed}`,
    emit: () => undefined,
    draw,
  });
  const uri = await artifacts.put(buildForecastNetwork(trained));
  const scores = await scoreTest(panel, horizon, (values, origins) => {
    const windows = new Float32Array(origins.length * lookBack);
    for (const [row, origin] of origins.entries()) {
      windows.set(values.subarray(origin - lookBack, origin), row * lookBack);
    }
    return inference.predict(uri, windows, origins.length);
  });
  return {
    seed,
    ...scores,
    epochs: Math.round(trained.steps / stepsPerEpoch),
    bestEpoch: Math.round(trained.bestStep / stepsPerEpoch),
    seconds: trained.seconds,
  };
}

/** Scores of repeating the last `period` values over the horizon. */
export function scoreRepeat(panel: Panel, horizon: number, period: number): Promise<Scores> {
  return scoreTest(panel, horizon, (values, origins) =>
    Promise.resolve(
      Float64Array.from({ length: origins.length * horizon }, (_, k) => {
        const origin = origins[Math.floor(k / horizon)]!;
        return values[origin - period + ((k % horizon) % period)]!;
      }),
    ),
  );
}
