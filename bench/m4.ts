/**
 * M4 benchmark: single N-BEATS and N-HiTS networks on M4 Hourly and Weekly beside naive forecasts, by the competition's
 * measures. Settings are chosen on the last horizon of the training parts; the test parts are looked at once, by what was
 * chosen and trained on all of the training parts.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NeuralModel } from '../models/model.ts';
import { nbeats } from '../models/neural/nbeats.ts';
import { nhits } from '../models/neural/nhits.ts';
import { createLocalArtifacts } from '../services/artifacts/local.ts';
import { createInference } from '../services/inference/inference.ts';
import { createTraining } from '../services/training/training.ts';
import {
  type M4Set,
  owa,
  readSet,
  readSubmission,
  repeatLast,
  type Scores,
  scoreForecasts,
  type SetName,
} from './m4-data.ts';
import {
  type Candidate,
  chooseCandidate,
  type Engines,
  protocol,
  type Trial,
  tryCandidate,
} from './m4-protocol.ts';
import { describeMachine } from './machine.ts';

const gridOf = (
  loss: Candidate['loss'],
  settings: readonly Omit<Candidate, 'loss' | 'hyperparameters'>[],
): Candidate[] =>
  settings.map((setting) => ({ ...setting, loss, hyperparameters: { width: 256 } }));

/** The sets that networks are trained on. */
type NetworkSet = Exclude<SetName, 'Yearly'>;

const grids: Readonly<Record<NetworkSet, readonly Candidate[]>> = {
  Hourly: gridOf('mae', [
    { lookBack: 4, learningRate: 0.001, maxSteps: 600, recent: 10 },
    { lookBack: 7, learningRate: 0.001, maxSteps: 600, recent: 10 },
    { lookBack: 4, learningRate: 0.003, maxSteps: 600, recent: 10 },
  ]),
  Weekly: gridOf('mae', [
    { lookBack: 4, learningRate: 0.001, maxSteps: 600, recent: 10 },
    { lookBack: 4, learningRate: 0.001, maxSteps: 600, recent: 200 },
    { lookBack: 4, learningRate: 0.001, maxSteps: 1000, recent: 200 },
  ]),
};

/** MASE that others reached: the best and two known entries of the competition, and N-BEATS of GluonTS in GIFT-Eval. */
const published: Readonly<Record<NetworkSet, Readonly<Record<string, number>>>> = {
  Hourly: { 'best entry': 0.801, 'ES-RNN': 0.893, Theta: 2.455, 'N-BEATS of GluonTS': 1.34 },
  Weekly: { 'best entry': 2.108, 'ES-RNN': 2.356, Theta: 2.637, 'N-BEATS of GluonTS': 1.97 },
};

/** One line of the table: scores on the test parts. */
interface Row extends Scores {
  readonly set: SetName;
  readonly model: string;
  readonly owa: number;
  readonly chosen?: Trial;
  /** Every setting with its scores on the last horizon of the training parts. */
  readonly trials?: readonly Trial[];
  readonly seconds?: number;
}

const scoresOf = ({ mase, smape }: Scores): string =>
  `MASE ${mase.toFixed(3).padStart(6)}  sMAPE ${smape.toFixed(3).padStart(6)}`;

const settingOf = ({ lookBack, learningRate, maxSteps, recent, loss }: Candidate): string =>
  `look-back ${lookBack} of ${recent} horizons, ${maxSteps} steps of ${learningRate}, ${loss}`;

function print({ set, model, owa: weighted, seconds, ...scores }: Row): void {
  const cells = [set, model.padEnd(8), scoresOf(scores), `OWA ${weighted.toFixed(3)}`];
  if (seconds !== undefined) cells.push(`trained in ${seconds.toFixed(0)} s`);
  console.log(cells.join('  '));
}

/** Scores of the naive forecasts; Naive2 is the organisers' own. */
function naiveRows(set: M4Set, folder: string): Row[] {
  const file = join(folder, 'reference', 'submission-Naive2.zip');
  const naive2 = scoreForecasts(set, readSubmission(file, set), 0);
  const row = (model: string, scores: Scores): Row => ({
    set: set.name,
    model,
    ...scores,
    owa: owa(scores, naive2),
  });
  return [
    row('Naive2', naive2),
    row('naive', scoreForecasts(set, repeatLast(set, 1, 0), 0)),
    row('sNaive', scoreForecasts(set, repeatLast(set, set.season, 0), 0)),
  ];
}

/** Chooses a setting, trains it on all of the training parts, and looks at the test parts. */
async function runModel(
  model: NeuralModel,
  set: M4Set,
  candidates: readonly Candidate[],
  naive2: Scores,
  engines: Engines,
): Promise<Row> {
  const trials = await chooseCandidate(model, set, candidates, engines, (trial) =>
    console.log(`  ${model.name}: ${settingOf(trial)}: ${scoresOf(trial)} before the test part`),
  );
  const chosen = trials[0]!;
  const { mase, smape, seconds } = await tryCandidate(model, set, chosen, 0, engines);
  const scores = { mase, smape };
  const row = { set: set.name, model: model.name, ...scores, owa: owa(scores, naive2) };
  return { ...row, chosen, trials, seconds };
}

const rounded = (_: string, value: unknown): unknown =>
  typeof value === 'number' ? Number(value.toFixed(4)) : value;

function save(rows: readonly Row[]): void {
  const machine = describeMachine();
  const what =
    'M4 Hourly and Weekly, one network each, settings chosen on the last horizon of the training parts';
  const result = { benchmark: 'm4', what, machine, protocol, published, results: rows };
  mkdirSync('bench/results', { recursive: true });
  writeFileSync('bench/results/m4.json', `${JSON.stringify(result, rounded, 2)}\n`);
}

/**
 * `--data FOLDER` has the competition's files, `--set Hourly|Weekly` runs one of the two, `--save` writes
 * bench/results/m4.json.
 */
export async function main(args: readonly string[] = process.argv.slice(3)): Promise<void> {
  const option = (name: string): string | undefined =>
    args.includes(name) ? args[args.indexOf(name) + 1] : undefined;
  const data = option('--data') ?? '../shared/data/m4';
  const names = Object.keys(grids) as NetworkSet[];
  const folder = mkdtempSync(join(tmpdir(), 'agentic-forecast-m4-'));
  const artifacts = createLocalArtifacts(join(folder, 'artifacts'));
  const inference = createInference({ artifacts });
  const training = createTraining({ progressFolder: folder, clock: () => performance.now() });
  const engines = { training, inference, artifacts };
  const rows: Row[] = [];
  for (const name of names.filter((each) => each === (option('--set') ?? each))) {
    const set = readSet(data, name);
    const naive = naiveRows(set, data);
    for (const row of naive) print(row);
    console.log(`  published MASE: ${JSON.stringify(published[name])}`);
    rows.push(...naive);
    for (const model of [nbeats, nhits]) {
      const row = await runModel(model, set, grids[name], naive[0]!, engines);
      print(row);
      rows.push(row);
    }
  }
  await inference.close();
  rmSync(folder, { recursive: true, force: true });
  if (args.includes('--save')) save(rows);
}
