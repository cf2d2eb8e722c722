/** Min-max scaler: each look-back is brought to the range from 0 to 1. */
import { sub } from '../../../tensor/functions.ts';
import { maximumOf, minimumOf } from '../masked.ts';
import { affineScale, type Scaler } from './scaler.ts';

/** Smallest value 0, largest 1. */
export const minMax: Scaler = {
  name: 'minmax',
  summary: 'each look-back is brought to the range from 0 to 1',
  source: 'Han, Kamber, Pei 2011, Data Mining: Concepts and Techniques, section 3.5.2',
  equivariant: true,
  affine: true,
  fit({ window, observed, constantUpTo }) {
    const smallest = minimumOf(window, observed);
    return affineScale(smallest, sub(maximumOf(window, observed), smallest), constantUpTo);
  },
};
