/** Fits one model of ours as a job file says, times it, and prints what was measured as one line of JSON. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as runtime from 'onnxruntime-node';
import { findModel } from '../../models/index.ts';
import type { FoldPlan } from '../../series/folds.ts';
import { createPanel, type Panel, seriesLength, takeSeries } from '../../series/panel.ts';
import { createLocalArtifacts } from '../../services/artifacts/local.ts';
import {
  buildForecastNetwork,
  createInference,
  type Inference,
  type NetworkReference,
} from '../../services/inference/inference.ts';
import { trainingSettingsSchema } from '../../services/training/settings.ts';
import { createTraining, type TrainedNetwork } from '../../services/training/training.ts';
import { assert } from '../../state/errors.ts';
import { createSession } from '../../tensor/session.ts';
import type { Job, Measurement } from './job.ts';
import { peakMib } from './peak-memory.ts';

const importSeconds = performance.now() / 1000;

/** Position in the day, 0 to below 1, of hours that are counted. */
const phaseAt = (k: number): number => (k % 24) / 24;

/** The series of the job; time is a count. */
function readPanel({ values, lengths, phase, horizon }: Job): Panel {
  const bytes = readFileSync(values);
  const y = new Float64Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 8);
  const offsets = new Uint32Array(lengths.length + 1);
  for (const [i, length] of lengths.entries()) offsets[i + 1] = offsets[i]! + length;
  const time = new Float64Array(y.length);
  for (const [i, length] of lengths.entries()) {
    for (let k = 0; k < length; k++) time[offsets[i]! + k] = k;
  }
  const ids = lengths.map((_, i) => `series ${i}`);
  const frequency = { unit: 'index', count: 1, anchor: 'start' } as const;
  if (!phase) return createPanel({ ids, offsets, time, y, frequency });
  const ahead = Float64Array.from({ length: lengths.length * horizon }, (_, k) =>
    phaseAt(lengths[Math.floor(k / horizon)]! + (k % horizon)),
  );
  const future = [{ name: 'phase', values: time.map(phaseAt), ahead }];
  const exogenous = { stepsAhead: horizon, future, historical: [], static: [], categories: [] };
  return createPanel({ ids, offsets, time, y, frequency, exogenous });
}

function planOf({ horizon, folds, validationFolds }: Job): FoldPlan {
  const all = folds + validationFolds;
  return {
    horizon,
    folds: Array.from({ length: all }, (_, i) => ({
      kind: i < validationFolds ? 'validation' : 'test',
      stepsFromEnd: (all - i) * horizon,
    })),
    trainStepsFromEnd: all * horizon,
  };
}

function train(job: Job, panel: Panel, folder: string): Promise<TrainedNetwork> {
  const model = findModel(job.model);
  assert(model.family === 'neural', `${job.model} is a network`);
  const training = createTraining({
    progressFolder: join(folder, 'progress'),
    clock: () => performance.now(),
    threads: job.threads,
  });
  return training.train({
    model,
    hyperparameters: job.hyperparameters,
    settings: trainingSettingsSchema.parse({
      lookBack: job.lookBack,
      learningRate: job.learningRate,
      learningRateDecay: job.learningRateDecay,
      batchSize: job.windowsInStep,
      maxSteps: job.steps,
      validateEvery: job.validationFolds > 0 ? 100 : job.steps,
      patience: 0,
      loss: 'mae',
      scaler: job.scaler,
    }),
    panel,
    horizon: job.horizon,
    plan: planOf(job),
    seed: job.seed,
    progressKey: 'fit',
    emit: () => undefined,
  });
}

/** Milliseconds of each of `count` calls, after a tenth as many to warm up. */
async function timed(call: () => Promise<unknown>, count: number): Promise<number[]> {
  const took: number[] = [];
  for (let i = -Math.ceil(count / 10); i < count; i++) {
    const before = performance.now();
    await call();
    if (i >= 0) took.push(performance.now() - before);
  }
  return took;
}

/** Forecasts of one series, from the runtime in this very thread up to what a user calls. */
async function timeOne(
  { threads, lookBack, horizon, phase, latencyCalls }: Job,
  panel: Panel,
  network: NetworkReference,
  inference: Inference,
  onnx: Uint8Array,
): Promise<Measurement['predictOneMs']> {
  const one = takeSeries(panel, [{ series: 0, skip: 0 }]);
  const origins = Int32Array.of(one.y.length);
  const window = Float32Array.from(one.y.slice(-lookBack));
  const steps = lookBack + horizon;
  const future = Float32Array.from({ length: steps }, (_, k) =>
    phaseAt(one.y.length - lookBack + k),
  );
  const bare = await runtime.InferenceSession.create(onnx, { intraOpNumThreads: threads });
  const session = await createSession(onnx, { threads });
  const feeds = {
    window: { data: window, shape: [1, lookBack] },
    ...(phase && { future: { data: future, shape: [1, steps, 1] } }),
  };
  const tensors = (): Record<string, runtime.Tensor> =>
    Object.fromEntries(
      Object.entries(feeds).map(([name, { data, shape }]) => [
        name,
        new runtime.Tensor('float32', data, shape),
      ]),
    );
  const times = {
    runtime: await timed(() => bare.run(tensors()), latencyCalls),
    session: await timed(() => session.run(feeds), latencyCalls),
    call: await timed(() => inference.forecastPanel(network, one, origins), latencyCalls),
  };
  await bare.release();
  await session.release();
  return times;
}

function originsAt(panel: Panel, stepsFromEnd: number): Int32Array {
  return Int32Array.from(panel.ids, (_, i) => seriesLength(panel, i) - stepsFromEnd);
}

/** [folds, series, horizon], each fold forecast from all that lies before it. */
async function writeForecasts(
  { folds, horizon, forecasts }: Job,
  panel: Panel,
  network: NetworkReference,
  inference: Inference,
): Promise<void> {
  const values = new Float64Array(folds * panel.ids.length * horizon);
  for (let fold = 0; fold < folds; fold++) {
    const origins = originsAt(panel, (folds - fold) * horizon);
    const forecast = await inference.forecastPanel(network, panel, origins);
    values.set(forecast, fold * forecast.length);
  }
  writeFileSync(forecasts, values);
}

async function run(job: Job): Promise<Measurement> {
  const loaded = peakMib();
  const folder = mkdtempSync(join(tmpdir(), 'agentic-forecast-peers-'));
  const panel = readPanel(job);
  const artifacts = createLocalArtifacts(join(folder, 'artifacts'));
  const inference = createInference({ artifacts, threads: job.threads });
  const before = performance.now();
  const trained = await train(job, panel, folder);
  const onnx = buildForecastNetwork(trained);
  const { lookBack, horizon } = job;
  const network = { uri: await artifacts.put(onnx), lookBack, horizon };
  const fitSeconds = (performance.now() - before) / 1000;
  const fitted = peakMib();
  await writeForecasts(job, panel, network, inference);
  const origins = originsAt(panel, 0);
  const measurement: Measurement = {
    versions: { node: process.version, onnxRuntime: runtime.env.versions.node ?? 'unknown' },
    importSeconds,
    fitSeconds,
    stepSeconds: 1 / trained.stepsPerSecond,
    startSeconds: fitSeconds - trained.steps / trained.stepsPerSecond,
    steps: trained.steps,
    parameters: Object.values(trained.parameters).reduce((sum, { data }) => sum + data.length, 0),
    predictOneMs: await timeOne(job, panel, network, inference, onnx),
    predictAllMs: await timed(
      () => inference.forecastPanel(network, panel, origins),
      Math.floor(job.latencyCalls / 10),
    ),
    peakMib: { loaded, fitted, end: peakMib() },
  };
  await inference.close();
  rmSync(folder, { recursive: true, force: true });
  return measurement;
}

console.log(JSON.stringify(await run(JSON.parse(readFileSync(process.argv[2]!, 'utf8')) as Job)));
