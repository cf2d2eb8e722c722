/** Gradient boosting beside LightGBM: time to train and to predict at equal trees, leaves and bins, and the loss reached. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { gradientBoosting } from '../models/trees/gradient-boosting.ts';
import { createTable, type Table } from '../series/table.ts';
import { describeMachine } from './machine.ts';

const lags = [1, 2, 3, 7, 14, 21, 28, 35, 56, 364];
const windows = [7, 14, 28, 56];
const names = [
  ...lags.map((lag) => `lag-${lag}`),
  ...windows.flatMap((window) => [`mean-${window}`, `zeros-${window}`, `largest-${window}`]),
  'weekday',
  'day',
  'month',
];

/** Rows in the order of time. */
interface Matrix {
  readonly columns: readonly Float64Array[];
  readonly target: Float64Array;
  readonly rows: number;
  /** The first rows, to learn from; the others are the last 28 days. */
  readonly learned: number;
}

/** What one repetition took, in seconds, and the root mean squared error on the last 28 days. */
interface Measurement {
  readonly train: number;
  readonly trainCpu: number;
  readonly predict: number;
  readonly rmse: number;
}

/** The last `days` days of every series of the M5 sample, which has a series in each line. */
function buildMatrix(path: string, days: number): Matrix {
  const lines = gunzipSync(readFileSync(path)).toString().trim().split('\n');
  const dates = lines[0]!.split(',').slice(1);
  const series = lines.slice(1).map((line) => Float64Array.from(line.split(',').slice(1), Number));
  const rows = series.length * days;
  const columns = names.map(() => new Float64Array(rows));
  const target = new Float64Array(rows);
  let row = 0;
  for (let day = dates.length - days; day < dates.length; day++) {
    const date = new Date(dates[day]!);
    for (const values of series) {
      const features = describeDay(values, day, date);
      for (let c = 0; c < features.length; c++) columns[c]![row] = features[c]!;
      target[row++] = values[day]!;
    }
  }
  return { columns, target, rows, learned: rows - 28 * series.length };
}

function describeDay(values: Float64Array, day: number, date: Date): number[] {
  const rolling = windows.flatMap((window) => {
    const past = values.subarray(Math.max(0, day - window), day);
    let sum = 0;
    let zeros = 0;
    let largest = 0;
    for (const value of past) {
      sum += value;
      zeros += value === 0 ? 1 : 0;
      largest = Math.max(largest, value);
    }
    return [sum / past.length, zeros, largest];
  });
  const lagged = lags.map((lag) => values[day - lag] ?? Number.NaN);
  return [...lagged, ...rolling, date.getUTCDay(), date.getUTCDate(), date.getUTCMonth()];
}

const tableOf = ({ columns }: Matrix, begin: number, end: number): Table =>
  createTable(
    columns.map((values, c) => ({ name: names[c]!, values: values.slice(begin, end) })),
    end - begin,
  );

const common = { learningRate: 0.1, leaves: 31, minimumRows: 20, bins: 255 };

function measureOurs(matrix: Matrix, rounds: number): Measurement {
  const { rows, learned, target } = matrix;
  const [table, held] = [tableOf(matrix, 0, learned), tableOf(matrix, learned, rows)];
  const settings = gradientBoosting.hyperparameters.parse({ ...common, rounds });
  const before = process.cpuUsage();
  const began = performance.now();
  const fit = gradientBoosting.fit({ table, target: target.slice(0, learned), seed: 1 }, settings);
  const trained = performance.now();
  const { user, system } = process.cpuUsage(before);
  const predictions = fit.predict(held);
  const done = performance.now();
  const squares = predictions.reduce((sum, p, i) => sum + (p - target[learned + i]!) ** 2, 0);
  return {
    train: (trained - began) / 1000,
    trainCpu: (user + system) / 1e6,
    predict: (done - trained) / 1000,
    rmse: Math.sqrt(squares / predictions.length),
  };
}

function measurePeer(python: string, job: object): { version: string; measured: Measurement[] } {
  const output = execFileSync(python, ['bench/peers/lightgbm-job.py', JSON.stringify(job)]);
  return JSON.parse(output.toString()) as { version: string; measured: Measurement[] };
}

function medians(measured: readonly Measurement[]): Measurement {
  const median = (of: keyof Measurement): number => {
    const sorted = measured.map((one) => one[of]).sort((a, b) => a - b);
    return Number(sorted[Math.floor(sorted.length / 2)]!.toPrecision(5));
  };
  const [train, trainCpu] = [median('train'), median('trainCpu')];
  return { train, trainCpu, predict: median('predict'), rmse: median('rmse') };
}

/**
 * Measures and prints; `--data` names the folder with retail/m5_dev_items10pct.csv.gz, `--days n` (default 120), `--rounds n`
 * (default 100), `--pairs n` (default 3; one of ours, one of theirs, in turn), `--save` writes
 * bench/results/gradient-boosting.json. PEERS_PYTHON names a python with lightgbm; without it ours is measured alone.
 */
export function main(args: readonly string[]): void {
  const { values } = parseArgs({
    args: [...args],
    options: {
      data: { type: 'string', default: '../shared/data' },
      days: { type: 'string', default: '120' },
      rounds: { type: 'string', default: '100' },
      pairs: { type: 'string', default: '3' },
      save: { type: 'boolean', default: false },
    },
  });
  const [days, rounds, pairs] = [values.days, values.rounds, values.pairs].map(Number) as [
    number,
    number,
    number,
  ];
  const matrix = buildMatrix(join(values.data, 'retail/m5_dev_items10pct.csv.gz'), days);
  const python = process.env['PEERS_PYTHON'] ?? '/tmp/peers-venv/bin/python';
  const folder = mkdtempSync(join(tmpdir(), 'gradient-boosting-'));
  const files = { matrix: join(folder, 'matrix'), target: join(folder, 'target') };
  writeFileSync(files.matrix, Buffer.concat(matrix.columns.map((c) => Buffer.from(c.buffer))));
  writeFileSync(files.target, new Uint8Array(matrix.target.buffer));
  const { rows, learned } = matrix;
  const job = { ...files, ...common, rows, learned, columns: names, rounds, repetitions: 1 };
  const measured: Record<string, Measurement[]> = {};
  let version: string | undefined;
  const note = (who: string, one: Measurement): void => void (measured[who] ??= []).push(one);
  for (let pair = 0; pair < pairs; pair++) {
    note('agentic-forecast', measureOurs(matrix, rounds));
    for (const threads of existsSync(python) ? [1, 2] : []) {
      const peer = measurePeer(python, { ...job, threads });
      version = peer.version;
      note(`lightgbm, ${threads} thread${threads > 1 ? 's' : ''}`, peer.measured[0]!);
    }
  }
  rmSync(folder, { recursive: true });
  const results = Object.entries(measured).map(([who, all]) => ({ who, ...medians(all) }));
  console.table(results);
  if (!values.save) return;
  const report = {
    benchmark: 'gradient-boosting',
    what: 'M5 sample, next day from lags; seconds with the cutting into bins, RMSE of the last 28 days; medians of pairs',
    machine: describeMachine(),
    settings: { ...common, rounds, rows, learned, columns: names.length, pairs },
    lightgbm: version ?? null,
    results,
  };
  mkdirSync('bench/results', { recursive: true });
  writeFileSync('bench/results/gradient-boosting.json', `${JSON.stringify(report, null, 2)}\n`);
}
