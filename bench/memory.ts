/** Memory benchmark: the most that training and forecasting 10,000 series of 1,000 points take, each model in a process of its own. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRandom } from '../tensor/random.ts';
import type { Job } from './peers/job.ts';
import { createOurRunner, createPeerRunner, type Runner } from './peers/processes.ts';

const length = 1000;
const peers: Readonly<Record<string, string>> = { nlinear: 'NLinear', nhits: 'NHITS' };

/** Random walks with a daily season, one after the other. */
function makeValues(series: number): Float64Array {
  const random = createRandom(1, 'memory');
  const values = new Float64Array(series * length);
  for (let i = 0; i < series; i++) {
    let level = 0;
    for (let k = 0; k < length; k++) {
      level += random.normal();
      values[i * length + k] = level + 5 * Math.sin((2 * Math.PI * k) / 24);
    }
  }
  return values;
}

/** What one process took; memory in MiB. */
interface Row {
  readonly model: string;
  readonly side: string;
  readonly loadedMib: number;
  readonly fittedMib: number;
  readonly forecastMib: number;
  readonly fitSeconds: number;
}

async function measure(side: string, run: Runner, job: Job): Promise<Row> {
  const { peakMib, fitSeconds } = await run(job);
  return {
    model: job.model,
    side,
    loadedMib: Math.round(peakMib.loaded),
    fittedMib: Math.round(peakMib.fitted),
    forecastMib: Math.round(peakMib.end),
    fitSeconds: Number(fitSeconds.toFixed(1)),
  };
}

/**
 * `--series N` (default 10,000), `--steps N` (default 200), `--models nlinear,nhits`; `--peer` measures neuralforecast as
 * well, `--save` writes bench/results/memory.json.
 */
export async function main(args: readonly string[] = process.argv.slice(3)): Promise<void> {
  const option = (name: string, otherwise: string): string =>
    args.includes(name) ? args[args.indexOf(name) + 1]! : otherwise;
  const series = Number(option('--series', '10000'));
  const folder = mkdtempSync(join(tmpdir(), 'agentic-forecast-memory-'));
  const values = join(folder, 'values.f64');
  writeFileSync(values, makeValues(series));
  const ours = await createOurRunner(folder);
  const peer = args.includes('--peer') ? createPeerRunner(folder) : undefined;
  const rows: Row[] = [];
  for (const model of option('--models', Object.keys(peers).join(',')).split(',')) {
    const job: Job = {
      model,
      hyperparameters: {},
      lookBack: 120,
      horizon: 24,
      steps: Number(option('--steps', '200')),
      windowsInStep: 1024,
      learningRate: 1e-3,
      learningRateDecay: 3,
      scaler: 'standard',
      seed: 1,
      threads: Math.min(2, availableParallelism()),
      values,
      lengths: Array.from({ length: series }, () => length),
      folds: 0,
      validationFolds: 1,
      phase: false,
      forecasts: join(folder, 'forecasts.f64'),
      latencyCalls: 10,
      peer: { model: peers[model] ?? model, seriesInStep: 32, hyperparameters: {} },
    };
    rows.push(await measure('agentic-forecast', ours, job));
    if (peer !== undefined) rows.push(await measure('neuralforecast', peer, job));
  }
  rmSync(folder, { recursive: true, force: true });
  console.log(`${series} series of ${length} points: largest resident memory in MiB`);
  console.table(rows);
  if (!args.includes('--save')) return;
  const report = { benchmark: 'memory', series, length, node: process.version, results: rows };
  mkdirSync('bench/results', { recursive: true });
  writeFileSync('bench/results/memory.json', `${JSON.stringify(report, null, 2)}\n`);
}
