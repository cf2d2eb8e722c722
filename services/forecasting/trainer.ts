/** Trainer: trains one configuration in full and registers the network, once per key however often it is asked. */
import { findModel } from '../../models/index.ts';
import type { NeuralModel } from '../../models/model.ts';
import type { FoldPlan } from '../../series/folds.ts';
import { formatFrequency } from '../../series/frequency.ts';
import type { Panel } from '../../series/panel.ts';
import { applyRecipe } from '../../series/recipe.ts';
import { assert, fail } from '../../state/errors.ts';
import type { Emit } from '../../state/events.ts';
import type { Recipe, StudySummary, VersionReference } from '../../state/run-state.ts';
import type { ParameterValues } from '../../tensor/values.ts';
import type { Artifacts } from '../artifacts/artifacts.ts';
import type { Drift } from '../drift/drift.ts';
import { buildForecastNetwork, buildInspection } from '../inference/inference.ts';
import type { ModelVersion, Registry } from '../registry/registry.ts';
import { trainingSettingsSchema } from '../training/settings.ts';
import type { TrainedNetwork, Training } from '../training/training.ts';
import { decodeWeights, encodeWeights } from '../training/weights.ts';
import { columnsTaken, digestOfIds } from './champion.ts';

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
  readonly recipe: Recipe;
  readonly seed: number;
  /** Version whose weights the training begins with, which becomes the new version's parent; fresh weights if left out. */
  readonly warmStart?: VersionReference;
  readonly maxMs: number;
  readonly signal: AbortSignal;
  readonly emit: Emit;
}

/** The registered network and how its training went. */
export type TrainerOutcome = Pick<
  TrainedNetwork,
  'seconds' | 'steps' | 'stoppedBy' | 'device' | 'validationLoss'
> & {
  readonly network: { uri: string; lookBack: number; columns?: string[] };
  readonly version: VersionReference;
};

/** Trains and registers. */
export interface Trainer {
  /** Errors as `Training.train`; MODEL_VERSION_UNKNOWN and WEIGHTS_ABSENT for the version to begin with. */
  trainAndPublish(task: TrainerTask): Promise<TrainerOutcome>;
}

/** Training into the registry. */
export function createTrainer(dependencies: {
  training: Training;
  registry: Registry;
  artifacts: Artifacts;
  drift: Drift;
}): Trainer {
  const { training, registry, artifacts, drift } = dependencies;
  return {
    async trainAndPublish(task) {
      const settings = trainingSettingsSchema.parse(task.configuration.settings);
      const trained = await training.train({
        model: networkModel(task.configuration.forecaster),
        hyperparameters: task.configuration.hyperparameters,
        settings,
        panel: applyRecipe(task.panel, task.recipe, task.season),
        horizon: task.plan.horizon,
        plan: task.plan,
        seed: task.seed,
        progressKey: task.key,
        ...(task.warmStart && { initial: await weightsOf(task.warmStart) }),
        ...(Number.isFinite(task.maxMs) ? { maxMs: task.maxMs } : {}),
        signal: task.signal,
        emit: task.emit,
      });
      const network = await store('network.onnx', buildForecastNetwork(trained, metadataOf(task)));
      const profile = await store('profile.json', encode(drift.profile(task.panel)));
      const weights = await store(weightsFile, encodeWeights(trained.parameters));
      const inside = buildInspection(trained);
      const files = [network, weights, profile];
      if (inside !== undefined) files.push(await store(inspectionFile, inside));
      const version = await registry.publish(draftOf(task, trained, files));
      task.emit('model-published', {
        model: version.model,
        version: version.version,
        forecaster: version.forecaster,
      });
      return {
        network: {
          uri: network.uri,
          lookBack: settings.lookBack,
          ...columnsOf(task),
        },
        version: { model: version.model, version: version.version },
        seconds: trained.seconds,
        steps: trained.steps,
        stoppedBy: trained.stoppedBy,
        device: trained.device,
        validationLoss: trained.validationLoss,
      };
    },
  };

  async function store(name: string, bytes: Uint8Array) {
    return { name, uri: await artifacts.put(bytes), bytes: bytes.length };
  }

  async function weightsOf({ model, version }: VersionReference): Promise<ParameterValues> {
    const file = registry.get(model, version).files.find(({ name }) => name === weightsFile);
    if (file === undefined) return fail('WEIGHTS_ABSENT', { model, version });
    return decodeWeights(await artifacts.get(file.uri));
  }
}

const weightsFile = 'weights.bin';
/** Of a version whose network shows something of its inside: the network once more, with all that it shows. */
export const inspectionFile = 'inspection.onnx';

const encode = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

function networkModel(name: string): NeuralModel {
  const model = findModel(name);
  assert(model.family === 'neural', `${name} is a network`);
  return model;
}

function columnsOf({ configuration, panel }: TrainerTask): { columns?: string[] } {
  const columns = columnsTaken(networkModel(configuration.forecaster), panel);
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
  trained: TrainedNetwork,
  files: ModelVersion['files'],
): Parameters<Registry['publish']>[0] {
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
      lookBack: trained.settings.lookBack,
      idsDigest: digestOfIds(task.panel.ids),
      ...columnsOf(task),
    },
    files,
    lineage: {
      run: task.run,
      panel: task.panelUri,
      features: task.featuresUri,
      parent: task.warmStart ? `${task.warmStart.model}@${task.warmStart.version}` : null,
    },
    metrics: {
      searchMase: task.configuration.score,
      trainLoss: trained.trainLoss,
      validationLoss: trained.validationLoss,
      steps: trained.steps,
    },
  };
}
