/** What the conformance suite gives networks that are large or slow by default, so that it stays quick. */
import type { Hyperparameters, NeuralModel } from '../../../models/model.ts';
import { plainLayout, type SampleLayout } from '../../../services/training/sample-layout.ts';

/** How a network is made small, and how long it is trained on a sine. */
interface SmallNetwork {
  readonly hyperparameters?: Hyperparameters;
  readonly learningRate?: number;
  readonly maxSteps?: number;
}

/** By name; a network that is not named here is taken as it is by default. */
const smallNetworks: Readonly<Record<string, SmallNetwork>> = {
  nbeats: { hyperparameters: { width: 64, layers: 2 } },
  nhits: { hyperparameters: { width: 64, layers: 2 } },
  tsmixer: { hyperparameters: { hidden: 16, dropout: 0.1 } },
  tide: { hyperparameters: { hidden: 32, temporalDecoderHidden: 16, dropout: 0.1 } },
  itransformer: {
    hyperparameters: { layers: 1, heads: 2, hidden: 16, feedForward: 32 },
  },
  patchtst: {
    hyperparameters: { patch: 6, stride: 3, layers: 1, hidden: 8, feedForward: 16, dropout: 0.1 },
  },
  tft: { hyperparameters: { hidden: 16, heads: 2, dropout: 0.05 }, maxSteps: 200 },
};

/** Series in a sample of a multivariate network. */
export const channels = 3;

/** The suite's settings for `model`, complete. */
export function smallNetwork(model: NeuralModel) {
  const {
    hyperparameters = {},
    learningRate = 0.01,
    maxSteps = 500,
  } = smallNetworks[model.name] ?? {};
  const parsed = model.hyperparameters.parse(hyperparameters);
  const multivariate = model.multivariate?.(parsed) ?? false;
  const layout: SampleLayout = { ...plainLayout, channels: multivariate ? channels : null };
  return {
    hyperparameters: parsed,
    learningRate,
    maxSteps,
    layout,
    across: multivariate ? channels : 1,
  };
}
