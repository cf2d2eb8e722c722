/** The scalers, in the order in which they are listed and documented. */
import { assert } from '../../../state/errors.ts';
import { asinh } from './asinh.ts';
import { minMax } from './min-max.ts';
import { none } from './none.ts';
import { revin } from './revin.ts';
import { robust } from './robust.ts';
import type { Scaler } from './scaler.ts';
import { standard } from './standard.ts';

/** Every scaler; adding one here is all that settings, help and the conformance suite need. */
export const scalers: readonly Scaler[] = [standard, robust, minMax, asinh, revin, none];

/** The scaler of that name; `window` is another name for `standard`. */
export function findScaler(name: string): Scaler {
  const found = scalers.find((scaler) => scaler.name === (name === 'window' ? 'standard' : name));
  assert(found, `there is no scaler "${name}"`);
  return found;
}
