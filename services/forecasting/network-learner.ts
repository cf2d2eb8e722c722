/** Network learner: networks as learners, trained step by step and stored as ONNX. */
import { assert } from '../../state/errors.ts';
import { buildForecastNetwork, buildInspection, type Inference } from '../inference/inference.ts';
import {
  defaultLookBack,
  trainingSearchSpace,
  trainingSettingsSchema,
} from '../training/settings.ts';
import type { TrainedNetwork, Training } from '../training/training.ts';
import { encodeWeights } from '../training/weights.ts';
import type { Learned, Learner, LearnedFile } from './learner.ts';

/** File of a version that forecasts with a network. */
export const networkFileName = 'network.onnx';
/** File with its weights by name, for a training that begins with them. */
export const weightsFileName = 'weights.bin';
/** Of a version whose network shows something of its inside: the network once more, with all that it shows. */
export const inspectionFileName = 'inspection.onnx';

/** A trial trains this share of the steps of a full training. */
const trialShare = 0.4;

/** Learning by the given services. */
export function createNetworkLearner(services: {
  training: Training;
  inference: Inference;
}): Learner {
  const { training, inference } = services;
  return {
    sideBySide(model) {
      assert(model.family === 'neural', `${model.name} is a network`);
      return training.sideBySide(model);
    },
    configurations(model, data) {
      assert(model.family === 'neural', `${model.name} is a network`);
      return {
        space: { ...trainingSearchSpace(data), ...model.searchSpace },
        defaults: {
          ...trainingSettingsSchema.parse({
            lookBack: defaultLookBack(data),
            season: data.season,
            ...model.trainingDefaults,
          }),
          ...model.hyperparameters.parse({}),
        },
        variants: [],
      };
    },
    settings: (given) => trainingSettingsSchema.parse(given),
    async train({ trial, steps, ...task }) {
      const { model, plan } = task;
      assert(model.family === 'neural', `${model.name} is a network`);
      const settings = trainingSettingsSchema.parse(task.settings);
      const extent =
        steps === undefined
          ? { maxSteps: Math.ceil(settings.maxSteps * (trial ? trialShare : 1)) }
          : { maxSteps: Math.max(1, steps), patience: 0 };
      return learnedFrom(
        await training.train({
          ...task,
          model,
          settings: { ...settings, ...extent },
          horizon: plan.horizon,
          ...(trial && { emit: () => undefined }),
        }),
      );
    },
    forecastFrom({ artifact, lookBack }, treated, horizon) {
      return (origins) =>
        inference.forecastPanel({ uri: artifact, lookBack, horizon }, treated, origins);
    },
  };
}

function learnedFrom(trained: TrainedNetwork): Learned {
  const { settings, seconds, steps, bestStep, stoppedBy, device, trainLoss, validationLoss } =
    trained;
  return {
    forecaster: (metadata) => ({
      name: networkFileName,
      bytes: buildForecastNetwork(trained, metadata),
    }),
    others() {
      const weights: LearnedFile = {
        name: weightsFileName,
        bytes: encodeWeights(trained.parameters),
      };
      const inside = buildInspection(trained);
      return inside === undefined
        ? [weights]
        : [weights, { name: inspectionFileName, bytes: inside }];
    },
    lookBack: settings.lookBack,
    extent: `${steps} steps, stopped by ${stoppedBy}`,
    seconds,
    steps,
    bestStep,
    stoppedBy,
    device,
    trainLoss,
    validationLoss,
  };
}
