/**
 * How long a forecast takes through the inference service, for every network at its defaults: one series, call after call,
 * and 1,000 series in one call. Multivariate networks take 7 series as one sample. The weights are fresh, as their values
 * cost no time. `--models a,b` takes some networks, `--threads 1,2` compares numbers of threads, `--save` keeps the result.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NeuralModel } from '../models/model.ts';
import { neuralModels } from '../models/neural/index.ts';
import { createPanel, type Panel } from '../series/panel.ts';
import { createLocalArtifacts } from '../services/artifacts/local.ts';
import { describeProcessor } from '../services/compute/processor.ts';
import {
  buildForecastNetwork,
  createInference,
  type Inference,
  type NetworkReference,
} from '../services/inference/inference.ts';
import { networkOf } from '../services/inference/network-file.ts';
import { plainLayout } from '../services/training/sample-layout.ts';
import { trainingSettingsSchema } from '../services/training/settings.ts';
import { initialState } from '../tensor/initialise.ts';
import { createRandom } from '../tensor/random.ts';

const lookBack = 168;
const horizon = 24;
const channels = 7;
const manySeries = 1000;
/** Calls in each round; rounds of all candidates take turns, so that a slow minute of the machine meets each. */
const rounds = 10;
const callsInRound = 100;
const warmUpCalls = 50;

/** Noisy waves. */
function wavePanel(series: number): Panel {
  const random = createRandom(1, 'latency');
  const count = series * lookBack;
  return createPanel({
    ids: Array.from({ length: series }, (_, i) => `series ${i}`),
    offsets: Uint32Array.from({ length: series + 1 }, (_, i) => i * lookBack),
    time: Float64Array.from({ length: count }, (_, i) => i % lookBack),
    y: Float64Array.from({ length: count }, (_, i) => Math.sin(i / 4) + 0.1 * random.normal()),
    frequency: { unit: 'index', count: 1, anchor: 'start' },
  });
}

function buildFile(model: NeuralModel): Uint8Array {
  const hyperparameters = model.hyperparameters.parse({});
  const multivariate = model.multivariate?.(hyperparameters) ?? false;
  const described = {
    model: model.name,
    hyperparameters,
    settings: trainingSettingsSchema.parse({ lookBack }),
    horizon,
    layout: { ...plainLayout, channels: multivariate ? channels : null },
  };
  const { parameters, initialisers, following } = networkOf(
    { ...described, parameters: {} },
    model,
  );
  const weights = initialState(parameters, initialisers, 1, following).parameters;
  return buildForecastNetwork({ ...described, parameters: weights }, {}, model);
}

/** One network with one number of threads. */
interface Candidate {
  readonly model: string;
  readonly threads: number;
  readonly inference: Inference;
  readonly network: NetworkReference;
  readonly one: Panel;
  readonly many: Panel;
  /** How often `many` has to be forecast to make up 1,000 series. */
  readonly repeats: number;
  readonly callsMs: number[];
  readonly processorMs: number[];
  readonly manyMs: number[];
}

const processorMs = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

function forecast({ inference, network }: Candidate, panel: Panel): Promise<Float64Array> {
  return inference.forecastPanel(network, panel, new Int32Array(panel.ids.length).fill(lookBack));
}

async function measureRound(candidate: Candidate): Promise<void> {
  const { one, many, repeats, callsMs, manyMs } = candidate;
  const before = processorMs();
  for (let call = 0; call < callsInRound; call++) {
    const start = performance.now();
    await forecast(candidate, one);
    callsMs.push(performance.now() - start);
  }
  candidate.processorMs.push((processorMs() - before) / callsInRound);
  const start = performance.now();
  for (let repeat = 0; repeat < repeats; repeat++) await forecast(candidate, many);
  manyMs.push(performance.now() - start);
}

function summarise({ model, threads, callsMs, processorMs: spent, manyMs }: Candidate) {
  const at = (values: readonly number[], share: number): number =>
    values.toSorted((a, b) => a - b)[Math.floor(share * values.length)]!;
  const rounded = (value: number): number => Number(value.toFixed(3));
  return {
    model,
    threads,
    p50Ms: rounded(at(callsMs, 0.5)),
    p90Ms: rounded(at(callsMs, 0.9)),
    p99Ms: rounded(at(callsMs, 0.99)),
    leastMs: rounded(at(callsMs, 0)),
    processorMs: rounded(at(spent, 0.5)),
    seriesPerSecond: Math.round((1000 * manySeries) / at(manyMs, 0.5)),
  };
}

/** Measures and prints; with `--save` also writes `bench/results/latency.json`. */
export async function main(args: readonly string[]): Promise<void> {
  const option = (name: string, otherwise: string): string[] =>
    (args.includes(name) ? args[args.indexOf(name) + 1]! : otherwise).split(',');
  const wanted = option('--models', neuralModels.map(({ name }) => name).join());
  const machine = describeProcessor();
  const folder = mkdtempSync(join(tmpdir(), 'latency-'));
  const artifacts = createLocalArtifacts(folder);
  const [oneSeries, sample, thousand] = [1, channels, manySeries].map(wavePanel);
  const candidates: Candidate[] = [];
  for (const model of neuralModels.filter(({ name }) => wanted.includes(name))) {
    const uri = await artifacts.put(buildFile(model));
    const multivariate = model.multivariate?.(model.hyperparameters.parse({})) ?? false;
    for (const threads of option('--threads', String(machine.threads)).map(Number)) {
      const candidate: Candidate = {
        model: model.name,
        threads,
        inference: createInference({ artifacts, threads }),
        network: { uri, lookBack, horizon },
        one: multivariate ? sample! : oneSeries!,
        many: multivariate ? sample! : thousand!,
        repeats: multivariate ? Math.ceil(manySeries / channels) : 1,
        callsMs: [],
        processorMs: [],
        manyMs: [],
      };
      for (let call = 0; call < warmUpCalls; call++) await forecast(candidate, candidate.one);
      await forecast(candidate, candidate.many);
      candidates.push(candidate);
    }
  }
  for (let round = 0; round < rounds; round++) {
    for (const candidate of candidates) await measureRound(candidate);
  }
  for (const { inference } of candidates) await inference.close();
  rmSync(folder, { recursive: true });
  const results = candidates.map(summarise);
  console.table(results);
  if (!args.includes('--save')) return;
  const runtime = createRequire(import.meta.url)('onnxruntime-node/package.json') as {
    version: string;
  };
  const sizes = { lookBack, horizon, channels, calls: rounds * callsInRound, manySeries };
  mkdirSync('bench/results', { recursive: true });
  const versions = { node: process.version, onnxRuntime: runtime.version };
  // What else the machine did in the last minute, this program included.
  const report = { machine: { ...machine, ...versions, load: loadavg()[0] }, sizes, results };
  writeFileSync('bench/results/latency.json', `${JSON.stringify(report, null, 2)}\n`);
}
