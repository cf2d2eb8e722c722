/** Run states for tests of the policy: a fresh one, and the pieces that later ones add. */
import { channelNames, channels, type RunState } from '../../state/run-state.ts';
import { runRequestSchema } from '../../state/request.ts';

const uri = `sha256:${'0'.repeat(64)}`;

/** The state after intake, with `changes` laid over it; where there are features, models have been chosen. */
export function stateWith(changes: Partial<RunState> = {}): RunState {
  const request = runRequestSchema.parse({ data: 'sales.csv', horizon: 12 });
  const fresh = Object.fromEntries(
    channelNames
      .filter((name) => name !== 'request')
      .map((name) => [name, channels[name].schema.parse(undefined)]),
  );
  const chosen = changes.features ? { portfolio } : {};
  return { ...(fresh as Omit<RunState, 'request'>), request, ...chosen, ...changes };
}

export const features: NonNullable<RunState['features']> = {
  version: 1,
  uri,
  columns: ['lag_1'],
  season: 12,
  seasons: [12],
  recipe: 'plain',
  tried: ['plain'],
  untried: ['log'],
  trainable: 20,
  calendar: null,
};

export const study: NonNullable<RunState['study']> = {
  id: 'run/4-hyperparameter-search',
  featuresVersion: 1,
  trials: 6,
  failed: 0,
  best: [
    { forecaster: 'nlinear', hyperparameters: {}, settings: { lookBack: 24 }, score: 0.8 },
    { forecaster: 'dlinear', hyperparameters: {}, settings: { lookBack: 24 }, score: 0.9 },
  ],
};

export const candidate: RunState['candidates'][number] = {
  name: 'nlinear',
  forecaster: 'nlinear',
  version: { model: 'sales-h12', version: 1 },
  artifact: uri,
  lookBack: 24,
  steps: 500,
  seconds: 2,
  season: 12,
  recipe: 'plain',
  featuresVersion: 1,
};

export const scores: NonNullable<RunState['scores']> = {
  round: 1,
  featuresVersion: 1,
  candidates: 1,
  uri,
  scores: [],
  validationFolds: 1,
  testFolds: 1,
  best: 'nlinear',
  beatsSeasonalNaive: true,
};

export const champion: NonNullable<RunState['champion']> = {
  ...candidate,
  name: 'champion',
  featuresVersion: 0,
  profile: uri,
  panel: uri,
};

export const prediction: NonNullable<RunState['prediction']> = {
  uri,
  method: 'best-member',
  weights: [{ model: 'nlinear', weight: 1 }],
  scores: [],
  fallbacks: [],
};

export const portfolio: NonNullable<RunState['portfolio']> = {
  preset: 'fast',
  models: ['naive', 'seasonal-naive', 'nlinear', 'dlinear'],
  trained: 2,
};
