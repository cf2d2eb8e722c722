/**
 * Many series: seconds and memory of a whole run of the command line, reading and files included, on made-up monthly series
 * of four years, scored on the half year that follows. It needs a build.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseFrequency } from '../series/frequency.ts';
import { assert } from '../state/errors.ts';
import { createRandom } from '../tensor/random.ts';
import { createOptions, given } from './options.ts';
import { type RunOutcome, readForecasts, runPreset } from './preset-run.ts';
import { decimals, printTable } from './print-table.ts';
import { openResults } from './results-file.ts';
import { certainForecast, createTally } from './scores.ts';
import { cutSeries, type TaskWindow, type WholeSeries } from './task-data/task.ts';

const sizes = ['1000', '10000', '100000'];
const shape = { horizon: 6, season: 12, frequency: 'MS' } as const;
const length = 48 + shape.horizon;

interface Row {
  readonly series: number;
  readonly preset: string;
  /** Seconds; null if there was no limit. */
  readonly timeLimit: number | null;
  readonly seconds: number;
  readonly peakMib: number | null;
  readonly mase: number;
  readonly maseOfSeasonalNaive: number;
  readonly served: RunOutcome['weights'];
}
type Key = Pick<Row, 'series' | 'preset' | 'timeLimit'>;

/** Trend, yearly season and noise, all in proportion to the level, which differs by orders of magnitude. */
function makeSeries(index: number): WholeSeries {
  const { normal, uniform } = createRandom(1, 'many-series', index);
  const [level, growth] = [Math.exp(4 + normal()), 0.01 * normal()];
  const [swing, phase] = [0.4 * uniform(), 2 * Math.PI * uniform()];
  const values = Float64Array.from({ length }, (_, k) => {
    const season = swing * Math.sin((2 * Math.PI * k) / shape.season + phase);
    return Math.max(0, Number((level * (1 + growth * k + season + 0.1 * normal())).toFixed(2)));
  });
  return { id: `item-${index}`, values, start: Date.UTC(2021, 0) };
}

/** The last observed season again. */
function repeatSeason({ panel: { y, offsets }, test }: TaskWindow): Float64Array {
  return Float64Array.from(test, (_, k) => {
    const end = offsets[Math.floor(k / shape.horizon) + 1]!;
    return y[end - shape.season + (k % shape.horizon)]!;
  });
}

async function measure({ series, preset, timeLimit }: Key, program: string): Promise<Row> {
  const folder = mkdtempSync(join(tmpdir(), 'agentic-forecast-many-series-'));
  const all = Array.from({ length: series }, (_, i) => makeSeries(i));
  const window = cutSeries(all, shape, parseFrequency(shape.frequency), shape.horizon);
  const limit = given('timeLimit', timeLimit ?? undefined);
  const outcome = await runPreset({ preset, program, folder, ...limit }, shape, window);
  assert(outcome.error === undefined, outcome.error ?? '');
  const maseOf = (forecast: Parameters<ReturnType<typeof createTally>['add']>[1]): number => {
    const tally = createTally(shape);
    tally.add(window, forecast);
    return tally.scores().mase;
  };
  const { seconds, peakMib, weights: served } = outcome;
  const mase = maseOf(readForecasts(folder, window));
  const maseOfSeasonalNaive = maseOf(certainForecast(repeatSeason(window)));
  rmSync(folder, { recursive: true, force: true });
  return { series, preset, timeLimit, seconds, peakMib, mase, maseOfSeasonalNaive, served };
}

/**
 * `--series 1000,10000,100000` and `--presets fast` choose; `--time-limit S` goes to every run; `--save` writes
 * bench/results/many-series.json after each; `--program FILE` is the compiled command line.
 */
export async function main(args: readonly string[] = process.argv.slice(3)): Promise<void> {
  const options = createOptions(args);
  const program = resolve(options.text('--program') ?? 'dist/app/cli/main.js');
  const timeLimit = options.number('--time-limit') ?? null;
  const what =
    'The command line on made-up monthly series of four years, scored on the half year that follows';
  const keyOf = (key: Key): string => [key.series, key.preset, key.timeLimit].join(' ');
  const results = openResults<Row, Key>({ benchmark: 'many-series', what }, keyOf, {
    save: options.has('--save'),
  });
  for (const preset of options.list('--presets', ['fast'])) {
    for (const series of options.list('--series', sizes).map(Number)) {
      results.put(await measure({ series, preset, timeLimit }, program));
    }
  }
  printTable(
    results.cells().map(({ series, served, ...row }) => [
      `${series} ${row.preset}`,
      {
        limit: row.timeLimit,
        seconds: decimals(row.seconds, 1),
        'peak MiB': decimals(row.peakMib, 0),
        MASE: decimals(row.mase, 3),
        'seasonal-naive': decimals(row.maseOfSeasonalNaive, 3),
        served: served
          .map(({ model, weight }) => `${weight.toFixed(2)} ${model}`)
          .join(' ')
          .slice(0, 60),
      },
    ]),
  );
}
