/**
 * Our training and forecasting beside those of neuralforecast (Nixtla): the same series, model sizes, windows in a step,
 * steps, loss and learning rate, on the same threads, in processes that take turns. `bench/peers/README.md` says how to make the peer's
 * environment and what is compared.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { models } from '../models/index.ts';
import { median, quantile } from '../series/quantiles.ts';
import type { Job } from './peers/job.ts';
import {
  createOurRunner,
  createPeerRunner,
  type Outcome,
  peerPython,
  type Runner,
} from './peers/processes.ts';
import { type Accuracy, scoreForecast } from './peers/scores.ts';
import { readSet, type Workload, workloads, writeSeries } from './peers/workloads.ts';
import { openResults } from './results-file.ts';

/** Medians over the repetitions of one side; memory in MiB, latencies in milliseconds. */
interface Side extends Accuracy {
  readonly versions: Readonly<Record<string, string>>;
  readonly parameters: number;
  readonly fitSeconds: number;
  readonly fitSecondsOfEach: readonly number[];
  readonly importAndFitSeconds: number;
  readonly processSeconds: number;
  readonly startSeconds: number;
  readonly stepSeconds: number;
  readonly loadedMib: number;
  readonly fittedMib: number;
  readonly predictOneMs: Readonly<Record<string, { readonly p50: number; readonly p99: number }>>;
  readonly predictAllMs: number;
}

/** One workload on both sides; `peer` is null where its environment is missing. */
interface Comparison {
  readonly workload: Omit<Workload, 'peer'> & Pick<Job, 'threads'>;
  readonly ours: Side;
  readonly peer: Side | null;
  /** The peer's figure divided by ours, the median over pairs: above one, ours is the faster or smaller. */
  readonly ratios: Readonly<Record<string, number>> | null;
}

const middle = (outcomes: readonly Outcome[], figure: (outcome: Outcome) => number): number =>
  median(outcomes.map(figure));

function summarise(outcomes: readonly Outcome[], accuracy: Accuracy): Side {
  const first = outcomes[0]!;
  const latencies = Object.entries(first.predictOneMs).map(([name, times]) => {
    const sorted = Float64Array.from(times).sort();
    return [name, { p50: quantile(sorted, 0.5), p99: quantile(sorted, 0.99) }] as const;
  });
  return {
    versions: first.versions,
    parameters: first.parameters,
    fitSeconds: middle(outcomes, ({ fitSeconds }) => fitSeconds),
    fitSecondsOfEach: outcomes.map(({ fitSeconds }) => fitSeconds),
    importAndFitSeconds: middle(outcomes, (o) => o.importSeconds + o.fitSeconds),
    processSeconds: first.processSeconds,
    startSeconds: middle(outcomes, ({ startSeconds }) => startSeconds),
    stepSeconds: middle(outcomes, ({ stepSeconds }) => stepSeconds),
    loadedMib: middle(outcomes, ({ peakMib }) => peakMib.loaded),
    fittedMib: middle(outcomes, ({ peakMib }) => peakMib.fitted),
    predictOneMs: Object.fromEntries(latencies),
    predictAllMs: median(first.predictAllMs),
    ...accuracy,
  };
}

function ratiosOf(ours: readonly Outcome[], peer: readonly Outcome[]): Record<string, number> {
  const ratio = (figure: (outcome: Outcome) => number): number =>
    median(ours.map((outcome, pair) => figure(peer[pair]!) / figure(outcome)));
  return {
    fit: ratio(({ fitSeconds }) => fitSeconds),
    importAndFit: ratio((o) => o.importSeconds + o.fitSeconds),
    step: ratio(({ stepSeconds }) => stepSeconds),
    peakMemory: ratio(({ peakMib }) => peakMib.fitted),
    memoryBeyondImports: ratio(({ peakMib }) => peakMib.fitted - peakMib.loaded),
    predictOne: median(peer[0]!.predictOneMs['call']!) / median(ours[0]!.predictOneMs['call']!),
    predictAll: median(peer[0]!.predictAllMs) / median(ours[0]!.predictAllMs),
  };
}

async function compare(
  workload: Workload,
  options: Options,
  folder: string,
  runners: { readonly ours: Runner; readonly peer: Runner | undefined },
): Promise<Comparison> {
  const set = readSet(workload, options.data);
  const job: Job = {
    ...workload,
    steps: options.steps ?? workload.steps,
    scaler: options.scaler ?? workload.scaler,
    threads: options.threads,
    latencyCalls: options.calls,
    ...writeSeries(set, folder),
  };
  const ours: Outcome[] = [];
  const peer: Outcome[] = [];
  for (let pair = 0; pair < options.pairs; pair++) {
    // Latencies are measured once; in every other pair the peer goes first.
    const told = pair === 0 ? job : { ...job, latencyCalls: 0 };
    const turns = [async () => ours.push(await runners.ours(told))];
    const other = runners.peer;
    if (other !== undefined) turns.push(async () => peer.push(await other(told)));
    for (const turn of pair % 2 === 0 ? turns : turns.toReversed()) await turn();
  }
  const side = (outcomes: readonly Outcome[]): Side =>
    summarise(outcomes, scoreForecast(set, outcomes[0]!.forecast, job.folds, job.horizon));
  const { peer: _, ...shared } = workload;
  const { steps, scaler, threads } = job;
  return {
    workload: { ...shared, steps, scaler, threads },
    ours: side(ours),
    peer: peer.length > 0 ? side(peer) : null,
    ratios: peer.length > 0 ? ratiosOf(ours, peer) : null,
  };
}

function print({ workload, ours, peer, ratios }: Comparison): void {
  const { model, set, horizon, lookBack, steps } = workload;
  console.log(`\n${model} on ${set}, ${lookBack} -> ${horizon}, ${steps} steps`);
  const rows = Object.entries({ ours, neuralforecast: peer }).flatMap(([name, side]) =>
    side === null ? [] : [[name, rowOf(side)] as const],
  );
  console.table(Object.fromEntries(rows));
  const { call: _, ...inside } = ours.predictOneMs;
  console.log(
    'inside our forecast of one series, p50 and p99 in ms:',
    JSON.stringify(inside, short),
  );
  if (ratios !== null)
    console.log("neuralforecast's figure by ours:", JSON.stringify(ratios, short));
}

function rowOf(side: Side): Record<string, number> {
  const call = side.predictOneMs['call'];
  return {
    'fit s': round(side.fitSeconds),
    'with import s': round(side.importAndFitSeconds),
    'start s': round(side.startSeconds),
    'step ms': round(side.stepSeconds * 1000),
    'loaded MiB': Math.round(side.loadedMib),
    'peak MiB': Math.round(side.fittedMib),
    'one p50 ms': round(call?.p50 ?? Number.NaN),
    'one p99 ms': round(call?.p99 ?? Number.NaN),
    'all ms': round(side.predictAllMs),
    MAE: round(side.mae),
    MASE: round(side.mase),
    parameters: side.parameters,
  };
}

const round = (value: number): number =>
  Number.isInteger(value) ? value : Number(value.toPrecision(4));
const short = (_: string, value: unknown): unknown =>
  typeof value === 'number' ? round(value) : value;

/** What the command line sets. */
interface Options {
  readonly data: string;
  readonly pairs: number;
  readonly threads: number;
  readonly calls: number;
  readonly steps: number | undefined;
  readonly scaler: Job['scaler'] | undefined;
}

function readOptions(option: (name: string) => string | undefined): Options {
  const steps = option('--steps');
  return {
    data: option('--data') ?? '../shared/data',
    pairs: Number(option('--pairs') ?? 3),
    threads: Number(option('--threads') ?? Math.min(2, availableParallelism())),
    calls: Number(option('--calls') ?? 200),
    steps: steps === undefined ? undefined : Number(steps),
    scaler: option('--scaler') as Job['scaler'] | undefined,
  };
}

const what = 'Same series, model sizes, steps, windows in a step and loss; medians of pairs';
type Key = Pick<Comparison, 'workload'>;
const keyOf = ({ workload: { model, set, steps, scaler } }: Key): string =>
  [model, set, steps, scaler].join(' ');

/**
 * `--models a,b` and `--sets etth1,m4-hourly` choose workloads; `--pairs N`, `--steps N`, `--calls N`, `--threads N`,
 * `--scaler none|standard` change them; `--data FOLDER` names the folder with `ett/` and `m4/`; `--save` writes
 * bench/results/peers.json, where workloads of earlier calls stay.
 */
export async function main(args: readonly string[] = process.argv.slice(3)): Promise<void> {
  const option = (name: string): string | undefined =>
    args.includes(name) ? args[args.indexOf(name) + 1] : undefined;
  const options = readOptions(option);
  const wanted = (name: string, value: string): boolean =>
    option(name)?.split(',').includes(value) ?? true;
  const chosen = workloads.filter(
    ({ model, set }) =>
      wanted('--models', model) &&
      wanted('--sets', set) &&
      models.some(({ name }) => name === model),
  );
  const results = openResults<Comparison, Key>({ benchmark: 'peers', what }, keyOf, {
    save: args.includes('--save'),
  });
  const folder = mkdtempSync(join(tmpdir(), 'agentic-forecast-peers-'));
  const runners = { ours: await createOurRunner(folder), peer: createPeerRunner(folder) };
  if (runners.peer === undefined) {
    console.log(`No ${peerPython}: ours alone. bench/peers/README.md says how to make it.`);
  }
  for (const workload of chosen) {
    const comparison = await compare(workload, options, folder, runners);
    print(comparison);
    results.put(comparison);
  }
  rmSync(folder, { recursive: true, force: true });
}
