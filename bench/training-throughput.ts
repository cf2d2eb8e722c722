/**
 * How much of the machine training uses: steps and floating-point operations per second of whole training steps
 * (forward, backward, Adam) beside what the same threads reach on one large matrix product in the same minute; and
 * whether two trainings on one thread each, side by side, get further than one after the other on two threads.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism, cpus } from 'node:os';
import {
  type Network,
  nlinear,
  peakWorkload,
  perceptron,
  residualBlocks,
  trainingWorkload,
  type Workload,
} from './training-workloads.ts';

const repetitions = 7;
const threads = availableParallelism();

const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return (sorted[Math.floor(middle)]! + sorted[Math.ceil(middle)]!) / 2;
};

/** What one run took: seconds on the clock, and seconds of all processors together. */
interface Duration {
  readonly clock: number;
  readonly processors: number;
}

async function time(run: () => Promise<unknown>): Promise<Duration> {
  const [clock, processors] = [performance.now(), process.cpuUsage()];
  await run();
  const { user, system } = process.cpuUsage(processors);
  return { clock: (performance.now() - clock) / 1000, processors: (user + system) / 1e6 };
}

/** Runs everything in turn, so that a slow minute of the machine meets each; one run to warm up. */
async function inTurn(runs: readonly (() => Promise<unknown>)[]): Promise<Duration[][]> {
  for (const run of runs) await run();
  const durations: Duration[][] = runs.map(() => []);
  for (let repetition = 0; repetition < repetitions; repetition++) {
    for (const [i, run] of runs.entries()) durations[i]!.push(await time(run));
  }
  return durations;
}

/** Workloads beside the first of them, the peak: by the clock, and by the time that processors spent. */
async function measure(workloads: readonly Workload[]) {
  const durations = await inTurn(workloads.map(({ run }) => run));
  const gflops = (of: keyof Duration, i: number): number[] => {
    const { steps, flopsPerStep } = workloads[i]!;
    return durations[i]!.map((taken) => (steps * flopsPerStep) / taken[of] / 1e9);
  };
  const percentOfPeak = (of: keyof Duration, i: number): number => {
    const peak = gflops(of, 0);
    return Math.round(median(gflops(of, i).map((rate, r) => (100 * rate) / peak[r]!)));
  };
  const tenths = (value: number): number => Math.round(value * 10) / 10;
  return workloads.map(({ name, steps }, i) => ({
    workload: name,
    stepsPerSecond: Math.round(median(durations[i]!.map(({ clock }) => steps / clock))),
    gflops: tenths(median(gflops('clock', i))),
    slowestGflops: tenths(Math.min(...gflops('clock', i))),
    fastestGflops: tenths(Math.max(...gflops('clock', i))),
    percentOfPeak: percentOfPeak('clock', i),
    percentOfPeakByProcessorTime: percentOfPeak('processors', i),
  }));
}

/** Two trainings of one network: one after the other on two threads, and at the same time on one thread each. */
async function sideBySide(network: Network, steps: number) {
  const wide = await trainingWorkload(network, steps, 2);
  const narrow = [
    await trainingWorkload(network, steps, 1),
    await trainingWorkload(network, steps, 1),
  ];
  const [alone, sequence, together] = await inTurn([
    () => narrow[0]!.run(),
    async () => {
      await wide.run();
      await wide.run();
    },
    () => Promise.all(narrow.map(({ run }) => run())),
  ]);
  for (const { release } of [wide, ...narrow]) await release();
  const ratio = (a: readonly Duration[], b: readonly Duration[]): number =>
    Math.round(median(a.map(({ clock }, r) => (100 * clock) / b[r]!.clock))) / 100;
  return {
    network: network.name,
    /** 1 where both run at full speed at the same time, 2 where one waits for the other. */
    timeOfTwoOverOne: ratio(together!, alone!),
    speedOverTwoThreads: ratio(sequence!, together!),
  };
}

/** Measures and prints; with `--save` also writes `bench/results/training-throughput.json`. */
export async function main(): Promise<void> {
  const nhits = residualBlocks({ blocks: 3, lookBack: 480, horizon: 120, width: 512 }, 1024);
  const workloads = [
    await peakWorkload(1024, 20, threads),
    await trainingWorkload(nlinear(336, 96, 224), 800, threads),
    await trainingWorkload(perceptron(128, 256), 500, threads),
    await trainingWorkload(perceptron(512, 256), 40, threads),
    await trainingWorkload(nhits, 4, threads),
  ];
  const results = await measure(workloads);
  for (const { release } of workloads) await release();
  console.table(results);
  const parallel = [];
  for (const [network, steps] of [
    [nlinear(48, 24, 256), 4000],
    [nlinear(336, 96, 224), 800],
    [perceptron(32, 256), 4000],
    [perceptron(128, 256), 500],
    [perceptron(512, 256), 30],
  ] as const) {
    parallel.push(await sideBySide(network, steps));
  }
  console.table(parallel);
  if (!process.argv.includes('--save')) return;
  const load = createRequire(import.meta.url);
  const runtime = load('onnxruntime-node/package.json') as { version: string };
  const machine = {
    processor: cpus()[0]!.model.trim(),
    threads,
    node: process.version,
    onnxRuntime: runtime.version,
  };
  mkdirSync('bench/results', { recursive: true });
  const report = { machine, repetitions, results, parallel };
  writeFileSync('bench/results/training-throughput.json', `${JSON.stringify(report, null, 2)}\n`);
}
