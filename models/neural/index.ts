/** The networks, in the order in which they are listed, documented and tried. */
import type { NeuralModel } from '../model.ts';
import { dlinear } from './dlinear.ts';
import { nlinear } from './nlinear.ts';

/** Every neural model; adding one here is all that help, validation and the conformance suite need. */
export const neuralModels: readonly NeuralModel[] = [nlinear, dlinear];
