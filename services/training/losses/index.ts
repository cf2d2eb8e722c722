/** The losses, in the order in which they are listed and documented. */
import { assert } from '../../../state/errors.ts';
import type { Loss } from './loss.ts';
import { negativeBinomial } from './negative-binomial.ts';
import { normal } from './normal.ts';
import { huber, mae, mase, mse, smape } from './point.ts';
import { multiQuantile, quantile } from './quantiles.ts';
import { studentT } from './student-t.ts';

/** Every loss; adding one here is all that settings, help and the conformance suite need. */
export const losses: readonly Loss[] = [
  mae,
  mse,
  huber,
  quantile,
  multiQuantile,
  mase,
  smape,
  studentT,
  normal,
  negativeBinomial,
];

/** The loss of that name. */
export function findLoss(name: string): Loss {
  const found = losses.find((loss) => loss.name === name);
  assert(found, `there is no loss "${name}"`);
  return found;
}
