/** The naive family, in the order in which it is listed, documented and tried. */
import type { LocalModel } from '../model.ts';
import { drift } from './drift.ts';
import { naive } from './naive.ts';
import { seasonalNaive } from './seasonal-naive.ts';

/** Every naive model; adding one here is all that help, validation and the conformance suite need. */
export const naiveModels: readonly LocalModel[] = [naive, seasonalNaive, drift];
