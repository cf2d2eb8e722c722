/**
 * How the M4 benchmark trains: a setting is chosen by the forecasts of the last horizon of the training parts, made by
 * networks that were trained on what lies before it; the chosen one is trained again on all of the training parts.
 */
import type { Hyperparameters, NeuralModel } from '../models/model.ts';
import type { FoldPlan } from '../series/folds.ts';
import { seriesLength } from '../series/panel.ts';
import type { Artifacts } from '../services/artifacts/artifacts.ts';
import { buildForecastNetwork, type Inference } from '../services/inference/inference.ts';
import type { WindowDraw } from '../services/training/sampling.ts';
import { trainingSettingsSchema } from '../services/training/settings.ts';
import type { Training } from '../services/training/training.ts';
import { createRandom } from '../tensor/random.ts';
import { type M4Set, type Scores, scoreForecasts } from './m4-data.ts';

/** One setting of the grid. */
export interface Candidate {
  /** In horizons. */
  readonly lookBack: number;
  readonly learningRate: number;
  readonly maxSteps: number;
  /** How many horizons before the end of the training parts windows may end. */
  readonly recent: number;
  readonly loss: 'mae' | 'mase';
  readonly hyperparameters: Hyperparameters;
}

/** The same for all: Adam, the learning rate halved three times, windows in one step, seed. */
export const protocol = { batchSize: 256, seed: 1 } as const;

/** What trains and forecasts. */
export interface Engines {
  readonly training: Training;
  readonly inference: Inference;
  readonly artifacts: Artifacts;
}

/** A candidate with what it reached. */
export interface Trial extends Candidate, Scores {
  /** Seconds of training. */
  readonly seconds: number;
  readonly stepsPerSecond: number;
}

/**
 * Windows as Oreshkin et al. 2020 draw them (section 5.2 and appendix): every series is equally likely, and its window ends
 * within the last `recent` horizons of its training part.
 */
function createRecentDraw(
  { panel, horizon }: M4Set,
  { lookBack, recent }: Candidate,
  stepsFromEnd: number,
): WindowDraw {
  const steps = (lookBack + 1) * horizon;
  const lengthOf = (i: number): number => seriesLength(panel, i) - stepsFromEnd;
  const usable = panel.ids.map((_, i) => i).filter((i) => lengthOf(i) >= steps);
  const countOf = (i: number): number => Math.min(lengthOf(i) - steps + 1, recent * horizon);
  return {
    name: `recent-${recent}`,
    batch: protocol.batchSize,
    windows: usable.reduce((sum, i) => sum + countOf(i), 0),
    starts(step, count) {
      const starts = new BigInt64Array(count * protocol.batchSize);
      for (let s = 0; s < count; s++) {
        const random = createRandom(protocol.seed, 'recent-windows', step + s);
        for (let b = 0; b < protocol.batchSize; b++) {
          const i = usable[random.integer(usable.length)]!;
          const latest = panel.offsets[i]! + lengthOf(i) - steps;
          starts[s * protocol.batchSize + b] = BigInt(latest - random.integer(countOf(i)));
        }
      }
      return starts;
    },
  };
}

/** Trains a candidate on all but the last `stepsFromEnd` steps, and scores its forecasts of what follows. */
export async function tryCandidate(
  model: NeuralModel,
  set: M4Set,
  candidate: Candidate,
  stepsFromEnd: number,
  { training, inference, artifacts }: Engines,
): Promise<Trial> {
  const { panel, horizon } = set;
  const lookBack = candidate.lookBack * horizon;
  const plan: FoldPlan = { horizon, folds: [], trainStepsFromEnd: stepsFromEnd };
  const { learningRate, maxSteps, recent, loss } = candidate;
  const key = [set.name, model.name, stepsFromEnd, lookBack, learningRate, maxSteps, recent, loss];
  const trained = await training.train({
    model,
    hyperparameters: candidate.hyperparameters,
    settings: trainingSettingsSchema.parse({
      lookBack,
      learningRate,
      loss,
      season: set.season,
      batchSize: protocol.batchSize,
      maxSteps,
      // The draw counts positions in the panel, which padding would shift.
      padShort: false,
    }),
    panel,
    horizon,
    plan,
    seed: protocol.seed,
    progressKey: key.join('/'),
    emit: () => undefined,
    draw: createRecentDraw(set, candidate, stepsFromEnd),
  });
  const uri = await artifacts.put(buildForecastNetwork(trained));
  const origins = Int32Array.from(panel.ids, (_, i) => seriesLength(panel, i) - stepsFromEnd);
  const forecasts = await inference.forecastPanel({ uri, lookBack, horizon }, panel, origins);
  const { seconds, stepsPerSecond } = trained;
  const scores = scoreForecasts(set, forecasts, stepsFromEnd);
  return { ...candidate, ...scores, seconds, stepsPerSecond };
}

/** All candidates by their scores on the last horizon of the training parts, which none was trained on, best MASE first. */
export async function chooseCandidate(
  model: NeuralModel,
  set: M4Set,
  candidates: readonly Candidate[],
  engines: Engines,
  onTrial: (trial: Trial) => void,
): Promise<Trial[]> {
  const trials: Trial[] = [];
  for (const candidate of candidates) {
    const trial = await tryCandidate(model, set, candidate, set.horizon, engines);
    onTrial(trial);
    trials.push(trial);
  }
  return trials.sort((a, b) => a.mase - b.mase);
}
