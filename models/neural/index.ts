/** The networks, in the order in which they are listed, documented and tried. */
import type { NeuralModel } from '../model.ts';
import { dlinear } from './dlinear.ts';
import { itransformer } from './itransformer.ts';
import { nbeats } from './nbeats.ts';
import { nhits } from './nhits.ts';
import { nlinear } from './nlinear.ts';
import { patchtst } from './patchtst.ts';
import { rlinear } from './rlinear.ts';
import { tft } from './tft.ts';
import { tide } from './tide.ts';
import { tsmixer } from './tsmixer.ts';

/** Every neural model; adding one here is all that help, validation and the conformance suite need. */
export const neuralModels: readonly NeuralModel[] = [
  nlinear,
  dlinear,
  rlinear,
  tsmixer,
  tide,
  nhits,
  nbeats,
  itransformer,
  patchtst,
  tft,
];
