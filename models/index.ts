/** The list of all forecasters; help, validation and tables follow from it. */
import { assert, fail } from '../state/errors.ts';
import type { LearningModel, LocalModel, Model, TabularModel } from './model.ts';
import { naiveModels } from './naive/index.ts';
import { neuralModels } from './neural/index.ts';
import { statisticalModels } from './statistical/index.ts';
import { tabularModels } from './trees/index.ts';

/** Every model, cheapest first. */
export const models: readonly Model[] = [
  ...naiveModels,
  ...statisticalModels,
  ...tabularModels.filter(({ targets }) => targets.includes('value')),
  ...neuralModels,
];

/** The model of that name; fails with `MODEL_UNKNOWN`. */
export function findModel(name: string): Model {
  const known = models.map((model) => model.name);
  return models.find((model) => model.name === name) ?? fail('MODEL_UNKNOWN', { name, known });
}

/** The table model of that name. */
export function findTabularModel(name: string): TabularModel {
  const model = tabularModels.find((candidate) => candidate.name === name);
  assert(model !== undefined, `${name} is a table model`);
  return model;
}

/** Whether a model is fitted to each series by itself. */
export const isLocal = (model: Model): model is LocalModel =>
  model.family === 'naive' || model.family === 'statistical';

/** Whether a model learns from all series. */
export const isLearning = (model: Model): model is LearningModel => !isLocal(model);

/** The model of that name, which must be one that learns from all series. */
export function findLearningModel(name: string): LearningModel {
  const model = findModel(name);
  assert(isLearning(model), `${name} learns from all series`);
  return model;
}
