/** Trainer: trains one configuration in full and registers what it learned, once per key however often it is asked. */
import { findLearningModel } from '../../models/index.ts';
import type { LocalContext } from '../../models/model.ts';
import type { FoldPlan } from '../../series/folds.ts';
import { formatFrequency } from '../../series/frequency.ts';
import type { Panel } from '../../series/panel.ts';
import { applyRecipe } from '../../series/recipe.ts';
import { fail } from '../../state/errors.ts';
import type { Emit } from '../../state/events.ts';
import type { Recipe, StudySummary, VersionReference } from '../../state/run-state.ts';
import type { ParameterValues } from '../../tensor/values.ts';
import type { Artifacts } from '../artifacts/artifacts.ts';
import type { Drift } from '../drift/drift.ts';
import type { ModelVersion, Registry } from '../registry/registry.ts';
import { decodeWeights } from '../training/weights.ts';
import { inLanes } from '../workers/lanes.ts';
import { columnsTaken, digestOfIds } from './champion.ts';
import type { Learned, LearnedFile } from './learner.ts';
import type { Learners } from './learners.ts';
import { weightsFileName } from './network-learner.ts';

/** A configuration, and what it is trained on. */
export interface TrainerTask {
  /** Idempotency key: the same key never registers two versions. */
  readonly key: string;
  readonly run: string;
  /** Name in the registry. */
  readonly name: string;
  readonly configuration: StudySummary['best'][number];
  readonly panel: Panel;
  readonly panelUri: string;
  readonly featuresUri: string;
  readonly plan: FoldPlan;
  readonly season: number;
  readonly seasons?: LocalContext['seasons'];
  readonly recipe: Recipe;
  readonly seed: number;
  /** Version whose weights the training begins with, which becomes the new version's parent; fresh weights if left out. */
  readonly warmStart?: VersionReference;
  /** Version that is trained again on more data, for as many steps as it took, which becomes the new version's parent. */
  readonly refitOf?: VersionReference & { readonly steps: number };
  readonly signal: AbortSignal;
  readonly emit: Emit;
}

/** What was registered and how its training went. */
export type TrainerOutcome = Pick<
  Learned,
  'lookBack' | 'seconds' | 'extent' | 'bestStep' | 'device' | 'validationLoss'
> & {
  /** The file that forecasts. */
  readonly artifact: string;
  /** What it takes besides the series; left out if nothing. */
  readonly columns?: string[];
  readonly version: VersionReference;
};

/** Trains and registers. */
export interface Trainer {
  /**
   * Trains `tasks` in their order, neighbours that take one thread each side by side, and publishes them in that order
   * whichever is ready first. `timeFor` is asked for the milliseconds of each when its turn comes; undefined leaves it out, and
   * its outcome is undefined. Errors as `Training.train` and `Tabular.train`; MODEL_VERSION_UNKNOWN and WEIGHTS_ABSENT for a
   * version to begin with.
   */
  trainEach(
    tasks: readonly TrainerTask[],
    timeFor: (index: number) => number | undefined,
  ): Promise<(TrainerOutcome | undefined)[]>;
}

/** What it is made of. */
interface TrainerServices {
  readonly learners: Learners;
  readonly registry: Registry;
  readonly artifacts: Artifacts;
  readonly drift: Drift;
}

/** Training into the registry. */
export function createTrainer(services: TrainerServices): Trainer {
  return {
    async trainEach(tasks, timeFor) {
      const outcomes: (TrainerOutcome | undefined)[] = [];
      for (const { sideBySide, group } of neighbours(services, tasks)) {
        const first = outcomes.length;
        const learned: (Learned | undefined)[] = [];
        let publishing = Promise.resolve();
        const publishReady = async (): Promise<void> => {
          for (let k = outcomes.length - first; k in learned; k++) {
            const ready = learned[k];
            outcomes.push(ready && (await publish(services, group[k]!, ready)));
          }
        };
        const serve = async (task: TrainerTask, stop: AbortSignal, k: number): Promise<void> => {
          const maxMs = timeFor(first + k);
          const stoppable = { ...task, signal: AbortSignal.any([task.signal, stop]) };
          learned[k] = maxMs === undefined ? undefined : await train(services, stoppable, maxMs);
          publishing = publishing.then(publishReady);
          await publishing;
        };
        await inLanes(sideBySide, group, serve);
      }
      return outcomes;
    },
  };
}

/** Tasks that follow each other, in groups of as many as can be trained side by side. */
function neighbours({ learners }: TrainerServices, tasks: readonly TrainerTask[]) {
  const groups: { sideBySide: number; group: TrainerTask[] }[] = [];
  for (const task of tasks) {
    const model = findLearningModel(task.configuration.forecaster);
    const sideBySide = learners.of(model).sideBySide(model);
    const last = groups.at(-1);
    if (last?.sideBySide === sideBySide) last.group.push(task);
    else groups.push({ sideBySide, group: [task] });
  }
  return groups;
}

async function train(
  services: TrainerServices,
  task: TrainerTask,
  maxMs: number,
): Promise<Learned> {
  const { configuration, refitOf, seasons, warmStart } = task;
  const model = findLearningModel(configuration.forecaster);
  return services.learners.of(model).train({
    model,
    hyperparameters: configuration.hyperparameters,
    settings: configuration.settings,
    panel: applyRecipe(task.panel, task.recipe, task.season),
    plan: task.plan,
    season: task.season,
    ...(seasons && { seasons }),
    seed: task.seed,
    trial: false,
    ...(refitOf && { steps: refitOf.steps }),
    progressKey: task.key,
    ...(warmStart && { initial: await weightsOf(services, warmStart) }),
    ...(Number.isFinite(maxMs) && { maxMs }),
    signal: task.signal,
    emit: task.emit,
  });
}

async function weightsOf(
  { registry, artifacts }: TrainerServices,
  { model, version }: VersionReference,
): Promise<ParameterValues> {
  const file = registry.get(model, version).files.find(({ name }) => name === weightsFileName);
  if (file === undefined) return fail('WEIGHTS_ABSENT', { model, version });
  return decodeWeights(await artifacts.get(file.uri));
}

async function publish(
  { artifacts, drift, registry }: TrainerServices,
  task: TrainerTask,
  learned: Learned,
): Promise<TrainerOutcome> {
  const store = async ({ name, bytes }: LearnedFile) => ({
    name,
    uri: await artifacts.put(bytes),
    bytes: bytes.length,
  });
  const forecaster = await store(learned.forecaster(metadataOf(task)));
  const profile = await store({ name: 'profile.json', bytes: encode(drift.profile(task.panel)) });
  const files = [forecaster, profile];
  for (const file of learned.others()) files.push(await store(file));
  const { model, version, ...published } = await registry.publish(draftOf(task, learned, files));
  task.emit('model-published', { model, version, forecaster: published.forecaster });
  const { lookBack, seconds, extent, bestStep, device, validationLoss } = learned;
  return {
    artifact: forecaster.uri,
    ...columnsOf(task),
    version: { model, version },
    lookBack,
    seconds,
    extent,
    bestStep,
    device,
    validationLoss,
  };
}

const encode = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

function columnsOf({ configuration, panel }: TrainerTask): { columns?: string[] } {
  const columns = columnsTaken(findLearningModel(configuration.forecaster), panel);
  return columns.length > 0 ? { columns } : {};
}

function metadataOf(task: TrainerTask): Record<string, string> {
  return {
    model: task.configuration.forecaster,
    horizon: String(task.plan.horizon),
    season: String(task.season),
    frequency: formatFrequency(task.panel.frequency),
    recipe: task.recipe,
    hyperparameters: JSON.stringify(task.configuration.hyperparameters),
    settings: JSON.stringify(task.configuration.settings),
  };
}

function draftOf(
  task: TrainerTask,
  trained: Learned,
  files: ModelVersion['files'],
): Parameters<Registry['publish']>[0] {
  const parent = task.warmStart ?? task.refitOf;
  return {
    model: task.name,
    idempotencyKey: task.key,
    forecaster: task.configuration.forecaster,
    hyperparameters: {
      ...task.configuration.settings,
      ...task.configuration.hyperparameters,
      recipe: task.recipe,
    },
    signature: {
      horizon: task.plan.horizon,
      frequency: formatFrequency(task.panel.frequency),
      season: task.season,
      lookBack: trained.lookBack,
      idsDigest: digestOfIds(task.panel.ids),
      ...columnsOf(task),
    },
    files,
    lineage: {
      run: task.run,
      panel: task.panelUri,
      features: task.featuresUri,
      parent: parent === undefined ? null : `${parent.model}@${parent.version}`,
    },
    metrics: {
      searchMase: task.refitOf === undefined ? task.configuration.score : null,
      trainLoss: trained.trainLoss,
      validationLoss: trained.validationLoss,
      steps: trained.steps,
    },
  };
}
