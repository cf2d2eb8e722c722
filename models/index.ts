/** The list of all forecasters; help, validation and tables follow from it. */
import { fail } from '../state/errors.ts';
import type { Model } from './model.ts';
import { naiveModels } from './naive/index.ts';
import { neuralModels } from './neural/index.ts';
import { statisticalModels } from './statistical/index.ts';

/** Every model, cheapest first. */
export const models: readonly Model[] = [...naiveModels, ...statisticalModels, ...neuralModels];

/** The model of that name; fails with `MODEL_UNKNOWN`. */
export function findModel(name: string): Model {
  const known = models.map((model) => model.name);
  return models.find((model) => model.name === name) ?? fail('MODEL_UNKNOWN', { name, known });
}
