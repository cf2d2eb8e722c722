/** Search: seeded random search whose study outlives the process, trial by trial. */
import type { Hyperparameters, SearchSpace } from '../../models/model.ts';
import { type ErrorCode, isForecastError } from '../../state/errors.ts';
import type { Emit } from '../../state/events.ts';
import type { Json } from '../../state/json.ts';
import type { Database, Schema } from '../database/database.ts';
import { inLanes } from '../workers/lanes.ts';
import { canonicalText, drawConfigurations } from './configurations.ts';

/** One finished trial. */
export interface Trial {
  /** From 0. */
  readonly trial: number;
  readonly configuration: Hyperparameters;
  /** Lower is better; null if it failed or gave no finite score. */
  readonly score: number | null;
  /** What it failed of; null if it did not. */
  readonly error: ErrorCode | null;
  readonly details: Json;
  readonly seconds: number;
}
/** A trial that succeeded. */
export type ScoredTrial = Trial & { readonly score: number };

/** What is searched. */
export interface SearchTask {
  /** Names the study; the same name with the same space, defaults and seed continues it. */
  readonly study: string;
  readonly space: SearchSpace;
  /** First trial, and the values of what the space leaves out; without them every trial is drawn. */
  readonly defaults?: Hyperparameters;
  /** The next trials: values that differ from the defaults and are known to do well on some data. */
  readonly variants?: readonly Hyperparameters[];
  /** How many trials the study is to have, those of earlier processes included. */
  readonly trials: number;
  readonly seed: number;
  /**
   * Judges a configuration; lower is better. It should take no longer than `trialMs`, its even share of the time left.
   * An operating error fails the trial and not the study.
   */
  evaluate(
    configuration: Hyperparameters,
    trial: number,
    trialMs: number,
  ): Promise<{ readonly score: number; readonly details?: Json }>;
  /** How many trials are under way at once; 1 if left out. */
  readonly parallel?: number;
  /** Bound on the time of this call, in milliseconds: once over, no further trial begins. The first always does. */
  readonly deadlineMs?: number;
  readonly signal?: AbortSignal;
  readonly emit: Emit;
}

/** What a search found. */
export interface SearchOutcome {
  /** The lowest score, the earlier trial if equal; null if no trial gave one. */
  readonly best: ScoredTrial | null;
  /** In order; fewer than asked for where time ran out or the space has no more configurations. */
  readonly trials: readonly Trial[];
  /** How many of them earlier processes had finished. */
  readonly resumed: number;
}

/** Searches configurations. */
export interface Search {
  /**
   * Evaluates configurations in their order, none twice, and stores each trial as soon as it is finished. Trial k
   * has the same configuration in every process. Emits `trial-finished`. Throws the signal's reason when it aborts, and
   * whatever is not the trial's own failure: errors of the run or the store, and programmer errors.
   */
  search(task: SearchTask): Promise<SearchOutcome>;
}

const schema: Schema = {
  name: 'search',
  scripts: [
    `CREATE TABLE trials (
       study TEXT NOT NULL, trial INTEGER NOT NULL, configuration TEXT NOT NULL, score REAL, error TEXT,
       details TEXT NOT NULL, seconds REAL NOT NULL, PRIMARY KEY (study, trial)
     ) WITHOUT ROWID`,
  ],
};

interface Row {
  readonly trial: number;
  readonly configuration: string;
  readonly score: number | null;
  readonly error: string | null;
  readonly details: string;
  readonly seconds: number;
}

/** Search with studies in `database`; `clock` in milliseconds. */
export function createSearch(dependencies: {
  readonly database: Database;
  readonly clock: () => number;
}): Search {
  const { database, clock } = dependencies;
  database.install(schema);
  const select = database.prepare<Row>(
    'SELECT trial, configuration, score, error, details, seconds FROM trials WHERE study = ?',
  );
  const insert = database.prepare('INSERT OR REPLACE INTO trials VALUES (?, ?, ?, ?, ?, ?, ?)');

  /** What is stored of the study; a trial of another configuration belongs to another space or seed and is left out. */
  const stored = (
    study: string,
    configurations: readonly Hyperparameters[],
  ): Map<number, Trial> => {
    const trials = new Map<number, Trial>();
    for (const row of select.all(study)) {
      const configuration = configurations[row.trial];
      if (configuration === undefined || canonicalText(configuration) !== row.configuration)
        continue;
      const details = JSON.parse(row.details) as Json;
      trials.set(row.trial, {
        ...row,
        configuration,
        error: row.error as ErrorCode | null,
        details,
      });
    }
    return trials;
  };
  const store = (study: string, { trial, configuration, score, error, details, seconds }: Trial) =>
    insert.run(
      study,
      trial,
      canonicalText(configuration),
      score,
      error,
      JSON.stringify(details),
      seconds,
    );

  return {
    async search(task) {
      const { study, space, defaults, seed, variants, parallel = 1 } = task;
      const startedAt = clock();
      const configurations = drawConfigurations(space, defaults, task.trials, seed, variants);
      const known = stored(study, configurations);
      const serve = async (
        configuration: Hyperparameters,
        _: AbortSignal,
        number: number,
      ): Promise<Trial | null> => {
        const earlier = known.get(number);
        if (earlier !== undefined) return earlier;
        const leftMs = (task.deadlineMs ?? Infinity) - (clock() - startedAt);
        if (leftMs <= 0 && number > 0) return null;
        const share = Math.max(0, leftMs) / Math.ceil((configurations.length - number) / parallel);
        const trial = await judge(task, number, configuration, share, clock);
        store(study, trial);
        task.emit('trial-finished', { study, ...trial });
        return trial;
      };
      const judged = await inLanes(parallel, configurations, serve, task.signal);
      const trials = judged.filter((trial) => trial !== null);
      const resumed = trials.filter(({ trial }) => known.has(trial)).length;
      return { best: bestOf(trials), trials, resumed };
    },
  };
}

async function judge(
  { evaluate, signal }: SearchTask,
  trial: number,
  configuration: Hyperparameters,
  trialMs: number,
  clock: () => number,
): Promise<Trial> {
  const startedAt = clock();
  const result = { trial, configuration, score: null, error: null, details: null };
  const seconds = (): number => (clock() - startedAt) / 1000;
  try {
    const { score, details = null } = await evaluate(configuration, trial, trialMs);
    const finite = Number.isFinite(score) ? score : null;
    return { ...result, score: finite, details, seconds: seconds() };
  } catch (error) {
    signal?.throwIfAborted();
    if (!isForecastError(error) || /^(RUN|STORE)_/.test(error.code)) throw error;
    return { ...result, error: error.code, details: error.message, seconds: seconds() };
  }
}

function bestOf(trials: readonly Trial[]): ScoredTrial | null {
  let best: ScoredTrial | null = null;
  for (const trial of trials) {
    const { score } = trial;
    if (score !== null && (best === null || score < best.score)) best = { ...trial, score };
  }
  return best;
}
