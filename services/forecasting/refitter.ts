/** Refitter: trains the models that serve once more, on the evaluation folds as well, before they forecast. */
import { findLearningModel } from '../../models/index.ts';
import type { Candidate } from '../../state/run-state.ts';
import type { Registry } from '../registry/registry.ts';
import { takeApart } from './learner.ts';
import type { Learners } from './learners.ts';
import type { Trainer, TrainerTask } from './trainer.ts';

/** Who is trained again on what. */
export interface RefitTask
  extends Omit<
    TrainerTask,
    'configuration' | 'warmStart' | 'refitOf' | 'recipe' | 'season' | 'key'
  > {
  /** Idempotency key of all of them. */
  readonly key: string;
  readonly candidates: readonly Candidate[];
  /** Milliseconds for all of them; a model that would not be ready in time is left as it is. */
  readonly withinMs: number;
}

/** Trains again. */
export interface Refitter {
  /**
   * The candidates with what forecasts after a training on all of their panel with the same settings, for as many steps as
   * led to their weights; those for which there is no time, and a champion of another run, are left out. Registered with the
   * judged version as the parent. Errors as `Trainer.trainEach`.
   */
  refit(task: RefitTask): Promise<Candidate[]>;
}

/** A training on all of the data takes so much longer, at most, than the one before. */
const longer = 1.5;

/** Refits by the given trainer. */
export function createRefitter(services: {
  trainer: Trainer;
  learners: Learners;
  registry: Registry;
  clock: () => number;
}): Refitter {
  const { trainer, learners, registry, clock } = services;
  return {
    async refit({ key, candidates, withinMs, ...task }) {
      const end = clock() + withinMs;
      const own = candidates.filter(({ seconds }) => seconds > 0);
      const tasks = own.map((candidate) => {
        const { name, version, forecaster, recipe, season, steps } = candidate;
        return {
          ...task,
          key: `${key}/${name}`,
          configuration: { ...configurationOf(candidate), forecaster, score: 0 },
          plan: { ...task.plan, folds: [], trainStepsFromEnd: 0 },
          recipe,
          season,
          refitOf: { ...version, steps },
        };
      });
      const outcomes = await trainer.trainEach(tasks, (k) => {
        const leftMs = end - clock();
        return own[k]!.seconds * 1000 * longer > leftMs ? undefined : leftMs;
      });
      return own.flatMap((candidate, k) => {
        const made = outcomes[k];
        if (made === undefined) return [];
        const { artifact, version, lookBack } = made;
        return [{ ...candidate, artifact, version, lookBack }];
      });
    },
  };

  /** The configuration that a version was registered with. */
  function configurationOf({ version, forecaster }: Candidate) {
    const { hyperparameters } = registry.get(version.model, version.version);
    const { recipe: _, ...configuration } = hyperparameters;
    const model = findLearningModel(forecaster);
    return takeApart(learners.of(model), model, configuration);
  }
}
